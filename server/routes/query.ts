import { formatGroupBy } from '../../engine/query/calendar.js';
import type { QueryResult } from '../../engine/query/request.js';
import type { Storage, TimeRange } from '../../engine/storage.js';
import type { Catalog } from '../catalog/catalog.js';
import type { Bucket, DataSource } from '../catalog/model.js';
import { ApiError } from '../errors.js';
import { jsonReply } from '../http/json.js';
import { rowsText } from '../http/rows.js';
import { isId } from '../schemas/common.js';
import { type Grouping, type ParsedQuery, parseQuery, querySchema } from '../schemas/query.js';
import { formatTimestamp } from '../schemas/timestamp.js';
import { defineRoute, type Route } from './route.js';

export const queryRoutes: readonly Route[] = [
  defineRoute({
    method: 'POST',
    path: '/api/data/query',
    access: { who: 'readers' },
    bucketInBody: true,
    body: querySchema,
    checkForm: (body, { clock }) => {
      checkSourceIds(parseQuery(body, clock.now()).sourceIds);
    },
    handle: async ({ services, bucket, body, signal }) => {
      const { catalog, storage, clock, runQuery } = services;
      const started = performance.now();
      const now = clock.now();
      const query = parseQuery(body, now);
      const sources = sourcesOf(query.sourceIds, bucket, catalog);
      const ordinals = sources.map(source => source.ordinal);
      const range = rangeOf(query, ordinals, storage, now);
      const { grouping, sourceIds, ...asked } = query;
      const result = await runQuery(
        storage,
        { ...asked, ...grouping, ...timeRangeOf(range), sources: ordinals },
        signal,
      );
      const ids = new Map(sources.map(source => [source.ordinal, source.id]));
      const rows = rowsText(result.rows, ids);
      const metadata = metadataOf(result, query, range, performance.now() - started);
      return jsonReply(200, `{"data":${rows},"metadata":${JSON.stringify(metadata)}}`);
    },
  }),
];

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

function metadataOf(result: QueryResult, query: ParsedQuery, range: QueryRange, elapsedMs: number) {
  return {
    count: result.rows.length,
    ...(result.total !== undefined && { total: result.total }),
    hasMore: result.hasMore,
    startTime: range.startTime === undefined ? null : formatTimestamp(range.startTime),
    endTime: formatTimestamp(range.endTime),
    aggregation: aggregationName(query.grouping),
    groupBy: groupName(query.grouping),
    downsamplingApplied: false,
    executionTimeMs: Math.round(elapsedMs * 1000) / 1000,
    pointsScanned: result.pointsScanned,
    rollupLevel: null,
  };
}

function aggregationName(grouping: Grouping | undefined): string | readonly string[] | null {
  if (grouping === undefined) return null;
  return grouping.several ? grouping.aggregations : grouping.aggregations[0];
}

function groupName(grouping: Grouping | undefined): string | null {
  return grouping === undefined || grouping.groups.unit === 'all' ? null : formatGroupBy(grouping.groups);
}
