import { crc32c } from '@node-rs/crc32';
import { assert } from '../base/assert.js';
import { ByteReader, BytesError, ByteWriter } from '../base/bytes.js';
import type { FieldType } from '../batch.js';
import { CODEC } from './codes.js';
import { BlockCorruptError } from './corrupt.js';
import { areDecimalsLikely, writeExactHead } from './decimal.js';
import { planDeltaOfDelta, readDeltaOfDelta, writeDeltaOfDelta } from './delta-of-delta.js';
import { readFlags, writeFlags } from './flags.js';
import type { BlockGuide } from './guide.js';
import { type IntegerPlan, isRegular, planIntegers } from './integer-plan.js';
import { readIntegers, writeIntegers } from './integers.js';
import { planNarrow, takeNarrowDigits, writeNarrow } from './narrow.js';
import { isXorWorthTrying, planAs, planNumbers, readNumbers, writeNumbers } from './numbers.js';
import { countPresent, readPresence, spreadPresent, takePresent, writePresence } from './presence.js';
import { countRuns, hasManyRepeats } from './runs.js';
import { roomFor } from './scratch.js';
import { readStrings, writeStrings } from './strings.js';
import { planXor, writeXor } from './xor.js';

export { BlockCorruptError };

/** Values of a column, as in Column of a batch: NaN where a row has none. */
export interface BlockColumn {
  readonly type: FieldType;
  readonly values: Float64Array;
  /** Strings only; may hold texts that no value uses. */
  readonly dictionary?: readonly string[];
  /** How many values there are, where that has been counted. */
  readonly presentCount?: number;
}

export interface DecodedColumn {
  readonly values: Float64Array;
  /** Strings only: the texts used, in order of first use. */
  readonly dictionary?: string[];
}

const CRC_BYTES = 4;

/** The values that are there, of the block that is packed. */
let present: Float64Array = new Float64Array(0);
let gathered: Float64Array = new Float64Array(1_024);
/** Blocks are written here and copied once they are whole; the other takes a second try. */
const firstWriter = new ByteWriter(8_192);
const secondWriter = new ByteWriter(8_192);

/**
 * Packs whole numbers from 0 to 2^53−1, in any order, at least one: times in milliseconds, row numbers, offsets.
 */
export function encodeTimestampBlock(values: Float64Array): Uint8Array {
  return packTimestampBlock(values).slice();
}

/** As encodeTimestampBlock, in memory that is valid until the next block is packed. */
export function packTimestampBlock(values: Float64Array): Uint8Array {
  assert(values.length > 0, 'a block has rows');
  const writer = startBlock(firstWriter, CODEC.integers);
  const plan = planIntegers(values, values.length);
  writeIntegers(writer, values, values.length, plan);
  return seal(writeShorterBuckets(values, plan, writer.length) ?? writer);
}

/** @throws BlockCorruptError */
export function decodeTimestampBlock(block: Uint8Array, rowCount: number): Float64Array {
  const reader = open(block);
  const values = new Float64Array(rowCount);
  return guard(() => {
    const codec = reader.u8();
    if (codec === CODEC.integers) readIntegers(reader, values, rowCount);
    else if (codec === CODEC.deltaOfDelta) readDeltaOfDelta(reader, values, rowCount);
    else throw new BytesError('Not a block of whole numbers');
    expectEnd(reader);
    return values;
  });
}

/**
 * Packs a column of at least one row; it comes back bit by bit, except that every NaN comes back as Number.NaN.
 * Blocks of one column share a guide, and are packed faster, and sometimes a little less tightly, for that.
 */
export function encodeColumnBlock(column: BlockColumn, guide?: BlockGuide): Uint8Array {
  return packColumnBlock(column, guide).slice();
}

/** As encodeColumnBlock, in memory that is valid until the next block is packed. */
export function packColumnBlock(column: BlockColumn, guide?: BlockGuide): Uint8Array {
  const { type, values } = column;
  assert(values.length > 0, 'a block has rows');
  const count = column.presentCount ?? countPresent(values);
  if (count === 0) return seal(startBlock(firstWriter, CODEC.absent));
  present = values;
  if (count < values.length) {
    gathered = roomFor(gathered, values.length);
    takePresent(values, gathered);
    present = gathered;
  }
  if (type === 'number') return seal(encodeNumbers(values, count, guide));
  const writer = startColumn(firstWriter, type === 'boolean' ? CODEC.booleans : CODEC.strings, values, count);
  if (type === 'boolean') writeFlags(writer, present, count);
  else writeStrings(writer, present, count, column.dictionary ?? []);
  return seal(writer);
}

/** @throws BlockCorruptError where the block is damaged, or is not of `type`. */
export function decodeColumnBlock(block: Uint8Array, rowCount: number, type: FieldType): DecodedColumn {
  const reader = open(block);
  const values = new Float64Array(rowCount);
  return guard(() => {
    const codec = reader.u8();
    if (codec === CODEC.absent) values.fill(Number.NaN);
    const count = codec === CODEC.absent ? 0 : readPresence(reader, rowCount);
    if (count === 0 && codec !== CODEC.absent)
      throw new BytesError('A column without values is not marked absent');
    const dictionary = count === 0 ? [] : decodeValues(reader, codec, type, values, count);
    expectEnd(reader);
    if (count > 0 && count < rowCount) spreadPresent(values, count);
    return type === 'string' ? { values, dictionary } : { values };
  });
}

/** Name of the codec of a block, for reports. */
export function codecNameOf(block: Uint8Array): string {
  const name = Object.entries(CODEC).find(([, code]) => code === block[0]);
  return name === undefined ? 'unknown' : name[0];
}

