import { type ByteReader, BytesError, type ByteWriter } from '../base/bytes.js';
import { type IntegerPlan, planIntegers } from './integer-plan.js';
import { readIntegers, writeIntegers } from './integers.js';
import { roomFor } from './scratch.js';

/** Columns of 0 and 1 (presence, booleans): as a bitmap, or as lengths of runs where that is smaller. */
export const FLAGS = { bitmap: 1, runs: 2 } as const;

/** Flag of the first run, and number of runs. */
const RUNS_HEAD_BYTES = 3;

let runs: Float64Array = new Float64Array(1_024);

/** Form (a byte), then the flags in that form. */
export function writeFlags(writer: ByteWriter, flags: Float64Array, count: number): void {
  const runCount = takeRuns(flags, count);
  const bitmapBytes = (count + 7) >>> 3;
  if (runCount < bitmapBytes) {
    const plan = planIntegers(runs, runCount);
    if (plan.bytes + RUNS_HEAD_BYTES < bitmapBytes) {
      writeRuns(writer, flags[0], runCount, plan);
      return;
    }
  }
  writer.u8(FLAGS.bitmap);
  writeBitmap(writer, flags, count);
}

export function readFlags(reader: ByteReader, form: number, into: Float64Array, count: number): void {
  if (form === FLAGS.bitmap) readBitmap(reader, into, count);
  else if (form === FLAGS.runs) readRuns(reader, into, count);
  else throw new BytesError('Flags have an unknown form');
}

function takeRuns(flags: Float64Array, count: number): number {
  runs = roomFor(runs, count);
  let runCount = 0;
  let start = 0;
  for (let i = 1; i < count; i++) {
    if (flags[i] === flags[start]) continue;
    runs[runCount++] = i - start;
    start = i;
  }
  runs[runCount++] = count - start;
  return runCount;
}

function writeRuns(writer: ByteWriter, first: number, runCount: number, plan: IntegerPlan): void {
  writer.u8(FLAGS.runs);
  writer.u8(first);
  writer.varint(runCount);
  writeIntegers(writer, runs, runCount, plan);
}

function readRuns(reader: ByteReader, into: Float64Array, count: number): void {
  let flag = reader.u8();
  const runCount = reader.varint();
  if (flag > 1 || runCount === 0 || runCount > count) throw new BytesError('Runs of flags are impossible');
  runs = roomFor(runs, runCount);
  readIntegers(reader, runs, runCount);
  let at = 0;
  for (let k = 0; k < runCount; k++) {
    const end = at + runs[k];
    if (!(runs[k] >= 1) || end > count) throw new BytesError('Runs of flags go past the end');
    into.fill(flag, at, end);
    at = end;
    flag = 1 - flag;
  }
  if (at !== count) throw new BytesError('Runs of flags end early');
}

function writeBitmap(writer: ByteWriter, flags: Float64Array, count: number): void {
  const bitmap = new Uint8Array((count + 7) >>> 3);
  for (let i = 0; i < count; i++) if (flags[i] !== 0) bitmap[i >>> 3] |= 1 << (i & 7);
  writer.raw(bitmap);
}

function readBitmap(reader: ByteReader, into: Float64Array, count: number): void {
  const bitmap = reader.raw((count + 7) >>> 3);
  for (let i = 0; i < count; i++) into[i] = (bitmap[i >>> 3] >>> (i & 7)) & 1;
}
