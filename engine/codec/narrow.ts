import type { ByteWriter } from '../base/bytes.js';
import { POWERS, ROUNDING } from './decimal.js';
import { writeFolded } from './entropy.js';
import { BIN_BITS, BIN_COUNT } from './histogram.js';
import { type IntegerPlan, medianOfSample, planResiduals } from './integer-plan.js';
import { writeIntegers, writeStreamHead } from './integers.js';
import { roomFor } from './scratch.js';
import { writeSigned } from './signed.js';

/**
 * Decimals of few digits, which is what sensors send: the digits fit in 32 bits, and so do their differences, so that
 * everything up to the bits is done in small integers, once for choosing and writing both. What is written is a stream
 * of integers like any other.
 */

/** Digits below it have differences of order 2, folded about a center among them, below 2^31. */
const DIGITS_LIMIT = 2 ** 26;
const NEGATIVE_ZERO_HIGH = 0x8000_0000;

let digits = new Int32Array(1_024);
let folded = new Int32Array(1_024);
let binOf = new Uint16Array(1_024);
let wide: Float64Array = new Float64Array(1_024);
const bins = new Int32Array(BIN_COUNT);
/** Every second number is counted here: the same count twice in a row would wait for itself. */
const otherBins = new Int32Array(BIN_COUNT);

/**
 * Takes the digits of the first `count` values at an exponent, at least one. Says how many runs of equal ones they are,
 * or 0 where some value is not exactly a decimal of few digits.
 */
export function takeNarrowDigits(values: Float64Array, count: number, exponent: number): number {
  if (digits.length < count) {
    digits = new Int32Array(count);
    folded = new Int32Array(count);
    binOf = new Uint16Array(count);
  }
  const areExact = exponent === 0 ? takeWhole(values, count) : takeScaled(values, count, POWERS[exponent]);
  return areExact ? countRuns(count) : 0;
}

function takeWhole(values: Float64Array, count: number): boolean {
  for (let i = 0; i < count; i++) {
    const digit = values[i] | 0;
    if (digit !== values[i]) return false;
    digits[i] = digit;
  }
  return hasFewDigits(values, count);
}

function takeScaled(values: Float64Array, count: number, power: number): boolean {
  for (let i = 0; i < count; i++) {
    const value = values[i];
    const digit = (value * power + ROUNDING - ROUNDING) | 0;
    if (digit / power !== value) return false;
    digits[i] = digit;
  }
  return hasFewDigits(values, count);
}

/** −0 equals 0, but its digits come back as 0. */
function hasFewDigits(values: Float64Array, count: number): boolean {
  const halves = new Uint32Array(values.buffer, values.byteOffset, count * 2);
  let beyond = 0;
  for (let i = 0; i < count; i++) {
    beyond |= digits[i] + DIGITS_LIMIT;
    if (halves[2 * i + 1] === NEGATIVE_ZERO_HIGH) return false;
  }
  return beyond >>> 0 < 2 * DIGITS_LIMIT;
}

function countRuns(count: number): number {
  let runs = 1;
  for (let i = 1; i < count; i++) {
    const change = digits[i] - digits[i - 1];
    // The sign of one of the two is set where they differ.
    runs += (change | -change) >>> 31;
  }
  return runs;
}

/** How to write the digits that were taken, more than `order` of them. */
export function planNarrow(count: number, order: number): IntegerPlan {
  const length = count - order;
  takeDifferences(length, order);
  const center = medianOfSample(folded, length);
  let least = folded[0];
  let most = least;
  bins.fill(0);
  otherBins.fill(0);
  for (let i = 0; i < length; i++) {
    const residual = folded[i];
    if (residual < least) least = residual;
    if (residual > most) most = residual;
    const distance = residual - center;
    const number = (distance << 1) ^ (distance >> 31);
    folded[i] = number;
    const leading = Math.clz32(number);
    // The highest BIN_BITS + 1 bits; of 0 they would be 0, and the bin below the first.
    const bin =
      ((31 - leading) << BIN_BITS) + ((number << leading) >>> (31 - BIN_BITS)) - (1 << BIN_BITS) + 1;
    const atLeastFirst = bin & ~(bin >> 31);
    binOf[i] = atLeastFirst;
    if ((i & 1) === 0) bins[atLeastFirst]++;
    else otherBins[atLeastFirst]++;
  }
  for (let bin = 0; bin < BIN_COUNT; bin++) bins[bin] += otherBins[bin];
  return planResiduals(bins, length, { order, offset: 0, scale: 1, center, least, most });
}

/** Writes the digits that were planned last, as writeIntegers would. */
export function writeNarrow(writer: ByteWriter, count: number, plan: IntegerPlan): void {
  const { order, base, entropy } = plan;
  if (entropy === undefined) {
    wide = roomFor(wide, count);
    for (let i = 0; i < count; i++) wide[i] = digits[i];
    writeIntegers(writer, wide, count, plan);
    return;
  }
  writeStreamHead(writer, digits, plan);
  writeSigned(writer, base);
  writeFolded(writer, folded, binOf, bins, count - order, entropy);
}

function takeDifferences(length: number, order: number): void {
  const from = digits;
  const into = folded;
  if (order === 0) for (let i = 0; i < length; i++) into[i] = from[i];
  else if (order === 1) for (let i = 0; i < length; i++) into[i] = from[i + 1] - from[i];
  else for (let i = 0; i < length; i++) into[i] = from[i + 2] - 2 * from[i + 1] + from[i];
}
