/** The body of a query → what is asked, with names still to be turned into ordinals. */

import { parseGroupBy } from '../../engine/query/calendar.js';
import type { GroupSpec } from '../../engine/query/groups.js';
import type { Aggregation, Downsample, Fill, ValueCondition } from '../../engine/query/request.js';
import { timezoneName } from '../../engine/query/zones.js';
import { type ErrorDetail, refuseInvalid } from '../errors.js';
import {
  AGGREGATIONS_MAX,
  FILLED_OFFSET_MAX,
  METADATA_DEPTH_MAX,
  PICTURE_POINTS_MAX,
  QUERY_ROWS_DEFAULT,
  QUERY_ROWS_MAX,
  QUERY_SOURCES_MAX,
  SOURCE_FIELDS_MAX,
} from '../limits.js';
import { isDeeperThan } from './metadata.js';
import { parseQueryTime, problemMessage } from './timestamp.js';
import Type, { type Static } from './typebox.js';
import { echo, enumMessage, type Path, typeName } from './validate.js';

/** These are read at the top level and inside `filters` alike. */
const shaping = {
  aggregation: Type.Optional(Type.Unknown()),
  groupBy: Type.Optional(Type.String()),
  timezone: Type.Optional(Type.String()),
  fill: Type.Optional(Type.Enum(['none', 'null', 'previous', 'linear'] satisfies Fill[])),
};

const filtersSchema = Type.Object({
  dataSourceId: Type.Optional(Type.String()),
  dataSourceIds: Type.Optional(Type.Array(Type.String(), { minItems: 1, maxItems: QUERY_SOURCES_MAX })),
  startTime: Type.Optional(Type.Unknown()),
  endTime: Type.Optional(Type.Unknown()),
  fields: Type.Optional(Type.Array(Type.String(), { minItems: 1, maxItems: SOURCE_FIELDS_MAX })),
  metadata: Type.Optional(Type.Unsafe<Record<string, unknown>>({ type: 'object' })),
  values: Type.Optional(Type.Unsafe<Record<string, unknown>>({ type: 'object' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: QUERY_ROWS_MAX, default: QUERY_ROWS_DEFAULT })),
  offset: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, default: 0 })),
  order: Type.Optional(Type.Enum(['asc', 'desc'])),
  ...shaping,
});

const downsampleSchema = Type.Object({
  method: Type.Enum(['m4', 'minmax', 'lttb', 'avg'] satisfies Picture['method'][]),
  points: Type.Integer({ minimum: 1, maximum: PICTURE_POINTS_MAX }),
});

export const querySchema = Type.Object({
  bucketId: Type.String(),
  filters: Type.Optional(filtersSchema),
  format: Type.Optional(Type.Enum(['rows', 'columns'])),
  explain: Type.Optional(Type.Boolean()),
  downsample: Type.Optional(downsampleSchema),
  ...shaping,
});

export type QueryBody = Static<typeof querySchema>;

type Filters = Static<typeof filtersSchema>;

export interface Grouping {
  readonly aggregations: readonly Aggregation[];
  /** An array was given: values are answered by name of aggregation. */
  readonly several: boolean;
  readonly groups: GroupSpec;
}

/** Points for drawing: rows chosen of the raw ones, or averages of as many slices of the range. */
export type Picture = Downsample | { readonly method: 'avg'; readonly points: number };

export interface ParsedQuery {
  /** Distinct, in the order given; absent for all sources of the bucket. */
  readonly sourceIds?: readonly string[];
  /** Milliseconds, inclusive; absent for the first point. */
  readonly startTime?: number;
  /** Milliseconds, exclusive; absent for now. */
  readonly endTime?: number;
  readonly fields?: readonly string[];
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly values?: Readonly<Record<string, ValueCondition>>;
  readonly limit: number;
  readonly offset: number;
  readonly order: 'asc' | 'desc';
  readonly format: 'rows' | 'columns';
  /** Of groups, automatic ones too; raw rows have no gaps. */
  readonly fill: Fill;
  /** As it is spelled; absent for UTC. */
  readonly timezone?: string;
  /** Absent for raw rows. */
  readonly grouping?: Grouping;
  /** Never beside a grouping. */
  readonly downsample?: Picture;
  /** Nothing is said of how rows are to be put together: averages may be answered in their place. */
  readonly isAutomatic: boolean;
}

