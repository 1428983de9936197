/** What a scan reads of a segment and of a head: their rows in a time range, cut into chunks, in either order. */
import { lowerBound } from '../base/search.js';
import type { Column } from '../batch.js';
import { METADATA_COLUMN } from '../head/head.js';
import { gather } from '../head/image.js';
import type { HeadView } from '../head/view.js';
import { BLOCK_ROWS_MAX } from '../limits.js';
import type { Directory } from '../segment/directory.js';
import type { SegmentPart } from '../segment/reader.js';
import type { ScanHints, TimeRange } from '../storage.js';
import { pruningOf } from './prune.js';
import type { Order, Piece, PieceChunk } from './scan.js';

export interface PieceRequest extends TimeRange {
  readonly order: Order;
  readonly fields: ReadonlySet<string> | undefined;
  readonly metadata: boolean;
  readonly hints?: ScanHints;
}

/** undefined where the part has no row in the range. */
export function segmentPiece({ segment, index }: SegmentPart, request: PieceRequest): Piece | undefined {
  const minTime = segment.table.minTime[index];
  const maxTime = segment.table.maxTime[index];
  if (maxTime < request.startTime || minTime >= request.endTime) return undefined;
  return {
    minTime: Math.max(minTime, request.startTime),
    maxTime: Math.min(maxTime, request.endTime - 1),
    chunks: () => segmentChunks({ segment, index }, request),
  };
}

function* segmentChunks({ segment, index }: SegmentPart, request: PieceRequest): Generator<PieceChunk> {
  const directory = segment.directory(index);
  const wanted: number[] = [];
  for (const [column, { name }] of directory.columns.entries())
    if (isWanted(name, request)) wanted.push(column);
  for (const group of groupsIn({ segment, index }, directory, request)) {
    const times = segment.times(index, directory, group);
    const from = lowerBound(times, request.startTime);
    const to = lowerBound(times, request.endTime);
    if (from >= to) continue;
    const rows = segment.rows(index, directory, group);
    const columns: Column[] = [];
    for (const column of wanted) {
      const values = segment.values(index, directory, column, group);
      if (values !== undefined) columns.push(values);
    }
    yield cut({ timestamps: times, rows, columns }, from, to, request.order);
  }
}

/** Groups whose span meets the range. */
function* groupsIn(
  { segment, index }: SegmentPart,
  directory: Directory,
  { startTime, endTime, order, hints }: PieceRequest,
): Generator<number> {
  const { leaves } = directory;
  const isUseless = pruningOf({ segment, index }, directory, hints);
  for (const leafNumber of directions(leaves.length, order)) {
    const { minTime, maxTime, firstGroup, groupCount } = leaves[leafNumber];
    if (maxTime < startTime || minTime >= endTime) continue;
    const leaf = segment.leaf(index, directory, leafNumber);
    for (const group of directions(groupCount, order)) {
      if (leaf.maxTimes[group] < startTime || leaf.minTimes[group] >= endTime) continue;
      if (isUseless?.(leaf, group) !== true) yield firstGroup + group;
    }
  }
}

/** undefined where none of the rows is in the range. */
export function headPiece(view: HeadView, request: PieceRequest): Piece | undefined {
  const { minTime, maxTime } = view.data;
  if (maxTime < request.startTime || minTime >= request.endTime) return undefined;
  return {
    minTime: Math.max(minTime, request.startTime),
    maxTime: Math.min(maxTime, request.endTime - 1),
    chunks: () => headChunks(view, request),
  };
}

function* headChunks(view: HeadView, request: PieceRequest): Generator<PieceChunk> {
  const { rowCount, firstRow, columns: known } = view.data;
  const order = view.order();
  const sortedTimes = order && gather(view.timestamps(0, rowCount), order);
  const positionOf = (time: number) =>
    sortedTimes === undefined ? view.positionOf(time) : lowerBound(sortedTimes, time);
  const from = positionOf(request.startTime);
  const to = positionOf(request.endTime);
  const chunkCount = Math.max(0, Math.ceil((to - from) / BLOCK_ROWS_MAX));
  // Rows out of order may lie anywhere: then a column is read whole, once.
  const whole = new Map<number, Float64Array>();
  const wholeColumn = (index: number) => {
    const values = whole.get(index) ?? view.values(index, 0, rowCount);
    whole.set(index, values);
    return values;
  };
  for (const chunk of directions(chunkCount, request.order)) {
    const start = from + chunk * BLOCK_ROWS_MAX;
    const end = Math.min(to, start + BLOCK_ROWS_MAX);
    const positions = order?.subarray(start, end);
    const rows = new Float64Array(end - start);
    for (let row = 0; row < rows.length; row++) {
      rows[row] = firstRow + (positions === undefined ? start + row : positions[row]);
    }
    const columns: Column[] = [];
    for (let index = 0; index < known.length; index++) {
      const { name, type, dictionary } = known[index];
      if (!isWanted(name, request)) continue;
      const values =
        positions === undefined ? view.values(index, start, end) : gather(wholeColumn(index), positions);
      columns.push(
        dictionary === undefined ? { name, type, values } : compactTexts(name, values, dictionary),
      );
    }
    const timestamps =
      sortedTimes === undefined ? view.timestamps(start, end) : sortedTimes.subarray(start, end);
    yield cut({ timestamps, rows, columns }, 0, rows.length, request.order);
  }
}

/** The head's dictionary may hold every text of a day: a chunk carries only its own. */
function compactTexts(name: string, values: Float64Array, dictionary: readonly string[]): Column {
  const indexes = new Map<number, number>();
  const texts: string[] = [];
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (Number.isNaN(value)) continue;
    let index = indexes.get(value);
    if (index === undefined) {
      index = texts.length;
      indexes.set(value, index);
      texts.push(dictionary[value]);
    }
    values[row] = index;
  }
  return { name, type: 'string', values, dictionary: texts };
}

function isWanted(name: string, request: PieceRequest): boolean {
  if (name === METADATA_COLUMN) return request.metadata;
  return request.fields === undefined || request.fields.has(name);
}

function* directions(count: number, order: Order): Generator<number> {
  if (order === 'asc') for (let index = 0; index < count; index++) yield index;
  else for (let index = count - 1; index >= 0; index--) yield index;
}

function cut(chunk: PieceChunk, from: number, to: number, order: Order): PieceChunk {
  const take = (values: Float64Array) => {
    const part = from === 0 && to === values.length ? values : values.subarray(from, to);
    return order === 'asc' ? part : part.slice().reverse();
  };
  return {
    timestamps: take(chunk.timestamps),
    rows: take(chunk.rows),
    columns: chunk.columns.map(column => ({ ...column, values: take(column.values) })),
  };
}
