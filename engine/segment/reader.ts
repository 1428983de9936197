/** Reads a segment. The file is immutable: whoever has it open sees the same points for as long as they like. */
import { crc32c } from '@node-rs/crc32';
import type { Disk, ReadableFile } from '../../wal/disk.js';
import { ByteReader, BytesError } from '../base/bytes.js';
import type { Column, FieldType } from '../batch.js';
import { BlockCorruptError, decodeColumnBlock, decodeTimestampBlock } from '../codec/block.js';
import { type BlockReference, type Directory, type DirectoryColumn, decodeDirectory } from './directory.js';
import {
  CRC_BYTES,
  FOOTER_BYTES,
  FOOTER_CRC,
  FOOTER_MAGIC,
  groupCountOf,
  HEADER_BYTES,
  HEADER_CRC,
  HEADER_VERSION,
  SEGMENT_MAGIC,
  SEGMENT_VERSION,
  TABLE_COLUMNS,
  type TableColumn,
} from './layout.js';

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
  readonly #footer: Footer;
  readonly #names: readonly string[];
  readonly table: SourceTable;
  #readers = 1;
  #onUnused: () => void = () => {};
  /** A query comes back to one source's directory for each of its ragged ends. */
  #lastDirectory: { readonly index: number; readonly directory: Directory } | undefined;

  /** @throws SegmentCorruptError; or what the disk throws. */
  constructor(disk: Disk, path: string) {
    this.#file = disk.openForRead(path);
    try {
      this.#checkHeader();
      this.#footer = this.#readFooter();
      this.#names = this.#guard(this.#footer.namesOffset, () => this.#readNames());
      this.table = this.#guard(this.#footer.tableOffset, () => this.#readTable());
    } catch (error) {
      this.#file.close();
      throw error;
    }
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

  /** @throws SegmentCorruptError */
  directory(index: number): Directory {
    if (this.#lastDirectory?.index !== index)
      this.#lastDirectory = { index, directory: this.#readDirectory(index) };
    return this.#lastDirectory.directory;
  }

  #readDirectory(index: number): Directory {
    const offset = this.table.directoryOffset[index];
    return this.#guard(offset, () => {
      const bytes = this.#read(offset, this.table.directoryLength[index]);
      const groups = groupCountOf(this.table.rowCount[index], this.#footer.blockRows);
      const directory = decodeDirectory(bytes, groups, this.#names);
      for (const column of directory.columns) {
        const end = column.blocks[groups - 1];
        if (end.offset + end.length > offset) throw new BytesError('Blocks go past their directory');
      }
      return directory;
    });
  }

  rowsOf(index: number, group: number): number {
    const { blockRows } = this.#footer;
    return Math.min(blockRows, this.table.rowCount[index] - group * blockRows);
  }

  /** Timestamps of a group, ascending. @throws SegmentCorruptError */
  times(index: number, directory: Directory, group: number): Float64Array {
    return this.#block(directory.timeBlocks[group], block =>
      decodeTimestampBlock(block, this.rowsOf(index, group)),
    );
  }

  /** Row numbers of a group. @throws SegmentCorruptError */
  rows(index: number, directory: Directory, group: number): Float64Array {
    const count = this.rowsOf(index, group);
    if (directory.rowBlocks !== undefined) {
      return this.#block(directory.rowBlocks[group], block => decodeTimestampBlock(block, count));
    }
    const rows = new Float64Array(count);
    const first = this.table.firstRow[index] + group * this.#footer.blockRows;
    for (let row = 0; row < count; row++) rows[row] = first + row;
    return rows;
  }

  /** Values of a group, or undefined where no row of it has one. @throws SegmentCorruptError */
  values(index: number, column: DirectoryColumn, group: number): Column | undefined {
    const reference = column.blocks[group];
    if (reference.length === 0) return undefined;
    const { name, type } = column;
    const count = this.rowsOf(index, group);
    return this.#block(reference, block => ({ name, type, ...decodeColumnBlock(block, count, type) }));
  }

  /** Names and types of a source's columns, in order of first appearance. @throws SegmentCorruptError */
  fieldsOf(index: number): readonly { readonly name: string; readonly type: FieldType }[] {
    return this.directory(index).columns;
  }

  #block<T>(reference: BlockReference, decode: (block: Uint8Array) => T): T {
    return this.#guard(reference.offset, () => decode(this.#read(reference.offset, reference.length)));
  }

  #read(offset: number, length: number): Uint8Array {
    if (offset + length > this.#file.size) throw new BytesError('The file ends early');
    const bytes = new Uint8Array(length);
    if (this.#file.read(bytes, offset) < length) throw new BytesError('The file ends early');
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

  #checkHeader(): void {
    this.#guard(0, () => {
      const header = this.#read(0, HEADER_BYTES);
      if (!startsWith(header, SEGMENT_MAGIC)) throw new BytesError('It is not a segment');
      if (new ByteReader(header, HEADER_CRC).u32() !== crc32c(header.subarray(0, HEADER_CRC))) {
        throw new BytesError('The checksum of the header does not match');
      }
      const version = new ByteReader(header, HEADER_VERSION).u32();
      if (version !== SEGMENT_VERSION) throw new BytesError(`Version ${version} is unknown to this release`);
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
