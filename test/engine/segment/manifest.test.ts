import t from 'tap';
import {
  EMPTY_MANIFEST,
  type Manifest,
  ManifestCorruptError,
  readManifest,
  segmentFileName,
  segmentNumberOf,
  writeManifest,
} from '../../../engine/segment/manifest.js';
import type { Sequence } from '../../../wal/records.js';
import { FakeDisk } from '../../support/fake-disk.js';

const MANIFEST: Manifest = { sealedThrough: 9 as Sequence, segments: [2, 5], nextSegment: 6, erased: [1] };

function diskWith(bytes: Uint8Array): FakeDisk {
  const disk = new FakeDisk();
  disk.put('/d/manifest', bytes);
  return disk;
}

t.test('what is written is read; nothing is read where nothing is', async t => {
  const disk = new FakeDisk();
  await disk.makeDirectory('/d');
  t.equal(await readManifest(disk, '/d'), undefined);
  await writeManifest(disk, '/d', EMPTY_MANIFEST);
  await writeManifest(disk, '/d', MANIFEST);
  t.same(await readManifest(disk, '/d'), MANIFEST);
  t.same(await disk.list('/d'), ['manifest']);
});

t.test('every flipped or missing byte is found', async t => {
  const disk = new FakeDisk();
  await disk.makeDirectory('/d');
  await writeManifest(disk, '/d', MANIFEST);
  const bytes = disk.files().get('/d/manifest') as Uint8Array;
  for (let offset = 0; offset < bytes.length; offset++) {
    for (let bit = 0; bit < 8; bit++) {
      const changed = bytes.slice();
      changed[offset] ^= 1 << bit;
      await t.rejects(readManifest(diskWith(changed), '/d'), ManifestCorruptError);
    }
    await t.rejects(readManifest(diskWith(bytes.subarray(0, offset)), '/d'), ManifestCorruptError);
  }
});

t.test('a crash in the middle of a swap leaves the old or the new one', async t => {
  const next: Manifest = { ...MANIFEST, segments: [2, 5, 6], nextSegment: 7 };
  const seen = new Set<number | undefined>();
  for (let seed = 1; seed <= 40; seed++) {
    for (let call = 1; call <= 8; call++) {
      const disk = new FakeDisk(seed);
      await disk.makeDirectory('/d');
      await writeManifest(disk, '/d', MANIFEST);
      disk.crashAt(disk.calls + call);
      const done = await writeManifest(disk, '/d', next).then(
        () => true,
        () => false,
      );
      const found = await readManifest(disk.crash(), '/d');
      seen.add(found?.nextSegment);
      if (done) t.equal(found?.nextSegment, 7);
    }
  }
  t.same([...seen].sort(), [6, 7]);
});

t.test('names of segments', t => {
  t.equal(segmentFileName(7), '0000000007.segment');
  const cases: [string, number | undefined][] = [
    ['0000000007.segment', 7],
    ['0000000007.segment.tmp', undefined],
    ['7.segment', undefined],
    ['manifest', undefined],
  ];
  for (const [name, number] of cases) t.equal(segmentNumberOf(name), number, name);
  t.end();
});
