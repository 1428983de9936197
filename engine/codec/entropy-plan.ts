import { CLASSES, EXTRA } from './classes.js';
import { BIN_BITS, BIN_COUNT } from './histogram.js';
import { weightBits, weightOf } from './weights.js';

/** What entropy coding of some whole numbers would take. */
export interface EntropyPlan {
  /** Bits after the leading one that tell classes apart. */
  readonly precision: number;
  readonly bytes: number;
}

/** Everything but classes and further bits: heads, starting states, length. */
const HEAD_BITS = 56;
const LOG_TABLE = Float64Array.from({ length: 4_097 }, (_, count) =>
  count === 0 ? 0 : count * Math.log2(count),
);

/** Bits for the numbers behind `bins`, roughly, to compare one way of making differences with another. */
export function estimateBits(bins: Int32Array, count: number): number {
  return costOf(bins, firstBin(bins), lastBin(bins, BIN_COUNT), count, 1);
}

/** What the numbers behind `bins`, of which there are none from `end` on, cost at the best precision. */
export function planEntropy(bins: Int32Array, count: number, end: number): EntropyPlan {
  const first = firstBin(bins);
  const last = lastBin(bins, end);
  let best: EntropyPlan = { precision: 0, bytes: Number.POSITIVE_INFINITY };
  for (let precision = 0; precision <= BIN_BITS; precision++) {
    const bits = costOf(bins, first, last, count, precision);
    if (bits < best.bytes * 8) best = { precision, bytes: bits / 8 };
  }
  return best;
}

function firstBin(bins: Int32Array): number {
  let first = 0;
  while (bins[first] === 0) first++;
  return first;
}

function lastBin(bins: Int32Array, end: number): number {
  let last = end - 1;
  while (bins[last] === 0) last--;
  return last;
}

function costOf(bins: Int32Array, first: number, last: number, count: number, precision: number): number {
  const classes = CLASSES[precision];
  const extra = EXTRA[precision];
  let bits = HEAD_BITS + countTimesLog(count);
  let symbol = classes[first];
  let total = 0;
  let weight = 0;
  for (let bin = first; bin <= last; bin++) {
    const here = bins[bin];
    if (here === 0) continue;
    bits += here * extra[classes[bin]];
    if (classes[bin] !== symbol) {
      const next = weightOf(total);
      bits += weightBits(next - weight) - countTimesLog(total);
      weight = next;
      total = 0;
      const empty = classes[bin] - symbol - 1;
      if (empty > 0) {
        bits += weightBits(-weight) + (empty - 1) * weightBits(0);
        weight = 0;
      }
      symbol = classes[bin];
    }
    total += here;
  }
  return bits + weightBits(weightOf(total) - weight) - countTimesLog(total);
}

function countTimesLog(count: number): number {
  return count < LOG_TABLE.length ? LOG_TABLE[count] : count * Math.log2(count);
}
