import { packedBytes, widthOf } from './bits.js';
import { appendDifferences, reduce, takeDifferences } from './differences.js';
import { type EntropyPlan, estimateBits, planEntropy } from './entropy-plan.js';
import { BIN_COUNT, firstBinOf, foldAll, takeBins, widthOfBin } from './histogram.js';

/** How a stream will be laid out. */
export interface IntegerPlan {
  readonly order: number;
  /** Values are `offset + scale × reduced`. */
  readonly offset: number;
  readonly scale: number;
  readonly base: number;
  readonly width: number;
  readonly exceptionCount: number;
  /** Instead of packing; `base` is the center then. */
  readonly entropy?: EntropyPlan;
  /** Estimated size. */
  readonly bytes: number;
}

/** Ranges under which differences of order 0, 1, 2 lie less than 2^51 from any center among them. */
const RANGE_MAX = [2 ** 51, 2 ** 50, 2 ** 49];

const SAMPLES = 31;
/** Long columns show in four stretches which order they want. */
const STRETCHES = 4;
const STRETCH = 80;
const stretches = new Float64Array(STRETCHES * STRETCH);

/** Entropy coding is slower to read: it must save a share of the packed size. */
const ENTROPY_SHARE = 31 / 32;
/** Fewer numbers do not pay for a table. */
const ENTROPY_COUNT_MIN = 48;

/** So few numbers are packed without a search: they are figures of a small source, and there are many such streams. */
const SEARCH_COUNT_MIN = 16;

const sample = new Float64Array(SAMPLES);
const bins = new Int32Array(BIN_COUNT);

/** The smallest way found to lay out whole numbers, |n| < 2^53; none 2^53 or more above another. */
export function planIntegers(values: Float64Array, count: number): IntegerPlan {
  const first = values[0];
  if (isConstantStep(values, count)) {
    const order = count > 1 ? 1 : 0;
    const base = count > 1 ? values[1] - first : first;
    return { order, offset: 0, scale: 1, base, width: 0, exceptionCount: 0, bytes: 18 };
  }
  let least = first;
  let most = first;
  for (let i = 1; i < count; i++) {
    const value = values[i];
    if (value < least) least = value;
    if (value > most) most = value;
  }
  const range = most - least;
  if (!(range < RANGE_MAX[0])) {
    const width = widthOf(range);
    const bytes = 12 + packedBytes(count, width);
    return { order: 0, offset: 0, scale: 1, base: least, width, exceptionCount: 0, bytes };
  }
  const scale = range === 0 ? 1 : divisorOf(values, count);
  const offset = scale === 1 ? 0 : first;
  const source = reduce(values, count, offset, scale);
  if (count < SEARCH_COUNT_MIN) return planShort(source, count, offset, scale, range / scale);
  const order = chooseOrder(source, count, range / scale);
  return planOrder(source, count, order, offset, scale);
}

/** Packed, in the order whose differences are narrowest. */
function planShort(
  values: Float64Array,
  count: number,
  offset: number,
  scale: number,
  range: number,
): IntegerPlan {
  let best: IntegerPlan | undefined;
  for (let order = 0; order < 3 && count > order && range < RANGE_MAX[order]; order++) {
    const length = count - order;
    const residuals = takeDifferences(values, count, order);
    let least = residuals[0];
    let most = least;
    for (let i = 1; i < length; i++) {
      const residual = residuals[i];
      if (residual < least) least = residual;
      if (residual > most) most = residual;
    }
    const width = widthOf(most - least);
    const bytes = 6 + order * 2 + (scale === 1 ? 0 : 8) + packedBytes(length, width);
    if (best === undefined || bytes < best.bytes)
      best = { order, offset, scale, base: least, width, exceptionCount: 0, bytes };
  }
  return best as IntegerPlan;
}

/** What regular timestamps and row numbers are: not worth any search. Wide steps are left to the widest packing. */
function isConstantStep(values: Float64Array, count: number): boolean {
  const step = count > 1 ? values[1] - values[0] : 0;
  for (let i = 2; i < count; i++) if (values[i] - values[i - 1] !== step) return false;
  return Math.abs(values[count - 1] - values[0]) < RANGE_MAX[1];
}

/** The order whose differences have the least entropy, in stretches of a long column. */
function chooseOrder(values: Float64Array, count: number, range: number): number {
  let best = 0;
  let bestBits = Number.POSITIVE_INFINITY;
  for (let order = 0; order < 3 && count > order && range < RANGE_MAX[order]; order++) {
    const taken = sampleDifferences(values, count, order);
    foldAll(stretches, taken, medianOfSample(stretches, taken));
    takeBins(taken, bins);
    const bits = estimateBits(bins, taken) / taken;
    if (bits >= bestBits) continue;
    best = order;
    bestBits = bits;
  }
  return best;
}

