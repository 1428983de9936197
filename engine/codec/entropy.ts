import { type ByteReader, BytesError, type ByteWriter } from '../base/bytes.js';
import { BIN_BITS, BIN_COUNT, classify, fold, foldAll, leastOfBin, unfold } from './histogram.js';

/**
 * Whole numbers by how often their sizes occur: each folded distance from a center is a class (exponent and up to
 * three bits after the leading one), coded by tabled asymmetric numeral systems (Duda, arXiv:1311.2540; tables laid
 * out as in FSE), and the rest of its bits as they are. Random walks and noise cost nearly their entropy so, where a
 * common width wastes half a bit to a bit a value; reading costs about four times as much as unpacking.
 */
export interface EntropyPlan {
  /** Bits after the leading one that tell classes apart. */
  readonly precision: number;
  readonly bytes: number;
}

const TABLE_LOG_BLOCK = 8;
const TABLE_LOG_MAX = 10;
const TABLE_SIZE_MAX = 1 << TABLE_LOG_MAX;
/** Weights are half powers of two; 41 is a frequency of 2^20. */
const WEIGHT_MAX = 41;
const FREQUENCIES = Float64Array.from({ length: WEIGHT_MAX + 1 }, (_, weight) =>
  weight === 0 ? 0 : Math.round(16 * 2 ** ((weight - 1) >> 1) * (weight % 2 === 0 ? Math.SQRT2 : 1)),
);
/** Wide numbers have their further bits in two parts. */
const LOW_BITS = 26;
const EXTRA_MAX = 52;
const HEAD_BITS = 56;
const BITS_PER_WEIGHT = 3;

const CLASS_COUNT = 432;
/** For each precision, the class of each bin; and for each class the smallest number in it and its further bits. */
const CLASSES = Array.from({ length: BIN_BITS + 1 }, (_, precision) =>
  Int32Array.from({ length: BIN_COUNT }, (_, bin) => classOf(leastOfBin(bin), precision)),
);
const LEAST = Array.from({ length: BIN_BITS + 1 }, (_, precision) =>
  Float64Array.from({ length: CLASS_COUNT }, (_, symbol) => leastOfClass(symbol, precision)),
);
const EXTRA = Array.from({ length: BIN_BITS + 1 }, (_, precision) =>
  Int32Array.from({ length: CLASS_COUNT }, (_, symbol) => Math.max(0, (symbol >> precision) - 1)),
);

const LOG_TABLE = Float64Array.from({ length: 4_097 }, (_, count) =>
  count === 0 ? 0 : count * Math.log2(count),
);

const counts = new Int32Array(CLASS_COUNT);
const weights = new Int32Array(CLASS_COUNT);
const normalized = new Int32Array(CLASS_COUNT);
const next = new Int32Array(CLASS_COUNT);
const spread = new Int32Array(TABLE_SIZE_MAX);
const transitions = new Int32Array(TABLE_SIZE_MAX);
const leastOfState = new Float64Array(TABLE_SIZE_MAX);
const narrowLeastOfState = new Int32Array(TABLE_SIZE_MAX);
const stateTable = new Int32Array(TABLE_SIZE_MAX);
const bitsDelta = new Int32Array(CLASS_COUNT);
const stateDelta = new Int32Array(CLASS_COUNT);

let words = new Uint32Array(2_048);
let bytes = new Uint8Array(words.buffer);
let emitted = new Int32Array(1_024);
let symbols = new Int32Array(1_024);
let firstState = 0;
let secondState = 0;

/** Bits for the numbers behind `bins`, roughly, to compare one way of making differences with another. */
export function estimateBits(bins: Int32Array, count: number): number {
  return costOf(bins, firstBin(bins), lastBin(bins), count, 1);
}

/** What the numbers behind `bins` (see countBins) cost at the best precision. */
export function planEntropy(bins: Int32Array, count: number): EntropyPlan {
  const first = firstBin(bins);
  const last = lastBin(bins);
  let best: EntropyPlan = { precision: 0, bytes: Number.POSITIVE_INFINITY };
  for (let precision = 0; precision <= BIN_BITS; precision++) {
    const bits = costOf(bins, first, last, count, precision);
    if (bits < best.bytes * 8) best = { precision, bytes: bits / 8 };
  }
  return best;
}

