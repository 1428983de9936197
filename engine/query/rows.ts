/** Streams of one source's rows or groups, in the order asked for. */
import type { Readable, ScanChunk } from '../storage.js';
import { type GroupedRequest, groupsOf } from './aggregate.js';
import { groupEdges } from './calendar.js';
import { chosenRows } from './downsample/choose.js';
import { expand, isFilled, rowsOfStretch, type Stretch, withGaps } from './fill.js';
import { compileFilter } from './filter.js';
import { matchingRows } from './matching.js';
import type { RowStream } from './merge.js';
import type { Progress } from './progress.js';
import type { QueryRequest, SourceColumns } from './request.js';
import type { SourceSpan } from './spans.js';

/** @param isWhole whether the rows are to have their numbers and metadata */
export function rowStream(
  readable: Readable,
  request: QueryRequest,
  { source, first, last }: SourceSpan,
  progress: Progress,
  isWhole: boolean,
): RowStream {
  const { order, downsample } = request;
  const filter = compileFilter(request);
  return {
    bound: order === 'asc' ? first : last,
    async *batches() {
      const inOrder = downsample === undefined ? order : 'asc';
      const scan = {
        sources: [source],
        startTime: first,
        endTime: last + 1,
        order: inOrder,
        metadata: isWhole,
      };
      const rows = matchingRows(readable, scan, request, filter, progress);
      const chosen = downsample === undefined ? rows : chosenRows(rows, downsample, request, progress);
      for await (const chunk of chosen) yield rawRows(chunk, isWhole);
    },
  };
}

function rawRows({ source, timestamps, fields, rows, metadata }: ScanChunk, isWhole: boolean): SourceColumns {
  const columns = { source, timestamps, columns: fields };
  return isWhole ? { ...columns, rows, ...(metadata && { metadata }) } : columns;
}

export function groupStream(
  readable: Readable,
  request: GroupedRequest,
  span: SourceSpan,
  progress: Progress,
): RowStream {
  const { source } = span;
  const edges = groupEdges(request.groups, request.startTime);
  const first = edges.startOf(span.first);
  const last = edges.startOf(span.last);
  const range = {
    startTime: Math.max(request.startTime, first),
    endTime: Math.min(request.endTime, edges.endOf(last)),
  };
  const stretches = () => {
    const groups = groupsOf(readable, { ...request, ...range }, source, progress);
    return isFilled(request) ? withGaps(groups, request, readable.fields(source), edges) : whole(groups);
  };
  async function* batchesOf(some: readonly Stretch[]) {
    for (const batch of expand(some, source, edges, request.order)) {
      // Gaps may be long, and nothing is read for them.
      await progress.advance(0);
      yield batch;
    }
  }
  if (request.order === 'asc') {
    return {
      bound: isFilled(request) ? edges.startOf(request.startTime) : first,
      async *batches() {
        for await (const some of stretches()) yield* batchesOf(some);
      },
    };
  }
  return {
    bound: isFilled(request) ? edges.startOf(request.endTime - 1) : last,
    async *batches() {
      yield* batchesOf((await lastOf(stretches(), request.offset + request.limit + 1)).reverse());
    },
  };
}

async function* whole(batches: AsyncIterable<SourceColumns>): AsyncGenerator<Stretch[]> {
  for await (const batch of batches) yield [{ batch, from: 0, to: batch.timestamps.length }];
}

/** Groups come ascending: of those, the last ones are the first of the reverse, and no others are wanted. */
async function lastOf(batches: AsyncIterable<readonly Stretch[]>, rowsWanted: number): Promise<Stretch[]> {
  let last: Stretch[] = [];
  let rowCount = 0;
  for await (const stretches of batches) {
    for (const stretch of stretches) {
      last.push(stretch);
      rowCount += rowsOfStretch(stretch);
    }
    if (rowCount <= 2 * rowsWanted) continue;
    let dropped = 0;
    while (rowCount - rowsOfStretch(last[dropped]) >= rowsWanted) rowCount -= rowsOfStretch(last[dropped++]);
    last = last.slice(dropped);
  }
  return last;
}
