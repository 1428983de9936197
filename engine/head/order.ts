/**
 * Rows in order of time. Points of several clients come in stretches that are in order each, and mostly just after one
 * another: a natural merge sort (Knuth, The Art of Computer Programming, vol. 3, §5.2.4) moves only what overlaps.
 */

/** Positions in order of time; equal times keep their order. */
export function sortedPositions(timestamps: Float64Array): Uint32Array {
  const positions = new Uint32Array(timestamps.length);
  for (let row = 0; row < positions.length; row++) positions[row] = row;
  let starts = startsOfRuns(timestamps);
  const aside = new Uint32Array(starts.length > 2 ? timestamps.length : 0);
  while (starts.length > 2) {
    const merged = [0];
    for (let run = 2; run < starts.length; run += 2) {
      mergeRuns(timestamps, positions, aside, starts[run - 2], starts[run - 1], starts[run]);
      merged.push(starts[run]);
    }
    if (starts.length % 2 === 0) merged.push(timestamps.length);
    starts = merged;
  }
  return positions;
}

/** Where runs of ascending times start, and where the last one ends. */
function startsOfRuns(timestamps: Float64Array): number[] {
  const starts = [0];
  for (let row = 1; row < timestamps.length; row++)
    if (timestamps[row] < timestamps[row - 1]) starts.push(row);
  starts.push(timestamps.length);
  return starts;
}

/** Merges `positions[from … middle)` and `positions[middle … end)`, through room for the first of the two. */
function mergeRuns(
  timestamps: Float64Array,
  positions: Uint32Array,
  aside: Uint32Array,
  from: number,
  middle: number,
  end: number,
): void {
  // What comes before all of the second run, and what comes after all of the first, stays where it is.
  const start = boundary(timestamps, positions, timestamps[positions[middle]], from, middle, true);
  if (start === middle) return;
  const stop = boundary(timestamps, positions, timestamps[positions[middle - 1]], middle, end, false);
  const leftEnd = middle - start;
  for (let at = 0; at < leftEnd; at++) aside[at] = positions[start + at];
  let left = 0;
  let right = middle;
  let at = start;
  while (left < leftEnd && right < stop) {
    // Equal times: the first run's rows came first.
    if (timestamps[positions[right]] < timestamps[aside[left]]) positions[at++] = positions[right++];
    else positions[at++] = aside[left++];
  }
  while (left < leftEnd) positions[at++] = aside[left++];
}

/** First place in `[from, to)` with a later time, or, unless `isAfterEqual`, with one that is not earlier. */
function boundary(
  timestamps: Float64Array,
  positions: Uint32Array,
  time: number,
  from: number,
  to: number,
  isAfterEqual: boolean,
): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const there = timestamps[positions[middle]];
    if (there < time || (isAfterEqual && there === time)) low = middle + 1;
    else high = middle;
  }
  return low;
}