export function writeEntropy(
  writer: ByteWriter,
  values: Float64Array,
  count: number,
  center: number,
  plan: EntropyPlan,
): void {
  const { precision } = plan;
  if (symbols.length < count) {
    symbols = new Int32Array(count);
    emitted = new Int32Array(count);
  }
  const folded = foldAll(values, count, center);
  classify(count, CLASSES[precision], symbols);
  counts.fill(0);
  for (let i = 0; i < count; i++) counts[symbols[i]]++;
  let first = 0;
  while (counts[first] === 0) first++;
  let last = CLASS_COUNT - 1;
  while (counts[last] === 0) last--;
  for (let symbol = first; symbol <= last; symbol++) weights[symbol] = weightOf(counts[symbol]);
  const tableLog = tableLogFor(count, last - first + 1);
  writer.u8(precision | (tableLog << 2));
  writer.varint(first);
  writer.varint(last - first);
  writeWeights(writer, first, last);
  normalize(first, last, tableLog);
  spreadSymbols(first, last, tableLog);
  buildEncoder(first, last, tableLog);
  chooseTransitions(count, tableLog);
  const length = packTransitions(folded, count, precision, last, tableLog);
  writer.bytes(bytes.subarray(0, length));
}

export function readEntropy(
  reader: ByteReader,
  into: Float64Array,
  from: number,
  count: number,
  center: number,
): void {
  const head = reader.u8();
  const precision = head & 3;
  const tableLog = head >>> 2;
  if (tableLog < TABLE_LOG_BLOCK || tableLog > TABLE_LOG_MAX)
    throw new BytesError('A table has an unknown size');
  const first = reader.varint();
  const last = first + reader.varint();
  if (last >= CLASS_COUNT || EXTRA[precision][last] > EXTRA_MAX)
    throw new BytesError('A class is beyond 2^53');
  if (last - first + 1 > 1 << tableLog) throw new BytesError('A table has more classes than states');
  readWeights(reader, first, last);
  normalize(first, last, tableLog);
  spreadSymbols(first, last, tableLog);
  const widest = buildDecoder(first, last, tableLog, precision);
  const packed = reader.bytes();
  load(packed);
  const end =
    widest + tableLog <= 30 && LEAST[precision][last] < 2 ** 30
      ? decodeNarrow(into, from, count, center, tableLog)
      : decodeWide(into, from, count, center, tableLog);
  if (end > packed.length * 8) throw new BytesError('Coded numbers end early');
}

function firstBin(bins: Int32Array): number {
  let first = 0;
  while (bins[first] === 0) first++;
  return first;
}

function lastBin(bins: Int32Array): number {
  let last = BIN_COUNT - 1;
  while (bins[last] === 0) last--;
  return last;
}

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

function costOf(bins: Int32Array, first: number, last: number, count: number, precision: number): number {
  const classes = CLASSES[precision];
  const extra = EXTRA[precision];
  const from = classes[first];
  let bits = HEAD_BITS + countTimesLog(count) + BITS_PER_WEIGHT * (classes[last] - from + 1);
  let symbol = from;
  let total = 0;
  for (let bin = first; bin <= last; bin++) {
    const here = bins[bin];
    if (here === 0) continue;
    if (classes[bin] !== symbol) {
      bits -= countTimesLog(total);
      total = 0;
      symbol = classes[bin];
    }
    total += here;
    bits += here * extra[symbol];
  }
  return bits - countTimesLog(total);
}

function countTimesLog(count: number): number {
  return count < LOG_TABLE.length ? LOG_TABLE[count] : count * Math.log2(count);
}

function weightOf(count: number): number {
  return count === 0 ? 0 : Math.min(WEIGHT_MAX, 1 + Math.round(2 * Math.log2(count)));
}

/** 256 states are precise enough for a block, and quick to lay out; a long column can spend more. */
function tableLogFor(count: number, classes: number): number {
  const wanted = count < 4_096 ? TABLE_LOG_BLOCK : TABLE_LOG_MAX;
  const needed = 33 - Math.clz32(classes);
  return Math.min(TABLE_LOG_MAX, Math.max(wanted, needed));
}

/** Differences of neighbouring weights, folded, in Rice codes with one low bit. */
function writeWeights(writer: ByteWriter, first: number, last: number): void {
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
}

