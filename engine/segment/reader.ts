/** Reads a segment. The file is immutable: whoever has it open sees the same points for as long as they like. */
import { crc32c } from '@node-rs/crc32';
import type { Disk, ReadableFile } from '../../wal/disk.js';
import { ByteReader, BytesError } from '../base/bytes.js';
import type { Column } from '../batch.js';
import { BlockCorruptError, decodeColumnBlock, decodeTimestampBlock } from '../codec/block.js';
import { decodeFigures, type FigureSet, type Figures } from '../rollup/figures.js';
import { decodeWindows, type Windows } from '../rollup/windows.js';
import type { DecodedCache } from './cache.js';
import { type ColumnName, type Directory, decodeDirectory, type LeafReference } from './directory.js';
import {
  CRC_BYTES,
  FOOTER_BYTES,
  FOOTER_CRC,
  FOOTER_MAGIC,
  groupCountOf,
  HEADER_BYTES,
  HEADER_CRC,
  HEADER_VERSION,
  LEAF_BLOCKS_MAX,
  SEGMENT_MAGIC,
  SEGMENT_VERSION,
  SEGMENT_VERSION_MIN,
  TABLE_COLUMNS,
  type TableColumn,
} from './layout.js';
import { type BlockRun, decodeLeaf, type Guard, type Leaf } from './leaf.js';
import { ReadWindows } from './read-windows.js';
import { columnBytes, directoryBytes, figuresBytes, leafBytes, windowsBytes } from './sizes.js';
import { decodeDirectoryOfVersion1 } from './version-1.js';

/** Bytes of a segment are not what was written. What does not depend on them can still be read. */
export class SegmentCorruptError extends Error {
  readonly code = 'SEGMENT_CORRUPT';
  readonly file: string;
  /** First byte of the damaged part. */
  readonly offset: number;

  constructor(file: string, offset: number, reason: string) {
    super(`${file} is damaged at offset ${offset}: ${reason}`);
    this.name = 'SegmentCorruptError';
    this.file = file;
    this.offset = offset;
  }
}

export type SourceTable = Readonly<Record<TableColumn, Float64Array>>;

/** One source's rows in one segment. */
export interface SegmentPart {
  readonly segment: SegmentReader;
  /** Place of the source in the segment's tables. */
  readonly index: number;
}

/** Figures in the cache, and which they are. */
interface KnownFigures {
  readonly set: FigureSet;
  readonly figures: Figures;
}

interface Footer {
  readonly namesOffset: number;
  readonly namesLength: number;
  readonly tableLength: number;
  readonly tableOffset: number;
  readonly sourceCount: number;
  readonly blockRows: number;
  readonly rowCount: number;
  readonly lastSequence: number;
}

export class SegmentReader {
  readonly #file: ReadableFile;
  readonly #windows: ReadWindows;
  readonly #footer: Footer;
  readonly #names: readonly string[];
  readonly table: SourceTable;
  readonly #version: number;
  readonly #cache: DecodedCache | undefined;
  readonly #cacheBase: number;
  #readers = 1;
  #onUnused: () => void = () => {};
  /** A query comes back to one source's directory for each of its ragged ends. */
  #lastDirectory: { readonly index: number; readonly directory: Directory } | undefined;
  #lastLeaf: { readonly offset: number; readonly leaf: Leaf } | undefined;

  /**
   * Without a cache everything but the last directory and leaf is decoded each time.
   * @throws SegmentCorruptError; or what the disk throws.
   */
  constructor(disk: Disk, path: string, cache?: DecodedCache, windows = new ReadWindows()) {
    this.#windows = windows;
    this.#file = disk.openForRead(path);
    try {
      this.#version = this.#readVersion();
      this.#footer = this.#readFooter();
      this.#names = this.#guard(this.#footer.namesOffset, () => this.#readNames());
      this.table = this.#guard(this.#footer.tableOffset, () => this.#readTable());
    } catch (error) {
      this.#file.close();
      throw error;
    }
    this.#cache = cache;
    this.#cacheBase = cache?.addReader() ?? 0;
  }

  get path(): string {
    return this.#file.path;
  }

  get bytes(): number {
    return this.#file.size;
  }

