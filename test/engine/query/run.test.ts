import t from 'tap';
import { DAY_MS, HOUR_MS, SECOND_MS, WEEK_MS } from '../../../engine/base/time.js';
import type { Batch, Column } from '../../../engine/batch.js';
import type { GroupSpec, GroupUnit } from '../../../engine/query/groups.js';
import type {
  Aggregation,
  Downsample,
  QueryRequest,
  Scalar,
  ValueCondition,
} from '../../../engine/query/request.js';
import { type Point, sourceBatchOf } from '../../support/columns.js';
import { type Magnitude, type NaiveRow, naiveQuery } from '../../support/naive-query.js';
import { randomBatch } from '../../support/points.js';
import { type QueryRow, type RowValues, runQuery } from '../../support/query-rows.js';
import { Random, testSeed } from '../../support/random.js';
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

t.test('any query answers what the naive one does', async t => {
  const seed = testSeed();
  t.comment(`seed ${seed}`);
  const random = new Random(seed);
  let answered = 0;
  let filled = 0;
  for (let round = 0; round < 100; round++) {
    const timeMax = random.pick([5, 1_000, HOUR_MS, 3 * DAY_MS, 60 * DAY_MS, 1_000 * DAY_MS]);
    const storage = new ReferenceStorage();
    for (let count = random.integer(8); count >= 0; count--) {
      const rowsMax = random.pick([3, 20, 60]);
      const batch = randomBatch(random, { sources: [0, 1, 2, 3], rowsMax, timeMax });
      await storage.append(random.next() < 0.6 ? withOtherNumbers(random, batch) : batch);
    }
    for (let query = 0; query < 25; query++) {
      const request = randomRequest(random, timeMax);
      const actual = await runQuery(storage, request);
      const wanted = await naiveQuery(storage, request);
      const difference = differenceOf(actual.rows, wanted.rows, request);
      if (difference !== undefined) t.fail(`${difference}: round ${round}, ${JSON.stringify(request)}`);
      t.equal(actual.hasMore, wanted.hasMore, `hasMore of ${JSON.stringify(request)}`);
      t.equal(actual.total ?? wanted.total, wanted.total);
      if (wanted.rows.length > 0) answered++;
      if (actual.rows.some(row => row.count === 0)) filled++;
    }
  }
  t.ok(answered > 500, `${answered} of the queries had an answer`);
  t.ok(filled > 50, `${filled} of the answers were filled`);
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

const FIELDS = ['temperature', 'noise', 'state', 'door', 'größe', 'missing'];
const AGGREGATIONS: readonly Aggregation[] = [
  ...(['avg', 'min', 'max', 'sum', 'count', 'first', 'last', 'median', 'stddev', 'range', 'rate'] as const),
  ...(['p50', 'p55', 'p90', 'p99'] as const),
];
const UNITS: readonly GroupUnit[] = ['second', 'minute', 'hour', 'day', 'week', 'month', 'year'];
const SCALARS: readonly Scalar[] = [0, -0, 1, -2, 0.1, 25, -25, Infinity, '', 'on', 'défaut', true, false];
const OPERATORS = ['gt', 'gte', 'lt', 'lte', 'eq', 'ne'] as const;
const METADATA = [
  {},
  { site: 'a' },
  { site: 'b' },
  { n: { deep: [1, 2] } },
  { site: 'b', n: { deep: [1, 2] } },
  { n: { deep: [2, 1] } },
  { site: null },
];

const ZONES = ['UTC', 'Europe/Paris', 'America/New_York', 'Asia/Kathmandu', 'Pacific/Apia'];
const UNIT_MS = {
  second: SECOND_MS,
  minute: MINUTE,
  hour: HOUR_MS,
  day: DAY_MS,
  week: WEEK_MS,
  month: 28 * DAY_MS,
  year: 365 * DAY_MS,
};
/** Of the naive answer, which tries one instant after another to find where a group ends. */
const FILLED_GROUPS_MAX = 150;

function randomRequest(random: Random, timeMax: number): QueryRequest {
  const request = randomUnfilled(random, timeMax);
  const { groups, startTime, endTime } = request;
  if ((endTime - startTime) / widthOf(groups) > FILLED_GROUPS_MAX) return request;
  return { ...request, fill: random.pick(['none', 'null', 'previous', 'linear']) };
}

/** Of a group, about. */
function widthOf(groups: GroupSpec | undefined): number {
  if (groups === undefined || groups.unit === 'all') return 1;
  if (groups.unit === 'slices') return (groups.endTime - groups.startTime) / groups.count;
  return UNIT_MS[groups.unit] * groups.count;
}

function randomUnfilled(random: Random, timeMax: number): QueryRequest {
  const startTime = random.next() < 0.4 ? 0 : random.integer(timeMax);
  const isWhole = random.next() < 0.4;
  const values: Record<string, ValueCondition> = {};
  while (random.next() < 0.25) {
    const bound = () => ({ [random.pick(OPERATORS)]: random.pick(SCALARS) });
    values[random.pick(FIELDS)] = { ...bound(), ...(random.next() < 0.2 && bound()) };
  }
  return {
    sources: shuffled(random, [0, 1, 2, 3]).filter(() => random.next() < 0.8),
    startTime,
    endTime: isWhole ? timeMax : startTime + random.integer(timeMax),
    ...(random.next() < 0.4 && { fields: FIELDS.filter(() => random.next() < 0.6) }),
    ...(Object.keys(values).length > 0 && { values }),
    ...(random.next() < 0.2 && { metadata: random.pick(METADATA) }),
    order: random.pick(['asc', 'desc']),
    limit: random.pick([1, 2, 7, 50, 1_000]),
    offset: random.pick([0, 0, 0, 1, 5, 40]),
    ...randomShape(random, timeMax),
  };
}

function randomShape(random: Random, timeMax: number): Partial<QueryRequest> {
  const chance = random.next();
  if (chance < 0.2) return {};
  if (chance < 0.4) return { downsample: randomDownsample(random) };
  return randomGrouping(random, timeMax);
}

function randomDownsample(random: Random): Downsample {
  return { method: random.pick(['m4', 'minmax', 'lttb']), points: random.pick([1, 2, 3, 4, 10, 100, 5_000]) };
}

function randomGrouping(
  random: Random,
  timeMax: number,
): Pick<QueryRequest, 'aggregations' | 'several' | 'groups'> {
  const several = random.next() < 0.5;
  const aggregations = shuffled(random, AGGREGATIONS).slice(0, several ? 1 + random.integer(6) : 1);
  const isOne = random.next() < 0.2;
  const count = random.pick([1, 2, 5, 15, 700]);
  const zone = random.next() < 0.5 && { timezone: random.pick(ZONES) };
  if (isOne) return { aggregations, several, groups: ALL };
  if (random.next() < 0.8)
    return { aggregations, several, groups: { unit: random.pick(UNITS), count, ...zone } };
  const startTime = random.integer(timeMax);
  const endTime = startTime + 1 + random.integer(timeMax);
  return { aggregations, several, groups: { unit: 'slices', startTime, endTime, count } };
}

function shuffled<Item>(random: Random, items: readonly Item[]): Item[] {
  const rest = [...items];
  return items.map(() => rest.splice(random.integer(rest.length), 1)[0]);
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
