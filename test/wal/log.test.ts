import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { nodeDisk } from '../../wal/disk.js';
import { inspectLog } from '../../wal/inspect.js';
import { Log, type LogOptions } from '../../wal/log.js';
import { type LogParticipant, RecordType, type Sequence } from '../../wal/records.js';
import { decodeHeader, HEADER_BYTES } from '../../wal/segment.js';
import { FakeDisk } from '../support/fake-disk.js';
import { bytesOf, Recorder } from './recorder.js';

const { points, erase, catalog } = RecordType;

function open(
  disk: FakeDisk,
  participants: LogParticipant[] = [new Recorder()],
  options: Partial<LogOptions> = {},
) {
  return Log.open({ disk, directory: 'log', participants, ...options });
}

t.test('what was appended is replayed in order, with its types', async t => {
  const disk = new FakeDisk();
  const log = await open(disk);
  t.strictSame(log.recovery, { records: 0, replayed: 0, files: 0, tornTail: undefined });
  t.equal(await log.append(points, [bytesOf('one '), bytesOf('two')]), 1);
  t.equal(await log.append(erase, []), 2);
  t.equal(await log.append(catalog, [bytesOf(''), bytesOf('x'.repeat(70_000))]), 3);
  t.equal(log.lastSequence, 3);
  await log.close();

  const recorder = new Recorder();
  const again = await open(disk, [recorder]);
  t.strictSame(recorder.records, [
    { sequence: 1, type: points, payload: 'one two' },
    { sequence: 2, type: erase, payload: '' },
    { sequence: 3, type: catalog, payload: 'x'.repeat(70_000) },
  ]);
  t.strictSame(again.recovery, { records: 3, replayed: 3, files: 1, tornTail: undefined });
  t.equal(await again.append(points, []), 4);
  await again.close();
});

t.test('records that are sealed elsewhere are not replayed, and sequences go on after them', async t => {
  const disk = new FakeDisk();
  const log = await open(disk);
  for (const type of [points, catalog, points, catalog]) await log.append(type, []);
  await log.close();

  const ofPoints = new Recorder([points], 2);
  const ofCatalog = new Recorder([catalog, erase], 9);
  const again = await open(disk, [ofPoints, ofCatalog]);
  t.strictSame([ofPoints.sequences, ofCatalog.sequences], [[3], []]);
  t.strictSame(again.recovery, { records: 4, replayed: 1, files: 1, tornTail: undefined });
  t.equal(await again.append(points, []), 10, 'after the last sealed one');
  await again.close();

  const all = new Recorder();
  await (await open(disk, [all])).close();
  t.strictSame(all.sequences, [1, 2, 3, 4, 10], 'the gap is no hole');
});

t.test('many appends share few syncs, and callbacks come in order before promises', async t => {
  const disk = new FakeDisk();
  const log = await open(disk);
  await log.append(points, []);
  const before = disk.syncs;
  const events: string[] = [];
  const promises: Promise<unknown>[] = [];
  for (let index = 0; index < 1_000; index++) {
    const onDurable = (sequence: Sequence) => events.push(`durable ${sequence}`);
    promises.push(
      log.append(points, [bytesOf(`${index}`)], onDurable).then(sequence => events.push(`${sequence}`)),
    );
  }
  const second = promises[500].then(() =>
    log.append(points, [], sequence => events.push(`durable ${sequence}`)),
  );
  await Promise.all([...promises, second]);
  t.equal(disk.syncs - before, 2);
  const sequences = Array.from({ length: 1_000 }, (_, index) => index + 2);
  t.strictSame(events.slice(0, 2_000), [
    ...sequences.map(sequence => `durable ${sequence}`),
    ...sequences.map(String),
  ]);
  t.strictSame(events.slice(2_000), ['durable 1002']);
  await log.close();
});

t.test('what comes while a sync is in flight goes out together with the next', async t => {
  const disk = new FakeDisk();
  const log = await open(disk);
  await log.append(points, []);
  const { syncs, calls } = disk;
  const first = log.append(points, []);
  while (disk.calls === calls) await undefined;
  const rest = [log.append(points, []), log.append(points, [])];
  await log.flushed();
  t.strictSame(await Promise.all([first, ...rest]), [2, 3, 4]);
  t.equal(disk.syncs - syncs, 2);
  await log.flushed();
  await log.close();
});

