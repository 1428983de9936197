import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { nodeDisk } from '../../wal/disk.js';
import { inspectLog } from '../../wal/inspect.js';
import { Log } from '../../wal/log.js';
import { RecordType, type Sequence } from '../../wal/records.js';
import { segmentName } from '../../wal/segment.js';
import { FakeDisk } from '../support/fake-disk.js';
import { Random, testSeed } from '../support/random.js';
import { buildFile, offsetOf, type Piece, payloadOf } from './pieces.js';
import { bytesOf, Recorder } from './recorder.js';

const pathOf = (first: number) => `log/${segmentName(first as Sequence)}`;

function open(disk: FakeDisk, recorder: Recorder, options: { segmentBytesMax?: number } = {}): Promise<Log> {
  return Log.open({ disk, directory: 'log', participants: [recorder], ...options });
}

/** Opening gives records 1 to `want`, and leaves a log that is clean and can be gone on with. */
async function recovers(t: Test, disk: FakeDisk, want: number, torn?: { offset: number; bytes: number }) {
  const recorder = new Recorder();
  const log = await open(disk, recorder);
  t.strictSame(
    recorder.payloads,
    Array.from({ length: want }, (_, index) => payloadOf(index + 1)),
  );
  t.match(log.recovery.tornTail, torn);
  t.equal(await log.append(RecordType.points, [bytesOf(payloadOf(want + 1))]), want + 1);
  await log.close();
  const report = await inspectLog(disk, 'log');
  t.ok(report.files.every(({ verdict }) => verdict === 'clean'));
  t.strictSame(report.damage, []);
}

/** Opening refuses, names the place, and changes nothing. */
async function refuses(t: Test, disk: FakeDisk, first: number, offset: number, code = 'LOG_CORRUPT') {
  const before = disk.files();
  const report = await inspectLog(disk, 'log');
  t.match(report.damage[0], { file: pathOf(first), offset, code });
  await t.rejects(open(disk, new Recorder()), { file: pathOf(first), offset, code });
  t.strictSame(disk.files(), before);
}

const end = offsetOf;

const oneFile: [pieces: Piece[], want: { records: number; torn?: number } | { corruptAt: number }][] = [
  [[], { records: 0 }],
  [['full'], { records: 1 }],
  [['full', 'full', 'full'], { records: 3 }],
  [[['full', 'full'], 'full'], { records: 3 }],
  // Nothing good follows the bad bytes.
  [['full', 'torn'], { records: 1, torn: 88 }],
  [['full', 'cut'], { records: 1, torn: 44 }],
  [['full', 'torn', 'zero'], { records: 1, torn: 88 + 4096 }],
  [['full', 'garbage'], { records: 1, torn: 200 }],
  [['full', 'torn', 'torn'], { records: 1, torn: 176 }],
  [['full', 'garbage', 'zero', 'cut'], { records: 1, torn: 200 + 4096 + 44 }],
  [['full', 'foreign'], { records: 1, torn: 88 }],
  [['full', 'torn', 'foreign', 'foreign'], { records: 1, torn: 264 }],
  [['torn'], { records: 0, torn: 88 }],
  // What the file was made of.
  [['zero'], { records: 0 }],
  [['full', 'zero'], { records: 1 }],
  [['full', 'full', 'zero', 'zero'], { records: 2 }],
  [['garbage'], { records: 0, torn: 200 }],
  // What follows was on its way together with the bad record: a power cut may keep the later sectors only.
  [[['torn', 'full']], { records: 0, torn: 176 }],
  [['full', ['full', 'torn', 'full', 'full']], { records: 2, torn: 264 }],
  // What follows says that the bad record had been durable before it was written.
  [['full', 'torn', 'full'], { corruptAt: end(1) }],
  [['torn', 'full'], { corruptAt: end(0) }],
  [['full', 'garbage', 'full'], { corruptAt: end(1) }],
  [['full', 'zero', 'full'], { corruptAt: end(1) }],
  [['full', 'garbage', 'zero', 'torn', 'full', 'zero'], { corruptAt: end(1) }],
  [[['torn', 'full'], 'full'], { corruptAt: end(0) }],
  [['full', ['full', 'torn', 'full'], 'torn', 'full'], { corruptAt: end(2) }],
  [['full', 'skip'], { corruptAt: end(1) }],
];