  get rowCount(): number {
    return this.#footer.rowCount;
  }

  get sourceCount(): number {
    return this.#footer.sourceCount;
  }

  get lastSequence(): number {
    return this.#footer.lastSequence;
  }

  /** Rows of every block but a source's last. */
  get blockRows(): number {
    return this.#footer.blockRows;
  }

  /** Bytes before the names: blocks and directories. */
  get blocksEnd(): number {
    return this.#footer.namesOffset;
  }

  get isUsed(): boolean {
    return this.#readers > 0;
  }

  /** Keeps the file open until `release`, however soon others let go of it. */
  retain(): void {
    this.#readers++;
  }

  release(): void {
    this.#readers--;
    if (this.#readers > 0) return;
    this.#file.close();
    this.#windows.forget(this.#file);
    this.#cache?.removeReader(this.#cacheBase);
    this.#onUnused();
  }

  /** Called once nobody reads the file any more: until then another thread may open it by its name. */
  onUnused(remove: () => void): void {
    this.#onUnused = remove;
  }

  /** Place of a source in the tables, or −1. */
  indexOf(source: number): number {
    const { ordinal } = this.table;
    let low = 0;
    let high = ordinal.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (ordinal[middle] < source) low = middle + 1;
      else high = middle;
    }
    return low < ordinal.length && ordinal[low] === source ? low : -1;
  }

  /** A source's root directory. @throws SegmentCorruptError */
  directory(index: number): Directory {
    if (this.#lastDirectory?.index === index) return this.#lastDirectory.directory;
    const offset = this.table.directoryOffset[index];
    const directory = this.#cached(offset, () => this.#readDirectory(index), directoryBytes);
    this.#lastDirectory = { index, directory };
    return directory;
  }

  #readDirectory(index: number): Directory {
    const { directoryOffset, directoryLength, rowCount, minTime, maxTime } = this.table;
    const offset = directoryOffset[index];
    return this.#guard(offset, () => {
      const bytes = this.#read(offset, directoryLength[index]);
      const groupCount = groupCountOf(rowCount[index], this.#footer.blockRows);
      if (this.#version === 1) return decodeDirectoryOfVersion1(bytes, offset, groupCount, this.#names);
      const place = { offset, groupCount, minTime: minTime[index], maxTime: maxTime[index] };
      return decodeDirectory(bytes, place, this.#names);
    });
  }

  /** Where the blocks of some groups are. @throws SegmentCorruptError */
  leaf(index: number, directory: Directory, leafNumber: number): Leaf {
    const reference = directory.leaves[leafNumber];
    if (reference.decoded !== undefined) return reference.decoded;
    if (this.#lastLeaf?.offset === reference.offset) return this.#lastLeaf.leaf;
    const leaf = this.#cached(reference.offset, () => this.#readLeaf(index, directory, reference), leafBytes);
    this.#lastLeaf = { offset: reference.offset, leaf };
    return leaf;
  }

  #readLeaf(index: number, { columns, hasRowBlocks }: Directory, reference: LeafReference): Leaf {
    const { offset, length, firstGroup, groupCount } = reference;
    const guard: Guard = read => this.#guard(offset, read);
    return guard(() => {
      const rowCounts = Float64Array.from({ length: groupCount }, (_, at) =>
        this.rowsOf(index, firstGroup + at),
      );
      return decodeLeaf(this.#read(offset, length), reference, columns, hasRowBlocks, rowCounts, guard);
    });
  }

  #leafOf(index: number, directory: Directory, group: number): Leaf {
    const { leaves } = directory;
    return this.leaf(index, directory, leaves.length === 1 ? 0 : Math.floor(group / LEAF_BLOCKS_MAX));
  }

  rowsOf(index: number, group: number): number {
    const { blockRows } = this.#footer;
    return Math.min(blockRows, this.table.rowCount[index] - group * blockRows);
  }

  /** Time of the last row of a group. @throws SegmentCorruptError */
  lastTime(index: number, directory: Directory, group: number): number {
    const { firstGroup, maxTimes } = this.#leafOf(index, directory, group);
    return maxTimes[group - firstGroup];
  }

  /** Timestamps of a group, ascending. @throws SegmentCorruptError */
  times(index: number, directory: Directory, group: number): Float64Array {
    const { firstGroup, times } = this.#leafOf(index, directory, group);
    return this.#wholeNumbers(times, group - firstGroup, this.rowsOf(index, group));
  }

  /** Row numbers of a group. @throws SegmentCorruptError */
  rows(index: number, directory: Directory, group: number): Float64Array {
    const count = this.rowsOf(index, group);
    if (directory.hasRowBlocks) {
      const { firstGroup, rows } = this.#leafOf(index, directory, group);
      return this.#wholeNumbers(rows as BlockRun, group - firstGroup, count);
    }
    const numbers = new Float64Array(count);
    const first = this.table.firstRow[index] + group * this.#footer.blockRows;
    for (let row = 0; row < count; row++) numbers[row] = first + row;
    return numbers;
  }

  /** Values of a group, or undefined where no row of it has one. @throws SegmentCorruptError */
  values(index: number, directory: Directory, columnIndex: number, group: number): Column | undefined {
    const { firstGroup, columns } = this.#leafOf(index, directory, group);
    const { offsets, lengths } = columns[columnIndex];
    const offset = offsets[group - firstGroup];
    const length = lengths[group - firstGroup];
    if (length === 0) return undefined;
    const { name, type } = directory.columns[columnIndex];
    return this.#block(
      offset,
      length,
      block => ({ name, type, ...decodeColumnBlock(block, this.rowsOf(index, group), type) }),
      columnBytes,
    );
  }

