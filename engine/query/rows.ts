/** Streams of one source's rows or groups, in the order asked for. */
import type { ScanChunk, Storage } from '../storage.js';
import { type Group, type GroupedRequest, groupsOf } from './aggregate.js';
import { groupEdges } from './calendar.js';
import { chosenRows } from './downsample/choose.js';
import { expand, isFilled, type Stretch, withGaps } from './fill.js';
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
  const { order, downsample } = request;
  const filter = compileFilter(request);
  return {
    bound: order === 'asc' ? first : last,
    async *batches() {
      const inOrder = downsample === undefined ? order : 'asc';
      const scan = { sources: [source], startTime: first, endTime: last + 1, order: inOrder, metadata };
      const rows = matchingRows(storage, scan, request, filter, progress);
      const chosen = downsample === undefined ? rows : chosenRows(rows, downsample, request, progress);
      for await (const chunk of chosen) yield rawBatch(chunk);
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
  const stretches = () =>
    isFilled(request) ? withGaps(groups(), request, new Map(storage.fields(source)), edges) : groups();
  const batchesOf = (some: readonly Stretch[]) =>
    groupBatches(expand(some, edges, request.order), source, progress);
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

/** Groups come ascending: of those, the last ones are the first of the reverse, and no others are wanted. */
async function lastOf(batches: AsyncIterable<readonly Stretch[]>, wanted: number): Promise<Stretch[]> {
  let last: Stretch[] = [];
  for await (const stretches of batches) {
    last.push(...stretches);
    if (last.length > 2 * wanted) last = last.slice(-wanted);
  }
  return last;
}

/** Rows of a batch: what is made too many where few are wanted, for each source. */
const BATCH_GROUPS_MAX = 256;

async function* groupBatches(
  groups: Iterable<Group>,
  source: number,
  progress: Progress,
): AsyncGenerator<RowBatch> {
  let batch: Group[] = [];
  for (const group of groups) {
    batch.push(group);
    if (batch.length < BATCH_GROUPS_MAX) continue;
    // Gaps may be long, and nothing is read for them.
    await progress.advance(0);
    yield batchOf(batch, source);
    batch = [];
  }
  if (batch.length > 0) yield batchOf(batch, source);
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
