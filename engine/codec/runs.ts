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

export function countRuns(values: Float64Array, count: number): number {
  const halves = new Uint32Array(values.buffer, values.byteOffset, count * 2);
  let runCount = 1;
  for (let i = 2; i < 2 * count; i += 2) {
    const changed = (halves[i] ^ halves[i - 2]) | (halves[i + 1] ^ halves[i - 1]);
    runCount += changed === 0 ? 0 : 1;
  }
  return runCount;
}

/** Whether runs are long enough to be stored as such. */
export function hasManyRepeats(runCount: number, count: number): boolean {
  return runCount * 2 <= count;
}

export function takeRuns(values: Float64Array, count: number): Runs {
  runValues = roomFor(runValues, count);
  runLengths = roomFor(runLengths, count);
  const lengths = runLengths;
  const firsts = runValues;
  let runCount = 0;
  let start = 0;
  for (let i = 1; i <= count; i++) {
    // Object.is, because −0 equals 0.
    if (i < count && Object.is(values[i], values[start])) continue;
    firsts[runCount] = values[start];
    lengths[runCount++] = i - start;
    start = i;
  }
  return { values: runValues, lengths: runLengths, count: runCount };
}
