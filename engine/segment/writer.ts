/** Writes a segment: source after source, block after block, in bounded memory. */
import { crc32c } from '@node-rs/crc32';
import type { Disk, WritableFile } from '../../wal/disk.js';
import { assert } from '../base/assert.js';
import { ByteWriter } from '../base/bytes.js';
import type { Column } from '../batch.js';
import { encodeColumnBlock, encodeTimestampBlock } from '../codec/block.js';
import { BLOCK_ROWS_MAX } from '../limits.js';
import {
  type BlockReference,
  type BlockSummary,
  type Directory,
  type DirectoryColumn,
  encodeDirectory,
} from './directory.js';
import {
  FOOTER_BYTES,
  groupCountOf,
  SEGMENT_MAGIC,
  SEGMENT_VERSION,
  TABLE_COLUMNS,
  type TableColumn,
} from './layout.js';
import { summaryOf } from './summary.js';

/** All rows of one source, in order of (time, row number). The column named '' is the metadata. */
export interface SegmentSource {
  readonly source: number;
  readonly timestamps: Float64Array;
  readonly rows: Float64Array;
  readonly columns: readonly Column[];
}

export interface SegmentWritten {
  readonly rowCount: number;
  readonly bytes: number;
}

/**
 * Writes a new file and syncs it; the caller gives it its name and syncs the directory.
 * `sources` come in ascending order of ordinals, each once, none empty. `lastSequence` is the last log record
 * whose points are in the file.
 */
export async function writeSegment(
  disk: Disk,
  path: string,
  sources: Iterable<SegmentSource>,
  lastSequence: number,
): Promise<SegmentWritten> {
  const file = await disk.create(path);
  try {
    const output = new Output(file);
    const header = new ByteWriter();
    header.raw(SEGMENT_MAGIC);
    header.u32(SEGMENT_VERSION);
    header.u32(crc32c(header.view()));
    await output.add(header.finish());

    const names = new Map<string, number>();
    const table = new SourceTable();
    for (const source of sources) await writeSource(output, source, names, table);
    assert(table.sourceCount > 0, 'a segment has sources');

    const namesOffset = output.position;
    const nameBytes = encodeNames(names);
    await output.add(nameBytes);
    const tableOffset = output.position;
    await output.add(table.encode());

    const footer = new ByteWriter();
    footer.u64(namesOffset);
    footer.u32(nameBytes.length);
    footer.u32(output.position - tableOffset);
    footer.u64(tableOffset);
    footer.u32(table.sourceCount);
    footer.u32(BLOCK_ROWS_MAX);
    footer.u64(table.rowCount);
    footer.u64(lastSequence);
    footer.u64(output.position + FOOTER_BYTES);
    footer.u32(crc32c(footer.view()));
    footer.raw(SEGMENT_MAGIC);
    await output.add(footer.finish());
    await output.flush();
    await file.datasync();
    return { rowCount: table.rowCount, bytes: output.position };
  } finally {
    await file.close();
  }
}

async function writeSource(
  output: Output,
  source: SegmentSource,
  names: Map<string, number>,
  table: SourceTable,
): Promise<void> {
  const { timestamps, rows } = source;
  const rowCount = timestamps.length;
  assert(rowCount > 0 && rows.length === rowCount, 'a source of a segment has rows');
  const groups = groupsOf(rowCount);
  const timeBlocks: BlockReference[] = [];
  for (const [from, to] of groups) {
    timeBlocks.push(await output.add(encodeTimestampBlock(timestamps.subarray(from, to))));
  }
  const [firstRow, lastRow] = extremesOf(rows);
  let rowBlocks: BlockReference[] | undefined;
  if (!isConsecutive(rows)) {
    rowBlocks = [];
    for (const [from, to] of groups) {
      rowBlocks.push(await output.add(encodeTimestampBlock(rows.subarray(from, to))));
    }
  }
  const columns: DirectoryColumn[] = [];
  for (const column of source.columns) {
    if (!names.has(column.name)) names.set(column.name, names.size);
    columns.push(await writeColumn(output, column, groups));
  }
  const directory: Directory = {
    minTimes: Float64Array.from(groups, ([from]) => timestamps[from]),
    maxTimes: Float64Array.from(groups, ([, to]) => timestamps[to - 1]),
    timeBlocks,
    rowBlocks,
    columns,
  };
  const { offset, length } = await output.add(encodeDirectory(directory, name => names.get(name) as number));
  table.add({
    ordinal: source.source,
    rowCount,
    firstRow,
    lastRow,
    minTime: timestamps[0],
    maxTime: timestamps[rowCount - 1],
    directoryOffset: offset,
    directoryLength: length,
  });
}

