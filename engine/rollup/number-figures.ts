/**
 * Figures of numbers, a stream each: mostly short decimals that share an exponent, so that their digits are whole
 * numbers, near their neighbours. Bytes: engine/FORMAT.md, "Figures of numbers".
 */
import { ByteReader, BytesError, ByteWriter } from '../base/bytes.js';
import { decodeColumnBlock, encodeColumnBlock } from '../codec/block.js';
import { planIntegers } from '../codec/integer-plan.js';
import { readIntegers, writeIntegers } from '../codec/integers.js';
import { roomFor } from '../codec/scratch.js';

/** Sets of figures, as bits. */
export const SUM = 1;
export const MIN = 2;
export const MAX = 4;
export const FIRST = 8;
export const LAST = 16;
export type FigureSet = number;
export const ALL_FIGURES: FigureSet = SUM | MIN | MAX | FIRST | LAST;

/** One of each a window (or block) that has a value. The sum may be NaN: that of both infinities. */
export interface NumberFigures {
  readonly sum: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly first: Float64Array;
  readonly last: Float64Array;
}

/** Streams in the order in which they are written; the minimum is told from the maximum, the first from the last. */
const STREAMS = ['max', 'min', 'last', 'first', 'sum'] as const;
const STREAM_MAX = 0;
const STREAM_MIN = 1;
const STREAM_LAST = 2;
const STREAM_FIRST = 3;
const STREAM_SUM = 4;

const EXPONENT_MAX = 18;
const EXPONENT_BITS = 0x1f;
/** Some stream is a column block, because its figures have no digits. */
const HAS_BLOCKS = 0x80;
/** Fewer figures are decoded all, wanted or not: that is cheaper than saying where each stream ends. */
export const LENGTHS_COUNT_MIN = 64;
/** Differences of two stay below 2^53. */
const DIGITS_MAX = 2 ** 51 - 1;
const POWERS = Array.from({ length: EXPONENT_MAX + 1 }, (_, exponent) => Number(`1e${exponent}`));

const digits: Float64Array[] = STREAMS.map(() => new Float64Array(1_024));
let residuals: Float64Array = new Float64Array(1_024);
const streams = new ByteWriter(1_024);

/** Writes the first `count` of each, at least one. */
export function writeNumberFigures(writer: ByteWriter, figures: NumberFigures, count: number): void {
  let exponent = 0;
  for (const name of STREAMS) {
    // A sum takes the exponent of its values, or is no decimal.
    if (name !== 'sum') exponent = leastExponent(figures[name], count, exponent) ?? exponent;
  }
  let blocks = 0;
  for (let stream = 0; stream < STREAMS.length; stream++) {
    digits[stream] = roomFor(digits[stream], count);
    if (!takeDigits(figures[STREAMS[stream]], count, exponent, digits[stream])) blocks |= 1 << stream;
  }
  writer.u8(exponent | (blocks === 0 ? 0 : HAS_BLOCKS));
  if (blocks !== 0) writer.u8(blocks);
  const hasLengths = count >= LENGTHS_COUNT_MIN;
  streams.clear();
  for (let stream = 0; stream < STREAMS.length; stream++) {
    const start = streams.length;
    if (isBlock(blocks, stream)) {
      const values = figures[STREAMS[stream]].subarray(0, count);
      streams.bytes(encodeColumnBlock({ type: 'number', values }));
    } else {
      const integers = relate(stream, blocks, count);
      writeIntegers(streams, integers, count, planIntegers(integers, count));
    }
    if (hasLengths) writer.varint(streams.length - start);
  }
  writer.raw(streams.view());
}

/**
 * Reads the wanted ones of `count` figures each, up to the reader's end; sum is NaN where that is what it was.
 * @throws BytesError or BlockCorruptError
 */