t.test(
  'a file that is full is followed by another; a record bigger than files may be has its own',
  async t => {
    const disk = new FakeDisk();
    const log = await open(disk, undefined, { segmentBytesMax: 1_000 });
    const want: string[] = [];
    for (const size of [400, 400, 400, 5_000, 10, 400]) {
      want.push('y'.repeat(size));
      await log.append(points, [bytesOf('y'.repeat(size))]);
    }
    const names = [1, 3, 4, 5].map(first => `log/${first.toString(16).padStart(16, '0')}.wal`);
    t.strictSame([...disk.files().keys()], names);
    const onDisk = () => [...disk.files().values()].reduce((total, { length }) => total + length, 0);
    t.equal(log.bytes, onDisk());
    await log.close();
    t.equal(log.statistics.bytes + 4 * HEADER_BYTES, onDisk(), 'what stood ahead of records is cut');
    const recorder = new Recorder();
    const again = await open(disk, [recorder]);
    t.strictSame(recorder.payloads, want);
    t.equal(again.recovery.files, 4);
    t.equal(again.bytes, onDisk());
    await again.close();
  },
);

t.test('a checkpoint drops the files whose records are all sealed, the oldest first', async t => {
  const disk = new FakeDisk();
  const ofPoints = new Recorder([points]);
  const ofRest = new Recorder([catalog, erase]);
  const log = await open(disk, [ofPoints, ofRest], { segmentBytesMax: 100 });
  const count = () => disk.files().size;
  for (const type of [points, points, catalog, points, points, points]) await log.append(type, []);
  t.equal(count(), 3, 'two records a file');
  await log.checkpoint();
  t.equal(count(), 3, 'nothing is sealed');
  ofPoints.sealedThrough = 6 as Sequence;
  await log.checkpoint();
  t.equal(count(), 2, 'the second file waits for the catalog, and the third for the second');
  ofRest.sealedThrough = 3 as Sequence;
  await log.checkpoint();
  t.equal(count(), 0, 'the file being written goes too, when all of it is sealed');
  t.equal(log.bytes, 0);
  t.equal(await log.append(points, []), 7);
  await log.checkpoint();
  t.equal(count(), 1);
  await log.close();

  const again = await open(disk, [new Recorder([points], 6), new Recorder([catalog, erase], 3)]);
  t.strictSame(again.recovery, { records: 1, replayed: 1, files: 1, tornTail: undefined });
  await again.close();
});

t.test('a checkpoint asks participants to seal; calls during one join it', async t => {
  let seals = 0;
  let sealed = 0 as Sequence;
  const participant: LogParticipant = {
    types: [points],
    get sealedThrough() {
      return sealed;
    },
    replay() {},
    async seal() {
      seals++;
      sealed = log.lastSequence;
    },
  };
  const disk = new FakeDisk();
  const log: Log = await open(disk, [participant]);
  await log.append(points, []);
  await Promise.all([log.checkpoint(), log.checkpoint()]);
  t.equal(seals, 1);
  t.equal(disk.files().size, 0);
  await log.checkpoint();
  t.equal(seals, 2);
  await log.close();
  const again = await open(disk, [participant]);
  t.equal(again.lastSequence, 1, 'an empty log goes on after what is sealed');
  await again.close();
});

t.test('a file stands ahead of its records, and grows when they come near its end', async t => {
  const disk = new FakeDisk();
  const log = await open(disk, undefined, { aheadBytesMin: 8_192 });
  const size = () => log.bytes;
  const sizes: number[] = [];
  for (let index = 0; index < 40; index++) {
    await log.append(points, [bytesOf('z'.repeat(1_000))]);
    if (size() !== sizes.at(-1)) sizes.push(size());
  }
  t.strictSame(sizes, [8_192, 16_384, 32_768, 65_536]);
  // Little is gained for a group that is itself as long as the zeros would be.
  await log.append(points, [bytesOf('z'.repeat(50_000))]);
  t.equal(size(), [...disk.files().values()][0].length);
  t.ok(size() < 100_000);
  await log.append(points, [bytesOf('z'.repeat(10_000))]);
  t.ok(size() > 160_000);
  const { syncs, records, bytes, syncSeconds } = log.statistics;
  t.strictSame([syncs, records, bytes], [42, 42, 40 * 1_024 + 50_024 + 10_024]);
  t.ok(syncSeconds > 0);
  await log.close();
  t.equal([...disk.files().values()][0].length, HEADER_BYTES + bytes);
});

