import type { ByteWriter } from '../base/bytes.js';
import { widthOf } from './bits.js';
import { POWERS, ROUNDING } from './decimal.js';
import { NARROW_WIDTH_MAX, writeFolded } from './entropy.js';
import { BIN_COUNT, BIN_OF_SMALL, binOf, firstBinOf } from './histogram.js';
import { type IntegerPlan, medianOfSample, planResiduals, type Reduction } from './integer-plan.js';
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
let wide: Float64Array = new Float64Array(1_024);
const bins = new Int32Array(BIN_COUNT);
/** Bits of the largest folded number, and the ends of residuals. */
let widest = 0;
let least = 0;
let most = 0;
const REDUCTIONS: readonly Reduction[] = [0, 1, 2].map(order => ({ order, offset: 0, scale: 1 }));
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
  }
  return exponent === 0 ? takeWhole(values, count) : takeScaled(values, count, POWERS[exponent]);
}

function takeWhole(values: Float64Array, count: number): number {
  const halves = new Uint32Array(values.buffer, values.byteOffset, count * 2);
  const into = digits;
  let previous = values[0] | 0;
  let beyond = 0;
  let runs = 1;
  for (let i = 0; i < count; i++) {
    const value = values[i];
    const digit = value | 0;
    // −0 equals 0, but its digits come back as 0.
    if (digit !== value || halves[2 * i + 1] === NEGATIVE_ZERO_HIGH) return 0;
    into[i] = digit;
    beyond |= digit + DIGITS_LIMIT;
    const change = digit - previous;
    // The sign of one of the two is set where they differ.
    runs += (change | -change) >>> 31;
    previous = digit;
  }
  return beyond >>> 0 < 2 * DIGITS_LIMIT ? runs : 0;
}

/** The same with a division, which takes longest. */
function takeScaled(values: Float64Array, count: number, power: number): number {
  const halves = new Uint32Array(values.buffer, values.byteOffset, count * 2);
  const into = digits;
  const rounding = ROUNDING;
  let previous = (values[0] * power + rounding - rounding) | 0;
  let beyond = 0;
  let runs = 1;
  for (let i = 0; i < count; i++) {
    const value = values[i];
    const digit = (value * power + rounding - rounding) | 0;
    if (digit / power !== value || halves[2 * i + 1] === NEGATIVE_ZERO_HIGH) return 0;
    into[i] = digit;
    beyond |= digit + DIGITS_LIMIT;
    const change = digit - previous;
    runs += (change | -change) >>> 31;
    previous = digit;
  }
  return beyond >>> 0 < 2 * DIGITS_LIMIT ? runs : 0;
}

/** How to write the digits that were taken, more than `order` of them. */
export function planNarrow(count: number, order: number): IntegerPlan {
  const length = count - order;
  takeDifferences(length, order);
  const center = medianOfSample(folded, length);
  foldNarrow(length, center);
  return planResiduals(bins, length, widest, REDUCTIONS[order], center, least, most);
}

/** Folds distances from the center, counts bins, and finds the ends. */
function foldNarrow(length: number, center: number): void {
  const numbers = folded;
  // What is imported is looked up at each use, in loops too.
  const binOfSmall = BIN_OF_SMALL;
  const smallLimit = binOfSmall.length;
  bins.fill(0);
  otherBins.fill(0);
  let lowest = 0;
  let highest = 0;
  let seen = 0;
  let i = 0;
  for (; i + 2 <= length; i += 2) {
    const one = numbers[i] - center;
    const other = numbers[i + 1] - center;
    if (one < lowest) lowest = one;
    if (one > highest) highest = one;
    if (other < lowest) lowest = other;
    if (other > highest) highest = other;
    const foldedOne = (one << 1) ^ (one >> 31);
    const foldedOther = (other << 1) ^ (other >> 31);
    seen |= foldedOne | foldedOther;
    numbers[i] = foldedOne;
    numbers[i + 1] = foldedOther;
    bins[foldedOne < smallLimit ? binOfSmall[foldedOne] : binOf(foldedOne)]++;
    otherBins[foldedOther < smallLimit ? binOfSmall[foldedOther] : binOf(foldedOther)]++;
  }
  if (i < length) {
    const last = numbers[i] - center;
    if (last < lowest) lowest = last;
    if (last > highest) highest = last;
    const foldedLast = (last << 1) ^ (last >> 31);
    seen |= foldedLast;
    numbers[i] = foldedLast;
    bins[binOf(foldedLast)]++;
  }
  least = center + lowest;
  most = center + highest;
  widest = widthOf(seen);
  const end = firstBinOf(widest + 1);
  for (let bin = 0; bin < end; bin++) bins[bin] += otherBins[bin];
}

/** Writes the digits that were planned last, as writeIntegers would. */
export function writeNarrow(writer: ByteWriter, count: number, plan: IntegerPlan): void {
  const { order, base, entropy } = plan;
  if (entropy === undefined || widest > NARROW_WIDTH_MAX) {
    wide = roomFor(wide, count);
    const from = digits;
    const into = wide;
    for (let i = 0; i < count; i++) into[i] = from[i];
    writeIntegers(writer, into, count, plan);
    return;
  }
  writeStreamHead(writer, digits, plan);
  writeSigned(writer, base);
  writeFolded(writer, folded, bins, count - order, entropy);
}

function takeDifferences(length: number, order: number): void {
  const from = digits;
  const into = folded;
  if (order === 0) for (let i = 0; i < length; i++) into[i] = from[i];
  else if (order === 1) for (let i = 0; i < length; i++) into[i] = from[i + 1] - from[i];
  else for (let i = 0; i < length; i++) into[i] = from[i + 2] - 2 * from[i + 1] + from[i];
}
