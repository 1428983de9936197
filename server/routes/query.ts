import { automaticInterval } from '../../engine/query/automatic.js';
import { formatGroupBy } from '../../engine/query/calendar.js';
import type { Storage, TimeRange } from '../../engine/storage.js';
import type { Catalog } from '../catalog/catalog.js';
import type { Bucket, DataSource } from '../catalog/model.js';
import { keepFromOf } from '../catalog/retention.js';
import { ApiError } from '../errors.js';
import { jsonReply } from '../http/json.js';
import { type AnswerShape, type Encoding, wallClock } from '../query/answer.js';
import { explanation } from '../query/explain.js';
import { isId } from '../schemas/common.js';
import { type Grouping, type ParsedQuery, type Picture, parseQuery, querySchema } from '../schemas/query.js';
import { formatTimestamp, formatTimestampOrNull } from '../schemas/timestamp.js';
import { defineRoute, type Route } from './route.js';

export const queryRoutes: readonly Route[] = [
  defineRoute({
    method: 'POST',
    path: '/api/data/query',
    access: { who: 'readers' },
    bucketInBody: true,
    packedBody: true,
    body: querySchema,
    checkForm: (body, { clock }) => {
      checkSourceIds(parseQuery(body, clock.now()).sourceIds);
    },
    handle: async call => {
      const { services, bucket, body } = call;
      const { catalog, storage, queries, clock } = services;
      const startedAt = wallClock();
      const now = clock.now();
      const query = parseQuery(body, now);
      const sources = sourcesOf(query.sourceIds, bucket, catalog);
      const ordinals = sources.map(source => source.ordinal);
      const range = keptRange(rangeOf(query, ordinals, storage, now), keepFromOf(bucket, now));
      const { sourceIds, format, isAutomatic, timezone, downsample: picture, ...asked } = query;
      const automatic = isAutomatic ? automaticGrouping(sources, range, storage, timezone) : undefined;
      const grouping = query.grouping ?? averagesOf(picture, range) ?? automatic;
      const downsample = picture?.method === 'avg' ? undefined : picture;
      const request = { ...asked, ...grouping, downsample, ...timeRangeOf(range), sources: ordinals };
      const encoding = call.prefersMessagePack ? 'msgpack' : 'json';
      const isDownsampled = automatic !== undefined || picture !== undefined;
      const shape: AnswerShape = {
        sourceIds: new Map(sources.map(source => [source.ordinal, source.id])),
        layout: format,
        encoding,
        metadata: metadataOf(range, { grouping, timezone, picture, isDownsampled }),
        startedAt,
      };
      if (body.explain === true) {
        const plan = explanation(queries.explain(request), shape.sourceIds);
        return jsonReply(200, JSON.stringify({ plan, metadata: shape.metadata }));
      }
      const answer = await queries.answer(request, shape, call.signal);
      return { status: 200, headers: { 'Content-Type': CONTENT_TYPES[encoding] }, body: answer };
    },
  }),
];

const CONTENT_TYPES: Readonly<Record<Encoding, string>> = {
  json: 'application/json; charset=utf-8',
  msgpack: 'application/msgpack',
};

function checkSourceIds(ids: readonly string[] = []): void {
  if (!ids.every(isId)) throw new ApiError('INVALID_SOURCE_ID');
}

/** Bounds of the rows read; the start is undefined where there is no point to begin with. */
interface QueryRange {
  readonly startTime: number | undefined;
  readonly endTime: number;
}

function sourcesOf(ids: readonly string[] | undefined, bucket: Bucket, catalog: Catalog): DataSource[] {
  if (ids === undefined) return catalog.sources(bucket.id);
  checkSourceIds(ids);
  return ids.map(id => {
    const source = catalog.source(id);
    if (source?.bucketId !== bucket.id) throw new ApiError('SOURCE_NOT_FOUND');
    return source;
  });
}

function rangeOf(query: ParsedQuery, ordinals: readonly number[], storage: Storage, now: number): QueryRange {
  // "Now" is past this millisecond: a point acknowledged in it is seen by the query that follows.
  const endTime = query.endTime ?? Math.max(now + 1, query.startTime ?? 0);
  return { startTime: query.startTime ?? firstTimeOf(ordinals, endTime, storage), endTime };
}

/** Points that are too old are gone for those who ask, whenever they leave the disk. */
function keptRange({ startTime, endTime }: QueryRange, keepFrom: number): QueryRange {
  if (startTime === undefined || startTime >= keepFrom) return { startTime, endTime };
  return { startTime: Math.min(keepFrom, endTime), endTime };
}

function firstTimeOf(ordinals: readonly number[], endTime: number, storage: Storage): number | undefined {
  let first: number | undefined;
  for (const ordinal of ordinals) {
    const { firstTime } = storage.stats(ordinal);
    if (firstTime !== undefined && firstTime < (first ?? endTime)) first = firstTime;
  }
  return first;
}

function timeRangeOf({ startTime, endTime }: QueryRange): TimeRange {
  return { startTime: startTime ?? endTime, endTime };
}

function automaticGrouping(
  sources: readonly DataSource[],
  range: QueryRange,
  storage: Storage,
  timezone: string | undefined,
): Grouping | undefined {
  const known = sources.map(({ ordinal, downsampling }) => ({ ...storage.stats(ordinal), downsampling }));
  const groups = automaticInterval(known, timeRangeOf(range), timezone);
  return groups && { aggregations: ['avg'], several: false, groups };
}

/** Averages are no choice of rows, but of slices of the range. */
function averagesOf(picture: Picture | undefined, range: QueryRange): Grouping | undefined {
  if (picture?.method !== 'avg') return undefined;
  const groups = { unit: 'slices', ...timeRangeOf(range), count: picture.points } as const;
  return { aggregations: ['avg'], several: false, groups };
}

/** What became of the rows. */
interface Shape {
  readonly grouping: Grouping | undefined;
  readonly timezone: string | undefined;
  readonly picture: Picture | undefined;
  readonly isDownsampled: boolean;
}

/** What is known before the rows are. */
function metadataOf(range: QueryRange, { grouping, timezone, picture, isDownsampled }: Shape): object {
  return {
    startTime: formatTimestampOrNull(range.startTime),
    endTime: formatTimestamp(range.endTime),
    aggregation: aggregationName(grouping),
    groupBy: groupName(grouping),
    ...(timezone !== undefined && { timezone }),
    downsamplingApplied: isDownsampled,
    ...(picture !== undefined && { downsample: picture }),
  };
}

function aggregationName(grouping: Grouping | undefined): string | readonly string[] | null {
  if (grouping === undefined) return null;
  return grouping.several ? grouping.aggregations : grouping.aggregations[0];
}

function groupName(grouping: Grouping | undefined): string | null {
  const groups = grouping?.groups;
  // Neither one group of all nor slices of the range have a name.
  return groups === undefined || groups.unit === 'all' || groups.unit === 'slices'
    ? null
    : formatGroupBy(groups);
}