export function readNumberFigures(
  reader: ByteReader,
  count: number,
  wanted: FigureSet,
): { -readonly [name in keyof NumberFigures]?: Float64Array } {
  const head = reader.u8();
  const exponent = head & EXPONENT_BITS;
  if ((head & ~(EXPONENT_BITS | HAS_BLOCKS)) !== 0 || exponent > EXPONENT_MAX)
    throw new BytesError('Figures have an unknown head');
  const blocks = head & HAS_BLOCKS ? reader.u8() : 0;
  const read =
    count < LENGTHS_COUNT_MIN ? readAll(reader, count, blocks) : readerOfEach(reader, count, blocks);
  const valuesOf = (stream: number, values: Float64Array) =>
    isBlock(blocks, stream) ? values : divided(values, POWERS[exponent]);
  const result: { -readonly [name in keyof NumberFigures]?: Float64Array } = {};
  if (wanted & SUM) result.sum = valuesOf(STREAM_SUM, read(STREAM_SUM));
  if (wanted & (MAX | MIN)) {
    const max = read(STREAM_MAX);
    if (wanted & MIN) {
      const min = read(STREAM_MIN);
      if (areDigits(blocks, STREAM_MAX, STREAM_MIN)) for (let i = 0; i < count; i++) min[i] = max[i] - min[i];
      result.min = valuesOf(STREAM_MIN, min);
    }
    if (wanted & MAX) result.max = valuesOf(STREAM_MAX, max);
  }
  if (wanted & (FIRST | LAST)) {
    const last = read(STREAM_LAST);
    if (wanted & FIRST) {
      const first = read(STREAM_FIRST);
      if (areDigits(blocks, STREAM_LAST, STREAM_FIRST))
        for (let i = 1; i < count; i++) first[i] += last[i - 1];
      result.first = valuesOf(STREAM_FIRST, first);
    }
    if (wanted & LAST) result.last = valuesOf(STREAM_LAST, last);
  }
  return result;
}

type ReadStream = (stream: number) => Float64Array;

function readAll(reader: ByteReader, count: number, blocks: number): ReadStream {
  const streams = STREAMS.map((_, stream) => readStream(reader, count, isBlock(blocks, stream)));
  expectEnd(reader);
  return stream => streams[stream];
}

function readerOfEach(reader: ByteReader, count: number, blocks: number): ReadStream {
  const lengths = STREAMS.map(() => reader.varint());
  const parts = lengths.map(length => new ByteReader(reader.raw(length)));
  expectEnd(reader);
  return stream => {
    const values = readStream(parts[stream], count, isBlock(blocks, stream));
    expectEnd(parts[stream]);
    return values;
  };
}

function readStream(reader: ByteReader, count: number, isBlock: boolean): Float64Array {
  if (isBlock) return decodeColumnBlock(reader.bytes(), count, 'number').values;
  const integers = new Float64Array(count);
  readIntegers(reader, integers, count);
  return integers;
}

function isBlock(blocks: number, stream: number): boolean {
  return (blocks & (1 << stream)) !== 0;
}

function expectEnd(reader: ByteReader): void {
  if (reader.remaining > 0) throw new BytesError('Figures have bytes left over');
}

function divided(digits: Float64Array, power: number): Float64Array {
  if (power !== 1) for (let i = 0; i < digits.length; i++) digits[i] /= power;
  return digits;
}

/** What is written for the digits of a stream: how far they are from those of another, where those are known. */
function relate(stream: number, blocks: number, count: number): Float64Array {
  const own = digits[stream];
  if (stream === STREAM_MIN && areDigits(blocks, STREAM_MAX, STREAM_MIN)) {
    const max = digits[STREAM_MAX];
    residuals = roomFor(residuals, count);
    for (let i = 0; i < count; i++) residuals[i] = max[i] - own[i];
    return residuals;
  }
  if (stream === STREAM_FIRST && areDigits(blocks, STREAM_LAST, STREAM_FIRST)) {
    const last = digits[STREAM_LAST];
    residuals = roomFor(residuals, count);
    residuals[0] = own[0];
    for (let i = 1; i < count; i++) residuals[i] = own[i] - last[i - 1];
    return residuals;
  }
  return own;
}

function areDigits(blocks: number, one: number, other: number): boolean {
  return (blocks & ((1 << one) | (1 << other))) === 0;
}

/**
 * Least exponent, from `exponent` on, at which all have digits; undefined where one never has. What has digits at an
 * exponent has them at the next, because division rounds to the nearest.
 */
function leastExponent(values: Float64Array, count: number, exponent: number): number | undefined {
  for (let i = 0; i < count; i++) {
    const value = values[i];
    while (Math.round(value * POWERS[exponent]) / POWERS[exponent] !== value) {
      if (exponent === EXPONENT_MAX) return undefined;
      exponent++;
    }
  }
  return exponent;
}

/** False where a value is not exactly digits ÷ 10^exponent; −0 is not 0. */
function takeDigits(values: Float64Array, count: number, exponent: number, into: Float64Array): boolean {
  const power = POWERS[exponent];
  for (let i = 0; i < count; i++) {
    const value = values[i];
    const rounded = Math.round(value * power);
    if (rounded / power !== value || Math.abs(rounded) > DIGITS_MAX || Object.is(value, -0)) return false;
    into[i] = rounded;
  }
  return true;
}
