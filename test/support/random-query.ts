/** Random requests: every aggregation, filter, grouping, filling and picture, over what `points.ts` makes. */
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, WEEK_MS } from '../../engine/base/time.js';
import type { GroupSpec, GroupUnit } from '../../engine/query/groups.js';
import type {
  Aggregation,
  Downsample,
  QueryRequest,
  Scalar,
  ValueCondition,
} from '../../engine/query/request.js';
import type { Random } from './random.js';

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
  minute: MINUTE_MS,
  hour: HOUR_MS,
  day: DAY_MS,
  week: WEEK_MS,
  month: 28 * DAY_MS,
  year: 365 * DAY_MS,
};
/** Of the naive answer, which tries one instant after another to find where a group ends. */
const FILLED_GROUPS_MAX = 150;

/** A request of any kind over the sources 0 to 3 of `randomBatch`, with times up to `timeMax`. */
export function randomRequest(random: Random, timeMax: number): QueryRequest {
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
  if (isOne) return { aggregations, several, groups: { unit: 'all' } };
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
