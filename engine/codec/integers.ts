import { type ByteReader, BytesError, type ByteWriter } from '../base/bytes.js';
import { packedBytes, readPacked, WIDTH_MAX, widthOf, writePacked } from './bits.js';
import { type EntropyPlan, estimateBits, planEntropy, readEntropy, writeEntropy } from './entropy.js';
import { BIN_COUNT, countBins, fold, foldAll, unfold, widthOfBin } from './histogram.js';
import { readPositions, writePositions } from './positions.js';
import { roomFor } from './scratch.js';

/**
 * Streams of whole numbers (|n| < 2^53): differences of order 0, 1 or 2, relative to a base, packed to a common
 * width, with what does not fit patched in (patched frame of reference, Zukowski et al., ICDE 2006).
 *
 * Numbers are kept as doubles all along: they reach 2^53, and every sum and difference made here is exact, because
 * the plan takes an order only where the range leaves room for it.
 */

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

const SCALED = 0x04;
const ENTROPY = 0x08;
const HAS_EXCEPTIONS = 0x80;

/** Ranges under which differences of order 0, 1, 2 lie less than 2^51 from any center among them. */
const RANGE_MAX = [2 ** 51, 2 ** 50, 2 ** 49];
const SAMPLES = 31;
/** Long columns show in four stretches which order they want. */
const STRETCHES = 4;
const STRETCH = 80;
/** Entropy coding is slower to read: it must save a share of the packed size. */
const ENTROPY_SHARE = 31 / 32;
const ENTROPY_COUNT_MIN = 48;

let reduced: Float64Array = new Float64Array(1_024);
let residuals: Float64Array = new Float64Array(1_024);
const sample = new Float64Array(SAMPLES);
const bins = new Int32Array(BIN_COUNT);

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
  const order = chooseOrder(source, count, range / scale);
  return planOrder(source, count, order, offset, scale);
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
    foldAll(residuals, taken, medianOfSample(taken));
    countBins(taken, bins);
    const bits = estimateBits(bins, taken) / taken;
    if (bits >= bestBits) continue;
    best = order;
    bestBits = bits;
  }
  return best;
}

function sampleDifferences(values: Float64Array, count: number, order: number): number {
  if (count <= STRETCHES * STRETCH) return takeDifferences(values, count, order);
  residuals = roomFor(residuals, count);
  let taken = 0;
  for (let stretch = 0; stretch < STRETCHES; stretch++) {
    const from = Math.floor((stretch * (count - STRETCH)) / (STRETCHES - 1));
    taken = differencesOf(values, from, from + STRETCH - order, order, taken);
  }
  return taken;
}

export function writeIntegers(
  writer: ByteWriter,
  values: Float64Array,
  count: number,
  plan: IntegerPlan,
): void {
  const { order, offset, scale, base, width, exceptionCount } = plan;
  writer.u8(order | (scale === 1 ? 0 : SCALED) | (plan.entropy === undefined ? 0 : ENTROPY));
  if (scale !== 1) {
    writeSigned(writer, offset);
    writer.varint(scale);
  }
  const source = reduce(values, count, offset, scale);
  if (order > 0) writeSigned(writer, source[0]);
  if (order > 1) writeSigned(writer, source[1] - source[0]);
  const length = takeDifferences(source, count, order);
  if (plan.entropy !== undefined) {
    writeSigned(writer, base);
    writeEntropy(writer, residuals, length, base, plan.entropy);
    return;
  }
  writer.u8(width | (exceptionCount > 0 ? HAS_EXCEPTIONS : 0));
  writeSigned(writer, base);
  if (exceptionCount > 0) writeExceptions(writer, length, base, width, exceptionCount);
  if (width === 0) return;
  for (let i = 0; i < length; i++) residuals[i] -= base;
  writePacked(writer, residuals, 0, length, width);
}

/** Reads a stream of `count` numbers into the front of `into`. */
export function readIntegers(reader: ByteReader, into: Float64Array, count: number): void {
  const head = reader.u8();
  const order = head & 0x03;
  if (head > 0x0f || order > 2 || order >= count)
    throw new BytesError('A stream of integers has an unknown head');
  const offset = head & SCALED ? readSigned(reader) : 0;
  const scale = head & SCALED ? reader.varint() : 1;
  if (order > 0) into[0] = readSigned(reader);
  const step = order > 1 ? readSigned(reader) : 0;
  if (head & ENTROPY) readEntropy(reader, into, order, count - order, readSigned(reader));
  else readPatched(reader, into, order, count - order);
  if (order === 1) sumOnce(into, count);
  else if (order === 2) sumTwice(into, count, step);
  if (scale !== 1) for (let i = 0; i < count; i++) into[i] = offset + scale * into[i];
}