for (const [pieces, want] of oneFile) {
  t.test(
    `one file: ${pieces.map(piece => (typeof piece === 'string' ? piece : `(${piece.join(' ')})`)).join(' ')}`,
    async t => {
      const disk = new FakeDisk();
      disk.put(pathOf(1), buildFile(pieces));
      if ('corruptAt' in want) return refuses(t, disk, 1, want.corruptAt);
      const torn = want.torn === undefined ? undefined : { offset: offsetOf(want.records), bytes: want.torn };
      const report = await inspectLog(disk, 'log');
      t.match(report, {
        files: [{ verdict: torn === undefined ? 'clean' : 'torn', records: want.records }],
        damage: [],
      });
      return recovers(t, disk, want.records, torn);
    },
  );
}

/** Bytes that a file took over from an earlier one, up to `reused`, are no tail; what comes from its own records is. */
const inPlaceOfAnother: [
  pieces: Piece[],
  reused: number,
  want: { records: number; torn?: number } | { corruptAt: number },
][] = [
  [['full', 'old'], end(2), { records: 1 }],
  [['full', 'old', 'old', 'garbage'], end(3) + 200, { records: 1 }],
  [['full', 'old', 'zero'], end(2), { records: 1 }],
  [['full', 'zero', 'old'], 40 + 88 + 4096 + 88, { records: 1 }],
  [['full', 'old', 'old'], end(2), { records: 1, torn: 176 }],
  [['full', 'old', 'garbage'], end(2), { records: 1, torn: 288 }],
  [['full', 'torn', 'old'], end(3), { records: 1, torn: 176 }],
  [['full', 'cut'], end(3), { records: 1, torn: 44 }],
  [['full', ['old', 'full']], end(3), { records: 1, torn: 176 }],
  [['full', 'old', 'full'], end(3), { corruptAt: end(1) }],
  [['full', 'old', 'old', 'full', 'old'], end(5), { corruptAt: end(1) }],
];

for (const [pieces, reused, want] of inPlaceOfAnother) {
  t.test(`in the place of another, to ${reused}: ${JSON.stringify(pieces)}`, async t => {
    const disk = new FakeDisk();
    disk.put(pathOf(1), buildFile(pieces, { reused }));
    if ('corruptAt' in want) return refuses(t, disk, 1, want.corruptAt);
    const torn = want.torn === undefined ? undefined : { offset: offsetOf(want.records), bytes: want.torn };
    const { files, damage } = await inspectLog(disk, 'log');
    t.match(files, [{ verdict: torn === undefined ? 'clean' : 'torn', records: want.records }]);
    t.strictSame(damage, []);
    return recovers(t, disk, want.records, torn);
  });
}

const sequence = (value: number) => value as Sequence;
const header = buildFile([]);
const third = (pieces: Piece[], previous = 2) =>
  buildFile(pieces, { first: sequence(3), previous: sequence(previous) });
const damaged = (bytes: Uint8Array, offset: number) =>
  bytes.map((byte, index) => (index === offset ? byte ^ 1 : byte));

