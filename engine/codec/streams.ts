/** Whole numbers as one integer stream of as many as both sides know, and which of some numbers are there. */
import type { ByteReader, ByteWriter } from '../base/bytes.js';
import { planIntegers } from './integer-plan.js';
import { readIntegers, writeIntegers } from './integers.js';

export function writeStream(writer: ByteWriter, values: Float64Array): void {
  writeIntegers(writer, values, values.length, planIntegers(values, values.length));
}

export function readStream(reader: ByteReader, count: number): Float64Array {
  const values = new Float64Array(count);
  readIntegers(reader, values, count);
  return values;
}

/** Positions of the numbers that are above 0. */
export function positionsOf(counts: Float64Array): Int32Array {
  const positions = new Int32Array(counts.length);
  let found = 0;
  for (let index = 0; index < counts.length; index++) if (counts[index] > 0) positions[found++] = index;
  return positions.subarray(0, found);
}
