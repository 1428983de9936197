import t from 'tap';
import { type Disk, isNotFound } from '../../wal/disk.js';
import { FakeDisk } from './fake-disk.js';
import { Random } from './random.js';

const text = (bytes: Uint8Array | undefined) =>
  bytes === undefined ? undefined : Buffer.from(bytes).toString();
const bytes = (value: string) => new Uint8Array(Buffer.from(value));

/** What a crash finds of `work`, over many seeds: the distinct states, sorted. */
async function outcomes(work: (disk: FakeDisk) => Promise<void>, path: string): Promise<string[]> {
  const found = new Set<string>();
  for (let seed = 0; seed < 400; seed++) {
    const disk = new FakeDisk(seed);
    await work(disk);
    found.add(text(disk.crash().files().get(path)) ?? '(none)');
  }
  return [...found].sort();
}

async function writeFile(disk: Disk, path: string, value: string, syncs: 'none' | 'data' | 'all') {
  const file = await disk.create(path);
  await file.write([bytes(value)], 0);
  if (syncs !== 'none') await file.datasync();
  await file.close();
  if (syncs === 'all') await disk.syncDirectory('.');
}

t.test('reads see every write, synced or not', async t => {
  const disk = new FakeDisk();
  await disk.makeDirectory('a/b');
  const file = await disk.create('a/b/x');
  await file.write([bytes('hello '), bytes('world')], 0);
  await file.write([bytes('W')], 6);
  t.equal(text(await disk.readFile('a/b/x')), 'hello World');
  await file.truncate(5);
  const reader = disk.openForRead('a/b/x');
  const into = new Uint8Array(8);
  t.equal(reader.size, 5);
  t.equal(reader.read(into, 3), 2);
  t.equal(text(into.subarray(0, 2)), 'lo');
  t.equal(reader.read(into, 9), 0);
  reader.close();
  await t.rejects(disk.create('a/b/x'), { code: 'EEXIST' });
  await t.rejects(disk.openForWrite('a/b/y'), { code: 'ENOENT' });
  await disk.rename('a/b/x', 'a/b/y');
  t.strictSame(await disk.list('a/b'), ['y']);
  t.equal(await disk.size('a/b/y'), 5);
  t.equal(await disk.size('a/b/x'), undefined);
  await disk.unlink('a/b/y');
  t.ok(isNotFound(await disk.readFile('a/b/y').catch((error: unknown) => error)));
});

t.test('a power cut keeps what was synced and may lose what was not', async t => {
  t.strictSame(await outcomes(disk => writeFile(disk, 'x', 'v', 'all'), 'x'), ['v'], 'all synced');
  t.strictSame(
    await outcomes(disk => writeFile(disk, 'x', 'v', 'data'), 'x'),
    ['(none)', 'v'],
    'name not synced',
  );
  const unsynced = await outcomes(disk => writeFile(disk, 'x', 'v', 'none'), 'x');
  t.strictSame(unsynced, ['', '(none)', '\0', 'v'].sort(), 'nothing synced: size and bytes apart');

  const renamed = async (disk: FakeDisk) => {
    disk.put('x', bytes('old'));
    await writeFile(disk, 'y', 'new', 'data');
    await disk.rename('y', 'x');
  };
  t.strictSame(await outcomes(renamed, 'x'), ['new', 'old'], 'a rename is whole or forgotten');
  const removed = async (disk: FakeDisk) => {
    disk.put('x', bytes('old'));
    await disk.unlink('x');
  };
  t.strictSame(await outcomes(removed, 'x'), ['(none)', 'old'], 'a removal may be forgotten');
});

t.test('a power cut tears writes at 512 bytes, in any order, and never within', async t => {
  const seen = new Set<string>();
  for (let seed = 0; seed < 400; seed++) {
    const disk = new FakeDisk(seed);
    disk.put('x', new Uint8Array(1536).fill(1));
    const file = await disk.openForWrite('x');
    await file.write([new Uint8Array(1536).fill(2)], 0);
    const found = disk.crash().files().get('x')!;
    for (let at = 0; at < 1536; at += 512) {
      if (!found.subarray(at, at + 512).every(byte => byte === found[at]))
        t.fail(`seed ${seed}: torn within`);
    }
    seen.add([found[0], found[512], found[1024]].join(''));
  }
  t.equal(seen.size, 8, 'every combination of sectors happens');
});

t.test('a failed sync drops writes for good, and the next one succeeds without them', async t => {
  const work = async (disk: FakeDisk) => {
    disk.put('x', bytes('old'));
    const file = await disk.openForWrite('x');
    await file.write([bytes('new')], 0);
    disk.failAt(disk.calls + 1, 'EIO');
    const failure = await file.datasync().catch((error: NodeJS.ErrnoException) => error.code);
    if (failure !== 'EIO') t.fail('the sync was to fail');
    if (text(await disk.readFile('x')) !== 'new') t.fail('readers are not to notice');
    await file.datasync();
  };
  t.strictSame(await outcomes(work, 'x'), ['new', 'old']);
  const again = async (disk: FakeDisk) => {
    await work(disk);
    const file = await disk.openForWrite('x');
    await file.write([bytes('new')], 0);
    await file.datasync();
  };
  t.strictSame(await outcomes(again, 'x'), ['new'], 'bytes written again are safe again');
});

t.test('calls fail as they are told to', async t => {
  const disk = new FakeDisk(3);
  disk.failAt(2, 'short');
  disk.failAt(4, 'ENOSPC');
  const file = await disk.create('x');
  await t.rejects(file.write([new Uint8Array(4000).fill(7)], 0), { code: 'ENOSPC' });
  const stored = await disk.readFile('x');
  t.ok(stored.length < 4000 && stored.every(byte => byte === 7), 'a beginning is stored');
  await t.rejects(disk.create('y'), { code: 'ENOSPC' });
  disk.crashAt(6);
  await file.close();
  await t.rejects(disk.list('.'), { code: 'CRASHED' });
  await t.rejects(disk.list('.'), { code: 'CRASHED' });
  t.throws(() => disk.openForRead('x'), { code: 'CRASHED' });
  t.ok(disk.isCrashed);
});

t.test('a kill loses nothing and syncs nothing', async t => {
  const killed = async (disk: FakeDisk) => {
    await writeFile(disk, 'x', 'v', 'none');
    return disk.kill();
  };
  const found = new Set<string | undefined>();
  for (let seed = 0; seed < 100; seed++) {
    const disk = await killed(new FakeDisk(seed));
    if (text(await disk.readFile('x')) !== 'v') t.fail('a kill lost a write');
    found.add(text(disk.crash().files().get('x')));
  }
  t.ok(found.has(undefined) && found.has('v') && found.has(''));
  const disk = new FakeDisk();
  disk.kill();
  await t.rejects(disk.list('.'), { code: 'CRASHED' });
});

t.test('corruption stays through syncs and crashes', async t => {
  const disk = new FakeDisk(5);
  disk.put('x', bytes('abc'));
  disk.corrupt('x', 1, 0x03);
  t.equal(text(disk.crash().files().get('x')), 'aac');
});

t.test('the same seed gives the same disk', async t => {
  const run = async (seed: number) => {
    const disk = new FakeDisk(seed);
    const random = new Random(seed);
    const file = await disk.create('x');
    for (let index = 0; index < 20; index++) await file.write([random.bytes(300)], random.integer(4000));
    return [...disk.crash().files()].map(([path, found]) => [path, text(found)]);
  };
  for (let seed = 0; seed < 20; seed++) t.strictSame(await run(seed), await run(seed));
});
