import { type ByteReader, BytesError, type ByteWriter } from '../base/bytes.js';
import { CLASS_COUNT, CLASSES, CLASSES_OF_SMALL, EXTRA, LEAST } from './classes.js';
import type { EntropyPlan } from './entropy-plan.js';
import { BIN_COUNT, binOf, foldAll, takeBins, unfold } from './histogram.js';
import { readWeights, shares, writeWeights } from './weights.js';

/**
 * Whole numbers by how often their sizes occur: each folded distance from a center is a class (exponent and up to
 * three bits after the leading one), coded by tabled asymmetric numeral systems (Duda, arXiv:1311.2540; tables laid
 * out as in FSE), and the rest of its bits as they are. Random walks and noise cost nearly their entropy so, where a
 * common width wastes half a bit to a bit a value; reading costs about twice as much as unpacking.
 */
const TABLE_LOG_BLOCK = 8;
const TABLE_LOG_MAX = 10;
const TABLE_SIZE_MAX = 1 << TABLE_LOG_MAX;
/** Wide numbers have their further bits in two parts. */
const LOW_BITS = 26;
const EXTRA_MAX = 52;

const counts = new Int32Array(CLASS_COUNT);
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
/** Numbers that fit, whatever was folded. */
let narrow = new Int32Array(1_024);
/** Wide numbers only: the bits of each transition, and how many they are. */
let emitted = new Int32Array(1_024);
const bins = new Int32Array(BIN_COUNT);

/** `values`, each less than 2^51 from `center`, as planEntropy has planned them. */
export function writeEntropy(
  writer: ByteWriter,
  values: Float64Array,
  count: number,
  center: number,
  plan: EntropyPlan,
): void {
  const folded = foldAll(values, count, center);
  const binsOf = takeBins(count, bins);
  const { tableLog, last } = writeTable(writer, bins, count, plan.precision);
  if (EXTRA[plan.precision][last] > 31 - tableLog) {
    writer.bytes(packWide(folded, binsOf, count, plan.precision, tableLog));
    return;
  }
  if (narrow.length < count) narrow = new Int32Array(count);
  const into = narrow;
  for (let i = 0; i < count; i++) into[i] = folded[i];
  writer.bytes(packNarrow(into, count, plan.precision, tableLog));
}

/** A number's further bits and its transition are laid in one step, of 31 bits at most: none of 2^21 or more has so many. */
export const NARROW_WIDTH_MAX = 31 - TABLE_LOG_MAX;

/** As writeEntropy, of numbers of NARROW_WIDTH_MAX bits at most that are folded and counted in bins already. */
export function writeFolded(
  writer: ByteWriter,
  folded: Int32Array,
  bins: Int32Array,
  count: number,
  { precision }: EntropyPlan,
): void {
  const { tableLog } = writeTable(writer, bins, count, precision);
  writer.bytes(packNarrow(folded, count, precision, tableLog));
}

/** Writes how often classes occur, and builds the coder for that. */
function writeTable(
  writer: ByteWriter,
  bins: Int32Array,
  count: number,
  precision: number,
): { readonly tableLog: number; readonly last: number } {
  const classes = CLASSES[precision];
  let firstBin = 0;
  while (bins[firstBin] === 0) firstBin++;
  const first = classes[firstBin];
  counts.fill(0, first);
  let last = first;
  let left = count;
  for (let bin = firstBin; left > 0; bin++) {
    if (bins[bin] === 0) continue;
    last = classes[bin];
    counts[last] += bins[bin];
    left -= bins[bin];
  }
  const tableLog = tableLogFor(count, last - first + 1);
  writer.u8(precision | (tableLog << 2));
  writer.varint(first);
  writer.varint(last - first);
  writeWeights(writer, counts, first, last, tableLog);
  spreadSymbols(first, last, tableLog);
  buildEncoder(first, last, tableLog);
  return { tableLog, last };
}

/** Reads what writeEntropy wrote into `into[from … from + count)`. */
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
  readWeights(reader, first, last, tableLog);
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

/** 256 states are precise enough for a block, and quick to lay out; a long column can spend more. */
function tableLogFor(count: number, classes: number): number {
  const wanted = count < 4_096 ? TABLE_LOG_BLOCK : TABLE_LOG_MAX;
  const needed = 33 - Math.clz32(classes);
  return Math.min(TABLE_LOG_MAX, Math.max(wanted, needed));
}

function spreadSymbols(first: number, last: number, tableLog: number): void {
  const size = 1 << tableLog;
  const step = (size >> 1) + (size >> 3) + 3;
  let at = 0;
  for (let symbol = first; symbol <= last; symbol++) {
    for (let k = shares[symbol]; k > 0; k--) {
      spread[at] = symbol;
      at = (at + step) & (size - 1);
    }
  }
}

