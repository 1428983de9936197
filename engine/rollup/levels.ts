/** Which rollup levels a source has in a segment: a pure function of how its rows lie in time. */
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../base/time.js';
import { BLOCK_ROWS_MAX } from '../limits.js';

/**
 * Widths of the windows of each level, in milliseconds, aligned to the clock in UTC. Each divides the next, so that
 * coarser windows are made of finer ones. A level's code in a segment is its place here.
 */
export const LEVEL_WIDTHS_MS: readonly number[] = [
  SECOND_MS,
  10 * SECOND_MS,
  MINUTE_MS,
  10 * MINUTE_MS,
  HOUR_MS,
  6 * HOUR_MS,
  DAY_MS,
];

/** Windows of a level lie in chunks of so many, and a last one with the rest: a short range decodes few. */
export const CHUNK_WINDOWS_MAX = 1_024;

/** Rows a window on average: a window costs some bytes, and decoding so many rows a microsecond. */
const WINDOW_ROWS_MIN = 256;
/** Folding fewer finer windows is cheaper than one level more to store. */
const FINER_WINDOWS_MIN = 64;
/** A coarser level whose windows are hardly fewer saves nothing. */
const FINER_RATIO_MIN = 2;

/**
 * Codes of the levels worth having, finest first. `windowCounts[code]` is the number of windows with rows.
 * A source of one block has none: its block's summary says as much.
 */
export function chooseLevels(rowCount: number, windowCounts: ArrayLike<number>): number[] {
  const levels: number[] = [];
  if (rowCount <= BLOCK_ROWS_MAX) return levels;
  let finer = Infinity;
  for (let code = 0; code < LEVEL_WIDTHS_MS.length; code++) {
    const windows = windowCounts[code];
    if (rowCount < windows * WINDOW_ROWS_MIN) continue;
    if (finer < FINER_WINDOWS_MIN || windows * FINER_RATIO_MIN > finer) continue;
    levels.push(code);
    finer = windows;
  }
  return levels;
}

/** Counts the windows of every level that rows in order of time fall into. */
export class WindowCounter {
  readonly counts = new Float64Array(LEVEL_WIDTHS_MS.length);
  /** Where the current window of each level ends. */
  readonly #ends = new Float64Array(LEVEL_WIDTHS_MS.length).fill(-Infinity);

  add(timestamps: Float64Array): void {
    let end = this.#ends[0];
    for (let row = 0; row < timestamps.length; row++) {
      const time = timestamps[row];
      if (time < end) continue;
      this.#begin(time);
      end = this.#ends[0];
    }
  }

  /** A coarser window ends only where a finer one does. */
  #begin(time: number): void {
    for (let code = 0; code < LEVEL_WIDTHS_MS.length && time >= this.#ends[code]; code++) {
      const width = LEVEL_WIDTHS_MS[code];
      this.#ends[code] = (Math.floor(time / width) + 1) * width;
      this.counts[code]++;
    }
  }
}

const UNITS = [
  ['d', DAY_MS],
  ['h', HOUR_MS],
  ['m', MINUTE_MS],
  ['s', SECOND_MS],
] as const;

/** Name of a level by the width of its windows: `1h`, `10m`. */
export function levelName(widthMs: number): string {
  const [suffix, unitMs] = UNITS.find(([, unit]) => widthMs % unit === 0) ?? ['ms', 1];
  return `${widthMs / unitMs}${suffix}`;
}
