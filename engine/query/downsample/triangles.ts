/**
 * Largest triangle three buckets: Steinarsson, "Downsampling Time Series for Visual Representation" (2013), §4.2.
 * Buckets have as many values as each other, so all must be known before the first is chosen.
 */
import { TRIANGLES_VALUES_MAX } from '../../limits.js';
import type { ScanChunk, TimeRange } from '../../storage.js';
import type { Progress } from '../progress.js';
import { markEndsOfColumns } from './columns.js';
import { type Marks, markedRows, noMarks } from './marks.js';
import { RowsBuilder } from './rows-builder.js';

/** Values after which others may have their turn. */
const TURN_VALUES = 65_536;

/** A source has more in the range than may be held at once to choose from. */
export class PictureTooLargeError extends Error {
  readonly code = 'PICTURE_TOO_LARGE';

  constructor(valuesMax: number) {
    super(`More than ${valuesMax} values to choose from`);
    this.name = 'PictureTooLargeError';
  }
}

/**
 * Of one source's rows in ascending order those that are chosen for some number field.
 * @param columnCount of a picture of rows that have no number at all
 * @throws PictureTooLargeError (rejects)
 */
export async function* chooseTriangles(
  chunks: AsyncIterable<ScanChunk>,
  points: number,
  range: TimeRange,
  columnCount: number,
  progress: Progress,
  valuesMax = TRIANGLES_VALUES_MAX,
): AsyncGenerator<ScanChunk> {
  const all = await heldRows(chunks, valuesMax);
  if (all === undefined) return;
  const marks = noMarks(all);
  let hasNumbers = false;
  for (const { type, values } of all.fields) {
    if (type !== 'number') continue;
    if (await markTriangles(all.timestamps, values, points, marks, progress)) hasNumbers = true;
  }
  if (!hasNumbers) markEndsOfColumns(all, range, columnCount, marks);
  yield markedRows(all, marks, 0, marks.length);
}

/** undefined where there are none. */
async function heldRows(chunks: AsyncIterable<ScanChunk>, valuesMax: number): Promise<ScanChunk | undefined> {
  const builder = new RowsBuilder();
  for await (const chunk of chunks) {
    builder.add(chunk);
    if (builder.valueCount > valuesMax) throw new PictureTooLargeError(valuesMax);
  }
  return builder.rowCount === 0 ? undefined : builder.finish();
}

/**
 * Marks the rows chosen of one field; false where no row has a value.
 *
 * Times are measured from the first: sums of instants of today would lose their milliseconds. Where infinite values
 * leave a bucket without the area of any triangle, its first value is chosen.
 */
async function markTriangles(
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
