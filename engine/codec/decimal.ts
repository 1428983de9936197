import { ByteReader, BytesError, type ByteWriter } from '../base/bytes.js';
import { type IntegerPlan, planIntegers } from './integer-plan.js';
import { readIntegers, writeIntegers } from './integers.js';
import { readPositions, writePositions } from './positions.js';
import { roomFor } from './scratch.js';

/**
 * Decimal numbers as whole numbers: the double nearest to digits ÷ 10^exponent, and how many doubles further the value
 * lies. Sensor readings are decimals, and 0.1 has no short binary mantissa. After ALP (Afroozeh and Boncz, SIGMOD
 * 2023), but dividing, because the quotient is the nearest double by IEEE 754, which a product with 10^−exponent often
 * is not; and with corrections, because averages and sums leave decimals a double or two away from the nearest
 * (51.846000000000004), where ALP stores 64 bits.
 */
export interface DecimalPlan {
  readonly exponent: number;
  readonly digits: IntegerPlan;
  /** Where some value is not the nearest double. */
  readonly corrections?: IntegerPlan;
  readonly bytes: number;
}

const EXPONENT_MAX = 18;
const DIGITS_MAX = 2 ** 51 - 1;
const CORRECTION_MAX = 2 ** 50;
export const POWERS: readonly number[] = Array.from({ length: EXPONENT_MAX + 1 }, (_, exponent) =>
  Number(`1e${exponent}`),
);
/** Added and taken away again it leaves a double below 2^51 rounded to a whole number, in two additions. */
export const ROUNDING = 1.5 * 2 ** 52;
/** Eight doubles or fewer away from a decimal counts as that decimal: longer sums are further off only rarely. */
const NEAR = 2 ** -49;
const SAMPLES = 32;
const EXCEPTION_BYTES = 9;
const EXCEPTION_BITS = EXCEPTION_BYTES * 8;
const MANTISSA_BITS = 52;
/**
 * Bits a value from which on decimals are not tried: with so many digits every double is near one, and splitting it
 * costs the same in half the time.
 */
const WORTHWHILE_BITS = 45;
const DIGITS_WIDTH = 51;
const BITS_PER_DIGIT = Math.log2(10);
const CORRECTED = 0x80;
const WORD = 2 ** 32;

let digits: Float64Array = new Float64Array(1_024);
let corrections: Float64Array = new Float64Array(1_024);
let positions = new Int32Array(1_024);
let exceptionCount = 0;
/** A value and its nearest decimal, as halves. */
const pair = new Float64Array(2);
const pairHalves = new Uint32Array(pair.buffer);
const sampleExponents = new Int32Array(SAMPLES);
const sampleSizes = new Float64Array(SAMPLES);

/** How to write `values` as decimals; undefined where a sample says that they hardly are. */
export function planDecimals(values: Float64Array, count: number): DecimalPlan | undefined {
  const exponent = chooseExponent(values, count);
  if (exponent === undefined) return undefined;
  const corrected = takeDigits(values, count, exponent);
  const digitsPlan = planIntegers(digits, count);
  const bytes = digitsPlan.bytes + exceptionCount * EXCEPTION_BYTES + 2;
  if (!corrected) return { exponent, digits: digitsPlan, bytes };
  const correctionsPlan = planIntegers(corrections, count);
  return { exponent, digits: digitsPlan, corrections: correctionsPlan, bytes: bytes + correctionsPlan.bytes };
}

/** Whether a sample says that decimals are worth trying. */
export function areDecimalsLikely(values: Float64Array, count: number): boolean {
  return chooseExponent(values, count) !== undefined;
}

export function writeDecimals(
  writer: ByteWriter,
  values: Float64Array,
  count: number,
  plan: DecimalPlan,
): void {
  takeDigits(values, count, plan.exponent);
  writer.u8(plan.exponent | (plan.corrections === undefined ? 0 : CORRECTED));
  writePositions(writer, positions, exceptionCount);
  for (let k = 0; k < exceptionCount; k++) writer.f64(values[positions[k]]);
  writeIntegers(writer, digits, count, plan.digits);
  if (plan.corrections !== undefined) writeIntegers(writer, corrections, count, plan.corrections);
}

/** What comes before digits that all values have exactly. */
export function writeExactHead(writer: ByteWriter, exponent: number): void {
  writer.u8(exponent);
  writePositions(writer, positions, 0);
}

