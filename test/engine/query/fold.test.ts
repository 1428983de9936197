/** Summaries from the directories of blocks say what the rows themselves say. */
import t, { type Test } from 'tap';
import type { Batch, Column } from '../../../engine/batch.js';
import type { GroupSpec } from '../../../engine/query/groups.js';
import { summariseByScan } from '../../../engine/query/summarise.js';
import { SegmentReader } from '../../../engine/segment/reader.js';
import { type SegmentSource, writeSegment } from '../../../engine/segment/writer.js';
import { EngineSnapshot } from '../../../engine/snapshot.js';
import type { Readable, SummaryRequest } from '../../../engine/storage.js';
import { openEngine } from '../../support/engine-on-disk.js';
import { FakeDisk } from '../../support/fake-disk.js';
import { Random, testSeed } from '../../support/random.js';
import { readGroups, sumsAgree } from '../../support/readings.js';

const seed = testSeed();
t.comment(`seed ${seed}`);

const SECOND_MS = 1_000;

/** Readings each second, or step: whole numbers everywhere, a sparse field, and texts in some batches. */
function readings(random: Random, from: number, count: number, stepMs = SECOND_MS): Batch {
  const column = (name: string, value: (row: number) => number): Column => ({
    name,
    type: 'number',
    values: Float64Array.from({ length: count }, (_, row) => value(row)),
  });
  const fields: Column[] = [column('full', row => Math.round(Math.sin(row / 50) * 1_000) / 10)];
  if (random.next() < 0.5) fields.push(column('sparse', row => (row % 3 === 0 ? row : Number.NaN)));
  if (random.next() < 0.3) {
    fields.push({ ...column('text', row => row % 2), type: 'string', dictionary: ['a', 'b'] });
  }
  const timestamps = Float64Array.from({ length: count }, (_, row) => (from + row) * stepMs);
  return { sources: [{ source: 1, timestamps, fields }] };
}

const GROUPS: readonly GroupSpec[] = [
  { unit: 'all' },
  { unit: 'minute', count: 17 },
  { unit: 'hour', count: 1 },
  { unit: 'hour', count: 6 },
  { unit: 'day', count: 1 },
  { unit: 'month', count: 1 },
];

/** Compares summaries with those of the rows that a scan gives. */
async function sameAsRows(t: Test, readable: Readable, request: SummaryRequest): Promise<void> {
  const found = await readGroups(readable, request);
  const wanted = await readGroups(
    Object.create(readable, {
      summarise: { value: () => summariseByScan(scan => readable.scan(scan), request) },
    }),
    request,
  );
  t.same(found.lines, wanted.lines, JSON.stringify(request));
  for (const [index, sum] of found.sums.entries()) {
    if (!sumsAgree(sum, wanted.sums[index])) t.fail(`sum ${sum.sum}, not ${wanted.sums[index].sum}`);
  }
}

t.test('any summary is that of its rows, however they lie in segments and head', async t => {
  const random = new Random(seed);
  for (let round = 0; round < 8; round++) {
    const { engine, close } = await openEngine(new FakeDisk());
    let at = 0;
    for (let part = 0; part < 5; part++) {
      const count = 1 + random.integer(9_000);
      // Most follow one another; some come late and lie among the others.
      const isLate = part > 0 && random.next() < 0.3;
      await engine.append(
        readings(random, isLate ? random.integer(at) : at, isLate ? random.integer(300) + 1 : count),
      );
      if (!isLate) at += count + random.integer(5_000);
      if (random.next() < 0.7) await engine.flush();
    }
    for (const groups of GROUPS) {
      for (const fields of [undefined, ['full'], ['sparse', 'text'], ['none']]) {
        const startTime = random.next() < 0.5 ? 0 : random.integer(at) * SECOND_MS;
        const endTime = startTime + random.integer(2 * at) * SECOND_MS + 1;
        const request: SummaryRequest = { sources: [1], startTime, endTime, groups, fields };
        await sameAsRows(t, engine, request);
      }
    }
    await close();
  }
});

