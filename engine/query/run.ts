/** Runs a query over any storage: rows or groups of several sources, merged by time, cut by offset and limit. */
import type { Storage } from '../storage.js';
import { ColumnsBuilder } from './columns.js';
import { mergeStreams, type RowBatch, type RowStream } from './merge.js';
import { Progress } from './progress.js';
import type { AnswerExtent, QueryRequest, QueryRow, RunColumns, RunQuery } from './request.js';
import { groupStream, rowStream } from './rows.js';

/**
 * Memory grows with the rows answered, not with those read; but percentiles and the like hold one group's values,
 * and `desc` over groups holds the last `offset + limit` groups of each source.
 * @throws (rejects) the signal's reason, or what the storage throws.
 */
export const runQuery: RunQuery = async (storage, request, signal) => {
  const rows: QueryRow[] = [];
  const progress = new Progress(signal);
  const streams = streamsOf(storage, request, progress, true);
  const extent = await answerRuns(streams, request, progress, (batch, from, to) => {
    for (let index = from; index < to; index++) rows.push(batch.rowAt(index));
  });
  return { rows, ...extent };
};

/** The rows of `runQuery` as columns by source, without ids and metadata. The sources asked for are distinct. */
export const runColumns: RunColumns = async (storage, request, signal) => {
  const columns = new ColumnsBuilder();
  let rowCount = 0;
  const progress = new Progress(signal);
  const streams = streamsOf(storage, request, progress, false);
  const extent = await answerRuns(streams, request, progress, (batch, from, to) => {
    rowCount += to - from;
    columns.add(batch, from, to);
  });
  return { sources: columns.finish(request.sources), rowCount, ...extent };
};

/** Gives the runs of rows between offset and limit to `take`, in order; none is empty. */
async function answerRuns(
  streams: readonly RowStream[],
  { order, offset, limit }: QueryRequest,
  progress: Progress,
  take: (batch: RowBatch, from: number, to: number) => void,
): Promise<AnswerExtent> {
  await progress.advance(0);
  let position = 0;
  for await (const { batch, from, to } of mergeStreams(streams, order === 'asc' ? 1 : -1)) {
    const start = from + Math.max(0, offset - position);
    const end = Math.min(to, from + offset + limit - position);
    if (start < end) take(batch, start, end);
    position += to - from;
    if (position > offset + limit) return { hasMore: true, pointsScanned: progress.rowsScanned };
  }
  return { hasMore: false, total: position, pointsScanned: progress.rowsScanned };
}

function streamsOf(
  storage: Storage,
  request: QueryRequest,
  progress: Progress,
  metadata: boolean,
): RowStream[] {
  const { aggregations, groups } = request;
  const grouped = aggregations && groups && { ...request, aggregations, groups };
  // The reverse order is the exact reverse: of rows of one time, too.
  const sources = request.order === 'asc' ? request.sources : request.sources.toReversed();
  return sources
    .map(source =>
      grouped === undefined
        ? rowStream(storage, request, source, progress, metadata)
        : groupStream(storage, grouped, source, progress),
    )
    .filter(stream => stream !== undefined);
}