/** The first file begins with record 1, the second with record 3. */
const twoFiles: [
  string,
  Uint8Array,
  Uint8Array,
  { records: number; torn?: number } | { corrupt: [first: number, offset: number] },
][] = [
  ['both clean', buildFile(['full', 'full']), third(['full']), { records: 3 }],
  ['the second torn', buildFile(['full', 'full']), third(['full', 'torn']), { records: 3, torn: 88 }],
  ['the second without records', buildFile(['full', 'full']), third([]), { records: 2 }],
  ['the second of no length', buildFile(['full', 'full']), new Uint8Array(0), { records: 2 }],
  ['the second with half a header', buildFile(['full', 'full']), third([]).slice(0, 17), { records: 2 }],
  ['the second all zeros', buildFile(['full', 'full']), new Uint8Array(70_000), { records: 2 }],
  [
    'the first torn, the second of no length',
    buildFile(['full', 'torn']),
    new Uint8Array(0),
    { records: 1, torn: 88 },
  ],
  ['the second with a broken header', buildFile(['full']), damaged(third(['full']), 9), { corrupt: [3, 0] }],
  [
    'zeros with something after',
    buildFile(['full']),
    damaged(new Uint8Array(70_000), 69_999),
    { corrupt: [3, 0] },
  ],
  ['the first torn', buildFile(['full', 'torn']), third(['full']), { corrupt: [1, end(1)] }],
  ['the first cut', buildFile(['full', 'cut']), third([]), { corrupt: [1, end(1)] }],
  ['the first zero-filled', buildFile(['full', 'full', 'zero']), third(['full']), { records: 3 }],
  ['the first zero-filled too early', buildFile(['full', 'zero']), third(['full']), { corrupt: [3, 0] }],
  [
    'the first in the place of another',
    buildFile(['full', 'full', 'old', 'old'], { reused: 1_000 }),
    third(['full']),
    { records: 3 },
  ],
  ['the first of no length', new Uint8Array(0), third(['full']), { corrupt: [1, 0] }],
  ['the first with half a header', header.slice(0, 20), third(['full']), { corrupt: [1, 0] }],
  ['a record missing between', buildFile(['full']), third(['full']), { corrupt: [3, 0] }],
  ['a record too many', buildFile(['full', 'full', 'full']), third(['full']), { corrupt: [3, 0] }],
  ['the second under a wrong name', buildFile(['full']), buildFile(['full']), { corrupt: [3, 0] }],
];

for (const [name, first, second, want] of twoFiles) {
  t.test(`two files: ${name}`, async t => {
    const disk = new FakeDisk();
    disk.put(pathOf(1), first);
    disk.put(pathOf(3), second);
    disk.put(`${pathOf(4)}.tmp`, new Uint8Array(10));
    disk.put('log/note.txt', new Uint8Array(10));
    if ('corrupt' in want) return refuses(t, disk, ...want.corrupt);
    await recovers(
      t,
      disk,
      want.records,
      want.torn === undefined ? undefined : { offset: end(1), bytes: want.torn },
    );
    t.notOk(disk.files().has(`${pathOf(4)}.tmp`), 'leftovers are removed');
    t.ok(disk.files().has('log/note.txt'), 'what is not ours is left alone');
  });
}

t.test('a start that fails while it cuts a tail is made good by the next', async t => {
  for (let seed = 0; seed < 100; seed++) {
    const disk = new FakeDisk(seed);
    disk.put(pathOf(1), buildFile(['full', 'full', 'torn']));
    const whole = disk.crash();
    await (await open(whole, new Recorder())).close();
    const failing = disk.crash();
    failing.failAt(1 + (seed % whole.calls), 'EIO');
    await open(failing, new Recorder()).then(
      log => log.close(),
      error => {
        if (error.code !== 'EIO') throw error;
      },
    );
    const killed = failing.kill();
    const log = await open(killed, new Recorder());
    await log.append(RecordType.points, [bytesOf('next')]);
    const recorder = new Recorder();
    await (await open(killed.crash(), recorder)).close();
    if (recorder.payloads.join() !== [payloadOf(1), payloadOf(2), 'next'].join()) t.fail(`seed ${seed}`);
  }
  t.pass('every call failed');
});