t.test('what the directory says is not decoded', async t => {
  const disk = new FakeDisk();
  const { engine, close } = await openEngine(disk);
  // Windows of ten minutes have more rows than a block.
  await engine.append(readings(new Random(1), 0, 100 * 1_024, SECOND_MS / 2));
  await engine.flush();
  const before = disk.calls;
  const request: SummaryRequest = {
    sources: [1],
    startTime: 0,
    endTime: 1e12,
    groups: { unit: 'all' },
    fields: ['full'],
  };
  for await (const { rowCounts } of engine.summarise(request)) t.equal(rowCounts[0], 100 * 1_024);
  t.ok(disk.calls - before < 5, `${disk.calls - before} reads for 100 blocks`);
  await close();
});

t.test('windows of several levels, and blocks, in one answer', async t => {
  const random = new Random(seed);
  const { engine, close } = await openEngine(new FakeDisk());
  // A minute has 600 rows: there are windows of a minute and of ten, and 64 and more of the finer ones.
  const stepMs = SECOND_MS / 10;
  const count = 60_000;
  await engine.append(readings(random, 1_234, count, stepMs));
  await engine.flush();
  await engine.append(readings(random, 1_234 + count, 700, stepMs));
  const end = (1_234 + count + 700) * stepMs;
  let mixedCount = 0;
  for (let round = 0; round < 60; round++) {
    const minutes = random.pick([10, 20, 47, 60, 87]);
    const groups: GroupSpec = random.pick([
      { unit: 'all' },
      { unit: 'minute', count: minutes },
      { unit: 'slices', startTime: 777, endTime: end, count: 1 + random.integer(5) },
    ] as const);
    const startTime = random.next() < 0.3 ? 0 : random.integer(end);
    const request = { sources: [1], startTime, endTime: startTime + 1 + random.integer(end), groups };
    const levels = new Set(
      engine.plan(request)[0].places.flatMap(({ steps }) => steps.map(step => step.levelMs)),
    );
    if (levels.size === 3) mixedCount++;
    await sameAsRows(t, engine, request);
  }
  t.ok(mixedCount > 5, `${mixedCount} of 60 plans read windows of two levels and blocks`);
  await close();
});

t.test('first and last of places whose rows interleave in number, at the same times', async t => {
  const disk = new FakeDisk();
  const count = 5_000;
  // Which of the two has the earlier row of a time changes from time to time.
  const half = (one: number): SegmentSource => {
    const chunks = function* () {
      for (let from = 0; from < count; from += 1_024) {
        const length = Math.min(1_024, count - from);
        const rows = Float64Array.from({ length }, (_, at) => 2 * (from + at) + ((from + at + one) % 2));
        yield { rows, timestamps: rows.map(row => Math.floor(row / 2) * SECOND_MS), values: rows };
      }
    };
    return { source: 1, columns: [{ name: 'v', type: 'number' }], keys: chunks, values: chunks };
  };
  await writeSegment(disk, '/one', [half(0)], 1);
  await writeSegment(disk, '/other', [half(1)], 2);
  const readers = [new SegmentReader(disk, '/one'), new SegmentReader(disk, '/other')];
  const snapshot = new EngineSnapshot(readers, new Map([[1, []]]), []);
  const range = { sources: [1], startTime: 0, endTime: 1e12 };
  for (const groups of [
    { unit: 'all' },
    { unit: 'second', count: 1 },
    { unit: 'second', count: 7 },
    { unit: 'minute', count: 10 },
  ] as const) {
    await sameAsRows(t, snapshot, { ...range, groups });
    await sameAsRows(t, snapshot, { ...range, groups, startTime: 1_500_500, endTime: 3_333_333 });
  }
  snapshot.release();
  for (const reader of readers) reader.release();
});
