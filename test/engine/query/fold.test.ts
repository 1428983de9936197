/** Summaries from the directories of blocks say what the rows themselves say. */
import t from 'tap';
import type { Batch, Column } from '../../../engine/batch.js';
import type { GroupSpec } from '../../../engine/query/groups.js';
import { summariseByScan } from '../../../engine/query/summarise.js';
import type { SummaryRequest } from '../../../engine/storage.js';
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
        const found = await readGroups(engine, request);
        const wanted = await readGroups(
          Object.create(engine, {
            summarise: { value: () => summariseByScan(scan => engine.scan(scan), request) },
          }),
          request,
        );
        t.same(found.lines, wanted.lines, JSON.stringify(request));
        for (const [index, sum] of found.sums.entries()) {
          if (!sumsAgree(sum, wanted.sums[index])) t.fail(`sum ${sum.sum}, not ${wanted.sums[index].sum}`);
        }
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
