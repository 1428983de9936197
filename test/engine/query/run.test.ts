import t, { type Test } from 'tap';
import { DAY_MS, HOUR_MS, SECOND_MS } from '../../../engine/base/time.js';
import type { Batch, Column } from '../../../engine/batch.js';
import type { GroupSpec } from '../../../engine/query/groups.js';
import type { Aggregation, QueryRequest, Scalar } from '../../../engine/query/request.js';
import type { Readable } from '../../../engine/storage.js';
import { type Point, sourceBatchOf } from '../../support/columns.js';
import { openEngine } from '../../support/engine-on-disk.js';
import { FakeDisk } from '../../support/fake-disk.js';
import { type Magnitude, type NaiveRow, naiveQuery } from '../../support/naive-query.js';
import { randomBatch } from '../../support/points.js';
import { type QueryRow, type RowValues, runQuery } from '../../support/query-rows.js';
import { Random, testSeed } from '../../support/random.js';
import { randomRequest } from '../../support/random-query.js';
import { textOf } from '../../support/readings.js';
import { ReferenceStorage } from '../../support/reference-storage.js';

const MINUTE = 60_000;

const POINTS: Readonly<Record<number, readonly Point[]>> = {
  1: [
    { time: 10 * MINUTE, values: { t: 4, state: 'on' }, metadata: '{"site":"a","n":{"x":1,"y":[2]}}' },
    { time: 0, values: { t: 1, door: true }, metadata: '{"site":"b"}' },
    { time: 1 * MINUTE, values: { t: 2, state: 'off', door: false } },
    { time: 1 * MINUTE, values: { t: -0 } },
    { time: 70 * MINUTE, values: { h: 50 }, metadata: '{}' },
    { time: 75 * MINUTE, values: { t: 10, h: 60 } },
  ],
  2: [
    { time: 1 * MINUTE, values: { t: 8 } },
    { time: 70 * MINUTE, values: { t: Infinity } },
    { time: 70 * MINUTE, values: { t: -Infinity } },
  ],
};

async function storageOf(points: Readonly<Record<number, readonly Point[]>>): Promise<ReferenceStorage> {
  const storage = new ReferenceStorage();
  await storage.append({
    sources: Object.entries(points).map(([source, points]) => sourceBatchOf(Number(source), points)),
  });
  return storage;
}

/** Such as `1/0 @5m t=1 door=true {}` and `1 @0m x3 t=(min=1 max=2)`: minutes, fields by name. */
function describe({ source, row, timestamp, values, metadata, count }: QueryRow): string {
  const scalars = (record: Readonly<Record<string, Scalar | null>>) =>
    Object.entries(record).map(([name, value]) => `${name}=${textOf(value)}`);
  const fields = Object.entries(values)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, value]) =>
      typeof value === 'object' && value !== null
        ? `${name}=(${scalars(value).join(' ')})`
        : scalars({ [name]: value })[0],
    );
  return [
    row === undefined ? source : `${source}/${row}`,
    `@${timestamp / MINUTE}m`,
    ...(count === undefined ? [] : [`x${count}`]),
    ...fields,
    ...(metadata === undefined ? [] : [metadata]),
  ].join(' ');
}

function requestOf(part: Partial<QueryRequest>): QueryRequest {
  return { sources: [1], startTime: 0, endTime: DAY_MS, order: 'asc', limit: 1_000, offset: 0, ...part };
}

const ALL: GroupSpec = { unit: 'all' };
const HOUR: GroupSpec = { unit: 'hour', count: 1 };

