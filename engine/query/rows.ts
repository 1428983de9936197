/** Streams of one source's rows or groups, in the order asked for. */
import type { ScanChunk, Storage } from '../storage.js';
import { type Group, type GroupedRequest, groupsOf } from './aggregate.js';
import { groupEdges } from './calendar.js';
import { compileFilter } from './filter.js';
import { matchingRows } from './matching.js';
import type { RowBatch, RowStream } from './merge.js';
import type { Progress } from './progress.js';
import type { QueryRequest, QueryRow, RowValues } from './request.js';
import { scalarOf, setValue } from './values.js';

/** undefined where the source has no rows in the range. `metadata` says whether the rows are to have theirs. */
export function rowStream(
  storage: Storage,
  request: QueryRequest,
  source: number,
  progress: Progress,
  metadata: boolean,
): RowStream | undefined {
  const span = spanOf(storage, request, source);
  if (span === undefined) return undefined;
  const { first, last } = span;
  const { order } = request;
  const filter = compileFilter(request);
  return {
    bound: order === 'asc' ? first : last,
    async *batches() {
      const scan = { sources: [source], startTime: first, endTime: last + 1, order, metadata };
      for await (const chunk of matchingRows(storage, scan, request, filter, progress)) {
        yield rawBatch(chunk);
      }
    },
  };
}

export function groupStream(
  storage: Storage,
  request: GroupedRequest,
  source: number,
  progress: Progress,
): RowStream | undefined {
  const span = spanOf(storage, request, source);
  if (span === undefined) return undefined;
  const edges = groupEdges(request.groups, request.startTime);
  const first = edges.startOf(span.first);
  const last = edges.startOf(span.last);
  const range = {
    startTime: Math.max(request.startTime, first),
    endTime: Math.min(request.endTime, edges.endOf(last)),
  };
  const groups = () => groupsOf(storage, { ...request, ...range }, source, progress);
  return request.order === 'asc'
    ? { bound: first, batches: () => groupBatches(groups(), source) }
    : { bound: last, batches: () => reversedBatches(groups(), source, request) };
}

/**
 * First and last time within the range that the source has rows at. A stream reads no further: a point that comes
 * while the merge is past its time would be answered after later ones.
 */
function spanOf(
  storage: Storage,
  { startTime, endTime }: QueryRequest,
  source: number,
): { first: number; last: number } | undefined {
  const { firstTime, lastTime } = storage.stats(source);
  if (firstTime === undefined || lastTime === undefined) return undefined;
  const first = Math.max(firstTime, startTime);
  const last = Math.min(lastTime, endTime - 1);
  return first <= last ? { first, last } : undefined;
}

function rawBatch(chunk: ScanChunk): RowBatch {
  return {
    source: chunk.source,
    times: chunk.timestamps,
    rowAt: index => rawRow(chunk, index),
    copyTo: (columns, from, to) => columns.addRows(chunk, from, to),
  };
}

function rawRow(chunk: ScanChunk, index: number): QueryRow {
  const values: RowValues = {};
  for (const { name, type, values: column, dictionary } of chunk.fields) {
    const value = column[index];
    if (!Number.isNaN(value)) setValue(values, name, scalarOf(value, type, dictionary));
  }
  const text = chunk.metadata?.dictionary[chunk.metadata.values[index]];
  return {
    source: chunk.source,
    row: chunk.rows[index],
    timestamp: chunk.timestamps[index],
    values,
    ...(text !== undefined && { metadata: text }),
  };
}

async function* groupBatches(
  batches: AsyncIterable<readonly Group[]>,
  source: number,
): AsyncGenerator<RowBatch> {
  for await (const groups of batches) yield batchOf(groups, source);
}

/** Groups come ascending: of those, the last ones are the first of the answer, and no others are wanted. */
async function* reversedBatches(
  batches: AsyncIterable<readonly Group[]>,
  source: number,
  { offset, limit }: QueryRequest,
): AsyncGenerator<RowBatch> {
  const wanted = offset + limit + 1;
  let last: Group[] = [];
  for await (const groups of batches) {
    last.push(...groups);
    if (last.length > 2 * wanted) last = last.slice(-wanted);
  }
  if (last.length > 0) yield batchOf(last.reverse(), source);
}

function batchOf(groups: readonly Group[], source: number): RowBatch {
  return {
    source,
    times: Float64Array.from(groups, group => group.start),
    rowAt: index => {
      const { start, rowCount, values } = groups[index];
      return { source, timestamp: start, values, count: rowCount };
    },
    copyTo: (columns, from, to) => columns.addGroups(groups, from, to),
  };
}
