/**
 * A source's directory in a segment: where its blocks are, what times they span, and a summary of each number
 * block. Bytes: engine/FORMAT.md, "Directory".
 */
import { crc32c } from '@node-rs/crc32';
import { ByteReader, BytesError, ByteWriter } from '../base/bytes.js';
import type { FieldType } from '../batch.js';
import { FIELD_TYPE_CODES, fieldTypeOf } from '../field-codes.js';
import { CRC_BYTES, RowNumbers } from './layout.js';

export interface BlockReference {
  /** Position in the file. */
  readonly offset: number;
  /** Bytes; 0 where no row of the group has a value: then there is no block. */
  readonly length: number;
}

/** What a number block holds; the sum is compensated. Of other types only `count` means something. */
export interface BlockSummary {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  readonly first: number;
  readonly last: number;
}

export interface DirectoryColumn {
  readonly name: string;
  readonly type: FieldType;
  readonly blocks: readonly BlockReference[];
  /** One a group; undefined where there is no block. */
  readonly summaries: readonly (BlockSummary | undefined)[];
}

/** Groups of rows in order of (time, row number). */
export interface Directory {
  readonly minTimes: Float64Array;
  readonly maxTimes: Float64Array;
  readonly timeBlocks: readonly BlockReference[];
  /** undefined where row numbers are consecutive. */
  readonly rowBlocks: readonly BlockReference[] | undefined;
  readonly columns: readonly DirectoryColumn[];
}

/** Blocks of a source lie one after another: times, row numbers, then column by column. */
export function encodeDirectory(directory: Directory, nameIndexOf: (name: string) => number): Uint8Array {
  const writer = new ByteWriter();
  writer.varint(directory.timeBlocks[0].offset);
  let previous = 0;
  for (let group = 0; group < directory.timeBlocks.length; group++) {
    writer.varint(directory.minTimes[group] - previous);
    writer.varint(directory.maxTimes[group] - directory.minTimes[group]);
    writer.varint(directory.timeBlocks[group].length);
    previous = directory.maxTimes[group];
  }
  writer.u8(directory.rowBlocks === undefined ? RowNumbers.consecutive : RowNumbers.blocks);
  for (const block of directory.rowBlocks ?? []) writer.varint(block.length);
  writer.varint(directory.columns.length);
  for (const column of directory.columns) {
    writer.varint(nameIndexOf(column.name));
    writer.u8(FIELD_TYPE_CODES[column.type]);
    for (let group = 0; group < column.blocks.length; group++) {
      writer.varint(column.blocks[group].length);
      const summary = column.summaries[group];
      if (summary !== undefined) writeSummary(writer, summary, column.type);
    }
  }
  writer.u32(crc32c(writer.view()));
  return writer.finish();
}

/** @throws BytesError where the bytes are not an intact directory of `groupCount` groups. */
export function decodeDirectory(bytes: Uint8Array, groupCount: number, names: readonly string[]): Directory {
  const body = bytes.subarray(0, bytes.length - CRC_BYTES);
  if (bytes.length < CRC_BYTES || new ByteReader(bytes, body.length).u32() !== crc32c(body)) {
    throw new BytesError('The checksum of a directory does not match');
  }
  const reader = new ByteReader(body);
  let offset = reader.varint();
  const next = (length: number): BlockReference => {
    offset += length;
    return { offset: offset - length, length };
  };
  const minTimes = new Float64Array(groupCount);
  const maxTimes = new Float64Array(groupCount);
  const timeBlocks: BlockReference[] = [];
  let previous = 0;
  for (let group = 0; group < groupCount; group++) {
    minTimes[group] = previous + reader.varint();
    maxTimes[group] = previous = minTimes[group] + reader.varint();
    timeBlocks.push(next(reader.varint()));
  }
  let rowBlocks: BlockReference[] | undefined;
  if (reader.u8() === RowNumbers.blocks) {
    rowBlocks = [];
    for (let group = 0; group < groupCount; group++) rowBlocks.push(next(reader.varint()));
  }
  const columns: DirectoryColumn[] = [];
  for (let left = reader.count(2); left > 0; left--) {
    const name = names[reader.varint()];
    if (name === undefined) throw new BytesError('A column has no name');
    const type = fieldTypeOf(reader.u8());
    const blocks: BlockReference[] = [];
    const summaries: (BlockSummary | undefined)[] = [];
    for (let group = 0; group < groupCount; group++) {
      const block = next(reader.varint());
      blocks.push(block);
      summaries.push(block.length === 0 ? undefined : readSummary(reader, type));
    }
    columns.push({ name, type, blocks, summaries });
  }
  if (reader.remaining > 0) throw new BytesError('A directory has bytes left over');
  return { minTimes, maxTimes, timeBlocks, rowBlocks, columns };
}

function writeSummary(writer: ByteWriter, summary: BlockSummary, type: FieldType): void {
  writer.varint(summary.count);
  if (type !== 'number') return;
  for (const value of [summary.sum, summary.min, summary.max, summary.first, summary.last]) {
    writeNumber(writer, value);
  }
}

function readSummary(reader: ByteReader, type: FieldType): BlockSummary {
  const count = reader.varint();
  if (type !== 'number') {
    return { count, sum: Number.NaN, min: Number.NaN, max: Number.NaN, first: Number.NaN, last: Number.NaN };
  }
  const sum = readNumber(reader);
  const min = readNumber(reader);
  const max = readNumber(reader);
  const first = readNumber(reader);
  return { count, sum, min, max, first, last: readNumber(reader) };
}

/** Tag of a number that no short decimal equals: its 8 bytes follow. */
const NUMBER_RAW = 255;
const EXPONENT_MAX = 9;
/** Below 2^51, so that the sign's bit fits beside it. */
const DIGITS_MAX = 2 ** 51;

/**
 * Summaries of sensor readings are short decimals: 3 bytes instead of 8. The tag is the number of decimals;
 * the digits follow as a varint with the sign in the lowest bit.
 */
function writeNumber(writer: ByteWriter, value: number): void {
  for (let exponent = 0; exponent <= EXPONENT_MAX; exponent++) {
    const digits = Math.round(value * 10 ** exponent);
    if (!(Math.abs(digits) < DIGITS_MAX)) break;
    if (Object.is(digits / 10 ** exponent, value) && !Object.is(digits, -0)) {
      writer.u8(exponent);
      writer.varint(digits < 0 ? -digits * 2 - 1 : digits * 2);
      return;
    }
  }
  writer.u8(NUMBER_RAW);
  writer.f64(value);
}

function readNumber(reader: ByteReader): number {
  const tag = reader.u8();
  if (tag === NUMBER_RAW) return reader.f64();
  if (tag > EXPONENT_MAX) throw new BytesError(`Tag ${tag} of a number is unknown`);
  const zigzag = reader.varint();
  const digits = zigzag % 2 === 1 ? -(zigzag + 1) / 2 : zigzag / 2;
  return digits / 10 ** tag;
}