export function readDecimals(reader: ByteReader, into: Float64Array, count: number): void {
  const head = reader.u8();
  const exponent = head & ~CORRECTED;
  if (exponent > EXPONENT_MAX) throw new BytesError('A decimal exponent is unknown');
  const exceptionPositions = readPositions(reader, count);
  const exceptions = reader.raw(exceptionPositions.length * 8);
  readIntegers(reader, into, count);
  if (exponent > 0) divide(into, count, POWERS[exponent]);
  if (head & CORRECTED) {
    corrections = roomFor(corrections, count);
    readIntegers(reader, corrections, count);
    correct(into, count);
  }
  if (exceptionPositions.length === 0) return;
  const raw = new ByteReader(exceptions);
  for (let k = 0; k < exceptionPositions.length; k++) into[exceptionPositions[k]] = raw.f64();
}

function divide(into: Float64Array, count: number, power: number): void {
  for (let i = 0; i < count; i++) into[i] /= power;
}

/** Moves each value by so many doubles, away from zero where positive. */
function correct(into: Float64Array, count: number): void {
  const halves = new Uint32Array(into.buffer, into.byteOffset, count * 2);
  for (let i = 0; i < count; i++) {
    const correction = corrections[i];
    if (correction === 0) continue;
    const low = halves[2 * i] + correction;
    const carry = Math.floor(low / WORD);
    halves[2 * i] = low - carry * WORD;
    halves[2 * i + 1] += carry;
  }
}

/**
 * The exponent that makes a sample cheapest: each digit widens every value that is not 0, and a value that needs more
 * digits costs its whole mantissa, part of it as a correction.
 */
function chooseExponent(values: Float64Array, count: number): number | undefined {
  const taken = Math.min(SAMPLES, count);
  for (let k = 0; k < taken; k++) {
    const value = values[Math.floor((k * count) / taken)];
    sampleExponents[k] = exponentOf(value);
    pair[0] = value;
    sampleSizes[k] = ((pairHalves[1] >>> 20) & 0x7ff) - 1_023;
  }
  let best = 0;
  let bestBits = Number.POSITIVE_INFINITY;
  for (let exponent = 0; exponent <= EXPONENT_MAX; exponent++) {
    let bits = 0;
    for (let k = 0; k < taken; k++) {
      const width = Math.max(0, sampleSizes[k] + exponent * BITS_PER_DIGIT);
      if (width > DIGITS_WIDTH) bits += EXCEPTION_BITS;
      else bits += sampleExponents[k] <= exponent ? width : MANTISSA_BITS;
    }
    if (bits >= bestBits) continue;
    best = exponent;
    bestBits = bits;
  }
  return bestBits < taken * WORTHWHILE_BITS ? best : undefined;
}

/** Least exponent with a decimal near enough to `value`, or one that is too large. */
function exponentOf(value: number): number {
  const tolerance = Math.abs(value) * NEAR;
  for (let exponent = 0; exponent <= EXPONENT_MAX; exponent++) {
    const power = POWERS[exponent];
    const rounded = value * power + ROUNDING - ROUNDING;
    if (Math.abs(rounded / power - value) <= tolerance) return exponent;
  }
  return EXPONENT_MAX + 1;
}

/** Fills `digits`, `corrections` and the positions of values that have neither. Says whether anything is corrected. */
function takeDigits(values: Float64Array, count: number, exponent: number): boolean {
  digits = roomFor(digits, count);
  if (positions.length < count) positions = new Int32Array(count);
  const into = digits;
  const inexactAt = positions;
  const rounding = ROUNDING;
  const power = POWERS[exponent];
  let inexact = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i];
    const rounded = value * power + rounding - rounding;
    into[i] = rounded;
    const exact = rounded / power === value && rounded <= DIGITS_MAX && rounded >= -DIGITS_MAX;
    // −0 equals 0, but its digits come back as 0.
    if (!exact || (rounded === 0 && 1 / value < 0)) inexactAt[inexact++] = i;
  }
  exceptionCount = 0;
  if (inexact === 0) return false;
  return takeCorrections(values, count, power, inexact);
}

function takeCorrections(values: Float64Array, count: number, power: number, inexact: number): boolean {
  corrections = roomFor(corrections, count);
  corrections.fill(0, 0, count);
  for (let k = 0; k < inexact; k++) {
    const i = positions[k];
    pair[0] = values[i];
    pair[1] = digits[i] / power;
    const correction = (pairHalves[1] - pairHalves[3]) * WORD + (pairHalves[0] - pairHalves[2]);
    if (Math.abs(correction) < CORRECTION_MAX && Math.abs(digits[i]) <= DIGITS_MAX)
      corrections[i] = correction;
    else positions[exceptionCount++] = i;
  }
  for (let k = 0; k < exceptionCount; k++) fillGap(count, positions[k], k);
  return inexact > exceptionCount;
}

/** Digits where there are none: the neighbour's, which cost the least. */
function fillGap(count: number, position: number, k: number): void {
  if (position > 0) {
    digits[position] = digits[position - 1];
    return;
  }
  let next = 1;
  while (k + next < exceptionCount && positions[k + next] === next) next++;
  digits[0] = next < count ? digits[next] : 0;
}