/** @param now milliseconds, for relative times. @throws ApiError */
export function parseQuery(body: QueryBody, now: number): ParsedQuery {
  const details: ErrorDetail[] = [];
  const filters: Filters = body.filters ?? {};
  const timezone = timezoneOf(body, details);
  const query = {
    sourceIds: sourceIdsOf(filters),
    startTime: timeOf(filters.startTime, 'startTime', now, details),
    endTime: timeOf(filters.endTime, 'endTime', now, details),
    fields: filters.fields && [...new Set(filters.fields)],
    metadata: metadataOf(filters.metadata, details),
    values: conditionsOf(filters.values, details),
    // A picture that ends in its middle is none.
    limit: filters.limit ?? (body.downsample === undefined ? QUERY_ROWS_DEFAULT : QUERY_ROWS_MAX),
    offset: filters.offset ?? 0,
    order: filters.order ?? 'asc',
    format: body.format ?? 'rows',
    fill: shapingOf(body, 'fill').value ?? 'none',
    timezone,
    grouping: groupingOf(body, timezone, details),
    downsample: pictureOf(body, details),
    isAutomatic:
      body.downsample === undefined &&
      shapingOf(body, 'aggregation').value === undefined &&
      shapingOf(body, 'groupBy').value === undefined,
  } satisfies ParsedQuery;
  if (query.startTime !== undefined && query.endTime !== undefined && query.startTime > query.endTime) {
    details.push({
      path: ['body', 'filters', 'startTime'],
      message: 'Start time must not be after end time',
    });
  }
  if (query.fill !== 'none' && query.offset > FILLED_OFFSET_MAX) {
    details.push({
      path: ['body', 'filters', 'offset'],
      message: `Number must be less than or equal to ${FILLED_OFFSET_MAX} with fill`,
    });
  }
  refuseInvalid(details);
  return query;
}

interface Found<Value> {
  readonly value: Value;
  readonly path: Path;
}

/** The top level wins. */
function shapingOf<Name extends keyof typeof shaping>(body: QueryBody, name: Name): Found<Filters[Name]> {
  if (body[name] !== undefined) return { value: body[name], path: ['body', name] };
  return { value: body.filters?.[name], path: ['body', 'filters', name] };
}

function sourceIdsOf(filters: Filters): readonly string[] | undefined {
  const { dataSourceId, dataSourceIds } = filters;
  if (dataSourceId === undefined && dataSourceIds === undefined) return undefined;
  return [...new Set([...(dataSourceId === undefined ? [] : [dataSourceId]), ...(dataSourceIds ?? [])])];
}

function timeOf(value: unknown, name: string, now: number, details: ErrorDetail[]): number | undefined {
  if (value === undefined) return undefined;
  const time = parseQueryTime(value, now);
  if (typeof time === 'number') return time;
  details.push({ path: ['body', 'filters', name], message: problemMessage(time) });
  return undefined;
}

function metadataOf(
  metadata: Record<string, unknown> | undefined,
  details: ErrorDetail[],
): Record<string, unknown> | undefined {
  if (!isDeeperThan(metadata, METADATA_DEPTH_MAX)) return metadata;
  const message = `Metadata must not be nested deeper than ${METADATA_DEPTH_MAX} levels`;
  details.push({ path: ['body', 'filters', 'metadata'], message });
  return undefined;
}

function timezoneOf(body: QueryBody, details: ErrorDetail[]): string | undefined {
  const { value = 'UTC', path } = shapingOf(body, 'timezone');
  const name = timezoneName(value);
  if (name === undefined) {
    details.push({ path, message: `Invalid timezone. Expected an IANA name, received '${echo(value)}'` });
  }
  return name === 'UTC' ? undefined : name;
}

const COMPARISONS: ReadonlySet<string> = new Set(['gt', 'gte', 'lt', 'lte', 'eq', 'ne']);

