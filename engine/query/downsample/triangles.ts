/**
 * Largest triangle three buckets: Steinarsson, "Downsampling Time Series for Visual Representation" (2013), §4.2.
 * Buckets have as many values as each other, so all must be known before the first is chosen.
 */
import type { Progress } from '../progress.js';
import type { Marks } from './marks.js';

/** Values after which others may have their turn. */
const TURN_VALUES = 65_536;

/**
 * Marks the rows chosen of one field; false where no row has a value.
 *
 * Times are measured from the first: sums of instants of today would lose their milliseconds. Where infinite values
 * leave a bucket without the area of any triangle, its first value is chosen.
 */
export async function markTriangles(
  timestamps: Float64Array,
  values: Float64Array,
  points: number,
  marks: Marks,
  progress: Progress,
): Promise<boolean> {
  const rows = rowsWithValue(values);
  const last = rows.length - 1;
  if (last < 0) return false;
  if (rows.length <= points) {
    for (let at = 0; at <= last; at++) marks[rows[at]] = 1;
    return true;
  }
  let chosen = 0;
  marks[rows[0]] = 1;
  if (points > 1) marks[rows[last]] = 1;
  const startOf = (bucket: number) => Math.floor((bucket * (last - 1)) / (points - 2)) + 1;
  let worked = 0;
  for (let bucket = 0; bucket < points - 2; bucket++) {
    const to = startOf(bucket + 1);
    // The last value is a bucket of its own.
    const nextTo = Math.min(startOf(bucket + 2), rows.length);
    chosen = largestTriangle(timestamps, values, rows, chosen, startOf(bucket), to, nextTo);
    marks[rows[chosen]] = 1;
    worked += nextTo - to;
    if (worked < TURN_VALUES) continue;
    await progress.advance(0);
    worked = 0;
  }
  return true;
}

function rowsWithValue(values: Float64Array): Uint32Array {
  const rows = new Uint32Array(values.length);
  let count = 0;
  for (let row = 0; row < values.length; row++) if (!Number.isNaN(values[row])) rows[count++] = row;
  return rows.subarray(0, count);
}

/** Place in `from … to` of the largest triangle with the one chosen before and the average of `to … nextTo`. */
function largestTriangle(
  timestamps: Float64Array,
  values: Float64Array,
  rows: Uint32Array,
  before: number,
  from: number,
  to: number,
  nextTo: number,
): number {
  const origin = timestamps[rows[0]];
  let averageX = 0;
  let averageY = 0;
  for (let at = to; at < nextTo; at++) {
    averageX += timestamps[rows[at]] - origin;
    averageY += values[rows[at]];
  }
  averageX /= nextTo - to;
  averageY /= nextTo - to;
  const beforeX = timestamps[rows[before]] - origin;
  const beforeY = values[rows[before]];
  let largest = -1;
  let place = from;
  for (let at = from; at < to; at++) {
    const x = timestamps[rows[at]] - origin;
    const area = Math.abs(
      (beforeX - averageX) * (values[rows[at]] - beforeY) - (beforeX - x) * (averageY - beforeY),
    );
    if (area > largest) {
      largest = area;
      place = at;
    }
  }
  return place;
}