async function writeColumn(
  output: Output,
  column: Column,
  groups: readonly [number, number][],
): Promise<DirectoryColumn> {
  const blocks: BlockReference[] = [];
  const summaries: (BlockSummary | undefined)[] = [];
  for (const [from, to] of groups) {
    const values = column.values.subarray(from, to);
    const summary = summaryOf(values, column.type);
    const empty = summary.count === 0;
    summaries.push(empty ? undefined : summary);
    blocks.push(
      empty
        ? { offset: output.position, length: 0 }
        : await output.add(encodeColumnBlock({ type: column.type, values, dictionary: column.dictionary })),
    );
  }
  return { name: column.name, type: column.type, blocks, summaries };
}

function groupsOf(rowCount: number): [number, number][] {
  return Array.from({ length: groupCountOf(rowCount, BLOCK_ROWS_MAX) }, (_, group) => [
    group * BLOCK_ROWS_MAX,
    Math.min(rowCount, (group + 1) * BLOCK_ROWS_MAX),
  ]);
}

function extremesOf(rows: Float64Array): [number, number] {
  let min = rows[0];
  let max = rows[0];
  for (const row of rows) {
    if (row < min) min = row;
    if (row > max) max = row;
  }
  return [min, max];
}

function isConsecutive(rows: Float64Array): boolean {
  for (let index = 1; index < rows.length; index++) if (rows[index] !== rows[index - 1] + 1) return false;
  return true;
}

function encodeNames(names: Map<string, number>): Uint8Array {
  const writer = new ByteWriter();
  writer.varint(names.size);
  for (const name of names.keys()) writer.text(name);
  writer.u32(crc32c(writer.view()));
  return writer.finish();
}

class SourceTable {
  readonly #columns = new Map<TableColumn, number[]>(TABLE_COLUMNS.map(name => [name, []]));
  sourceCount = 0;
  rowCount = 0;
  #lastOrdinal = -1;

  add(entry: Record<TableColumn, number>): void {
    assert(entry.ordinal > this.#lastOrdinal, 'sources of a segment ascend');
    this.#lastOrdinal = entry.ordinal;
    for (const [name, values] of this.#columns) values.push(entry[name]);
    this.sourceCount++;
    this.rowCount += entry.rowCount;
  }

  encode(): Uint8Array {
    const writer = new ByteWriter();
    for (const values of this.#columns.values())
      writer.bytes(encodeTimestampBlock(Float64Array.from(values)));
    writer.u32(crc32c(writer.view()));
    return writer.finish();
  }
}

/** Gathers blocks into writes of about a mebibyte. */
class Output {
  static readonly #BYTES = 1024 * 1024;
  readonly #file: WritableFile;
  #parts: Uint8Array[] = [];
  #pending = 0;
  #written = 0;

  constructor(file: WritableFile) {
    this.#file = file;
  }

  /** Position in the file of what is added next. */
  get position(): number {
    return this.#written + this.#pending;
  }

  async add(bytes: Uint8Array): Promise<BlockReference> {
    const offset = this.position;
    this.#parts.push(bytes);
    this.#pending += bytes.length;
    if (this.#pending >= Output.#BYTES) await this.flush();
    return { offset, length: bytes.length };
  }

  async flush(): Promise<void> {
    const joined = new Uint8Array(this.#pending);
    let at = 0;
    for (const part of this.#parts) {
      joined.set(part, at);
      at += part.length;
    }
    await this.#file.write([joined], this.#written);
    this.#written += this.#pending;
    this.#parts = [];
    this.#pending = 0;
  }
}