/** A comparison we do not know is refused, unlike other unknown members: without it the rows would be wrong. */
function conditionsOf(
  values: Record<string, unknown> | undefined,
  details: ErrorDetail[],
): Record<string, ValueCondition> | undefined {
  const conditions = Object.entries(values ?? {});
  if (conditions.length > SOURCE_FIELDS_MAX) {
    const message = `Conditions on at most ${SOURCE_FIELDS_MAX} fields`;
    details.push({ path: ['body', 'filters', 'values'], message });
    return undefined;
  }
  for (const [field, condition] of conditions) {
    const path = ['body', 'filters', 'values', echo(field)];
    if (typeName(condition) !== 'object') {
      details.push({ path, message: `Expected object, received ${typeName(condition)}` });
      continue;
    }
    for (const [comparison, value] of Object.entries(condition as object)) {
      const problem = comparisonProblem(comparison, value);
      if (problem !== undefined) details.push({ path: [...path, echo(comparison)], message: problem });
    }
  }
  return values as Record<string, ValueCondition> | undefined;
}

function comparisonProblem(comparison: string, value: unknown): string | undefined {
  if (!COMPARISONS.has(comparison)) return `Unrecognized comparison. Expected ${[...COMPARISONS].join(', ')}`;
  if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean') return undefined;
  return `Expected number, string or boolean, received ${typeName(value)}`;
}

const AGGREGATIONS: ReadonlySet<unknown> = new Set<Aggregation>([
  'avg',
  'min',
  'max',
  'sum',
  'count',
  'first',
  'last',
  'median',
  'stddev',
  'range',
  'rate',
]);

const PERCENTILE = /^p[5-9]\d$/;

const AGGREGATIONS_EXPECTED = [...AGGREGATIONS].map(name => `'${name}'`).join(' | ') + " | 'p50'…'p99'";

function isAggregation(value: unknown): value is Aggregation {
  return AGGREGATIONS.has(value) || (typeof value === 'string' && PERCENTILE.test(value));
}

/** `groupBy` alone means avg; an aggregation alone makes one group of the range. */
function groupingOf(
  body: QueryBody,
  timezone: string | undefined,
  details: ErrorDetail[],
): Grouping | undefined {
  const aggregation = shapingOf(body, 'aggregation');
  const groupBy = shapingOf(body, 'groupBy');
  const groups = groupsOf(groupBy, timezone, details);
  if (aggregation.value === 'none') {
    if (groupBy.value !== undefined) {
      details.push({ path: groupBy.path, message: 'Raw rows (aggregation none) have no groups' });
    }
    return undefined;
  }
  if (aggregation.value === undefined) {
    return groupBy.value === undefined ? undefined : { aggregations: ['avg'], several: false, groups };
  }
  return {
    aggregations: aggregationsOf(aggregation, details),
    several: Array.isArray(aggregation.value),
    groups,
  };
}

function groupsOf(
  { value, path }: Found<string | undefined>,
  timezone: string | undefined,
  details: ErrorDetail[],
): GroupSpec {
  if (value === undefined) return { unit: 'all' };
  const groups = parseGroupBy(value);
  if (groups !== undefined) return timezone === undefined ? groups : { ...groups, timezone };
  const units =
    "'second' | 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year' | an interval such as '15m'";
  details.push({ path, message: enumMessage(units, value) });
  return { unit: 'all' };
}

function aggregationsOf({ value, path }: Found<unknown>, details: ErrorDetail[]): Aggregation[] {
  const names: unknown[] = Array.isArray(value) ? value : [value];
  if (names.length === 0) details.push({ path, message: 'Array must contain at least 1 element(s)' });
  if (names.length > AGGREGATIONS_MAX) {
    details.push({ path, message: `Array must contain at most ${AGGREGATIONS_MAX} element(s)` });
    return [];
  }
  const aggregations = new Set<Aggregation>();
  for (const [index, name] of names.entries()) {
    if (isAggregation(name)) aggregations.add(name);
    else {
      const at = Array.isArray(value) ? [...path, index] : path;
      details.push({ path: at, message: enumMessage(AGGREGATIONS_EXPECTED, name) });
    }
  }
  return [...aggregations];
}

/** What is drawn is chosen or averaged of raw rows, never of groups. */
function pictureOf({ downsample, ...body }: QueryBody, details: ErrorDetail[]): Picture | undefined {
  if (downsample === undefined) return undefined;
  for (const name of ['aggregation', 'groupBy'] as const) {
    const { value, path } = shapingOf(body, name);
    if (value === undefined || (name === 'aggregation' && value === 'none')) continue;
    details.push({ path, message: `${name} and downsample exclude each other` });
  }
  const { method, points } = downsample;
  return { method, points };
}
