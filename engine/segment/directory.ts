/**
 * A source's root directory in a segment: its columns, its leaves (which say where blocks are) and its rollup levels.
 * Bytes: engine/FORMAT.md, "Directory".
 */
import { ByteReader, BytesError, ByteWriter } from '../base/bytes.js';
import { openChecked, sealChecked } from '../base/checked.js';
import type { FieldType } from '../batch.js';
import { FIELD_TYPE_CODES, fieldTypeOf } from '../field-codes.js';
import { METADATA_COLUMN } from '../head/head.js';
import { CHUNK_WINDOWS_MAX, LEVEL_WIDTHS_MS } from '../rollup/levels.js';
import { LEAF_BLOCKS_MAX, RowNumbers } from './layout.js';
import type { Leaf } from './leaf.js';

export interface ColumnName {
  readonly name: string;
  readonly type: FieldType;
}

/** Groups are the runs of rows that blocks hold, in order of (time, row number). */
export interface Directory {
  readonly groupCount: number;
  readonly columns: readonly ColumnName[];
  /** False where row numbers are consecutive. */
  readonly hasRowBlocks: boolean;
  readonly leaves: readonly LeafReference[];
  /** Finest first. */
  readonly levels: readonly Level[];
}

export interface LeafReference extends BlockReference {
  readonly firstGroup: number;
  readonly groupCount: number;
  readonly minTime: number;
  readonly maxTime: number;
  /** Where directory and leaf are one: version 1. */
  readonly decoded?: Leaf;
}

export interface BlockReference {
  /** Position in the file. */
  readonly offset: number;
  /** Bytes; 0 where there is no block. */
  readonly length: number;
}

export interface Level {
  readonly widthMs: number;
  readonly windowCount: number;
  readonly chunks: readonly LevelChunk[];
}

/** Windows `[firstStart, lastStart + widthMs)` that have rows; starts are milliseconds. */
export interface LevelChunk {
  readonly firstStart: number;
  readonly lastStart: number;
  readonly windowCount: number;
  readonly keys: BlockReference;
  /** One a column; of length 0 where no row of the chunk has a value, and of the metadata. */
  readonly figures: readonly BlockReference[];
}

/** What is written of a leaf: it covers LEAF_BLOCKS_MAX groups, or the rest. */
export interface WrittenLeaf {
  readonly minTime: number;
  readonly maxTime: number;
  readonly length: number;
}

export interface WrittenLevel {
  readonly code: number;
  readonly windowCount: number;
  readonly chunks: readonly {
    readonly firstStart: number;
    readonly lastStart: number;
    readonly keysLength: number;
    readonly figuresLengths: readonly number[];
  }[];
}

export interface WrittenDirectory {
  readonly columns: readonly ColumnName[];
  readonly hasRowBlocks: boolean;
  readonly leaves: readonly WrittenLeaf[];
  readonly levels: readonly WrittenLevel[];
}

/** Parts of the file that a root directory leans on, and that stand elsewhere. */
interface DirectoryPlace {
  /** Of the root itself: leaves end there, and rollups before them. */
  readonly offset: number;
  readonly groupCount: number;
  readonly minTime: number;
  readonly maxTime: number;
}

export function encodeDirectory(
  directory: WrittenDirectory,
  { minTime, maxTime }: Pick<DirectoryPlace, 'minTime' | 'maxTime'>,
  nameIndexOf: (name: string) => number,
): Uint8Array {
  const writer = new ByteWriter();
  writer.varint(directory.columns.length);
  for (const { name, type } of directory.columns) {
    writer.varint(nameIndexOf(name));
    writer.u8(FIELD_TYPE_CODES[type]);
  }
  writer.u8(directory.hasRowBlocks ? RowNumbers.blocks : RowNumbers.consecutive);
  let previous = minTime;
  for (const leaf of directory.leaves) {
    writer.varint(leaf.minTime - previous);
    writer.varint(maxTime - leaf.maxTime);
    writer.varint(leaf.length);
    previous = leaf.maxTime;
  }
  writer.u8(directory.levels.length);
  for (const { code, windowCount, chunks } of directory.levels) {
    const width = LEVEL_WIDTHS_MS[code];
    writer.u8(code);
    writer.varint(windowCount);
    let before = firstStartOf(minTime, width);
    for (const { firstStart, lastStart, keysLength, figuresLengths } of chunks) {
      writer.varint((firstStart - before) / width);
      writer.varint((lastStart - firstStart) / width);
      before = lastStart;
      writer.varint(keysLength);
      for (const [index, { name }] of directory.columns.entries())
        if (name !== METADATA_COLUMN) writer.varint(figuresLengths[index]);
    }
  }
  return sealChecked(writer);
}

