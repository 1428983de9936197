/** Every byte of a data directory is looked at: a flip anywhere is found, or is of something no start reads. */
import { join } from 'node:path';
import t from 'tap';
import { packMark } from '../../server/idempotency/mark.js';
import { verifyDirectory } from '../../server/verify.js';
import type { Sequence } from '../../wal/records.js';
import { FakeDisk } from '../support/fake-disk.js';
import { randomBatch } from '../support/points.js';
import { Random, testSeed } from '../support/random.js';
import { openStore, STORE_DIRECTORY } from '../support/store-on-disk.js';

const directory = STORE_DIRECTORY;
const seed = testSeed();
t.comment(`seed ${seed}`);

/** A directory with a snapshot, two segments, and points and changes that are in the log only. */
async function write(): Promise<FakeDisk> {
  const random = new Random(seed);
  const disk = new FakeDisk();
  const { catalog, engine } = await openStore(disk);
  const append = () => engine.append(randomBatch(random, { sources: [1, 2], rowsMax: 5, timeMax: 1e6 }));
  await append();
  await engine.flush();
  await append();
  await engine.flush();
  await append();
  await catalog.createBucket({ name: 'home', description: '', retentionDays: null });
  await engine.erase([2]);
  const found = disk.kill();
  for (const [path, bytes] of found.files()) {
    // The log goes on in zeros, thousands of them: a few stand for all.
    const used = bytes.findLastIndex(byte => byte !== 0) + 1;
    if (path.endsWith('.wal')) found.put(path, bytes.subarray(0, Math.min(used + 100, bytes.length)));
  }
  return found;
}

const quiet = () => {};

t.test('a sound directory is sound, and every file is told of', async t => {
  const lines: string[] = [];
  const { damages } = await verifyDirectory(await write(), directory, line => lines.push(line));
  t.same(damages, []);
  t.match(lines, [/^catalog {3}ok/, /^segment {3}ok/, /^segment {3}ok/, /^log {7}ok, 3 records/]);
});

t.test('an empty directory is sound', async t => {
  const disk = new FakeDisk();
  await disk.makeDirectory(join(directory, 'wal'));
  t.same((await verifyDirectory(disk, directory, quiet)).damages, []);
});

t.test('a log that is gone is damage, but not before there was one', async t => {
  const sound = await write();
  const disk = new FakeDisk();
  for (const [name, content] of sound.files()) if (!name.endsWith('.wal')) disk.put(name, content);
  t.match((await verifyDirectory(disk, directory, quiet)).damages, [/^The log is missing: .*wal$/]);
  const young = new FakeDisk();
  await young.makeDirectory(join(directory, 'segments'));
  t.same((await verifyDirectory(young, directory, quiet)).damages, []);
});

t.test('a flip anywhere is found, and nothing is changed', async t => {
  const sound = await write();
  for (const [path, bytes] of sound.files()) {
    const isLog = path.endsWith('.wal');
    for (let offset = 0; offset < bytes.length; offset++) {
      const disk = new FakeDisk();
      for (const [name, content] of sound.files()) disk.put(name, content);
      disk.corrupt(path, offset, 0x10);
      const before = disk.files();
      const { damages } = await verifyDirectory(disk, directory, quiet);
      // The last group of the log may be a torn tail: a crash explains it, and a start cuts it.
      if (damages.length === 0 && !isLog) t.fail(`a flip at ${offset} of ${path} was not found`);
      if (damages.length > 0 && !damages.some(message => message.includes(directory))) t.fail(damages.join());
      t.strictSame(disk.files(), before);
    }
  }
});

t.test('a snapshot is missed where the log cannot stand in for it', async t => {
  const disk = new FakeDisk();
  const { engine } = await openStore(disk);
  await engine.append(randomBatch(new Random(seed), { sources: [1], rowsMax: 5, timeMax: 1e6 }));
  const killed = disk.kill();
  const { damages } = await verifyDirectory(killed, directory, quiet);
  t.same(damages, [], 'the log is whole, and there never was a snapshot');
  await (await openStore(killed)).stop();
  const stopped = killed.kill();
  await stopped.unlink(join(directory, 'catalog.snapshot'));
  t.match((await verifyDirectory(stopped, directory, quiet)).damages, [/catalog\.snapshot: it is missing/]);
});

t.test('marks are looked at, as their points are', async t => {
  const mark = packMark({ key: 'k', request: 'r', at: 1, status: 201, body: '{}' });
  for (const [bytes, damage] of [
    [mark, undefined],
    [mark.subarray(1), /^Record 2 of .* cannot be applied/],
  ] as const) {
    const disk = new FakeDisk();
    const { engine } = await openStore(disk, { sealedThrough: 0 as Sequence, apply: quiet });
    const batch = randomBatch(new Random(seed), { sources: [1], rowsMax: 5, timeMax: 1e6 });
    await engine.append(batch, () => bytes);
    const { damages } = await verifyDirectory(disk.kill(), directory, quiet);
    if (damage === undefined) t.same(damages, []);
    else t.match(damages, [damage]);
  }
});

t.test('files that are missing are missed', async t => {
  const sound = await write();
  for (const path of sound.files().keys()) {
    const disk = new FakeDisk();
    for (const [name, content] of sound.files()) if (name !== path) disk.put(name, content);
    await disk.makeDirectory(join(directory, 'wal'));
    const { damages } = await verifyDirectory(disk, directory, quiet);
    // Whether there was a newer log nobody can tell; nor does a log that is whole need the snapshot.
    const isTold = path.endsWith('.segment') || path.endsWith('manifest');
    if (isTold) t.ok(damages.length > 0, path);
  }
});
