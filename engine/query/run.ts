/** Runs a query over any storage: rows or groups of several sources, merged by time, cut by offset and limit. */
import type { Storage } from '../storage.js';
import { mergeStreams, type RowStream } from './merge.js';
import { Progress } from './progress.js';
import type { QueryRequest, QueryRow, RunQuery } from './request.js';
import { groupStream, rowStream } from './rows.js';

/**
 * Memory grows with the rows answered, not with those read; but percentiles and the like hold one group's values,
 * and `desc` over groups holds the last `offset + limit` groups of each source.
 * @throws (rejects) the signal's reason, or what the storage throws.
 */
export const runQuery: RunQuery = async (storage, request, signal) => {
  const progress = new Progress(signal);
  await progress.advance(0);
  const streams = streamsOf(storage, request, progress);
  const { offset, limit } = request;
  const rows: QueryRow[] = [];
  let position = 0;
  for await (const { batch, from, to } of mergeStreams(streams, request.order === 'asc' ? 1 : -1)) {
    const start = from + Math.max(0, offset - position);
    position += to - from;
    const end = Math.min(to, start + limit - rows.length);
    for (let index = start; index < end; index++) rows.push(batch.rowAt(index));
    if (position > offset + limit) return { rows, hasMore: true, pointsScanned: progress.rowsScanned };
  }
  return { rows, hasMore: false, total: position, pointsScanned: progress.rowsScanned };
};

function streamsOf(storage: Storage, request: QueryRequest, progress: Progress): RowStream[] {
  const { aggregations, groups } = request;
  const grouped = aggregations && groups && { ...request, aggregations, groups };
  // The reverse order is the exact reverse: of rows of one time, too.
  const sources = request.order === 'asc' ? request.sources : request.sources.toReversed();
  return sources
    .map(source =>
      grouped === undefined
        ? rowStream(storage, request, source, progress)
        : groupStream(storage, grouped, source, progress),
    )
    .filter(stream => stream !== undefined);
}