function sampleDifferences(values: Float64Array, count: number, order: number): number {
  if (count <= STRETCHES * STRETCH) return appendDifferences(values, 0, count - order, order, stretches, 0);
  let taken = 0;
  for (let stretch = 0; stretch < STRETCHES; stretch++) {
    const from = Math.floor((stretch * (count - STRETCH)) / (STRETCHES - 1));
    taken = appendDifferences(values, from, from + STRETCH - order, order, stretches, taken);
  }
  return taken;
}

/** Greatest number that divides every value's distance from the first: timestamps of whole seconds are common. */
function divisorOf(values: Float64Array, count: number): number {
  const first = values[0];
  let divisor = 0;
  for (let i = 1; i < count; i++) {
    const distance = Math.abs(values[i] - first);
    if (divisor === 0) divisor = distance;
    else {
      const quotient = distance / divisor;
      if (quotient !== Math.floor(quotient)) divisor = greatestCommonDivisor(divisor, distance);
    }
    if (divisor === 1) return 1;
  }
  return divisor;
}

function greatestCommonDivisor(a: number, b: number): number {
  while (b !== 0) {
    const rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

function planOrder(
  values: Float64Array,
  count: number,
  order: number,
  offset: number,
  scale: number,
): IntegerPlan {
  const length = count - order;
  const residuals = takeDifferences(values, count, order);
  let least = residuals[0];
  let most = least;
  for (let i = 1; i < length; i++) {
    const residual = residuals[i];
    if (residual < least) least = residual;
    if (residual > most) most = residual;
  }
  const center = medianOfSample(residuals, length);
  foldAll(residuals, length, center);
  takeBins(length, bins);
  return planResiduals(bins, length, widthOfLast(bins), { order, offset, scale }, center, least, most);
}

/** What was done to values before they were residuals. */
export type Reduction = Pick<IntegerPlan, 'order' | 'offset' | 'scale'>;

function widthOfLast(bins: Int32Array): number {
  let last = BIN_COUNT - 1;
  while (bins[last] === 0) last--;
  return widthOfBin(last);
}

/**
 * The smallest way to lay out residuals: packed, packed with exceptions, or by an entropy coder. `widest` are the bits of
 * the largest when folded about the center.
 */
export function planResiduals(
  bins: Int32Array,
  length: number,
  widest: number,
  { order, offset, scale }: Reduction,
  center: number,
  least: number,
  most: number,
): IntegerPlan {
  const fixed = 3 + order * 4 + (scale === 1 ? 0 : 8) + 3;
  let width = widthOf(most - least);
  let base = least;
  let bytes = packedBytes(length, width);
  let exceptionCount = 0;
  let outside = 0;
  let outsideBytes = 0;
  for (let inner = widest - 1; inner >= 0; inner--) {
    let here = 0;
    const end = firstBinOf(inner + 2);
    for (let bin = firstBinOf(inner + 1); bin < end; bin++) here += bins[bin];
    outside += here;
    outsideBytes += here * (1 + Math.ceil((inner + 1) / 7));
    if (inner >= width) continue;
    const patched = packedBytes(length, inner) + outsideBytes + 1;
    if (patched >= bytes) continue;
    width = inner;
    base = baseOfWindow(center, width);
    bytes = patched;
    exceptionCount = outside;
  }
  if (length >= ENTROPY_COUNT_MIN) {
    const entropy = planEntropy(bins, length, firstBinOf(widest + 1));
    if (entropy.bytes < bytes * ENTROPY_SHARE)
      return {
        order,
        offset,
        scale,
        base: center,
        width,
        exceptionCount: 0,
        entropy,
        bytes: entropy.bytes + fixed,
      };
  }
  return { order, offset, scale, base, width, exceptionCount, bytes: bytes + fixed };
}

/** A window of 2^width numbers about a center starts here; folded, they are the numbers below 2^width. */
function baseOfWindow(center: number, width: number): number {
  return width === 0 ? center : center - 2 ** (width - 1);
}

/** Unlike the mean it stays in the crowd when a few residuals are huge. */
export function medianOfSample(values: Float64Array | Int32Array, length: number): number {
  const taken = Math.min(SAMPLES, length);
  for (let k = 0; k < taken; k++) {
    const value = values[Math.floor((k * length) / taken)];
    let at = k;
    while (at > 0 && sample[at - 1] > value) {
      sample[at] = sample[at - 1];
      at--;
    }
    sample[at] = value;
  }
  return sample[taken >>> 1];
}

/** Whether all residuals are the same, so that the stream is only a head. */
export function isRegular({ width, exceptionCount, entropy }: IntegerPlan): boolean {
  return width === 0 && exceptionCount === 0 && entropy === undefined;
}

export function centerOfWindow(base: number, width: number): number {
  return width === 0 ? base : base + 2 ** (width - 1);
}