const RAW_CASES: [string, Partial<QueryRequest>, string[]][] = [
  [
    'rows by time, then by arrival, of each what it has',
    { endTime: 20 * MINUTE },
    [
      '1/1 @0m door=true t=1 {"site":"b"}',
      '1/2 @1m door=false state="off" t=2',
      '1/3 @1m t=-0',
      '1/0 @10m state="on" t=4 {"site":"a","n":{"x":1,"y":[2]}}',
    ],
  ],
  [
    'rows of equal time by the order of the sources',
    { sources: [2, 1], startTime: MINUTE, endTime: MINUTE + 1, fields: ['t'] },
    ['2/0 @1m t=8', '1/2 @1m t=2', '1/3 @1m t=-0'],
  ],
  [
    'the exact reverse',
    { sources: [2, 1], startTime: MINUTE, endTime: MINUTE + 1, fields: ['t'], order: 'desc' },
    ['1/3 @1m t=-0', '1/2 @1m t=2', '2/0 @1m t=8'],
  ],
  [
    'a projection keeps rows without a value',
    { startTime: 10 * MINUTE, endTime: 71 * MINUTE, fields: ['h'] },
    ['1/0 @10m {"site":"a","n":{"x":1,"y":[2]}}', '1/4 @70m h=50 {}'],
  ],
  ['an offset and a limit', { offset: 2, limit: 1, fields: ['t'] }, ['1/3 @1m t=-0']],
  ['an offset beyond the end', { offset: 9 }, []],
  ['no sources', { sources: [] }, []],
  ['an unknown source', { sources: [7] }, []],
  ['an empty range', { startTime: 2 * MINUTE, endTime: 10 * MINUTE }, []],
  [
    'values above',
    { values: { t: { gt: 2 } }, fields: ['t'] },
    ['1/0 @10m t=4 {"site":"a","n":{"x":1,"y":[2]}}', '1/5 @75m t=10'],
  ],
  ['values between', { values: { t: { gte: 1, lt: 4 } }, fields: [] }, ['1/1 @0m {"site":"b"}', '1/2 @1m']],
  ['zero equals minus zero', { values: { t: { eq: 0 } } }, ['1/3 @1m t=-0']],
  ['a row without the field is not unequal', { values: { state: { ne: 'on' } }, fields: [] }, ['1/2 @1m']],
  [
    'texts have an order',
    { values: { state: { gte: 'on' } }, fields: ['state'] },
    ['1/0 @10m state="on" {"site":"a","n":{"x":1,"y":[2]}}'],
  ],
  ['booleans', { values: { door: { eq: false } }, fields: ['door'] }, ['1/2 @1m door=false']],
  ['another type never matches', { values: { t: { ne: 'x' } } }, []],
  ['nor does it beside one that does', { values: { t: { gt: 0, ne: 'x' } } }, []],
  [
    'a condition without a member wants the field',
    { values: { door: {} }, fields: [] },
    ['1/1 @0m {"site":"b"}', '1/2 @1m'],
  ],
  ['two conditions', { values: { t: { gt: 0 }, door: { eq: true } }, fields: [] }, ['1/1 @0m {"site":"b"}']],
  ['a metadata member', { metadata: { site: 'b' }, fields: [] }, ['1/1 @0m {"site":"b"}']],
  [
    'a nested one, members in any order',
    { metadata: { n: { y: [2], x: 1 } }, fields: ['state'] },
    ['1/0 @10m state="on" {"site":"a","n":{"x":1,"y":[2]}}'],
  ],
  ['part of a nested one is not equal', { metadata: { n: { x: 1 } } }, []],
  ['an inherited name is no member', { metadata: { constructor: {} } }, []],
  ['metadata and values', { metadata: { site: 'a' }, values: { t: { lt: 4 } } }, []],
];

