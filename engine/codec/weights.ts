import { type ByteReader, BytesError, type ByteWriter } from '../base/bytes.js';
import { CLASS_COUNT } from './classes.js';
import { fold, unfold } from './histogram.js';

/** How often classes occur, to half a power of two: enough for shares of a few hundred states, and quick to write. */

/** Weights are half powers of two; 41 is a frequency of 2^20. */
const WEIGHT_MAX = 41;

const FREQUENCIES = Float64Array.from({ length: WEIGHT_MAX + 1 }, (_, weight) =>
  weight === 0 ? 0 : Math.round(16 * 2 ** ((weight - 1) >> 1) * (weight % 2 === 0 ? Math.SQRT2 : 1)),
);

const weights = new Int32Array(CLASS_COUNT);

/** States of each class, of the last weights written or read. */
export const shares = new Int32Array(CLASS_COUNT);

const WEIGHTS = Uint8Array.from({ length: 1_025 }, (_, count) => computeWeight(count));

/** Weight of a class that occurs so often. */
export function weightOf(count: number): number {
  return count < WEIGHTS.length ? WEIGHTS[count] : computeWeight(count);
}

/** Bits that a weight takes which differs so much from the one before. */
export function weightBits(difference: number): number {
  return (fold(difference) >>> 1) + 2;
}

function computeWeight(count: number): number {
  return count === 0 ? 0 : Math.min(WEIGHT_MAX, 1 + Math.round(2 * Math.log2(count)));
}

/** Differences of neighbouring weights, folded, in Rice codes with one low bit. */
export function writeWeights(
  writer: ByteWriter,
  counts: Int32Array,
  first: number,
  last: number,
  tableLog: number,
): void {
  for (let symbol = first; symbol <= last; symbol++) weights[symbol] = weightOf(counts[symbol]);
  let byte = 0;
  let filled = 0;
  const push = (bit: number): void => {
    byte |= bit << filled++;
    if (filled === 8) {
      writer.u8(byte);
      byte = 0;
      filled = 0;
    }
  };
  let previous = 0;
  for (let symbol = first; symbol <= last; symbol++) {
    const code = fold(weights[symbol] - previous);
    previous = weights[symbol];
    for (let k = code >>> 1; k > 0; k--) push(1);
    push(0);
    push(code & 1);
  }
  if (filled > 0) writer.u8(byte);
  takeShares(first, last, tableLog);
}

/** Reads what writeWeights wrote. */
export function readWeights(reader: ByteReader, first: number, last: number, tableLog: number): void {
  let byte = 0;
  let left = 0;
  const pull = (): number => {
    if (left === 0) {
      byte = reader.u8();
      left = 8;
    }
    const bit = byte & 1;
    byte >>>= 1;
    left--;
    return bit;
  };
  let weight = 0;
  for (let symbol = first; symbol <= last; symbol++) {
    let code = 0;
    while (pull() === 1) code += 2;
    weight += unfold(code | pull());
    if (weight < 0 || weight > WEIGHT_MAX) throw new BytesError('A weight is out of range');
    weights[symbol] = weight;
  }
  if (weights[first] === 0 || weights[last] === 0) throw new BytesError('A class at the edge does not occur');
  takeShares(first, last, tableLog);
}

/** Frequencies that add up to the table's size: at least 1 each, and what rounding leaves goes to the most frequent. */
function takeShares(first: number, last: number, tableLog: number): void {
  const size = 1 << tableLog;
  let total = 0;
  for (let symbol = first; symbol <= last; symbol++) total += FREQUENCIES[weights[symbol]];
  let left = size;
  let most = first;
  for (let symbol = first; symbol <= last; symbol++) {
    const frequency = FREQUENCIES[weights[symbol]];
    const share = frequency === 0 ? 0 : Math.max(1, Math.floor((frequency * size) / total + 0.5));
    shares[symbol] = share;
    left -= share;
    if (share > shares[most]) most = symbol;
  }
  shares[most] += left;
  while (shares[most] < 1) most = takeFromLargest(first, last, most);
}

/** Many rare classes have taken more than there is: the most frequent of the others gives one back. */
function takeFromLargest(first: number, last: number, to: number): number {
  let largest = to === first ? last : first;
  for (let symbol = first; symbol <= last; symbol++)
    if (symbol !== to && shares[symbol] > shares[largest]) largest = symbol;
  shares[largest]--;
  shares[to]++;
  return to;
}