t.test('a file that was dropped does not come back beside later ones', async t => {
  for (let seed = 0; seed < 200; seed++) {
    // The catalog has sealed through sequences whose records a crash took, so numbers will go on after a gap.
    const participants = () => [new Recorder([RecordType.points], 1), new Recorder([RecordType.catalog], 5)];
    const openBoth = (disk: FakeDisk) => Log.open({ disk, directory: 'log', participants: participants() });
    const disk = new FakeDisk(seed);
    disk.put(pathOf(1), buildFile(['full']));
    const log = await openBoth(disk);
    // The file goes, but the sync of its directory fails, and the program is killed.
    disk.failAt(disk.calls + 2, 'EIO');
    if ((await log.checkpoint().catch(error => error.code)) !== 'EIO') t.fail('the checkpoint was to fail');
    const killed = disk.kill();
    const next = await openBoth(killed);
    // The next file gets its name, and the power goes before the sync of the directory.
    killed.crashAt(killed.calls + 5);
    await next.append(RecordType.points, []).catch(() => {});
    if (!killed.isCrashed || !killed.files().has(pathOf(6))) t.fail('the power was to go after the rename');
    await (await openBoth(killed.crash())).close();
  }
  t.pass('no hole was found');
});

t.test('a gap that the later file knows of is none', async t => {
  const disk = new FakeDisk();
  disk.put(pathOf(1), buildFile(['full']));
  disk.put(pathOf(3), third(['full'], 1));
  const recorder = new Recorder();
  await (await open(disk, recorder)).close();
  t.strictSame(recorder.sequences, [1, 3]);
});

t.test('a missing first file is noticed, unless its records are sealed', async t => {
  const disk = new FakeDisk();
  disk.put(pathOf(3), third(['full']));
  await t.rejects(open(disk, new Recorder()), { code: 'LOG_CORRUPT', file: pathOf(3), offset: 0 });
  const recorder = new Recorder(undefined, 2);
  await (await open(disk, recorder)).close();
  t.strictSame(recorder.sequences, [3]);
});

t.test('what a newer version wrote is refused as such', async t => {
  const ofRecord = new FakeDisk();
  ofRecord.put(pathOf(1), buildFile(['full', 'newer', 'full']));
  await refuses(t, ofRecord, 1, offsetOf(1), 'LOG_VERSION');
  const ofFile = new FakeDisk();
  ofFile.put(pathOf(1), buildFile(['full'], { version: 2 }));
  await refuses(t, ofFile, 1, 0, 'LOG_VERSION');
});

t.test('a record that cannot be applied ends recovery and is named', async t => {
  const disk = new FakeDisk();
  disk.put(pathOf(1), buildFile(['full', 'full']));
  const recorder = new Recorder();
  recorder.replay = record => {
    if (record.sequence === 2) throw new Error('makes no sense');
  };
  await t.rejects(open(disk, recorder), {
    code: 'LOG_CORRUPT',
    offset: offsetOf(1),
    message: /record 2 cannot be applied.*makes no sense/,
    cause: { message: 'makes no sense' },
  });
  await t.rejects(open(disk, new Recorder([RecordType.catalog])), { code: 'ERR_ASSERTION' });
});

t.test('the message gives a command that works, also for names with quotes', async t => {
  const parent = await mkdtemp(join(tmpdir(), 'dakkio-recover-'));
  t.teardown(() => rm(parent, { recursive: true }));
  const directory = join(parent, "it's here");
  await mkdir(directory);
  const files: [number, Uint8Array][] = [
    [1, buildFile(['full', 'full'])],
    [3, third(['torn', 'full'])],
    [5, buildFile(['full'], { first: sequence(5) })],
  ];
  for (const [first, bytes] of files) await writeFile(join(directory, segmentName(sequence(first))), bytes);
  const recorder = new Recorder();
  const openReal = () => Log.open({ disk: nodeDisk, directory, participants: [recorder] });
  const error = await openReal().catch((error: Error) => error);
  t.match(error, { code: 'LOG_CORRUPT', message: `${segmentName(sequence(3))} at byte 40` });
  execFileSync('sh', ['-c', (error as Error).message.split('with: ')[1]]);
  recorder.records.length = 0;
  await (await openReal()).close();
  t.strictSame(recorder.sequences, [1, 2]);
  const aside = (await readdir(directory)).filter(name => name.startsWith('quarantine-'));
  t.strictSame(await readdir(join(directory, aside[0])), [
    segmentName(sequence(3)),
    segmentName(sequence(5)),
  ]);
});

