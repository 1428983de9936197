/**
 * Groups of many sources from summaries: of all sources at once, a slab of time after another, in the order asked
 * for. A limit ends it early either way, and memory is bounded by the slab: it is as long as the rows still wanted
 * take, longer after one that held little, and cut shorter where it turns out to hold too much.
 */
import type { Readable, SummaryChunk } from '../storage.js';
import { figuresNeeded, type GroupedRequest, groupColumns } from './aggregate.js';
import { type GroupEdges, groupEdges } from './calendar.js';
import type { AnswerBuilder } from './columns.js';
import { expand, GapFinder, isFilled } from './fill.js';
import type { Progress } from './progress.js';
import type { RowsExtent, SourceColumns } from './request.js';
import { reverseRows, sliceRows } from './source-columns.js';
import type { SourceSpan } from './spans.js';

/** Groups of all sources that a slab is meant to have: a summary of one takes some 100 bytes a field. */
const ROWS_MAX = 16_384;

/** Values of all groups and fields beyond which a slab is given up and asked for again, shorter. */
const VALUES_MAX = 1_048_576;

/** How much longer one slab may be than the one before, and how much shorter one that is given up. */
const GROWTH_MAX = 16;
const SHRINKAGE = 8;

/** Longer than any range, and short enough for exact arithmetic. */
const WIDTH_MS_MAX = 2 ** 50;

/** Some groups of one source, ascending. */
interface Part {
  readonly source: number;
  readonly starts: Float64Array;
  /** The groups `from … to` (exclusive), taken over by the caller. */
  columns(from: number, to: number): SourceColumns;
}

interface Slab {
  /** First and last instant, inclusive: those of whole groups, but for the ends of all spans. */
  readonly first: number;
  readonly last: number;
}

/** Whether gaps, where they are to be filled, are so few that all groups fit in one slab. */
export function fitsSlabs(request: GroupedRequest, spans: readonly SourceSpan[]): boolean {
  if (!isFilled(request)) return true;
  const edges = groupEdges(request.groups, request.startTime);
  const first = edges.startOf(request.startTime);
  return (spans.length * (request.endTime - first)) / widthOf(edges, first) <= ROWS_MAX;
}

export async function answerSlabs(
  readable: Readable,
  request: GroupedRequest,
  spans: readonly SourceSpan[],
  builder: AnswerBuilder,
  progress: Progress,
): Promise<RowsExtent> {
  const { offset, limit } = request;
  let position = 0;
  for await (const parts of slabsOf(readable, request, spans, progress)) {
    position += answerParts(parts, request, position, builder);
    if (position > offset + limit) return { hasMore: true };
  }
  return { hasMore: false, total: position };
}

/** Parts of one slab after the other, those of a slab by source and time. */
async function* slabsOf(
  readable: Readable,
  request: GroupedRequest,
  spans: readonly SourceSpan[],
  progress: Progress,
): AsyncGenerator<Part[]> {
  if (spans.length === 0) return;
  const edges = groupEdges(request.groups, request.startTime);
  const range = rangeOf(spans);
  if (isFilled(request)) {
    const chunks = await readSlab(readable, request, spans, range, edges, Infinity, progress);
    yield filledParts(chunks ?? [], readable, request, edges);
    return;
  }
  const isUp = request.order === 'asc';
  let rowsWanted = request.offset + request.limit + 1;
  let groupCount = Math.max(1, Math.ceil(Math.min(rowsWanted, ROWS_MAX) / spans.length));
  let rest: Slab | undefined = range;
  while (rest !== undefined) {
    const slab: Slab = isUp
      ? { first: rest.first, last: lastOfGroups(rest, groupCount, edges) }
      : { first: firstOfGroups(rest, groupCount, edges), last: rest.last };
    const valuesMax = groupCount === 1 ? Infinity : VALUES_MAX;
    const chunks = await readSlab(readable, request, spans, slab, edges, valuesMax, progress);
    if (chunks === undefined) {
      groupCount = Math.max(1, Math.floor(groupCount / SHRINKAGE));
      continue;
    }
    yield chunks.map(chunk => partOf(chunk, request));
    const rowCount = chunks.reduce((sum, { starts }) => sum + starts.length, 0);
    rowsWanted -= rowCount;
    groupCount = nextGroupCount(groupCount, rowCount, Math.min(rowsWanted, ROWS_MAX));
    rest = isUp ? restOf(slab.last + 1, rest.last) : restOf(rest.first, slab.first - 1);
  }
}

function rangeOf(spans: readonly SourceSpan[]): Slab {
  let first = Infinity;
  let last = -Infinity;
  for (const span of spans) {
    if (span.first < first) first = span.first;
    if (span.last > last) last = span.last;
  }
  return { first, last };
}

function restOf(first: number, last: number): Slab | undefined {
  return first <= last ? { first, last } : undefined;
}

/** As many groups as rows are wanted, if they are as dense as those before. */
function nextGroupCount(groupCount: number, rowsFound: number, rowsWanted: number): number {
  const most = Math.min(GROWTH_MAX * groupCount, WIDTH_MS_MAX);
  if (rowsFound === 0) return most;
  return Math.max(1, Math.min(most, Math.ceil((groupCount * rowsWanted) / rowsFound)));
}

/** Of the first so many groups, if they are as wide as the first. */
function lastOfGroups({ first, last }: Slab, groupCount: number, edges: GroupEdges): number {
  const start = edges.startOf(first);
  const inLast = start + Math.min((groupCount - 1) * widthOf(edges, start), WIDTH_MS_MAX);
  return inLast >= last ? last : Math.min(last, edges.endOf(edges.startOf(inLast)) - 1);
}