const GROUPED_CASES: [string, Partial<QueryRequest> & Pick<QueryRequest, 'aggregations'>, string[]][] = [
  [
    'one group over the range starts where it does',
    { aggregations: ['sum'], groups: ALL, startTime: 17 * MINUTE },
    ['1 @17m x2 h=110 t=10'],
  ],
  ['groups of hours', { aggregations: ['avg'], groups: HOUR }, ['1 @0m x4 t=1.75', '1 @60m x2 h=55 t=10']],
  [
    'sources in each group, and nothing where the figure is not a number',
    { sources: [2, 1], aggregations: ['avg'], groups: HOUR, fields: ['t'] },
    ['2 @0m x1 t=8', '1 @0m x4 t=1.75', '2 @60m x2', '1 @60m x2 t=10'],
  ],
  [
    'the exact reverse, cut',
    {
      sources: [2, 1],
      aggregations: ['count'],
      groups: HOUR,
      fields: ['t'],
      order: 'desc',
      offset: 1,
      limit: 2,
    },
    ['2 @60m x2 t=2', '1 @0m x4 t=4'],
  ],
  [
    'a group keeps its start where the range cuts it',
    { startTime: 71 * MINUTE, aggregations: ['max'], groups: HOUR },
    ['1 @60m x1 h=60 t=10'],
  ],
  [
    'first and last of all types',
    { aggregations: ['last'], groups: HOUR },
    ['1 @0m x4 door=false state="on" t=4', '1 @60m x2 h=60 t=10'],
  ],
  [
    'several figures by name, only those there are',
    { endTime: HOUR_MS, aggregations: ['min', 'first', 'count'], several: true, groups: ALL },
    ['1 @0m x4 door=(first=true count=2) state=(first="off" count=2) t=(min=-0 first=1 count=4)'],
  ],
  [
    'one figure by name',
    { startTime: HOUR_MS, aggregations: ['range'], several: true, groups: ALL },
    ['1 @60m x2 h=(range=10) t=(range=0)'],
  ],
  [
    'a rate a second',
    { startTime: HOUR_MS, aggregations: ['rate'], groups: ALL },
    [`1 @60m x2 h=${10 / 300}`],
  ],
  [
    'percentiles between ranks',
    { endTime: HOUR_MS, aggregations: ['median', 'p75', 'p50'], several: true, groups: ALL, fields: ['t'] },
    ['1 @0m x4 t=(median=1.5 p75=2.5 p50=1.5)'],
  ],
  [
    'a deviation of all',
    { endTime: 2 * MINUTE, aggregations: ['stddev'], groups: ALL, fields: ['t'] },
    [`1 @0m x3 t=${Math.sqrt(2 / 3)}`],
  ],
  [
    'no figure of infinities',
    {
      sources: [2],
      startTime: HOUR_MS,
      aggregations: ['stddev', 'median', 'sum'],
      several: true,
      groups: ALL,
    },
    ['2 @60m x2'],
  ],
  [
    'only rows that match count',
    { aggregations: ['count'], groups: HOUR, values: { h: { gt: 50 } } },
    ['1 @60m x1 h=1 t=1'],
  ],
  [
    'a condition on a field that is not asked for',
    { aggregations: ['sum'], groups: HOUR, values: { door: { eq: true } }, fields: ['t'] },
    ['1 @0m x1 t=1'],
  ],
  ['metadata', { aggregations: ['sum'], groups: ALL, metadata: { site: 'a' } }, ['1 @0m x1 t=4']],
  [
    'rows of none of the fields',
    { aggregations: ['sum'], groups: HOUR, fields: ['h'] },
    ['1 @0m x4', '1 @60m x2 h=110'],
  ],
];

t.test('rows', async t => {
  const storage = await storageOf(POINTS);
  for (const [name, part, wanted] of RAW_CASES) {
    t.same((await runQuery(storage, requestOf(part))).rows.map(describe), wanted, name);
  }
});

t.test('groups', async t => {
  const storage = await storageOf(POINTS);
  for (const [name, part, wanted] of GROUPED_CASES) {
    const lines = (await runQuery(storage, requestOf(part))).rows.map(describe);
    // Which zero is the smaller is nobody's business.
    t.same(
      lines.map(line => line.replaceAll('min=0', 'min=-0')),
      wanted,
      name,
    );
  }
});

t.test('more rows are told of where there are more', async t => {
  const storage = await storageOf(POINTS);
  const grouped: Partial<QueryRequest> = { aggregations: ['count'], groups: HOUR };
  for (const [part, limit, offset, hasMore] of [
    [{}, 6, 0, false],
    [{}, 5, 0, true],
    [{}, 1, 5, false],
    [{}, 1, 4, true],
    [{}, 1, 6, false],
    [grouped, 1, 0, true],
    [grouped, 2, 0, false],
    [grouped, 1, 1, false],
  ] as const) {
    for (const order of ['asc', 'desc'] as const) {
      const result = await runQuery(storage, requestOf({ ...part, limit, offset, order }));
      t.equal(result.hasMore, hasMore, `${limit} from ${offset} of ${JSON.stringify(part)} ${order}`);
    }
  }
});