function buildEncoder(first: number, last: number, tableLog: number): void {
  const size = 1 << tableLog;
  let total = 0;
  for (let symbol = first; symbol <= last; symbol++) {
    const frequency = shares[symbol];
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
  for (let symbol = first; symbol <= last; symbol++) next[symbol] = shares[symbol];
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
 * each, so that the reader has two chains of work under way. The two states that the reader starts with come first, then
 * each number's further bits and its transition. Here bits are laid from the end to the front, in the order in which
 * they come about.
 */
function packNarrow(folded: Int32Array, count: number, precision: number, tableLog: number): Uint8Array {
  const wordCount = Math.ceil((count * 31 + 2 * TABLE_LOG_MAX) / 32) + 1;
  reserve(wordCount);
  const into = words;
  const classes = CLASSES[precision];
  const small = CLASSES_OF_SMALL[precision];
  const smallLimit = small.length;
  const extra = EXTRA[precision];
  let state = 1 << tableLog;
  let other = state;
  let bit = wordCount * 32;
  let at = wordCount;
  let word = 0;
  for (let i = count - 1; i >= 0; i--) {
    const number = folded[i];
    const symbol = number < smallLimit ? small[number] : classes[binOf(number)];
    const width = extra[symbol];
    const bits = (state + bitsDelta[symbol]) >> 16;
    // The least number of a class has zeros for all further bits.
    const value = (number & ((1 << width) - 1)) | ((state & ((1 << bits) - 1)) << width);
    const before = stateTable[(state >> bits) + stateDelta[symbol]];
    state = other;
    other = before;
    bit -= width + bits;
    const to = bit >>> 5;
    // Always written, though mostly not full yet: whether a number reaches the next word is as good as random.
    into[at] = word | ((value >>> 1) >>> ~bit);
    word = (word & ~((to - at) >> 31)) | (value << bit);
    at = to;
  }
  into[at] = word;
  into[at - 1] = 0;
  bit = prepend(bit, state - (1 << tableLog), tableLog);
  bit = prepend(bit, other - (1 << tableLog), tableLog);
  startAtByte(bit, wordCount);
  return bytes.subarray(bit >>> 3, wordCount * 4);
}

/** Writes `width` bits, at most 31, before a bit position from which on everything is written; says where they start. */
function prepend(end: number, value: number, width: number): number {
  const bit = end - width;
  const at = bit >>> 5;
  words[at] |= value << bit;
  words[at + 1] |= (value >>> 1) >>> ~bit;
  return bit;
}

/** Moves all bits from a position on to the start of its byte. */
function startAtByte(bit: number, wordCount: number): void {
  const shift = bit & 7;
  words[wordCount] = 0;
  // A shift by 32 would be a shift by 0.
  for (let at = bit >>> 5; at < wordCount; at++)
    words[at] = (words[at] >>> shift) | ((words[at + 1] << 1) << (31 - shift));
}

/** The same forwards, for numbers that may be anything below 2^53. */
function packWide(
  folded: Float64Array,
  binsOf: Uint16Array,
  count: number,
  precision: number,
  tableLog: number,
): Uint8Array {
  const least = LEAST[precision];
  const extra = EXTRA[precision];
  const classes = CLASSES[precision];
  // At most 53 further bits and a transition a number.
  reserve(Math.ceil((count * (53 + TABLE_LOG_MAX)) / 32) + 2);
  words[0] = 0;
  let bit = chooseTransitions(binsOf, count, classes, tableLog);
  for (let i = 0; i < count; i++) {
    const symbol = classes[binsOf[i]];
    const width = extra[symbol];
    const rest = folded[i] - least[symbol];
    const high = Math.floor(rest / 2 ** LOW_BITS);
    bit = append(bit, rest - high * 2 ** LOW_BITS, Math.min(width, LOW_BITS));
    if (width > LOW_BITS) bit = append(bit, high, width - LOW_BITS);
    bit = append(bit, emitted[i] & 0xffff, emitted[i] >>> 16);
  }
  return bytes.subarray(0, (bit + 7) >>> 3);
}

/** Appends the two states that the reader starts with; says where they end. */
function chooseTransitions(
  binsOf: Uint16Array,
  count: number,
  classes: Int32Array,
  tableLog: number,
): number {
  if (emitted.length < count) emitted = new Int32Array(count);
  let state = 1 << tableLog;
  let other = state;
  for (let i = count - 1; i >= 0; i--) {
    const symbol = classes[binsOf[i]];
    const bits = (state + bitsDelta[symbol]) >> 16;
    emitted[i] = (bits << 16) | (state & ((1 << bits) - 1));
    const before = stateTable[(state >> bits) + stateDelta[symbol]];
    state = other;
    other = before;
  }
  return append(append(0, other - (1 << tableLog), tableLog), state - (1 << tableLog), tableLog);
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
