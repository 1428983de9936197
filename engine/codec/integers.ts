import { type ByteReader, BytesError, type ByteWriter } from '../base/bytes.js';
import { readPacked, WIDTH_MAX, writePacked } from './bits.js';
import { reduce, sumOnce, sumTwice, takeDifferences } from './differences.js';
import { readEntropy, writeEntropy } from './entropy.js';
import { fold, unfold } from './histogram.js';
import { centerOfWindow, type IntegerPlan } from './integer-plan.js';
import { readPositions, writePositions } from './positions.js';
import { readSigned, writeSigned } from './signed.js';

/**
 * Streams of whole numbers (|n| < 2^53): differences of order 0, 1 or 2, relative to a base, packed to a common
 * width, with what does not fit patched in (patched frame of reference, Zukowski et al., ICDE 2006).
 *
 * Numbers are kept as doubles all along: they reach 2^53, and every sum and difference made here is exact, because
 * the plan takes an order only where the range leaves room for it.
 */

const SCALED = 0x04;
const ENTROPY = 0x08;
const HAS_EXCEPTIONS = 0x80;

/** Writes `count` numbers as planned for them. */
export function writeIntegers(
  writer: ByteWriter,
  values: Float64Array,
  count: number,
  plan: IntegerPlan,
): void {
  const { order, offset, scale, base, width, exceptionCount } = plan;
  const source = reduce(values, count, offset, scale);
  writeStreamHead(writer, source, plan);
  const residuals = takeDifferences(source, count, order);
  const length = count - order;
  if (plan.entropy !== undefined) {
    writeSigned(writer, base);
    writeEntropy(writer, residuals, length, base, plan.entropy);
    return;
  }
  writer.u8(width | (exceptionCount > 0 ? HAS_EXCEPTIONS : 0));
  writeSigned(writer, base);
  if (exceptionCount > 0) writeExceptions(writer, residuals, length, base, width, exceptionCount);
  if (width === 0) return;
  for (let i = 0; i < length; i++) residuals[i] -= base;
  writePacked(writer, residuals, 0, length, width);
}

/** What comes before residuals. `reduced` are (value − offset) ÷ scale. */
export function writeStreamHead(
  writer: ByteWriter,
  reduced: Float64Array | Int32Array,
  { order, offset, scale, entropy }: IntegerPlan,
): void {
  writer.u8(order | (scale === 1 ? 0 : SCALED) | (entropy === undefined ? 0 : ENTROPY));
  if (scale !== 1) {
    writeSigned(writer, offset);
    writer.varint(scale);
  }
  if (order > 0) writeSigned(writer, reduced[0]);
  if (order > 1) writeSigned(writer, reduced[1] - reduced[0]);
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

function writeExceptions(
  writer: ByteWriter,
  residuals: Float64Array,
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