t.test('records bigger than the window of the reader, and a length that is no length', async t => {
  const disk = new FakeDisk();
  const log = await open(disk, new Recorder());
  const big = 'b'.repeat(3_000_001);
  for (const text of ['a', big, 'c', big]) await log.append(RecordType.points, [bytesOf(text)]);
  await log.close();
  const recorder = new Recorder();
  await (await open(disk, recorder)).close();
  t.ok(recorder.payloads.join() === ['a', big, 'c', big].join());
  // The length of the last record becomes 3,000,001 + 2^24, and then 3,000,001 + 2^31: past the end, and past all.
  for (const bit of [6, 7]) {
    const broken = disk.crash();
    broken.corrupt(pathOf(1), 40 + 32 + 3_000_032 + 32 + bit, bit === 6 ? 1 : 0x80);
    const report = await inspectLog(broken, 'log');
    t.match(report.files, [{ verdict: 'torn', records: 3 }]);
  }
});

/** A log of three files, with groups of one and of several records. */
async function makeLog(random: Random): Promise<{ disk: FakeDisk; count: number }> {
  const disk = new FakeDisk();
  const randomId = () => random.integer(0x1_0000_0000);
  const log = await Log.open({
    disk,
    directory: 'log',
    participants: [new Recorder()],
    segmentBytesMax: 300,
    randomId,
  });
  let count = 0;
  for (const group of [1, 2, 1, 3, 1, 1, 2, 1, 2]) {
    const appends = Array.from({ length: group }, () => {
      count++;
      return log.append(RecordType.points, [bytesOf(payloadOf(count).slice(0, 20 + (count % 30)))]);
    });
    await Promise.all(appends);
  }
  await log.close();
  return { disk, count };
}

const seed = testSeed();
t.comment(`DAKKIO_TEST_SEED=${seed}`);

/** Damages each byte of each file in turn: recovery gives a prefix of what was acknowledged, or refuses. */
async function damageEverywhere(t: Test, damage: (bytes: Uint8Array, offset: number) => Uint8Array) {
  const { disk, count } = await makeLog(new Random(seed));
  const files = disk.files();
  const last = [...files.keys()].at(-1)!;
  const tally = { prefixes: 0, refusals: 0 };
  for (const [path, bytes] of files) {
    for (let offset = 0; offset < bytes.length; offset++) {
      const broken = new FakeDisk();
      for (const [other, content] of files) broken.put(other, content);
      broken.put(path, damage(bytes, offset));
      const recorder = new Recorder();
      try {
        await (await open(broken, recorder)).close();
        const isPrefix = recorder.records.every(
          ({ sequence, payload }, index) =>
            sequence === index + 1 && payload === payloadOf(sequence).slice(0, 20 + (sequence % 30)),
        );
        if (!isPrefix || recorder.records.length >= count) t.fail(`${path} at ${offset}: not a true prefix`);
        if (path !== last) t.fail(`${path} at ${offset}: a complete file was taken for torn`);
        tally.prefixes++;
      } catch (error) {
        if ((error as { code?: string }).code !== 'LOG_CORRUPT') throw error;
        tally.refusals++;
      }
    }
  }
  t.ok(
    files.size >= 3 && tally.prefixes > 0 && tally.refusals > 0,
    JSON.stringify({ ...tally, files: files.size }),
  );
}

t.test('a log truncated at every byte', t => damageEverywhere(t, (bytes, offset) => bytes.slice(0, offset)));

t.test('a log with every byte flipped', async t => {
  const random = new Random(seed);
  for (const mask of [0xff, 1 << random.integer(8)]) {
    await damageEverywhere(t, (bytes, offset) =>
      bytes.map((byte, index) => (index === offset ? byte ^ mask : byte)),
    );
  }
});
