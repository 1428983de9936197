import type { ByteReader, ByteWriter } from '../base/bytes.js';
import { readFlags, writeFlags } from './flags.js';
import { roomFor } from './scratch.js';

/** Which rows of a column have a value: all (0), or flags in one of their forms. */
const ALL = 0;

let flags: Float64Array = new Float64Array(1_024);

/** How many values there are; NaN is no value. */
export function countPresent(values: Float64Array): number {
  let missing = 0;
  for (let row = 0; row < values.length; row++) if (Number.isNaN(values[row])) missing++;
  return values.length - missing;
}

/** Moves the values that are there to the front of `into`, which has room for all. */
export function takePresent(values: Float64Array, into: Float64Array): void {
  let count = 0;
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    // Written always and kept only where it counts: no branch to mispredict.
    into[count] = value;
    count += Number.isNaN(value) ? 0 : 1;
  }
}

export function writePresence(writer: ByteWriter, values: Float64Array, presentCount: number): void {
  const rows = values.length;
  if (presentCount === rows) {
    writer.u8(ALL);
    return;
  }
  flags = roomFor(flags, rows);
  for (let row = 0; row < rows; row++) flags[row] = Number.isNaN(values[row]) ? 0 : 1;
  writeFlags(writer, flags, rows);
}

/** Number of values that are there. spreadPresent, next, puts them into their rows. */
export function readPresence(reader: ByteReader, rows: number): number {
  const form = reader.u8();
  if (form === ALL) return rows;
  flags = roomFor(flags, rows);
  readFlags(reader, form, flags, rows);
  let count = 0;
  for (let row = 0; row < rows; row++) count += flags[row];
  return count;
}

/** The first `presentCount` of `values` go to the rows of the last readPresence; NaN goes everywhere else. */
export function spreadPresent(values: Float64Array, presentCount: number): void {
  let from = presentCount;
  // From the end, because a value never moves towards the front.
  for (let row = values.length - 1; row >= 0; row--)
    values[row] = flags[row] === 1 ? values[--from] : Number.NaN;
}