function readWeights(reader: ByteReader, first: number, last: number): void {
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
}

/** Frequencies that add up to the table's size: at least 1 each, and what rounding leaves goes to the most frequent. */
function normalize(first: number, last: number, tableLog: number): void {
  const size = 1 << tableLog;
  let total = 0;
  for (let symbol = first; symbol <= last; symbol++) total += FREQUENCIES[weights[symbol]];
  let left = size;
  let most = first;
  for (let symbol = first; symbol <= last; symbol++) {
    const frequency = FREQUENCIES[weights[symbol]];
    const share = frequency === 0 ? 0 : Math.max(1, Math.floor((frequency * size) / total + 0.5));
    normalized[symbol] = share;
    left -= share;
    if (share > normalized[most]) most = symbol;
  }
  normalized[most] += left;
  while (normalized[most] < 1) most = takeFromLargest(first, last, most);
}

/** Many rare classes have taken more than there is: the most frequent of the others gives one back. */
function takeFromLargest(first: number, last: number, to: number): number {
  let largest = to === first ? last : first;
  for (let symbol = first; symbol <= last; symbol++)
    if (symbol !== to && normalized[symbol] > normalized[largest]) largest = symbol;
  normalized[largest]--;
  normalized[to]++;
  return to;
}

function spreadSymbols(first: number, last: number, tableLog: number): void {
  const size = 1 << tableLog;
  const step = (size >> 1) + (size >> 3) + 3;
  let at = 0;
  for (let symbol = first; symbol <= last; symbol++) {
    for (let k = normalized[symbol]; k > 0; k--) {
      spread[at] = symbol;
      at = (at + step) & (size - 1);
    }
  }
}

function buildEncoder(first: number, last: number, tableLog: number): void {
  const size = 1 << tableLog;
  let total = 0;
  for (let symbol = first; symbol <= last; symbol++) {
    const frequency = normalized[symbol];
    next[symbol] = total;
    if (frequency === 0) continue;
    const bitsMax = frequency === 1 ? tableLog : tableLog - (31 - Math.clz32(frequency - 1));
    bitsDelta[symbol] = (bitsMax << 16) - (frequency << bitsMax);
    stateDelta[symbol] = total - frequency;
    total += frequency;
  }
  for (let state = 0; state < size; state++) stateTable[next[spread[state]]++] = size + state;
}

/** One entry a state: further bits of the number (6), bits of the next state (4), and where that state starts. */
function buildDecoder(first: number, last: number, tableLog: number, precision: number): number {
  const size = 1 << tableLog;
  const least = LEAST[precision];
  const extra = EXTRA[precision];
  for (let symbol = first; symbol <= last; symbol++) next[symbol] = normalized[symbol];
  for (let state = 0; state < size; state++) {
    const symbol = spread[state];
    const value = next[symbol]++;
    const bits = tableLog - (31 - Math.clz32(value));
    transitions[state] = extra[symbol] | (bits << 6) | (((value << bits) - size) << 10);
    leastOfState[state] = least[symbol];
    narrowLeastOfState[state] = least[symbol];
  }
  return extra[last];
}

/**
 * The coder runs from the last number to the first, so that the reader runs forwards; even and odd numbers have a state
 * each, so that the reader has two chains of work under way. Leaves the two states that the reader starts with.
 */
function chooseTransitions(count: number, tableLog: number): void {
  let state = 1 << tableLog;
  let other = state;
  for (let i = count - 1; i >= 0; i--) {
    const symbol = symbols[i];
    const bits = (state + bitsDelta[symbol]) >> 16;
    emitted[i] = (bits << 16) | (state & ((1 << bits) - 1));
    const before = stateTable[(state >> bits) + stateDelta[symbol]];
    state = other;
    other = before;
  }
  firstState = other - (1 << tableLog);
  secondState = state - (1 << tableLog);
}