t.test('a percentile that is one of the values is that value', async t => {
  // 0.55 × 20 is more than 11: a share of the next value, however small, is too much of an infinite one.
  const points = Array.from({ length: 21 }, (_, rank) => ({
    time: rank,
    values: { v: rank <= 11 ? rank : Infinity },
  }));
  const request = requestOf({ aggregations: ['p55'], groups: ALL });
  t.same((await runQuery(await storageOf({ 1: points }), request)).rows[0].values, { v: 11 });
});

t.test('a query that is no longer wanted stops, whether it has found something or not', async t => {
  const points = Array.from({ length: 1_000 }, (_, time) => ({ time, values: { v: time } }));
  const cases: [string, Partial<QueryRequest>][] = [
    ['rows', {}],
    ['rows of which none match', { values: { v: { lt: 0 } } }],
    ['one group of percentiles', { aggregations: ['median'], groups: ALL }],
    ['a group of which no row matches', { aggregations: ['avg'], groups: ALL, values: { v: { lt: 0 } } }],
  ];
  for (const [name, part] of cases) {
    const storage = await storageOf({ 1: points });
    const reason = new Error('gone');
    const abort = new AbortController();
    let chunkCount = 0;
    const scan = storage.scan.bind(storage);
    storage.scan = async function* (request) {
      for await (const chunk of scan(request)) {
        if (++chunkCount === 3) abort.abort(reason);
        yield chunk;
      }
    };
    await t.rejects(runQuery(storage, requestOf(part), abort.signal), reason, name);
    t.ok(chunkCount <= 4, `${name}: ${chunkCount} chunks were read`);
  }
});

/** Queries over a store that moves what it has, and over the dull one: what is rare in one comes up in thousands. */
const ENGINE_QUERIES = 900;
const REFERENCE_QUERIES = 600;
const QUERIES_OF_A_STORE = 30;

/** What the random queries came to, so that a test that compares nothing is found out. */
class Comparison {
  answeredCount = 0;
  filledCount = 0;
  failure: string | undefined;

  /** @param actual answers it @param reference has the same points */
  async compare(
    actual: Readable,
    reference: ReferenceStorage,
    request: QueryRequest,
  ): Promise<{ readonly levelMs: number }> {
    const found = await runQuery(actual, request);
    const wanted = await naiveQuery(reference, request);
    const difference =
      differenceOf(found.rows, wanted.rows, request) ??
      (found.hasMore === wanted.hasMore ? undefined : `hasMore is ${found.hasMore}`) ??
      (found.total === (wanted.hasMore ? undefined : wanted.total) ? undefined : `total is ${found.total}`);
    if (difference !== undefined) this.failure ??= `${difference}: ${JSON.stringify(request)}`;
    if (wanted.rows.length > 0) this.answeredCount++;
    if (found.rows.some(row => row.count === 0)) this.filledCount++;
    return found;
  }

  end(t: Test, queryCount: number): void {
    t.equal(this.failure, undefined);
    t.ok(this.answeredCount > queryCount / 5, `${this.answeredCount} of the queries had an answer`);
    t.ok(this.filledCount > queryCount / 50, `${this.filledCount} of the answers were filled`);
  }
}

const TIMES_MAX = [5, 1_000, HOUR_MS, 3 * DAY_MS, 60 * DAY_MS, 1_000 * DAY_MS];

function anyBatch(random: Random, timeMax: number): Batch {
  const batch = randomBatch(random, { sources: [0, 1, 2, 3], rowsMax: random.pick([3, 20, 60]), timeMax });
  return random.next() < 0.6 ? withOtherNumbers(random, batch) : batch;
}

