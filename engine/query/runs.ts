/** Cuts chunks in time order into runs of rows of one group. */
import type { GroupEdges } from './calendar.js';

export interface Run {
  /** Start of the group, in milliseconds. */
  readonly start: number;
  readonly from: number;
  readonly to: number;
}

export function* groupRuns(timestamps: Float64Array, edges: GroupEdges): Generator<Run> {
  for (let from = 0; from < timestamps.length; ) {
    const start = edges.startOf(timestamps[from]);
    const to = firstFrom(timestamps, edges.endOf(start), from + 1);
    yield { start, from, to };
    from = to;
  }
}

/** First position from `low` on whose time is not before `end`. */
function firstFrom(timestamps: Float64Array, end: number, low: number): number {
  let high = timestamps.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (timestamps[middle] < end) low = middle + 1;
    else high = middle;
  }
  return low;
}