/** The states that the reader starts with, then each number's further bits and its transition. Says how many bytes. */
function packTransitions(
  folded: Float64Array,
  count: number,
  precision: number,
  last: number,
  tableLog: number,
): number {
  // At most 53 further bits and a transition a number.
  reserve(Math.ceil((count * (53 + TABLE_LOG_MAX)) / 32) + 2);
  words[0] = 0;
  const bit = append(append(0, firstState, tableLog), secondState, tableLog);
  const bits =
    EXTRA[precision][last] <= 31 - tableLog
      ? packNarrow(folded, count, precision, bit)
      : packWide(folded, count, precision, bit);
  return (bits + 7) >>> 3;
}

function packNarrow(folded: Float64Array, count: number, precision: number, bit: number): number {
  const least = LEAST[precision];
  const extra = EXTRA[precision];
  const into = words;
  for (let i = 0; i < count; i++) {
    const symbol = symbols[i];
    const width = extra[symbol];
    const value = (folded[i] - least[symbol]) | ((emitted[i] & 0xffff) << width);
    const at = bit >>> 5;
    into[at] |= value << bit;
    // Always written, though mostly 0: whether a number reaches the next word is as good as random.
    into[at + 1] = (value >>> 1) >>> ~bit;
    bit += width + (emitted[i] >>> 16);
  }
  return bit;
}

function packWide(folded: Float64Array, count: number, precision: number, bit: number): number {
  const least = LEAST[precision];
  const extra = EXTRA[precision];
  for (let i = 0; i < count; i++) {
    const width = extra[symbols[i]];
    const rest = folded[i] - least[symbols[i]];
    const high = Math.floor(rest / 2 ** LOW_BITS);
    bit = append(bit, rest - high * 2 ** LOW_BITS, Math.min(width, LOW_BITS));
    if (width > LOW_BITS) bit = append(bit, high, width - LOW_BITS);
    bit = append(bit, emitted[i] & 0xffff, emitted[i] >>> 16);
  }
  return bit;
}

/** Writes `width` bits, at most 31, at a bit position up to which everything is written; says where they end. */
function append(bit: number, value: number, width: number): number {
  const at = bit >>> 5;
  words[at] |= value << bit;
  words[at + 1] = (value >>> 1) >>> ~bit;
  return bit + width;
}

function decodeNarrow(
  into: Float64Array,
  from: number,
  count: number,
  center: number,
  tableLog: number,
): number {
  const source = words;
  let bit = 2 * tableLog;
  let state = source[0] & ((1 << tableLog) - 1);
  let other = (source[0] >>> tableLog) & ((1 << tableLog) - 1);
  for (let i = from; i < from + count; i++) {
    const transition = transitions[state];
    const at = bit >>> 5;
    const peek = (source[at] >>> bit) | ((source[at + 1] << 1) << ~bit);
    const width = transition & 63;
    const bits = (transition >>> 6) & 15;
    const folded = narrowLeastOfState[state] + (peek & ((1 << width) - 1));
    state = other;
    other = (transition >>> 10) + ((peek >>> width) & ((1 << bits) - 1));
    bit += width + bits;
    into[i] = center + ((folded >>> 1) ^ -(folded & 1));
  }
  return bit;
}

function decodeWide(
  into: Float64Array,
  from: number,
  count: number,
  center: number,
  tableLog: number,
): number {
  let bit = 2 * tableLog;
  let state = peekBits(0, tableLog);
  let other = peekBits(tableLog, tableLog);
  for (let i = from; i < from + count; i++) {
    const transition = transitions[state];
    const width = transition & 63;
    const low = width > LOW_BITS ? LOW_BITS : width;
    const bits = (transition >>> 6) & 15;
    let folded = leastOfState[state] + peekBits(bit, low);
    if (width > LOW_BITS) folded += peekBits(bit + LOW_BITS, width - LOW_BITS) * 2 ** LOW_BITS;
    bit += width;
    state = other;
    other = (transition >>> 10) + peekBits(bit, bits);
    bit += bits;
    into[i] = center + unfold(folded);
  }
  return bit;
}

function peekBits(bit: number, width: number): number {
  const at = bit >>> 5;
  return ((words[at] >>> bit) | ((words[at + 1] << 1) << ~bit)) & ((1 << width) - 1);
}

function load(packed: Uint8Array): void {
  reserve((packed.length + 3) >>> 2);
  bytes.set(packed);
}

function reserve(count: number): void {
  if (count + 2 <= words.length) return;
  words = new Uint32Array(count + 2);
  bytes = new Uint8Array(words.buffer);
}