  /** Windows of a chunk of `directory.levels[level]`. @throws SegmentCorruptError */
  windows(_index: number, directory: Directory, level: number, chunk: number): Windows {
    const { widthMs, chunks } = directory.levels[level];
    const { firstStart, windowCount, keys } = chunks[chunk];
    return this.#block(
      keys.offset,
      keys.length,
      block => decodeWindows(block, windowCount, widthMs, firstStart),
      windowsBytes,
    );
  }

  /** The wanted figures of a chunk's windows, if not more. @throws SegmentCorruptError */
  figures(
    index: number,
    directory: Directory,
    level: number,
    chunk: number,
    columnIndex: number,
    wanted: FigureSet,
  ): Figures {
    const { windowCount, figures } = directory.levels[level].chunks[chunk];
    const { offset, length } = figures[columnIndex];
    const read = (set: FigureSet) =>
      this.#guard(offset, () =>
        decodeFigures(
          this.#read(offset, length),
          directory.columns[columnIndex].type,
          () => this.windows(index, directory, level, chunk),
          windowCount,
          set,
        ),
      );
    // Without a block there is nothing to keep, and the position is another's.
    if (this.#cache === undefined || length === 0) return read(wanted);
    const key = this.#cacheBase + offset;
    const known = this.#cache.get(key) as KnownFigures | undefined;
    const missing = known === undefined ? wanted : wanted & ~known.set;
    if (known !== undefined && missing === 0) return known.figures;
    const figureSet = missing | (known?.set ?? 0);
    const all = { ...known?.figures, ...read(missing) };
    this.#cache.set(key, { set: figureSet, figures: all } satisfies KnownFigures, figuresBytes(all));
    return all;
  }

  /** Names and types of a source's columns, in order of first appearance. @throws SegmentCorruptError */
  fieldsOf(index: number): readonly ColumnName[] {
    return this.directory(index).columns;
  }

  #wholeNumbers({ offsets, lengths }: BlockRun, at: number, count: number): Float64Array {
    return this.#block(
      offsets[at],
      lengths[at],
      block => decodeTimestampBlock(block, count),
      numbers => numbers.byteLength,
    );
  }

  #block<T extends object>(
    offset: number,
    length: number,
    decode: (block: Uint8Array) => T,
    bytesOf: (decoded: T) => number,
  ): T {
    return this.#cached(offset, () => this.#guard(offset, () => decode(this.#read(offset, length))), bytesOf);
  }

  /** What stands at a position of the file, decoded; there is nothing else at the same position. */
  #cached<T extends object>(offset: number, read: () => T, bytesOf: (decoded: T) => number): T {
    if (this.#cache === undefined) return read();
    const key = this.#cacheBase + offset;
    const known = this.#cache.get(key);
    if (known !== undefined) return known as T;
    const decoded = read();
    this.#cache.set(key, decoded, bytesOf(decoded));
    return decoded;
  }

  #read(offset: number, length: number): Uint8Array {
    if (offset + length > this.#file.size) throw new BytesError('The file ends early');
    const bytes = this.#windows.read(this.#file, offset, length);
    if (bytes.length < length) throw new BytesError('The file ends early');
    return bytes;
  }

  /** Says where in which file it was that bytes made no sense. */
  #guard<T>(offset: number, read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (error instanceof BytesError || error instanceof BlockCorruptError) {
        throw new SegmentCorruptError(this.path, offset, error.message);
      }
      throw error;
    }
  }

  #readVersion(): number {
    return this.#guard(0, () => {
      const header = this.#read(0, HEADER_BYTES);
      if (!startsWith(header, SEGMENT_MAGIC)) throw new BytesError('It is not a segment');
      if (new ByteReader(header, HEADER_CRC).u32() !== crc32c(header.subarray(0, HEADER_CRC))) {
        throw new BytesError('The checksum of the header does not match');
      }
      const version = new ByteReader(header, HEADER_VERSION).u32();
      if (version < SEGMENT_VERSION_MIN || version > SEGMENT_VERSION)
        throw new BytesError(`Version ${version} is unknown to this release`);
      return version;
    });
  }

  #readFooter(): Footer {
    const offset = this.#file.size - FOOTER_BYTES;
    return this.#guard(Math.max(0, offset), () => {
      if (offset < HEADER_BYTES) throw new BytesError('The file ends early');
      const bytes = this.#read(offset, FOOTER_BYTES);
      if (!startsWith(bytes.subarray(FOOTER_MAGIC), SEGMENT_MAGIC))
        throw new BytesError('The footer is missing');
      if (new ByteReader(bytes, FOOTER_CRC).u32() !== crc32c(bytes.subarray(0, FOOTER_CRC))) {
        throw new BytesError('The checksum of the footer does not match');
      }
      const reader = new ByteReader(bytes);
      const namesOffset = reader.u64();
      const namesLength = reader.u32();
      const tableLength = reader.u32();
      const tableOffset = reader.u64();
      const sourceCount = reader.u32();
      const blockRows = reader.u32();
      const rowCount = reader.u64();
      const lastSequence = reader.u64();
      if (reader.u64() !== this.#file.size)
        throw new BytesError('The file has another size than was written');
      if (tableOffset !== namesOffset + namesLength || tableOffset + tableLength !== offset) {
        throw new BytesError('The parts of the file leave a gap');
      }
      return {
        namesOffset,
        namesLength,
        tableLength,
        tableOffset,
        sourceCount,
        blockRows,
        rowCount,
        lastSequence,
      };
    });
  }

  #readNames(): string[] {
    const reader = this.#readChecked(this.#footer.namesOffset, this.#footer.namesLength);
    const names: string[] = [];
    for (let left = reader.count(); left > 0; left--) names.push(reader.text());
    if (reader.remaining > 0) throw new BytesError('Names are left over');
    return names;
  }

  #readTable(): SourceTable {
    const reader = this.#readChecked(this.#footer.tableOffset, this.#footer.tableLength);
    const columns = TABLE_COLUMNS.map(name => [
      name,
      decodeTimestampBlock(reader.bytes(), this.#footer.sourceCount),
    ]);
    if (reader.remaining > 0) throw new BytesError('The source table is too long');
    return Object.fromEntries(columns) as Record<TableColumn, Float64Array>;
  }

  #readChecked(offset: number, length: number): ByteReader {
    if (length < CRC_BYTES) throw new BytesError('A part of the file is too short');
    const bytes = this.#read(offset, length);
    const body = bytes.subarray(0, length - CRC_BYTES);
    if (new ByteReader(bytes, body.length).u32() !== crc32c(body)) {
      throw new BytesError('A checksum does not match');
    }
    return new ByteReader(body);
  }
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return prefix.every((byte, index) => bytes[index] === byte);
}
