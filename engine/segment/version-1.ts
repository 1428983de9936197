/**
 * Directories of segments of version 1, which are still read: one a source, without leaves and rollups. Bytes:
 * engine/FORMAT.md, "Version 1".
 */
import { ByteReader, BytesError } from '../base/bytes.js';
import { openChecked } from '../base/checked.js';
import { fieldTypeOf } from '../field-codes.js';
import type { ColumnName, Directory } from './directory.js';
import { RowNumbers } from './layout.js';
import type { BlockRun, BlockSummaries, Leaf, LeafColumn } from './leaf.js';

/**
 * As a directory with one leaf, which is decoded already. `offset` is the directory's place in the file.
 * @throws BytesError where the bytes are not an intact directory of `groupCount` groups.
 */
export function decodeDirectoryOfVersion1(
  bytes: Uint8Array,
  offset: number,
  groupCount: number,
  names: readonly string[],
): Directory {
  const reader = new ByteReader(openChecked(bytes));
  let position = reader.varint();
  const place = (run: BlockRun, group: number) => {
    run.offsets[group] = position;
    run.lengths[group] = reader.varint();
    position += run.lengths[group];
  };
  const minTimes = new Float64Array(groupCount);
  const maxTimes = new Float64Array(groupCount);
  const times = newRun(groupCount);
  let previous = 0;
  for (let group = 0; group < groupCount; group++) {
    minTimes[group] = previous + reader.varint();
    maxTimes[group] = previous = minTimes[group] + reader.varint();
    place(times, group);
  }
  let rows: BlockRun | undefined;
  if (reader.u8() === RowNumbers.blocks) {
    rows = newRun(groupCount);
    for (let group = 0; group < groupCount; group++) place(rows, group);
  }
  const columns: ColumnName[] = [];
  const leafColumns: LeafColumn[] = [];
  for (let left = reader.count(2); left > 0; left--) {
    const name = names[reader.varint()];
    if (name === undefined) throw new BytesError('A column has no name');
    const type = fieldTypeOf(reader.u8());
    const run = newRun(groupCount);
    const summaries = newSummaries(groupCount, type === 'number');
    for (let group = 0; group < groupCount; group++) {
      place(run, group);
      if (run.lengths[group] > 0) readSummary(reader, summaries, group);
    }
    columns.push({ name, type });
    leafColumns.push({ ...run, summaries });
  }
  if (reader.remaining > 0) throw new BytesError('A directory has bytes left over');
  if (position > offset) throw new BytesError('Blocks go past their directory');
  const leaf: Leaf = { firstGroup: 0, minTimes, maxTimes, times, rows, columns: leafColumns };
  return {
    groupCount,
    columns,
    hasRowBlocks: rows !== undefined,
    leaves: [
      {
        firstGroup: 0,
        groupCount,
        minTime: minTimes[0],
        maxTime: previous,
        offset,
        length: bytes.length,
        decoded: leaf,
      },
    ],
    levels: [],
  };
}

function newRun(groupCount: number): BlockRun {
  return { offsets: new Float64Array(groupCount), lengths: new Float64Array(groupCount) };
}

function newSummaries(groupCount: number, isNumber: boolean): BlockSummaries {
  const count = new Float64Array(groupCount);
  if (!isNumber) return { count };
  const none = () => new Float64Array(groupCount).fill(Number.NaN);
  return { count, sum: none(), min: none(), max: none(), first: none(), last: none() };
}

function readSummary(reader: ByteReader, summaries: BlockSummaries, group: number): void {
  summaries.count[group] = reader.varint();
  const { sum, min, max, first, last } = summaries;
  for (const figure of [sum, min, max, first, last])
    if (figure !== undefined) figure[group] = readNumber(reader);
}

/** Tag of a number that no short decimal equals: its 8 bytes follow. Other tags are the number of decimals. */
const NUMBER_RAW = 255;
const EXPONENT_MAX = 9;

/** Digits are a varint with the sign in the lowest bit. */
function readNumber(reader: ByteReader): number {
  const tag = reader.u8();
  if (tag === NUMBER_RAW) return reader.f64();
  if (tag > EXPONENT_MAX) throw new BytesError(`Tag ${tag} of a number is unknown`);
  const zigzag = reader.varint();
  const digits = zigzag % 2 === 1 ? -(zigzag + 1) / 2 : zigzag / 2;
  return digits / 10 ** tag;
}
