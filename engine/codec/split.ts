import type { ByteReader, ByteWriter } from '../base/bytes.js';
import { BytesError } from '../base/bytes.js';
import { packedBytes, readPacked, writePacked } from './bits.js';
import { type IntegerPlan, planIntegers } from './integer-plan.js';
import { readIntegers, writeIntegers } from './integers.js';
import { roomFor } from './scratch.js';

/**
 * Doubles that are no decimals: the upper 50 bits as a whole number in the doubles' own order, which goes the way of
 * all whole numbers (differences, entropy), and the lower 14, which look like noise, as they are. What ALP-RD does with
 * a dictionary of left parts, differences do here without one.
 */
export interface SplitPlan {
  readonly upper: IntegerPlan;
  readonly lowerWidth: number;
  readonly bytes: number;
}

const LOWER_WIDTH = 14;
const LOWER_MASK = (1 << LOWER_WIDTH) - 1;
const UPPER_OF_HIGH = 2 ** (32 - LOWER_WIDTH);

let upper: Float64Array = new Float64Array(1_024);
let lower: Float64Array = new Float64Array(1_024);

export function planSplit(values: Float64Array, count: number): SplitPlan {
  const lowerWidth = takeParts(values, count);
  const plan = planIntegers(upper, count);
  return { upper: plan, lowerWidth, bytes: plan.bytes + 1 + packedBytes(count, lowerWidth) };
}

export function writeSplit(writer: ByteWriter, values: Float64Array, count: number, plan: SplitPlan): void {
  takeParts(values, count);
  writer.u8(plan.lowerWidth);
  writeIntegers(writer, upper, count, plan.upper);
  writePacked(writer, lower, 0, count, plan.lowerWidth);
}

export function readSplit(reader: ByteReader, into: Float64Array, count: number): void {
  const lowerWidth = reader.u8();
  if (lowerWidth !== 0 && lowerWidth !== LOWER_WIDTH) throw new BytesError('A split has an unknown width');
  upper = roomFor(upper, count);
  lower = roomFor(lower, count);
  readIntegers(reader, upper, count);
  readPacked(reader, lower, 0, count, lowerWidth, 0);
  const halves = new Uint32Array(into.buffer, into.byteOffset, count * 2);
  const fromUpper = upper;
  const fromLower = lower;
  for (let i = 0; i < count; i++) {
    const ordered = fromUpper[i];
    const magnitude = ordered < 0 ? -1 - ordered : ordered;
    const high = Math.floor(magnitude / UPPER_OF_HIGH);
    halves[2 * i] = ((magnitude - high * UPPER_OF_HIGH) << LOWER_WIDTH) | fromLower[i];
    halves[2 * i + 1] = ordered < 0 ? high | 0x8000_0000 : high;
  }
}

/** Fills both parts; says how wide the lower ones are, 0 where all are 0. */
function takeParts(values: Float64Array, count: number): number {
  upper = roomFor(upper, count);
  lower = roomFor(lower, count);
  const halves = new Uint32Array(values.buffer, values.byteOffset, count * 2);
  const intoUpper = upper;
  const intoLower = lower;
  let seen = 0;
  for (let i = 0; i < count; i++) {
    const low = halves[2 * i];
    const high = halves[2 * i + 1];
    const magnitude = (high & 0x7fff_ffff) * UPPER_OF_HIGH + (low >>> LOWER_WIDTH);
    // Negative numbers count down, and −0 is the one before 0.
    intoUpper[i] = high >= 0x8000_0000 ? -1 - magnitude : magnitude;
    intoLower[i] = low & LOWER_MASK;
    seen |= low & LOWER_MASK;
  }
  return seen === 0 ? 0 : LOWER_WIDTH;
}
