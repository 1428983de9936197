import { type ByteReader, BytesError, type ByteWriter } from '../base/bytes.js';
import { CODEC } from './codes.js';
import { type DecimalPlan, planDecimals, readDecimals, writeDecimals } from './decimal.js';
import { rank } from './dictionary.js';
import { type IntegerPlan, planIntegers } from './integer-plan.js';
import { readIntegers, writeIntegers } from './integers.js';
import { hasManyRepeats, takeRuns } from './runs.js';
import { roomFor } from './scratch.js';
import { planSplit, readSplit, type SplitPlan, writeSplit } from './split.js';
import { readXor } from './xor.js';

/**
 * How a column of numbers (all present, at least one) will be written: the cheapest of what fits.
 */
export type NumberPlan =
  | { readonly codec: typeof CODEC.constant | typeof CODEC.raw; readonly bytes: number }
  | { readonly codec: typeof CODEC.decimal; readonly decimal: DecimalPlan; readonly bytes: number }
  | { readonly codec: typeof CODEC.split; readonly split: SplitPlan; readonly bytes: number }
  | {
      readonly codec: typeof CODEC.dictionary | typeof CODEC.runs;
      /** Of the distinct values, or of each run's. */
      readonly values: NumberPlan;
      /** Ranks, or lengths. */
      readonly integers: IntegerPlan;
      readonly bytes: number;
    };

/** Bits a value under which a dictionary is not worth a look: it would save little, and looking costs time. */
const DICTIONARY_BITS_MIN = 5;
/** Bits a value over which decimals are no decimals, so that splitting or XORing the doubles may be cheaper. */
const DOUBLE_BITS_MIN = 36;
/** Codec of the nested values, and their count. */
const NESTED_BYTES = 3;

let nestedRead: Float64Array = new Float64Array(1_024);
let integersRead: Float64Array = new Float64Array(1_024);

/** `runCount` as of countRuns. */
export function planNumbers(values: Float64Array, count: number, runCount: number): NumberPlan {
  if (runCount === 1) return { codec: CODEC.constant, bytes: 8 };
  const best = planDistinct(values, count);
  if (!hasManyRepeats(runCount, count)) return best;
  const runs = planRuns(values, count);
  return runs.bytes < best.bytes ? runs : best;
}

function planRuns(values: Float64Array, count: number): NumberPlan {
  const runs = takeRuns(values, count);
  const lengths = planIntegers(runs.lengths, runs.count);
  const inner = planDistinct(runs.values, runs.count);
  const bytes = lengths.bytes + inner.bytes + NESTED_BYTES;
  return { codec: CODEC.runs, values: inner, integers: lengths, bytes };
}

/** The plan that a codec has for the values, where it has one, without looking at others. */
export function planAs(codec: number, values: Float64Array, count: number): NumberPlan | undefined {
  switch (codec) {
    case CODEC.decimal: {
      const decimal = planDecimals(values, count);
      return decimal && { codec, decimal, bytes: decimal.bytes };
    }
    case CODEC.split: {
      const split = planSplit(values, count);
      return { codec, split, bytes: split.bytes };
    }
    case CODEC.dictionary:
      return planDictionary(values, count);
    case CODEC.runs:
      return planRuns(values, count);
    default:
      return undefined;
  }
}

/** Whether XOR, which takes a bit a value at least, may be smaller than the plan: never than good decimals. */
export function isXorWorthTrying(plan: NumberPlan, count: number): boolean {
  const bitsMin = plan.codec === CODEC.decimal ? DOUBLE_BITS_MIN : 1;
  return plan.codec !== CODEC.constant && plan.bytes * 8 >= count * bitsMin;
}

export function writeNumbers(
  writer: ByteWriter,
  values: Float64Array,
  count: number,
  plan: NumberPlan,
): void {
  switch (plan.codec) {
    case CODEC.constant:
      writer.f64(values[0]);
      break;
    case CODEC.raw:
      writer.raw(new Uint8Array(values.buffer, values.byteOffset, count * 8));
      break;
    case CODEC.decimal:
      writeDecimals(writer, values, count, plan.decimal);
      break;
    case CODEC.split:
      writeSplit(writer, values, count, plan.split);
      break;
    case CODEC.dictionary: {
      const ranked = rank(values, count)!;
      writeNested(writer, ranked.distinct, ranked.size, plan.values);
      writeIntegers(writer, ranked.ranks, count, plan.integers);
      break;
    }
    case CODEC.runs: {
      const runs = takeRuns(values, count);
      writeNested(writer, runs.values, runs.count, plan.values);
      writeIntegers(writer, runs.lengths, runs.count, plan.integers);
      break;
    }
  }
}

