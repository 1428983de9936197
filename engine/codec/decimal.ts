import { type ByteReader, BytesError, type ByteWriter } from '../base/bytes.js';
import { type IntegerPlan, planIntegers, readIntegers, writeIntegers } from './integers.js';
import { readPositions, writePositions } from './positions.js';
import { roomFor } from './scratch.js';

/**
 * Decimal numbers as whole numbers: value = digits ÷ 10^exponent, bit by bit. Sensor readings are decimals, and 0.1
 * has no short binary mantissa. After ALP (Afroozeh and Boncz, SIGMOD 2023), but dividing: the quotient is the double
 * nearest to the decimal by IEEE 754, which a product with 10^−exponent often is not.
 */
export interface DecimalPlan {
  readonly exponent: number;
  readonly digits: IntegerPlan;
  readonly exceptionCount: number;
  readonly bytes: number;
}

const EXPONENT_MAX = 18;
const DIGITS_MAX = 2 ** 51 - 1;
const POWERS = Array.from({ length: EXPONENT_MAX + 1 }, (_, exponent) => Number(`1e${exponent}`));
/** Added and taken away again it leaves a double below 2^51 rounded to a whole number, in two additions. */
const ROUNDING = 1.5 * 2 ** 52;
const SAMPLES = 32;
const EXCEPTION_BYTES = 9;

let digits: Float64Array = new Float64Array(1_024);
let positions = new Int32Array(1_024);

/** How to write `values` as decimals; undefined where too few of them are. */
export function planDecimals(values: Float64Array, count: number): DecimalPlan | undefined {
  const exponent = chooseExponent(values, count);
  if (exponent === undefined) return undefined;
  const exceptionCount = takeDigits(values, count, exponent);
  const plan = planIntegers(digits, count);
  return { exponent, digits: plan, exceptionCount, bytes: plan.bytes + exceptionCount * EXCEPTION_BYTES + 2 };
}

export function writeDecimals(
  writer: ByteWriter,
  values: Float64Array,
  count: number,
  plan: DecimalPlan,
): void {
  const exceptionCount = takeDigits(values, count, plan.exponent);
  writer.u8(plan.exponent);
  writePositions(writer, positions, exceptionCount);
  for (let k = 0; k < exceptionCount; k++) writer.f64(values[positions[k]]);
  writeIntegers(writer, digits, count, plan.digits);
}

export function readDecimals(reader: ByteReader, into: Float64Array, count: number): void {
  const exponent = reader.u8();
  if (exponent > EXPONENT_MAX) throw new BytesError('A decimal exponent is unknown');
  const exceptionPositions = readPositions(reader, count);
  const exceptions = new Float64Array(exceptionPositions.length);
  for (let k = 0; k < exceptions.length; k++) exceptions[k] = reader.f64();
  readIntegers(reader, into, count);
  const power = POWERS[exponent];
  if (exponent > 0) for (let i = 0; i < count; i++) into[i] /= power;
  for (let k = 0; k < exceptions.length; k++) into[exceptionPositions[k]] = exceptions[k];
}

/** The largest exponent that a sample's values need, unless a few that need many digits would widen all the rest. */
function chooseExponent(values: Float64Array, count: number): number | undefined {
  const taken = Math.min(SAMPLES, count);
  const needed = new Int32Array(EXPONENT_MAX + 1);
  let decimals = 0;
  for (let k = 0; k < taken; k++) {
    const exponent = exponentOf(values[Math.floor((k * count) / taken)]);
    if (exponent < 0) continue;
    needed[exponent]++;
    decimals++;
  }
  if (decimals * 2 < taken) return undefined;
  let exponent = EXPONENT_MAX;
  let left = Math.floor(decimals / 16);
  while (exponent > 0 && needed[exponent] <= left) left -= needed[exponent--];
  return exponent;
}

/** Least exponent that gives `value` back from its digits, or −1. */
function exponentOf(value: number): number {
  for (let exponent = 0; exponent <= EXPONENT_MAX; exponent++) {
    const power = POWERS[exponent];
    const rounded = value * power + ROUNDING - ROUNDING;
    if (rounded > DIGITS_MAX || rounded < -DIGITS_MAX) return -1;
    if (rounded / power === value) return exponent;
  }
  return -1;
}

/** Fills `digits` and the positions of values that have none; says how many those are. */
function takeDigits(values: Float64Array, count: number, exponent: number): number {
  digits = roomFor(digits, count);
  if (positions.length < count) positions = new Int32Array(count);
  const power = POWERS[exponent];
  let exceptionCount = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i];
    const rounded = value * power + ROUNDING - ROUNDING;
    digits[i] = rounded;
    const exact = rounded / power === value && rounded <= DIGITS_MAX && rounded >= -DIGITS_MAX;
    // −0 equals 0, but its digits come back as 0.
    if (!exact || (rounded === 0 && 1 / value < 0)) positions[exceptionCount++] = i;
  }
  for (let k = 0; k < exceptionCount; k++) fillGap(count, positions[k], k, exceptionCount);
  return exceptionCount;
}

/** Digits where there are none: the neighbour's, which cost the least. */
function fillGap(count: number, position: number, k: number, exceptionCount: number): void {
  if (position > 0) {
    digits[position] = digits[position - 1];
    return;
  }
  let next = 1;
  while (k + next < exceptionCount && positions[k + next] === next) next++;
  digits[0] = next < count ? digits[next] : 0;
}