t.test('a file that was dropped is written over by the next, and nothing in it comes back', async t => {
  const disk = new FakeDisk();
  const recorder = new Recorder([points, erase, catalog]);
  const options = { segmentBytesMax: 10_000, aheadBytesMin: 4_096, randomId: () => 7 };
  const log = await open(disk, [recorder], options);
  const fill = async (count: number) => {
    for (let index = 0; index < count; index++) await log.append(points, [bytesOf('o'.repeat(1_000))]);
  };
  await fill(20);
  recorder.sealedThrough = 18 as Sequence;
  await log.checkpoint();
  const files = () => [...disk.files().entries()].map(([path, bytes]) => [path.slice(4), bytes.length]);
  const spareBytes = HEADER_BYTES + 9 * 1_024;
  t.strictSame(files(), [
    ['0000000000000001.wal.tmp', spareBytes],
    ['0000000000000013.wal', 4_096],
  ]);
  t.equal(log.bytes, spareBytes + 4_096, 'of two files as big, one is kept');
  await fill(8);
  const reused = disk.files().get('log/000000000000001c.wal')!;
  t.match(decodeHeader(reused), { id: 8, reused: spareBytes }, 'its seed is another than before');
  t.equal(reused.length, spareBytes);
  // The power goes: what was there before the records is no tail of theirs.
  const found = disk.crash();
  const report = await inspectLog(found, 'log');
  t.strictSame(
    report.files.map(({ verdict, records }) => [verdict, records]),
    [
      ['clean', 9],
      ['clean', 1],
    ],
  );
  recorder.records.length = 0;
  const again = await open(found, [recorder], options);
  t.strictSame(recorder.sequences, [19, 20, 21, 22, 23, 24, 25, 26, 27, 28]);
  t.equal(again.recovery.tornTail, undefined);
  await again.append(points, []);
  await again.close();
  t.strictSame(
    [...found.files().values()].map(({ length }) => length),
    [HEADER_BYTES + 9 * 1_024, HEADER_BYTES + 1_024, HEADER_BYTES + 24],
    'closed, it holds records and nothing else',
  );
});

t.test('a failed checkpoint leaves the log usable and is made good by the next', async t => {
  for (const call of [1, 2]) {
    const disk = new FakeDisk();
    const recorder = new Recorder();
    const log = await open(disk, [recorder], { segmentBytesMax: 1 });
    for (let index = 0; index < 3; index++) await log.append(points, []);
    recorder.sealedThrough = 2 as Sequence;
    disk.failAt(disk.calls + call, 'EIO');
    await t.rejects(log.checkpoint(), { code: 'EIO' });
    t.equal(await log.append(points, []), 4);
    await log.checkpoint();
    t.equal(disk.files().size, 2);
    await log.close();
  }
});

t.test('a callback that throws ends the log: memory no longer says what the log says', async t => {
  const disk = new FakeDisk();
  const log = await open(disk);
  const bad = log.append(points, [], () => {
    throw new Error('cannot apply');
  });
  const next = log.append(points, [], () => t.fail('called after a failure'));
  await t.rejects(bad, { code: 'LOG_UNAVAILABLE', cause: { message: 'cannot apply' } });
  await t.rejects(next, { code: 'LOG_UNAVAILABLE' });
  await log.close();
});

t.test('our own mistakes are asserted', async t => {
  const disk = new FakeDisk();
  await t.rejects(open(disk, [new Recorder(), new Recorder([points])]), { code: 'ERR_ASSERTION' });
  const log = await open(disk, [new Recorder([points])]);
  t.throws(() => log.append(catalog, []), { code: 'ERR_ASSERTION' });
  await log.close();
  t.throws(() => log.append(points, []), { code: 'ERR_ASSERTION' });
  t.throws(() => log.checkpoint(), { code: 'ERR_ASSERTION' });
});

t.test('it works on the file system of this machine', async t => {
  const directory = await mkdtemp(join(tmpdir(), 'dakkio-log-'));
  t.teardown(() => rm(directory, { recursive: true }));
  const recorder = new Recorder([points, erase, catalog]);
  const options = { disk: nodeDisk, directory: join(directory, 'a', 'b'), segmentBytesMax: 100_000 };
  const log = await Log.open({ ...options, participants: [recorder] });
  const appends: Promise<unknown>[] = [];
  // More parts than one system call takes, small and big ones mixed.
  for (let index = 0; index < 2_000; index++) {
    appends.push(
      log.append(points, [bytesOf(`${index} `), new Uint8Array(index % 100 === 0 ? 50_000 : 0).fill(65)]),
    );
  }
  await Promise.all(appends);
  recorder.sealedThrough = 500 as Sequence;
  await log.checkpoint();
  await log.close();
  const again = await Log.open({ ...options, participants: [recorder] });
  t.equal(recorder.records.length, 1_500);
  for (const { sequence, payload } of recorder.records) {
    if (Number.parseInt(payload, 10) !== sequence - 1)
      t.fail(`record ${sequence} is ${payload.slice(0, 10)}`);
  }
  t.ok(again.recovery.records < 2_000 && again.recovery.records >= 1_500, 'whole files were dropped');
  await again.close();
});