/** Of the last so many groups, if they are as wide as the last. */
function firstOfGroups({ first, last }: Slab, groupCount: number, edges: GroupEdges): number {
  const start = edges.startOf(last);
  const inFirst = start - Math.min((groupCount - 1) * widthOf(edges, start), WIDTH_MS_MAX);
  return inFirst <= first ? first : Math.max(first, edges.startOf(inFirst));
}

function widthOf(edges: GroupEdges, start: number): number {
  return Math.min(edges.endOf(start) - start, WIDTH_MS_MAX);
}

/** undefined, with the rest unread, where there are more values than the most. */
async function readSlab(
  readable: Readable,
  { startTime, endTime, fields, groups, aggregations }: GroupedRequest,
  spans: readonly SourceSpan[],
  slab: Slab,
  edges: GroupEdges,
  valuesMax: number,
  progress: Progress,
): Promise<SummaryChunk[] | undefined> {
  const summaries = readable.summarise({
    sources: spans
      .filter(({ first, last }) => first <= slab.last && last >= slab.first)
      .map(({ source }) => source),
    // Whole groups, because their summaries may be there to be read: rows beyond all spans there are none.
    startTime: Math.max(startTime, edges.startOf(slab.first)),
    endTime: Math.min(endTime, edges.endOf(edges.startOf(slab.last))),
    fields,
    groups,
    figures: figuresNeeded(aggregations),
    signal: progress.signal,
  });
  const chunks: SummaryChunk[] = [];
  let valueCount = 0;
  for await (const chunk of summaries) {
    await progress.advanceBy(chunk);
    valueCount += chunk.starts.length * (1 + chunk.fields.length);
    if (valueCount > valuesMax) return undefined;
    chunks.push(chunk);
  }
  return chunks;
}

function partOf(chunk: SummaryChunk, request: GroupedRequest): Part {
  const { source, starts } = chunk;
  return { source, starts, columns: (from, to) => groupColumns(chunk, request, from, to) };
}

function filledParts(
  chunks: readonly SummaryChunk[],
  readable: Readable,
  request: GroupedRequest,
  edges: GroupEdges,
): Part[] {
  const parts: Part[] = [];
  for (let at = 0; at < chunks.length; ) {
    const { source } = chunks[at];
    const gaps = new GapFinder(request, readable.fields(source), edges);
    const stretches = [];
    for (; chunks[at]?.source === source; at++) {
      stretches.push(...gaps.add(groupColumns(chunks[at], request, 0, chunks[at].starts.length)));
    }
    stretches.push(...gaps.finish());
    for (const batch of expand(stretches, source, edges, 'asc')) {
      parts.push({ source, starts: batch.timestamps, columns: (from, to) => sliceRows(batch, from, to) });
    }
  }
  return parts;
}

/**
 * Gives the rows between offset and limit to the builder. Returns how many there are without them.
 * @param position rows of the slabs before
 */
function answerParts(
  parts: readonly Part[],
  { order, offset, limit }: GroupedRequest,
  position: number,
  builder: AnswerBuilder,
): number {
  const merged = mergedParts(parts);
  const { length } = merged;
  const first = Math.min(length, Math.max(0, offset - position));
  const end = Math.min(length, offset + limit - position);
  if (first >= end) return length;
  const isUp = order === 'asc';
  const [low, high] = isUp ? [first, end] : [length - end, length - first];
  const skipped = countsOf(merged.subarray(0, low), parts.length);
  const taken = countsOf(merged.subarray(low, high), parts.length);
  for (let index = 0; index < parts.length; index++) {
    const part = isUp ? index : parts.length - 1 - index;
    if (taken[part] === 0) continue;
    const columns = parts[part].columns(skipped[part], skipped[part] + taken[part]);
    builder.take(isUp ? columns : reverseRows(columns));
  }
  for (let index = 0; index < high - low; index++) {
    builder.addToSequence(parts[merged[isUp ? low + index : high - 1 - index]].source, 1);
  }
  return length;
}

function countsOf(merged: Uint32Array, partCount: number): Uint32Array {
  const counts = new Uint32Array(partCount);
  for (let row = 0; row < merged.length; row++) counts[merged[row]]++;
  return counts;
}

/** Which part each row is of, when all rows are in order of their starts, and those of one start in order of parts. */
function mergedParts(parts: readonly Part[]): Uint32Array {
  const starts = distinctStarts(parts);
  const next = new Uint32Array(starts.length + 1);
  let rowCount = 0;
  for (const part of parts) {
    rowCount += part.starts.length;
    for (const start of part.starts) next[indexOf(starts, start) + 1]++;
  }
  for (let index = 0; index < starts.length; index++) next[index + 1] += next[index];
  const merged = new Uint32Array(rowCount);
  for (let part = 0; part < parts.length; part++) {
    for (const start of parts[part].starts) merged[next[indexOf(starts, start)]++] = part;
  }
  return merged;
}

/** Of all parts, ascending. */
function distinctStarts(parts: readonly Part[]): Float64Array {
  if (parts.length === 0) return new Float64Array(0);
  // Sources that are sampled alike have the same groups.
  const [{ starts: common }] = parts;
  if (parts.every(({ starts }) => isEqual(starts, common))) return common;
  const all = new Float64Array(parts.reduce((sum, { starts }) => sum + starts.length, 0));
  let at = 0;
  for (const { starts } of parts) {
    all.set(starts, at);
    at += starts.length;
  }
  all.sort();
  let length = 0;
  for (let index = 0; index < all.length; index++) {
    if (length === 0 || all[index] !== all[length - 1]) all[length++] = all[index];
  }
  return all.subarray(0, length);
}

function isEqual(left: Float64Array, right: Float64Array): boolean {
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index++) if (left[index] !== right[index]) return false;
  return true;
}

function indexOf(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
