import { BIN_BITS, BIN_COUNT, BIN_OF_SMALL, leastOfBin } from './histogram.js';

/**
 * Classes of whole numbers: exponent, and as many bits after the leading one as the precision says (0 to 3). Small
 * numbers are a class each. A class is a union of bins of the histogram.
 */

export const CLASS_COUNT = 432;

/** For each precision, the class of each bin. */
export const CLASSES = Array.from({ length: BIN_BITS + 1 }, (_, precision) =>
  Int32Array.from({ length: BIN_COUNT }, (_, bin) => classOf(leastOfBin(bin), precision)),
);

/** For each precision, the class of each number that BIN_OF_SMALL has a bin for. */
export const CLASSES_OF_SMALL = CLASSES.map(classes => BIN_OF_SMALL.map(bin => classes[bin]));

/** For each precision, the smallest number of each class. */
export const LEAST = Array.from({ length: BIN_BITS + 1 }, (_, precision) =>
  Float64Array.from({ length: CLASS_COUNT }, (_, symbol) => leastOfClass(symbol, precision)),
);

/** For each precision, how many bits beyond its class a number has. */
export const EXTRA = Array.from({ length: BIN_BITS + 1 }, (_, precision) =>
  Int32Array.from({ length: CLASS_COUNT }, (_, symbol) => Math.max(0, (symbol >> precision) - 1)),
);

function classOf(value: number, precision: number): number {
  if (value < 1 << precision) return value;
  const exponent = value < 2 ** 32 ? 31 - Math.clz32(value) : 63 - Math.clz32(value / 2 ** 32);
  const shift = exponent - precision;
  return (shift << precision) + Math.floor(value / 2 ** shift);
}

function leastOfClass(symbol: number, precision: number): number {
  const shift = Math.max(0, (symbol >> precision) - 1);
  return (symbol - (shift << precision)) * 2 ** shift;
}
