import { roomFor } from './scratch.js';

/**
 * How large a column of whole numbers is, roughly: counts by the exponent and the three highest bits after the
 * leading one. All costs of a block are estimated from this one pass.
 */

/** Bits after the leading one that a bin tells apart. */
export const BIN_BITS = 3;
const BINS_PER_WIDTH = 1 << BIN_BITS;
/** Bin 0 holds 0; then each width from 1 to 53 has its bins. */
export const BIN_COUNT = 1 + 53 * BINS_PER_WIDTH;

const BIN_SHIFT = 20 - BIN_BITS;
/** High word of 1.0, as a bin. */
const BIN_OF_ONE = 1_023 << BIN_BITS;

/** 0, −1, 1, −2 … become 0, 1, 2, 3 …, for |n| < 2^51. Signs are noise: a branch on them would be mispredicted. */
export function fold(value: number): number {
  return Math.abs(2 * value + 0.5) - 0.5;
}

export function unfold(value: number): number {
  const half = Math.floor(value / 2);
  return half - (value - 2 * half) * (2 * half + 1);
}

let folded: Float64Array = new Float64Array(1_024);
let foldedHalves = new Uint32Array(folded.buffer);
let binsOf = new Uint16Array(1_024);

/** Folds distances from `center`, which stay below 2^51, into scratch that lasts until the next call. */
export function foldAll(values: Float64Array, count: number, center: number): Float64Array {
  if (folded.length < count) {
    folded = roomFor(folded, count);
    foldedHalves = new Uint32Array(folded.buffer);
  }
  const into = folded;
  for (let i = 0; i < count; i++) into[i] = fold(values[i] - center);
  return into;
}

/** The bin of each number that foldAll has folded, into scratch that lasts until the next call; counted in `bins`. */
export function takeBins(count: number, bins: Int32Array): Uint16Array {
  if (binsOf.length < count) binsOf = new Uint16Array(count);
  bins.fill(0);
  const halves = foldedHalves;
  const into = binsOf;
  // The exponent and highest bits of a double are those of the whole number it holds; only 0 lies far below.
  for (let i = 0; i < count; i++) {
    const bin = (halves[2 * i + 1] >>> BIN_SHIFT) - BIN_OF_ONE + 1;
    const atLeastFirst = bin & ~(bin >> 31);
    into[i] = atLeastFirst;
    bins[atLeastFirst]++;
  }
  return into;
}

/** The bin of a number from 0 to 2^31 − 1. */
export function binOf(number: number): number {
  const leading = Math.clz32(number);
  // The highest BIN_BITS + 1 bits; of 0 they are 0, and the bin lies below the first.
  const bin = ((31 - leading) << BIN_BITS) + ((number << leading) >>> (31 - BIN_BITS)) - BINS_PER_WIDTH + 1;
  return bin & ~(bin >> 31);
}

/** Most numbers are small: their bins are looked up. */
const SMALL_LIMIT = 2_048;
export const BIN_OF_SMALL = Uint16Array.from({ length: SMALL_LIMIT }, (_, number) => binOf(number));

/** Bits of the numbers in a bin. */
export function widthOfBin(bin: number): number {
  return bin === 0 ? 0 : ((bin - 1) >> BIN_BITS) + 1;
}

/** The first bin of a width, and the end of those of the width before. */
export function firstBinOf(width: number): number {
  return width === 0 ? 0 : (width - 1) * BINS_PER_WIDTH + 1;
}

/** Smallest number in a bin. */
export function leastOfBin(bin: number): number {
  if (bin === 0) return 0;
  const width = widthOfBin(bin);
  return 2 ** (width - 1) * (1 + ((bin - 1) % BINS_PER_WIDTH) / BINS_PER_WIDTH);
}
