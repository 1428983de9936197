/** Runs a query over any storage: rows or groups of several sources, merged by time, cut by offset and limit. */
import type { Readable } from '../storage.js';
import { type GroupedRequest, isSummarised } from './aggregate.js';
import { AnswerBuilder } from './columns.js';
import { mergeStreams, type RowStream } from './merge.js';
import type { Progress } from './progress.js';
import type { Answer, Layout, QueryRequest, RowsExtent } from './request.js';
import { groupStream, rowStream } from './rows.js';
import { answerSlabs, fitsSlabs } from './slabs.js';
import { type SourceSpan, spansOf } from './spans.js';

/**
 * Memory grows with the rows answered, not with those read; but percentiles and the like hold one group's values,
 * and `desc` over groups that are made of rows, or filled, holds the last `offset + limit` groups of each source.
 * The sources asked for are distinct.
 * @param readable stays as it is while the query runs
 * @throws (rejects) the reason of the progress's signal, QueryPointsError, or what the storage throws.
 */
export async function runQuery(
  readable: Readable,
  request: QueryRequest,
  layout: Layout,
  progress: Progress,
): Promise<Answer> {
  await progress.advance(0);
  const spans = spansOf(readable, request.sources, request);
  const grouped = groupedRequest(request);
  const builder = new AnswerBuilder(layout);
  const extent =
    grouped !== undefined && isSummarised(grouped) && fitsSlabs(grouped, spans)
      ? await answerSlabs(readable, grouped, spans, builder, progress)
      : await answerRuns(streamsOf(readable, request, spans, layout, progress), request, builder);
  return builder.finish(request.sources, {
    ...extent,
    pointsScanned: progress.rowsScanned,
    levelMs: progress.levelMs,
  });
}

function groupedRequest(request: QueryRequest): GroupedRequest | undefined {
  const { aggregations, groups } = request;
  return aggregations && groups && { ...request, aggregations, groups };
}

/** Answers the runs of rows between offset and limit. */
async function answerRuns(
  streams: readonly RowStream[],
  { order, offset, limit }: QueryRequest,
  builder: AnswerBuilder,
): Promise<RowsExtent> {
  let position = 0;
  for await (const { batch, from, to } of mergeStreams(streams, order === 'asc' ? 1 : -1)) {
    const start = from + Math.max(0, offset - position);
    const end = Math.min(to, from + offset + limit - position);
    if (start < end) builder.addRun(batch, start, end);
    position += to - from;
    if (position > offset + limit) return { hasMore: true };
  }
  return { hasMore: false, total: position };
}

function streamsOf(
  readable: Readable,
  request: QueryRequest,
  spans: readonly SourceSpan[],
  layout: Layout,
  progress: Progress,
): RowStream[] {
  const grouped = groupedRequest(request);
  // The reverse order is the exact reverse: of rows of one time, too.
  const ordered = request.order === 'asc' ? spans : spans.toReversed();
  return ordered.map(span =>
    grouped === undefined
      ? rowStream(readable, request, span, progress, layout === 'rows')
      : groupStream(readable, grouped, span, progress),
  );
}
