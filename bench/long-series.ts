/** A source of any length that nobody has to hold: each reading is a function of its number. */
import type { Readings } from './reference.js';

const START_MS = Date.UTC(2024, 0, 1);
const STEP_MS = 1_000;
const DAY_ROWS = 86_400;
const SEED = 0x9e3779b9;

/**
 * A temperature at 1 Hz, with one decimal: a sine of a day around 20 °C, and noise of a tenth.
 * @param startTime milliseconds
 */
export function longReadings(rowCount: number, startTime = START_MS): Readings {
  const daily = Float64Array.from(
    { length: DAY_ROWS },
    (_, row) => 200 + 50 * Math.sin((row / DAY_ROWS) * 2 * Math.PI),
  );
  return {
    source: 'long',
    rowCount,
    timeAt: row => startTime + row * STEP_MS,
    fields: new Map([['temperature', row => Math.round(daily[row % DAY_ROWS] + noiseOf(row)) / 10]]),
  };
}

/** Of sum of four uniform bytes: the mean, and the standard deviation. */
const BYTES_MEAN = 4 * 127.5;
const BYTES_DEVIATION = Math.sqrt((4 * (256 ** 2 - 1)) / 12);

/** Nearly normal, deviation 1. Bits: the finalizer of MurmurHash3. */
function noiseOf(row: number): number {
  let bits = Math.imul(row ^ (row >>> 16), 0x85ebca6b) ^ SEED;
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  bits ^= bits >>> 16;
  const sum = (bits & 0xff) + ((bits >>> 8) & 0xff) + ((bits >>> 16) & 0xff) + (bits >>> 24);
  return (sum - BYTES_MEAN) / BYTES_DEVIATION;
}