t.test('any query answers what the naive one does', async t => {
  const seed = testSeed();
  t.comment(`DAKKIO_TEST_SEED=${seed}`);
  const random = new Random(seed);
  const comparison = new Comparison();
  for (let round = 0; round < REFERENCE_QUERIES / QUERIES_OF_A_STORE; round++) {
    const timeMax = random.pick(TIMES_MAX);
    const storage = new ReferenceStorage();
    for (let count = random.integer(8); count >= 0; count--) await storage.append(anyBatch(random, timeMax));
    for (let query = 0; query < QUERIES_OF_A_STORE; query++) {
      await comparison.compare(storage, storage, randomRequest(random, timeMax));
    }
  }
  comparison.end(t, REFERENCE_QUERIES);
});

t.test('and so it does over a store that flushes and merges between queries', async t => {
  const seed = testSeed();
  t.comment(`DAKKIO_TEST_SEED=${seed}`);
  const random = new Random(seed);
  const comparison = new Comparison();
  for (let round = 0; round < ENGINE_QUERIES / QUERIES_OF_A_STORE; round++) {
    const timeMax = random.pick(TIMES_MAX);
    const reference = new ReferenceStorage();
    const { engine, close } = await openEngine(new FakeDisk());
    for (let query = 0; query < QUERIES_OF_A_STORE; query++) {
      if (query % 5 === 0) {
        const batch = anyBatch(random, timeMax);
        await reference.append(batch);
        await engine.append(batch);
        if (random.next() < 0.5) await engine.flush();
        if (random.next() < 0.2) await engine.compact();
      }
      const snapshot = engine.snapshot([0, 1, 2, 3]);
      // What is under way sees what there was, wherever it goes meanwhile.
      if (random.next() < 0.1) await engine.flush();
      await comparison.compare(snapshot, reference, randomRequest(random, timeMax));
      snapshot.release();
    }
    await close();
  }
  comparison.end(t, ENGINE_QUERIES);
});

/** So many rows, so close together, that segments keep windows of ten minutes and more of them. */
function denseBatch(random: Random, from: number, count: number): Batch {
  const timestamps = Float64Array.from({ length: count }, (_, row) => (from + row) * SECOND_MS);
  const column = (name: string, value: (row: number) => number): Column => ({
    name,
    type: 'number',
    values: Float64Array.from({ length: count }, (_, row) => value(row)),
  });
  const fields: Column[] = [
    column('temperature', row => Math.round(Math.sin((from + row) / 500) * 1_000) / 10),
    column('noise', () => (random.next() < 0.3 ? random.integer(1_000) / 8 : Number.NaN)),
  ];
  if (random.next() < 0.5) {
    fields.push({
      ...column('state', row => (row % 7 === 0 ? row % 2 : Number.NaN)),
      type: 'string',
      dictionary: ['on', 'off'],
    });
  }
  return { sources: [{ source: random.integer(2), timestamps, fields }] };
}

t.test('and where the rollup index has a part in it', async t => {
  const seed = testSeed();
  t.comment(`DAKKIO_TEST_SEED=${seed}`);
  const random = new Random(seed);
  const comparison = new Comparison();
  let indexedCount = 0;
  for (let round = 0; round < 8; round++) {
    const reference = new ReferenceStorage();
    const { engine, close } = await openEngine(new FakeDisk());
    const append = async (batch: Batch) => {
      await reference.append(batch);
      await engine.append(batch);
      if (random.next() < 0.7) await engine.flush();
      if (random.next() < 0.3) await engine.compact();
    };
    const timeMax = 12_000 * SECOND_MS;
    for (let part = 0; part < 4; part++) {
      await append(denseBatch(random, random.integer(8_000), 1_500 + random.integer(2_500)));
      // Late ones, and ones at times that others have.
      await append(denseBatch(random, random.integer(8_000), 1 + random.integer(40)));
      await append(anyBatch(random, timeMax));
    }
    for (let query = 0; query < 30; query++) {
      const snapshot = engine.snapshot([0, 1, 2, 3]);
      const { levelMs } = await comparison.compare(snapshot, reference, randomRequest(random, timeMax));
      if (levelMs > 0) indexedCount++;
      snapshot.release();
    }
    await close();
  }
  t.equal(comparison.failure, undefined);
  t.ok(indexedCount > 5, `${indexedCount} answers of 360 are from the index`);
});