function readPatched(reader: ByteReader, into: Float64Array, from: number, count: number): void {
  const head = reader.u8();
  const width = head & ~HAS_EXCEPTIONS;
  if (width > WIDTH_MAX) throw new BytesError('A packed width is beyond 53 bits');
  const base = readSigned(reader);
  if ((head & HAS_EXCEPTIONS) === 0) {
    readPacked(reader, into, from, count, width, base);
    return;
  }
  const positions = readPositions(reader, count);
  const center = centerOfWindow(base, width);
  const exceptions = new Float64Array(positions.length);
  for (let k = 0; k < exceptions.length; k++) exceptions[k] = center + unfold(reader.varint());
  readPacked(reader, into, from, count, width, base);
  for (let k = 0; k < exceptions.length; k++) into[from + positions[k]] = exceptions[k];
}

function sumOnce(into: Float64Array, count: number): void {
  let value = into[0];
  for (let i = 1; i < count; i++) {
    value += into[i];
    into[i] = value;
  }
}

function sumTwice(into: Float64Array, count: number, step: number): void {
  let value = into[0] + step;
  into[1] = value;
  for (let i = 2; i < count; i++) {
    step += into[i];
    value += step;
    into[i] = value;
  }
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

function reduce(values: Float64Array, count: number, offset: number, scale: number): Float64Array {
  if (scale === 1) return values;
  reduced = roomFor(reduced, count);
  for (let i = 0; i < count; i++) reduced[i] = (values[i] - offset) / scale;
  return reduced;
}

/** Fills `residuals`, and says how many there are. */
function takeDifferences(values: Float64Array, count: number, order: number): number {
  residuals = roomFor(residuals, count);
  return differencesOf(values, 0, count - order, order, 0);
}

/** Puts the differences that start at `from … end` behind the first `at` residuals; says where they end. */
function differencesOf(values: Float64Array, from: number, end: number, order: number, at: number): number {
  const into = residuals;
  if (order === 0) for (let i = from; i < end; i++) into[at++] = values[i];
  else if (order === 1) for (let i = from; i < end; i++) into[at++] = values[i + 1] - values[i];
  else for (let i = from; i < end; i++) into[at++] = values[i + 2] - 2 * values[i + 1] + values[i];
  return at;
}

function planOrder(
  values: Float64Array,
  count: number,
  order: number,
  offset: number,
  scale: number,
): IntegerPlan {
  const length = takeDifferences(values, count, order);
  let least = residuals[0];
  let most = least;
  for (let i = 1; i < length; i++) {
    const residual = residuals[i];
    if (residual < least) least = residual;
    if (residual > most) most = residual;
  }
  const fixed = 3 + order * 4 + (scale === 1 ? 0 : 8) + 3;
  let width = widthOf(most - least);
  let base = least;
  let bytes = packedBytes(length, width);
  let exceptionCount = 0;
  const center = medianOfSample(length);
  foldAll(residuals, length, center);
  countBins(length, bins);
  let outside = 0;
  let outsideBytes = 0;
  let bin = BIN_COUNT - 1;
  for (let inner = WIDTH_MAX - 1; inner >= 0; inner--) {
    let here = 0;
    while (widthOfBin(bin) > inner) here += bins[bin--];
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
    const entropy = planEntropy(bins, length);
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

function centerOfWindow(base: number, width: number): number {
  return width === 0 ? base : base + 2 ** (width - 1);
}

/** Unlike the mean it stays in the crowd when a few residuals are huge. */
function medianOfSample(length: number): number {
  const taken = Math.min(SAMPLES, length);
  for (let k = 0; k < taken; k++) {
    const value = residuals[Math.floor((k * length) / taken)];
    let at = k;
    while (at > 0 && sample[at - 1] > value) {
      sample[at] = sample[at - 1];
      at--;
    }
    sample[at] = value;
  }
  return sample[taken >>> 1];
}

function writeExceptions(
  writer: ByteWriter,
  length: number,
  base: number,
  width: number,
  exceptionCount: number,
): void {
  const positions = new Int32Array(exceptionCount);
  const limit = 2 ** width;
  let found = 0;
  for (let i = 0; i < length; i++) {
    const above = residuals[i] - base;
    if (above < 0 || above >= limit) positions[found++] = i;
  }
  writePositions(writer, positions, found);
  const center = centerOfWindow(base, width);
  for (let k = 0; k < found; k++) {
    writer.varint(fold(residuals[positions[k]] - center));
    residuals[positions[k]] = base;
  }
}

/** A whole number |n| < 2^53: six bits and the sign, then the rest as a varint. */
function writeSigned(writer: ByteWriter, value: number): void {
  const magnitude = Math.abs(value);
  const rest = Math.floor(magnitude / 64);
  writer.u8((magnitude % 64) | (value < 0 ? 0x40 : 0) | (rest > 0 ? 0x80 : 0));
  if (rest > 0) writer.varint(rest);
}

function readSigned(reader: ByteReader): number {
  const head = reader.u8();
  const magnitude = (head & 0x3f) + (head & 0x80 ? reader.varint() * 64 : 0);
  return head & 0x40 ? -magnitude : magnitude;
}
