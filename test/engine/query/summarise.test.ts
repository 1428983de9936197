import t from 'tap';
import type { GroupSpec } from '../../../engine/query/groups.js';
import { summariseByScan } from '../../../engine/query/summarise.js';
import type { ScanChunk, SummaryChunk, SummaryRequest } from '../../../engine/storage.js';
import { type Point, sourceBatchOf } from '../../support/columns.js';
import { randomBatch } from '../../support/points.js';
import { Random, testSeed } from '../../support/random.js';
import { readGroups, sumsAgree } from '../../support/readings.js';
import { ReferenceStorage } from '../../support/reference-storage.js';

/** Reads what the reference scans, where the reference sums up by itself. */
class ByScan extends ReferenceStorage {
  override summarise(request: SummaryRequest): AsyncGenerator<SummaryChunk> {
    return summariseByScan(scan => this.scan(scan), request);
  }
}

const SECOND: GroupSpec = { unit: 'second', count: 1 };

async function summaryOf(points: readonly Point[], groups: GroupSpec): Promise<SummaryChunk[]> {
  const storage = new ByScan();
  await storage.append({ sources: [sourceBatchOf(1, points)] });
  const chunks: SummaryChunk[] = [];
  const request = { sources: [1], startTime: 0, endTime: Infinity, groups };
  for await (const chunk of storage.summarise(request)) chunks.push(chunk);
  return chunks;
}

t.test('summaries of scanned rows are those of the rows', async t => {
  const seed = testSeed();
  t.comment(`seed ${seed}`);
  const random = new Random(seed);
  for (let round = 0; round < 40; round++) {
    const timeMax = random.pick([10, 100_000, 5_000_000_000]);
    const wanted = new ReferenceStorage();
    const scanned = new ByScan();
    for (let count = 0; count < 4; count++) {
      const batch = randomBatch(random, { sources: [1, 2], rowsMax: 60, timeMax });
      await wanted.append(batch);
      await scanned.append(batch);
    }
    for (const unit of ['second', 'hour', 'week', 'month', 'all'] as const) {
      const request: SummaryRequest = {
        sources: [2, 1],
        startTime: random.integer(timeMax),
        endTime: random.integer(2 * timeMax),
        groups: unit === 'all' ? { unit } : { unit, count: 1 + random.integer(3) },
        ...(random.next() < 0.3 && { fields: ['state', 'noise'] }),
      };
      const found = await readGroups(scanned, request);
      const expected = await readGroups(wanted, request);
      t.same(found.lines, expected.lines, JSON.stringify(request));
      t.ok(
        found.sums.every((sum, index) => sumsAgree(sum, expected.sums[index])),
        'sums agree',
      );
    }
  }
});

t.test('many groups come in several chunks, none of them twice', async t => {
  const points = Array.from({ length: 5_000 }, (_, at) => ({ time: at * 500, values: { v: at } }));
  const chunks = await summaryOf(points, SECOND);
  t.ok(chunks.length > 1);
  const starts = chunks.flatMap(chunk => [...chunk.starts]);
  t.same(
    starts,
    Array.from({ length: 2_500 }, (_, second) => second * 1_000),
  );
  const sums = chunks.flatMap(chunk => [...chunk.fields[0].sum]);
  t.same(
    sums,
    starts.map((_, second) => 4 * second + 1),
  );
});

t.test('of texts only the first and the last of a group are kept', async t => {
  const points = Array.from({ length: 300 }, (_, at) => ({ time: at, values: { text: `text ${at}` } }));
  const [{ fields }] = await summaryOf(points, SECOND);
  const [{ dictionary, first, last, count }] = fields;
  t.same([dictionary, [...first], [...last], [...count]], [['text 0', 'text 299'], [0], [1], [300]]);
});

t.test('a text counts where its chunk has other texts under its number', async t => {
  const points: Point[] = [
    { time: 0, values: { v: 1 } },
    { time: 1, values: { text: 'first' } },
    ...Array.from({ length: 120 }, (_, at) => ({ time: 2 + at, values: { text: `text ${at}`, v: 1 } })),
    ...Array.from({ length: 120 }, (_, at) => ({ time: 200 + at, values: { v: 1 } })),
    { time: 1_000, values: { v: 1 } },
    { time: 2_000, values: { text: 'first' } },
  ];
  const [{ fields }] = await summaryOf(points, SECOND);
  const { dictionary = [], first, last, count } = fields.find(field => field.name === 'text')!;
  t.same([...count], [121, 0, 1]);
  const ends = [0, 2].map(group => [dictionary[first[group]], dictionary[last[group]]]);
  t.same(ends, [
    ['first', 'text 119'],
    ['first', 'first'],
  ]);
});

t.test('infinite values', async t => {
  const cases: [number[], number][] = [
    [[Infinity, 1, 2], Infinity],
    [[1, -Infinity, 1e308], -Infinity],
    [[Infinity, -Infinity, 1], Number.NaN],
    [[1e308, 1e308, 1], Infinity],
    [[1, 1e100, 1, -1e100], 2],
    [[-0], 0],
  ];
  for (const [numbers, sum] of cases) {
    const points = numbers.map((v, time) => ({ time, values: { v } }));
    const [{ fields }] = await summaryOf(points, SECOND);
    t.ok(fields[0].sum[0] === sum || (Number.isNaN(sum) && Number.isNaN(fields[0].sum[0])), `${numbers}`);
    t.same([fields[0].min[0], fields[0].max[0]], [Math.min(...numbers), Math.max(...numbers)]);
  }
});

t.test('one group over everything lets others run', async t => {
  let hasRun = false;
  setImmediate(() => {
    hasRun = true;
  });
  const chunk: ScanChunk = {
    source: 1,
    timestamps: Float64Array.of(5),
    rows: Float64Array.of(0),
    fields: [],
  };
  const scan = async function* () {
    for (let count = 0; !hasRun && count < 200_000; count++) yield chunk;
  };
  const request = { sources: [1], startTime: 0, endTime: 10, groups: { unit: 'all' } } as const;
  for await (const { rowCounts } of summariseByScan(scan, request)) t.ok(rowCounts[0] > 0);
  t.ok(hasRun);
});