/** Numbers of all sizes, or few different ones: those of a source's field alike. */
function withOtherNumbers(random: Random, batch: Batch): Batch {
  const isCoarse = random.next() < 0.5;
  const other = () =>
    isCoarse ? random.integer(7) - 3 : (random.next() - 0.5) * 10 ** (random.integer(60) - 30);
  const replace = (column: Column): Column =>
    column.type === 'number'
      ? { ...column, values: column.values.map(value => (Number.isNaN(value) ? value : other())) }
      : column;
  return {
    sources: batch.sources.map(source => ({ ...source, fields: source.fields.map(replace) })),
  };
}

/** Says where the answers differ by more than rounding; undefined where they do not. */
function differenceOf(
  actual: readonly QueryRow[],
  wanted: readonly NaiveRow[],
  { aggregations, several }: QueryRequest,
): string | undefined {
  if (actual.length !== wanted.length) return `${actual.length} rows, not ${wanted.length}`;
  for (const [index, row] of wanted.entries()) {
    const found = describe(onlyComparable(actual[index], row, aggregations, several));
    const expected = describe(onlyComparable(row, row, aggregations, several));
    if (found !== expected) return `row ${index}: ${found}, not ${expected}`;
  }
  return undefined;
}

type Figures = Readonly<Record<string, Scalar | null>>;

/**
 * A row as it is compared: where a number agrees with the wanted one it is that, and where finite numbers may
 * overflow on the way, so that order decides, there is none.
 */
function onlyComparable(
  row: QueryRow,
  wanted: NaiveRow,
  aggregations: readonly Aggregation[] | undefined,
  several: boolean | undefined,
): QueryRow {
  if (aggregations === undefined) return row;
  const values: QueryRow['values'] = {};
  for (const [name, value] of Object.entries(row.values)) {
    const magnitude = wanted.magnitudes?.[name] ?? { sum: 0, count: 0 };
    const figuresOf = (value: RowValues[string] | undefined) =>
      (several ? value : { [aggregations[0]]: value }) as Figures | undefined;
    const figures = figuresOf(value) as Figures;
    const expected = figuresOf(wanted.values[name]);
    const comparable = Object.entries(figures)
      .filter(([aggregation]) => !mayOverflow(aggregation, magnitude.sum))
      .map(([aggregation, figure]) => {
        const other = expected?.[aggregation];
        const agrees = numbersAgree(figure, other, wanted.count === 0 ? 'filled' : aggregation, magnitude);
        return [aggregation, agrees ? (other as Scalar) : figure] as const;
      });
    if (comparable.length > 0) values[name] = Object.fromEntries(comparable);
  }
  return { ...row, values };
}

function mayOverflow(aggregation: string, magnitude: number): boolean {
  if (aggregation === 'stddev') return magnitude > 1e150;
  return (aggregation === 'sum' || aggregation === 'avg') && magnitude === Infinity;
}

function numbersAgree(
  actual: Scalar | null,
  wanted: Scalar | null | undefined,
  aggregation: string,
  { sum, count }: Magnitude,
): boolean {
  if (typeof actual !== 'number' || typeof wanted !== 'number') return false;
  if (aggregation === 'count' || aggregation === 'first' || aggregation === 'last') return false;
  if (actual === wanted) return true;
  const error = Math.abs(actual - wanted);
  switch (aggregation) {
    case 'sum':
      return error <= 4 * Number.EPSILON * sum;
    case 'avg':
      return error <= 4 * Number.EPSILON * (sum / count) + Number.MIN_VALUE;
    case 'filled':
      return error <= 8 * Number.EPSILON * count * sum + 1e-150;
    case 'stddev':
      return error <= 4 * Number.EPSILON * count * sum + 1e-150;
    default:
      return false;
  }
}