/** Reads `count` numbers into the front of `into`. */
export function readNumbers(reader: ByteReader, codec: number, into: Float64Array, count: number): void {
  if (codec === CODEC.dictionary) readDictionary(reader, into, count);
  else if (codec === CODEC.runs) readRuns(reader, into, count);
  else if (codec === CODEC.xor) readXor(reader, into, count);
  else readSimple(reader, codec, into, count);
}

function planDistinct(values: Float64Array, count: number): NumberPlan {
  const best = planSimple(values, count);
  if (best.bytes * 8 < count * DICTIONARY_BITS_MIN) return best;
  const ranked = planDictionary(values, count);
  return ranked !== undefined && ranked.bytes < best.bytes ? ranked : best;
}

/** Undefined where too many values are distinct. */
function planDictionary(values: Float64Array, count: number): NumberPlan | undefined {
  const ranked = rank(values, count);
  if (ranked === undefined) return undefined;
  const inner = planSimple(ranked.distinct, ranked.size);
  const ranks = planIntegers(ranked.ranks, count);
  const bytes = inner.bytes + ranks.bytes + NESTED_BYTES;
  return { codec: CODEC.dictionary, values: inner, integers: ranks, bytes };
}

function planSimple(values: Float64Array, count: number): NumberPlan {
  let best: NumberPlan = { codec: CODEC.raw, bytes: count * 8 };
  const decimal = planDecimals(values, count);
  if (decimal !== undefined && decimal.bytes < best.bytes)
    best = { codec: CODEC.decimal, decimal, bytes: decimal.bytes };
  if (best.bytes * 8 < count * DOUBLE_BITS_MIN) return best;
  const split = planSplit(values, count);
  return split.bytes < best.bytes ? { codec: CODEC.split, split, bytes: split.bytes } : best;
}

function writeNested(writer: ByteWriter, values: Float64Array, count: number, plan: NumberPlan): void {
  writer.varint(count);
  writer.u8(plan.codec);
  writeNumbers(writer, values, count, plan);
}

function readSimple(reader: ByteReader, codec: number, into: Float64Array, count: number): void {
  if (codec === CODEC.constant) into.fill(reader.f64(), 0, count);
  else if (codec === CODEC.raw)
    new Uint8Array(into.buffer, into.byteOffset, count * 8).set(reader.raw(count * 8));
  else if (codec === CODEC.decimal) readDecimals(reader, into, count);
  else if (codec === CODEC.split) readSplit(reader, into, count);
  else throw new BytesError(`Codec ${codec} is not one of numbers`);
}

function readDictionary(reader: ByteReader, into: Float64Array, count: number): void {
  const size = readNestedCount(reader, count);
  const distinct = new Float64Array(size);
  readSimple(reader, reader.u8(), distinct, size);
  readIntegers(reader, into, count);
  for (let i = 0; i < count; i++) {
    const value = distinct[into[i]];
    if (value === undefined) throw new BytesError('A rank is not in the dictionary');
    into[i] = value;
  }
}

function readRuns(reader: ByteReader, into: Float64Array, count: number): void {
  const size = readNestedCount(reader, count);
  nestedRead = roomFor(nestedRead, size);
  integersRead = roomFor(integersRead, size);
  const codec = reader.u8();
  if (codec === CODEC.dictionary) readDictionary(reader, nestedRead, size);
  else readSimple(reader, codec, nestedRead, size);
  readIntegers(reader, integersRead, size);
  let at = 0;
  for (let k = 0; k < size; k++) {
    const end = at + integersRead[k];
    if (!(end > at && end <= count)) throw new BytesError('A run goes past the end');
    into.fill(nestedRead[k], at, end);
    at = end;
  }
  if (at !== count) throw new BytesError('Runs end early');
}

function readNestedCount(reader: ByteReader, count: number): number {
  const size = reader.varint();
  if (size === 0 || size > count) throw new BytesError('There are more distinct values than values');
  return size;
}
