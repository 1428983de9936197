/** What a query must answer, from all points at once, by the words of the request and with no thought of cost. */
import { isDeepStrictEqual } from 'node:util';
import { assert } from '../../engine/base/assert.js';
import type { Aggregation, QueryRequest, Scalar, ValueCondition } from '../../engine/query/request.js';
import type { Storage } from '../../engine/storage.js';
import { metadataAt, valueAt } from './columns.js';
import { exactSum } from './exact-sum.js';
import { groupStart, nextGroupStart } from './group-start.js';
import { naiveDownsample } from './naive-downsample.js';
import type { QueryRow, RowValues } from './query-rows.js';

interface Point {
  readonly source: number;
  readonly row: number;
  readonly time: number;
  readonly values: ReadonlyMap<string, Scalar>;
  readonly metadata: string | undefined;
}

export interface NaiveRow extends QueryRow {
  /** Grouped rows: of each field, to measure rounding against. */
  readonly magnitudes?: Readonly<Record<string, Magnitude>>;
}

/** Absolute values of a field's finite numbers, and how many those are: fewer than rows where some have none. */
export interface Magnitude {
  readonly sum: number;
  readonly count: number;
}

export interface NaiveResult {
  readonly rows: NaiveRow[];
  readonly hasMore: boolean;
  readonly total: number;
}

export async function naiveQuery(storage: Storage, request: QueryRequest): Promise<NaiveResult> {
  const points = (await allPoints(storage, request.sources)).filter(point => matches(point, request));
  const rows =
    request.aggregations === undefined
      ? rawRows(points, request)
      : filledRows(groupedRows(points, request), request, storage);
  if (request.order === 'desc') rows.reverse();
  const end = request.offset + request.limit;
  return { rows: rows.slice(request.offset, end), hasMore: rows.length > end, total: rows.length };
}

async function allPoints(storage: Storage, sources: readonly number[]): Promise<Point[]> {
  const points: Point[] = [];
  const scan = storage.scan({ sources, startTime: 0, endTime: Infinity, order: 'asc', metadata: true });
  for await (const { source, timestamps, rows, fields, metadata } of scan) {
    timestamps.forEach((time, index) => {
      const values = new Map<string, Scalar>();
      for (const field of fields) {
        const value = valueAt(field, index);
        if (value !== undefined) values.set(field.name, value);
      }
      points.push({ source, row: rows[index], time, values, metadata: metadataAt(metadata, index) });
    });
  }
  return points;
}

function matches({ time, values, metadata }: Point, request: QueryRequest): boolean {
  if (time < request.startTime || time >= request.endTime) return false;
  for (const [field, condition] of Object.entries(request.values ?? {})) {
    if (!holds(values.get(field), condition)) return false;
  }
  const members = metadata === undefined ? {} : JSON.parse(metadata);
  return Object.entries(request.metadata ?? {}).every(
    ([name, wanted]) => name in members && isDeepStrictEqual(members[name], wanted),
  );
}

function holds(value: Scalar | undefined, { gt, gte, lt, lte, eq, ne }: ValueCondition): boolean {
  const hasType = (bound: Scalar | undefined) => bound === undefined || typeof bound === typeof value;
  if (value === undefined || ![gt, gte, lt, lte, eq, ne].every(hasType)) return false;
  return (
    (gt === undefined || value > gt) &&
    (gte === undefined || value >= gte) &&
    (lt === undefined || value < lt) &&
    (lte === undefined || value <= lte) &&
    (eq === undefined || value === eq) &&
    (ne === undefined || value !== ne)
  );
}

function rawRows(points: readonly Point[], request: QueryRequest): QueryRow[] {
  const { sources, fields, downsample } = request;
  const rank = (point: Point) => sources.indexOf(point.source);
  const projected = points
    .map(point => ({
      ...point,
      values: new Map([...point.values].filter(([name]) => fields?.includes(name) ?? true)),
    }))
    .sort((left, right) => left.time - right.time || rank(left) - rank(right) || left.row - right.row);
  const drawn = new Set(
    sources.flatMap(source => {
      const own = projected.filter(point => point.source === source);
      return downsample === undefined ? own : naiveDownsample(own, downsample, request);
    }),
  );
  return projected
    .filter(point => drawn.has(point))
    .map(({ source, row, time, values, metadata }) => ({
      source,
      row,
      timestamp: time,
      values: Object.fromEntries(values),
      ...(metadata !== undefined && { metadata }),
    }));
}

function groupedRows(points: readonly Point[], request: QueryRequest): NaiveRow[] {
  const { sources, groups, startTime } = request;
  assert(groups !== undefined, 'groups come with aggregations');
  const groupsByStart = new Map<number, Point[]>();
  for (const point of points) {
    const start = groupStart(point.time, groups, startTime);
    const known = groupsByStart.get(start);
    if (known === undefined) groupsByStart.set(start, [point]);
    else known.push(point);
  }
  const inOrder = [...groupsByStart].sort(([left], [right]) => left - right);
  return inOrder.flatMap(([start, inGroup]) => {
    return sources.flatMap(source => {
      const members = inGroup.filter(point => point.source === source);
      if (members.length === 0) return [];
      const values = aggregated(members, request);
      const magnitudes = magnitudesOf(members);
      return [{ source, timestamp: start, values, count: members.length, magnitudes }];
    });
  });
}