/** Undefined where differences of differences would not take less than `bytes`. */
function writeShorterBuckets(
  values: Float64Array,
  integers: IntegerPlan,
  bytes: number,
): ByteWriter | undefined {
  // A time takes a bit at least, and a regular step takes nothing as integers.
  if (values.length < 3 || bytes * 8 <= values.length || isRegular(integers)) return undefined;
  const plan = planDeltaOfDelta(values, values.length, integers.scale);
  if (plan.bits >= bytes * 8) return undefined;
  const writer = startBlock(secondWriter, CODEC.deltaOfDelta);
  writeDeltaOfDelta(writer, values, values.length, plan);
  return writer.length < bytes ? writer : undefined;
}

function encodeNumbers(values: Float64Array, count: number, guide: BlockGuide | undefined): ByteWriter {
  const guided = guide === undefined || guide.isSearchDue ? undefined : encodeGuided(values, count, guide);
  return guided ?? encodeSearched(values, count, guide);
}

/** Undefined where the numbers are not as the guide says, so that they are to be searched. */
function encodeGuided(values: Float64Array, count: number, guide: BlockGuide): ByteWriter | undefined {
  return guide.codec === CODEC.decimal && guide.isPlain
    ? encodeNarrow(values, count, guide)
    : encodeAs(values, count, guide);
}

function encodeNarrow(values: Float64Array, count: number, guide: BlockGuide): ByteWriter | undefined {
  const { exponent, order } = guide;
  const runCount = takeNarrowDigits(present, count, exponent);
  if (runCount <= 1 || hasManyRepeats(runCount, count) !== guide.hasRuns || count <= order) return undefined;
  const plan = planNarrow(count, order);
  if (!guide.fits(plan.bytes, count)) return undefined;
  const writer = startColumn(firstWriter, CODEC.decimal, values, count);
  writeExactHead(writer, exponent);
  writeNarrow(writer, count, plan);
  return writer;
}

function encodeAs(values: Float64Array, count: number, guide: BlockGuide): ByteWriter | undefined {
  // Doubles take what they take whatever they are: that they have become decimals would not show.
  const areDoubles = guide.codec === CODEC.split || guide.codec === CODEC.xor;
  if (areDoubles && areDecimalsLikely(present, count)) return undefined;
  if (guide.codec === CODEC.xor) {
    if (!guide.fits(planXor(present, count).bytes, count)) return undefined;
    const writer = startColumn(firstWriter, CODEC.xor, values, count);
    writeXor(writer, present, count);
    return writer;
  }
  const plan = planAs(guide.codec, present, count);
  if (plan === undefined || !guide.fits(plan.bytes, count)) return undefined;
  const writer = startColumn(firstWriter, plan.codec, values, count);
  writeNumbers(writer, present, count, plan);
  return writer;
}

/** Tries what fits, and takes the smallest: sizes are compared as written, because plans only estimate. */
function encodeSearched(values: Float64Array, count: number, guide: BlockGuide | undefined): ByteWriter {
  const runCount = countRuns(present, count);
  const plan = planNumbers(present, count, runCount);
  let writer = startColumn(firstWriter, plan.codec, values, count);
  let codec: number = plan.codec;
  let bytes = plan.bytes;
  const start = writer.length;
  writeNumbers(writer, present, count, plan);
  if (isXorWorthTrying(plan, count)) {
    const xorBytes = planXor(present, count).bytes;
    if (xorBytes < writer.length - start) {
      codec = CODEC.xor;
      bytes = xorBytes;
      writer = startColumn(secondWriter, CODEC.xor, values, count);
      writeXor(writer, present, count);
    }
  }
  guide?.found(codec, plan, bytes, count, hasManyRepeats(runCount, count));
  return writer;
}

function startBlock(writer: ByteWriter, codec: number): ByteWriter {
  writer.clear();
  writer.u8(codec);
  return writer;
}

function startColumn(writer: ByteWriter, codec: number, values: Float64Array, count: number): ByteWriter {
  startBlock(writer, codec);
  writePresence(writer, values, count);
  return writer;
}

function decodeValues(
  reader: ByteReader,
  codec: number,
  type: FieldType,
  values: Float64Array,
  count: number,
): string[] {
  if (type === 'number') readNumbers(reader, codec, values, count);
  else if (type === 'boolean' && codec === CODEC.booleans) readFlags(reader, reader.u8(), values, count);
  else if (type === 'string' && codec === CODEC.strings) return readStrings(reader, values, count);
  else throw new BytesError(`Codec ${codec} is not one of type ${type}`);
  return [];
}

function seal(writer: ByteWriter): Uint8Array {
  writer.u32(crc32c(writer.view()));
  return writer.view();
}

function open(block: Uint8Array): ByteReader {
  const end = block.length - CRC_BYTES;
  if (end < 1) throw new BlockCorruptError('A block has no content');
  const content = block.subarray(0, end);
  const stored = (block[end] | (block[end + 1] << 8) | (block[end + 2] << 16) | (block[end + 3] << 24)) >>> 0;
  if (crc32c(content) !== stored) throw new BlockCorruptError('The checksum of a block is wrong');
  return new ByteReader(content);
}

function expectEnd(reader: ByteReader): void {
  if (reader.remaining > 0) throw new BytesError('A block has bytes left over');
}

/** With a right checksum only a mistake of the writer, or intent, makes bytes that make no sense. */
function guard<T>(decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (error instanceof BytesError) throw new BlockCorruptError(error.message);
    throw error;
  }
}
