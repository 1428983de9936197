/**
 * Slices of equal width of a range of time: the columns of a picture, and groups as wide as they. Which slice holds
 * an instant is computed as a client computes the pixel it draws at, to the last bit: a point at the edge of a pixel
 * that we had in the next one would be missed in the picture.
 */
import type { TimeRange } from '../storage.js';

/** The range is not empty. Of more slices than it has milliseconds, some hold nothing. */
export interface Slices extends TimeRange {
  readonly count: number;
}

/** Number of the slice that holds a time; below 0, or `count` and more, outside the range. */
export function sliceOf(time: number, { startTime, endTime, count }: Slices): number {
  return Math.floor(((time - startTime) / (endTime - startTime)) * count);
}

/** First whole millisecond of a slice, or of the next that holds one. */
export function sliceStart(index: number, slices: Slices): number {
  const { startTime, endTime, count } = slices;
  // Rounding may put it a millisecond beside.
  let start = startTime + Math.ceil((index * (endTime - startTime)) / count);
  while (sliceOf(start, slices) < index) start++;
  while (sliceOf(start - 1, slices) >= index) start--;
  return start;
}