/** Rows for the groups of the range that a source with rows has none for. */
function filledRows(rows: readonly NaiveRow[], request: QueryRequest, storage: Storage): NaiveRow[] {
  const { sources, fill = 'none', groups, startTime, endTime } = request;
  assert(groups !== undefined, 'groups come with aggregations');
  if (fill === 'none' || groups.unit === 'all') return [...rows];
  const found = new Map(sources.map(source => [source, rows.filter(row => row.source === source)]));
  const filled: NaiveRow[] = [];
  let start = groupStart(startTime, groups, startTime);
  for (; start < endTime; start = nextGroupStart(start, groups)) {
    for (const [source, own] of found) {
      const row = own.find(({ timestamp }) => timestamp === start);
      if (row !== undefined) filled.push(row);
      else if (own.length > 0) filled.push(filledRow(own, source, start, request, storage));
    }
  }
  return filled;
}

function filledRow(
  own: readonly NaiveRow[],
  source: number,
  start: number,
  request: QueryRequest,
  storage: Storage,
): NaiveRow {
  const values: RowValues = {};
  for (const [name, type] of storage.fields(source)) {
    if (request.fields !== undefined && !request.fields.includes(name)) continue;
    const figures: Record<string, Scalar | null> = {};
    for (const aggregation of request.aggregations ?? []) {
      if (type !== 'number' && !['first', 'last', 'count'].includes(aggregation)) continue;
      const isNumber = type === 'number' || aggregation === 'count';
      const known = own.map(({ timestamp, values: { [name]: value } }): [number, Scalar | undefined] => [
        timestamp,
        request.several ? (value as Record<string, Scalar> | undefined)?.[aggregation] : (value as Scalar),
      ]);
      figures[aggregation] = filledFigure(known, start, request.fill, isNumber);
    }
    const [figure] = Object.values(figures);
    if (figure !== undefined) values[name] = request.several ? figures : figure;
  }
  // Errors of all rows, for a value may come from any.
  const magnitudes: Record<string, Magnitude> = {};
  for (const [name, { sum, count }] of own.flatMap(row => Object.entries(row.magnitudes ?? {}))) {
    const before = magnitudes[name] ?? { sum: 0, count: 0 };
    magnitudes[name] = { sum: before.sum + sum, count: before.count + count };
  }
  return { source, timestamp: start, values, count: 0, magnitudes };
}

function filledFigure(
  known: readonly [number, Scalar | undefined][],
  start: number,
  fill: QueryRequest['fill'],
  isNumber: boolean,
): Scalar | null {
  if (fill === 'null') return null;
  const earlier = known.filter(([time]) => time < start);
  if (fill === 'previous' || !isNumber)
    return earlier.findLast(([, value]) => value !== undefined)?.[1] ?? null;
  const [timeBefore, before] = earlier.at(-1) ?? [];
  const [timeAfter, after] = known.find(([time]) => time > start) ?? [];
  if (typeof before !== 'number' || typeof after !== 'number' || before === after) {
    return before === after ? (before ?? null) : null;
  }
  const share = (start - timeBefore!) / (timeAfter! - timeBefore!);
  const value = before * (1 - share) + after * share;
  return Number.isNaN(value) ? null : value;
}

function aggregated(points: readonly Point[], { fields, aggregations, several }: QueryRequest): RowValues {
  const names = new Set(points.flatMap(point => [...point.values.keys()]));
  const values: RowValues = {};
  for (const name of names) {
    if (fields !== undefined && !fields.includes(name)) continue;
    const having = points.filter(point => point.values.has(name));
    const figures: Record<string, Scalar> = {};
    for (const aggregation of aggregations ?? []) {
      const figure = figureOf(having, name, aggregation);
      if (figure !== undefined && !Number.isNaN(figure)) figures[aggregation] = figure;
    }
    if (Object.keys(figures).length > 0) values[name] = several ? figures : Object.values(figures)[0];
  }
  return values;
}

function magnitudesOf(points: readonly Point[]): Record<string, Magnitude> {
  const magnitudes: Record<string, Magnitude> = {};
  for (const { values } of points) {
    for (const [name, value] of values) {
      if (!Number.isFinite(value)) continue;
      const { sum, count } = magnitudes[name] ?? { sum: 0, count: 0 };
      magnitudes[name] = { sum: sum + Math.abs(value as number), count: count + 1 };
    }
  }
  return magnitudes;
}

/** Points come in order of time, at least one, each with a value of the field. */
function figureOf(points: readonly Point[], field: string, aggregation: Aggregation): Scalar | undefined {
  const found = points.map(point => point.values.get(field) as Scalar);
  const first = found[0];
  const last = found[found.length - 1];
  if (aggregation === 'count') return found.length;
  if (aggregation === 'first') return first;
  if (aggregation === 'last') return last;
  if (typeof first !== 'number' || typeof last !== 'number') return undefined;
  const numbers = found as number[];
  const sorted = [...numbers].sort((left, right) => (left < right ? -1 : Number(left > right)));
  const mean = exactSum(numbers) / numbers.length;
  switch (aggregation) {
    case 'sum':
      return exactSum(numbers);
    case 'avg':
      return mean;
    case 'min':
      return sorted[0];
    case 'max':
      return sorted[sorted.length - 1];
    case 'range':
      return sorted[sorted.length - 1] - sorted[0];
    case 'stddev':
      return Math.sqrt(exactSum(numbers.map(number => (number - mean) ** 2)) / numbers.length);
    case 'rate': {
      const elapsedMs = points[points.length - 1].time - points[0].time;
      return elapsedMs === 0 ? undefined : (last - first) / (elapsedMs / 1_000);
    }
    default:
      return percentile(sorted, aggregation === 'median' ? 50 : Number(aggregation.slice(1)));
  }
}

function percentile(sorted: readonly number[], percent: number): number {
  const rank = (percent * (sorted.length - 1)) / 100;
  const below = sorted[Math.floor(rank)];
  const above = sorted[Math.ceil(rank)];
  if (below === above || Number.isInteger(rank)) return below;
  // As two shares, because the difference of two large numbers may overflow.
  const share = rank % 1;
  return below * (1 - share) + above * share;
}
