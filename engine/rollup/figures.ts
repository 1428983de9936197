/** Figures of one column in the windows of a chunk. Bytes: engine/FORMAT.md, "Figures block". */
import { ByteReader, BytesError, ByteWriter } from '../base/bytes.js';
import { openChecked, sealChecked } from '../base/checked.js';
import type { FieldType } from '../batch.js';
import { readFlags, writeFlags } from '../codec/flags.js';
import { positionsOf, readStream, writeStream } from '../codec/streams.js';
import { readStrings, writeStrings } from '../codec/strings.js';
import {
  FIRST,
  type FigureSet,
  LAST,
  type NumberFigures,
  readNumberFigures,
  writeNumberFigures,
} from './number-figures.js';
import type { Windows } from './windows.js';

export { ALL_FIGURES, FIRST, type FigureSet, LAST, MAX, MIN, SUM } from './number-figures.js';

/**
 * Exact counts, those of strings and booleans too. Without it, and without FIRST and LAST, these have no part in a summary;
 * and without SUM a count only says whether there is a value at all.
 */
export const COUNT = 32;

/**
 * One of each a window; NaN where no row of the window has a value. Numbers have all of them, strings and booleans
 * `first` and `last`, as values of a column are.
 */
export interface Figures {
  /** Rows that have a value; absent where that is every row of every window. */
  readonly count?: Float64Array;
  /** Of the first row that has a value, and of the last, in milliseconds; only beside `count`. */
  readonly firstTimes?: Float64Array;
  readonly lastTimes?: Float64Array;
  readonly sum?: Float64Array;
  readonly min?: Float64Array;
  readonly max?: Float64Array;
  readonly first?: Float64Array;
  readonly last?: Float64Array;
  /** Strings only: what `first` and `last` are indexes into. */
  readonly dictionary?: readonly string[];
}

const NUMBER_NAMES = ['sum', 'min', 'max', 'first', 'last'] as const;

/** Used again and again: there is a block of figures a column, level and chunk. */
const figuresWriter = new ByteWriter(1_024);

const EVERY_ROW = 0;
const SOME_ROWS = 1;

/** All figures that a column of the type has; no bytes where no window has a value. */
export function encodeFigures(figures: Figures, type: FieldType, windows: Windows): Uint8Array {
  const { count } = figures;
  const writer = figuresWriter;
  writer.clear();
  let present: Int32Array | undefined;
  if (count === undefined) writer.u8(EVERY_ROW);
  else {
    present = positionsOf(count);
    if (present.length === 0) return new Uint8Array(0);
    writer.u8(SOME_ROWS);
    writeStream(writer, count);
    writeStream(writer, offsets(figures.firstTimes!, windows.firstTimes, present));
    writeStream(writer, offsets(windows.lastTimes, figures.lastTimes!, present));
  }
  const take = (values: Float64Array | undefined) => taken(values!, present);
  if (type === 'number') {
    const numbers: NumberFigures = {
      sum: take(figures.sum),
      min: take(figures.min),
      max: take(figures.max),
      first: take(figures.first),
      last: take(figures.last),
    };
    writeNumberFigures(writer, numbers, numbers.sum.length);
  } else {
    const ends = joined(take(figures.first), take(figures.last));
    if (type === 'boolean') writeFlags(writer, ends, ends.length);
    else writeStrings(writer, ends, ends.length, figures.dictionary!);
  }
  return sealChecked(writer);
}

/**
 * The wanted ones. `windows` are those of the chunk: times are told from theirs.
 * @throws BytesError or BlockCorruptError where the bytes are not an intact figures block.
 */
export function decodeFigures(
  bytes: Uint8Array,
  type: FieldType,
  windows: () => Windows,
  windowCount: number,
  wanted: FigureSet,
): Figures {
  if (bytes.length === 0) return noFigures(type, windowCount, wanted);
  const reader = new ByteReader(openChecked(bytes));
  const form = reader.u8();
  if (form === EVERY_ROW) return readFigures(reader, type, windowCount, wanted);
  if (form !== SOME_ROWS) throw new BytesError('Figures have an unknown form');
  const count = readStream(reader, windowCount);
  const present = positionsOf(count);
  if (present.length === 0) throw new BytesError('Figures of no value');
  const firstTimes = readStream(reader, present.length);
  const lastTimes = readStream(reader, present.length);
  const keys = windows();
  for (let at = 0; at < present.length; at++) {
    firstTimes[at] = keys.firstTimes[present[at]] + firstTimes[at];
    lastTimes[at] = keys.lastTimes[present[at]] - lastTimes[at];
  }
  const spread = (values: Float64Array) => spreadOut(values, present, windowCount);
  const { dictionary, ...columns } = readFigures(reader, type, present.length, wanted);
  const figures: { -readonly [name in keyof Figures]: Figures[name] } = {
    count,
    firstTimes: spread(firstTimes),
    lastTimes: spread(lastTimes),
  };
  for (const name of NUMBER_NAMES) {
    const values = columns[name];
    if (values !== undefined) figures[name] = spread(values);
  }
  if (dictionary !== undefined) figures.dictionary = dictionary;
  return figures;
}

function readFigures(reader: ByteReader, type: FieldType, count: number, wanted: FigureSet): Figures {
  if (type === 'number') return readNumberFigures(reader, count, wanted);
  const ends = new Float64Array(count * 2);
  let dictionary: string[] | undefined;
  if (type === 'boolean') readFlags(reader, reader.u8(), ends, ends.length);
  else dictionary = readStrings(reader, ends, ends.length);
  if (reader.remaining > 0) throw new BytesError('Figures have bytes left over');
  return {
    ...(wanted & FIRST && { first: ends.subarray(0, count) }),
    ...(wanted & LAST && { last: ends.subarray(count) }),
    ...(dictionary && { dictionary }),
  };
}

/** Of a chunk in which no row has a value. */
function noFigures(type: FieldType, windowCount: number, wanted: FigureSet): Figures {
  const none = new Float64Array(windowCount).fill(Number.NaN);
  const figures: { -readonly [name in keyof Figures]: Figures[name] } = {
    count: new Float64Array(windowCount),
    firstTimes: none,
    lastTimes: none,
  };
  for (const [bit, name] of NUMBER_NAMES.entries()) {
    if (wanted & (1 << bit) && (type === 'number' || name === 'first' || name === 'last'))
      figures[name] = none;
  }
  if (type === 'string') figures.dictionary = [];
  return figures;
}

function offsets(values: Float64Array, from: Float64Array, positions: Int32Array): Float64Array {
  const result = new Float64Array(positions.length);
  for (let at = 0; at < positions.length; at++) result[at] = values[positions[at]] - from[positions[at]];
  return result;
}

function taken(values: Float64Array, positions: Int32Array | undefined): Float64Array {
  if (positions === undefined) return values;
  const result = new Float64Array(positions.length);
  for (let at = 0; at < positions.length; at++) result[at] = values[positions[at]];
  return result;
}

function spreadOut(values: Float64Array, positions: Int32Array, count: number): Float64Array {
  const result = new Float64Array(count).fill(Number.NaN);
  for (let at = 0; at < positions.length; at++) result[positions[at]] = values[at];
  return result;
}

function joined(left: Float64Array, right: Float64Array): Float64Array {
  const result = new Float64Array(left.length + right.length);
  result.set(left);
  result.set(right, left.length);
  return result;
}
