/** Columns of merged rows, in chunks as a segment wants them: BLOCK_ROWS_MAX rows each, and a last one with the rest. */
import type { Column } from '../batch.js';
import { BLOCK_ROWS_MAX } from '../limits.js';
import { ColumnBuilder } from '../query/column-builder.js';
import type { SegmentPart } from '../segment/reader.js';
import { type MergeOrder, RUN_STRIDE } from './merge-order.js';

/** Reads a group of the part at a place; undefined where none of its rows has a value. */
type GroupReader<T> = (part: SegmentPart, group: number, place: number) => T | undefined;

/** Numbers; NaN where there is none. */
export function* gatherNumbers(
  order: MergeOrder,
  parts: readonly SegmentPart[],
  read: GroupReader<Float64Array>,
): Generator<Float64Array> {
  let chunk = new Float64Array(BLOCK_ROWS_MAX);
  let length = 0;
  for (const { values, from, to } of stretches(order, parts, read)) {
    for (let at = from; at < to; ) {
      const end = Math.min(to, at + BLOCK_ROWS_MAX - length);
      if (values === undefined) chunk.fill(Number.NaN, length, length + end - at);
      else copy(values, at, end, chunk, length);
      length += end - at;
      at = end;
      if (length < BLOCK_ROWS_MAX) continue;
      yield chunk;
      chunk = new Float64Array(BLOCK_ROWS_MAX);
      length = 0;
    }
  }
  if (length > 0) yield chunk.subarray(0, length);
}

function copy(values: Float64Array, from: number, to: number, into: Float64Array, at: number): void {
  // A view costs more than some values.
  if (to - from > 16) into.set(values.subarray(from, to), at);
  else for (let row = from; row < to; row++) into[at++] = values[row];
}

/** Texts: a chunk has a dictionary of its own. */
export function* gatherTexts(
  order: MergeOrder,
  parts: readonly SegmentPart[],
  read: GroupReader<Column>,
): Generator<Column> {
  let builder = new ColumnBuilder('string', BLOCK_ROWS_MAX);
  let length = 0;
  for (const { values, from, to } of stretches(order, parts, read)) {
    for (let at = from; at < to; ) {
      const end = Math.min(to, at + BLOCK_ROWS_MAX - length);
      if (values !== undefined) builder.add(values, at, end, length);
      length += end - at;
      at = end;
      if (length < BLOCK_ROWS_MAX) continue;
      yield builder.finish('', length);
      builder = new ColumnBuilder('string', BLOCK_ROWS_MAX);
      length = 0;
    }
  }
  if (length > 0) yield builder.finish('', length);
}

interface Stretch<T> {
  values: T | undefined;
  /** Rows of the group. */
  from: number;
  to: number;
}

/**
 * Runs cut at the ends of groups, each group read once for as long as runs stay in it. It is one object that is yielded
 * again and again: where rows of two parts alternate there is a stretch for each.
 */
function* stretches<T>(
  order: MergeOrder,
  parts: readonly SegmentPart[],
  read: GroupReader<T>,
): Generator<Stretch<T>> {
  const groups: number[] = [];
  const current: (T | undefined)[] = [];
  const stretch: Stretch<T> = { values: undefined, from: 0, to: 0 };
  for (const batch of order.batches()) {
    for (let at = 0; at < batch.length; at += RUN_STRIDE) {
      const place = batch[at];
      const { blockRows } = parts[place].segment;
      const runEnd = batch[at + 2];
      for (let row = batch[at + 1]; row < runEnd; ) {
        const group = Math.floor(row / blockRows);
        const start = group * blockRows;
        const end = Math.min(runEnd, start + blockRows);
        if (groups[place] !== group) {
          groups[place] = group;
          current[place] = read(parts[place], group, place);
        }
        stretch.values = current[place];
        stretch.from = row - start;
        stretch.to = end - start;
        yield stretch;
        row = end;
      }
    }
  }
}
