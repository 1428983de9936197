import { type ByteReader, BytesError, type ByteWriter } from '../base/bytes.js';
import { CODEC } from './codes.js';
import { type DecimalPlan, planDecimals, readDecimals, writeDecimals } from './decimal.js';

/** How a column of numbers (all present, at least one) will be written. */
export interface NumberPlan {
  readonly codec: number;
  readonly decimal?: DecimalPlan;
  readonly bytes: number;
}

export function planNumbers(values: Float64Array, count: number): NumberPlan {
  if (isConstant(values, count)) return { codec: CODEC.constant, bytes: 8 };
  const raw: NumberPlan = { codec: CODEC.raw, bytes: count * 8 };
  const decimal = planDecimals(values, count);
  if (decimal !== undefined && decimal.bytes < raw.bytes)
    return { codec: CODEC.decimal, decimal, bytes: decimal.bytes };
  return raw;
}

export function writeNumbers(
  writer: ByteWriter,
  values: Float64Array,
  count: number,
  plan: NumberPlan,
): void {
  if (plan.codec === CODEC.constant) writer.f64(values[0]);
  else if (plan.codec === CODEC.decimal) writeDecimals(writer, values, count, plan.decimal!);
  else writer.raw(new Uint8Array(values.buffer, values.byteOffset, count * 8));
}

export function readNumbers(reader: ByteReader, codec: number, into: Float64Array, count: number): void {
  if (codec === CODEC.constant) into.fill(reader.f64(), 0, count);
  else if (codec === CODEC.decimal) readDecimals(reader, into, count);
  else if (codec === CODEC.raw) {
    new Uint8Array(into.buffer, into.byteOffset, count * 8).set(reader.raw(count * 8));
  } else throw new BytesError(`Codec ${codec} is not one of numbers`);
}

/** Object.is, because −0 equals 0. */
function isConstant(values: Float64Array, count: number): boolean {
  for (let i = 1; i < count; i++) if (!Object.is(values[i], values[0])) return false;
  return true;
}
