import { roomFor } from './scratch.js';

/** A column as runs of one value each. */
export interface Runs {
  /** Scratch, valid until the next column. */
  readonly values: Float64Array;
  readonly lengths: Float64Array;
  readonly count: number;
}

let runValues: Float64Array = new Float64Array(1_024);
let runLengths: Float64Array = new Float64Array(1_024);

export function takeRuns(values: Float64Array, count: number): Runs {
  runValues = roomFor(runValues, count);
  runLengths = roomFor(runLengths, count);
  let runCount = 0;
  let start = 0;
  for (let i = 1; i <= count; i++) {
    // Object.is, because −0 equals 0.
    if (i < count && Object.is(values[i], values[start])) continue;
    runValues[runCount] = values[start];
    runLengths[runCount++] = i - start;
    start = i;
  }
  return { values: runValues, lengths: runLengths, count: runCount };
}