/** @throws BytesError where the bytes are not an intact root directory. */
export function decodeDirectory(
  bytes: Uint8Array,
  place: DirectoryPlace,
  names: readonly string[],
): Directory {
  const reader = new ByteReader(openChecked(bytes));
  const columns: ColumnName[] = [];
  for (let left = reader.count(2); left > 0; left--) {
    const name = names[reader.varint()];
    if (name === undefined) throw new BytesError('A column has no name');
    columns.push({ name, type: fieldTypeOf(reader.u8()) });
  }
  const hasRowBlocks = reader.u8() === RowNumbers.blocks;
  const written = readLeaves(reader, place);
  const levels = readLevels(reader, columns, place);
  if (reader.remaining > 0) throw new BytesError('A directory has bytes left over');
  const leaves = placeLeaves(written, place);
  const rollupEnd = leaves[0].offset;
  return {
    groupCount: place.groupCount,
    columns,
    hasRowBlocks,
    leaves,
    levels: placeLevels(levels, rollupEnd, columns),
  };
}

function readLeaves(reader: ByteReader, { groupCount, minTime, maxTime }: DirectoryPlace): WrittenLeaf[] {
  const leaves: WrittenLeaf[] = [];
  let previous = minTime;
  for (let group = 0; group < groupCount; group += LEAF_BLOCKS_MAX) {
    const leafMinTime = previous + reader.varint();
    previous = maxTime - reader.varint();
    leaves.push({ minTime: leafMinTime, maxTime: previous, length: reader.varint() });
  }
  return leaves;
}

function readLevels(
  reader: ByteReader,
  columns: readonly ColumnName[],
  place: DirectoryPlace,
): WrittenLevel[] {
  const levels: WrittenLevel[] = [];
  for (let left = reader.u8(); left > 0; left--) {
    const code = reader.u8();
    const width = LEVEL_WIDTHS_MS[code];
    if (width === undefined) throw new BytesError(`Rollup level ${code} is unknown`);
    const windowCount = reader.varint();
    const chunks: WrittenLevel['chunks'][number][] = [];
    let before = firstStartOf(place.minTime, width);
    for (let window = 0; window < windowCount; window += CHUNK_WINDOWS_MAX) {
      const firstStart = before + reader.varint() * width;
      before = firstStart + reader.varint() * width;
      const keysLength = reader.varint();
      const figuresLengths = columns.map(({ name }) => (name === METADATA_COLUMN ? 0 : reader.varint()));
      chunks.push({ firstStart, lastStart: before, keysLength, figuresLengths });
    }
    levels.push({ code, windowCount, chunks });
  }
  return levels;
}

/** Leaves lie before their root without a gap. */
function placeLeaves(
  leaves: readonly WrittenLeaf[],
  { offset, groupCount }: DirectoryPlace,
): LeafReference[] {
  let position = offset;
  for (const { length } of leaves) position -= length;
  return leaves.map(({ minTime, maxTime, length }, index) => {
    const firstGroup = index * LEAF_BLOCKS_MAX;
    position += length;
    return {
      firstGroup,
      groupCount: Math.min(LEAF_BLOCKS_MAX, groupCount - firstGroup),
      minTime,
      maxTime,
      offset: position - length,
      length,
    };
  });
}

/** Rollups lie before the leaves without a gap: of each level all keys blocks, then column by column all figures. */
function placeLevels(levels: readonly WrittenLevel[], end: number, columns: readonly ColumnName[]): Level[] {
  let position = end;
  for (const { chunks } of levels) {
    for (const { keysLength, figuresLengths } of chunks) {
      position -= keysLength;
      for (const length of figuresLengths) position -= length;
    }
  }
  const next = (length: number): BlockReference => {
    position += length;
    return { offset: position - length, length };
  };
  return levels.map(({ code, windowCount, chunks }) => {
    const keys = chunks.map(({ keysLength }) => next(keysLength));
    const figures = columns.map((_, index) =>
      chunks.map(({ figuresLengths }) => next(figuresLengths[index])),
    );
    return {
      widthMs: LEVEL_WIDTHS_MS[code],
      windowCount,
      chunks: chunks.map(({ firstStart, lastStart }, chunk) => ({
        firstStart,
        lastStart,
        windowCount: Math.min(CHUNK_WINDOWS_MAX, windowCount - chunk * CHUNK_WINDOWS_MAX),
        keys: keys[chunk],
        figures: figures.map(references => references[chunk]),
      })),
    };
  });
}

function firstStartOf(minTime: number, width: number): number {
  return Math.floor(minTime / width) * width;
}
