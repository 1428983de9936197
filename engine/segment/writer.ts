/** Writes a segment: source after source, block after block, in bounded memory. */
import { crc32c } from '@node-rs/crc32';
import type { Disk } from '../../wal/disk.js';
import { assert } from '../base/assert.js';
import { ByteWriter } from '../base/bytes.js';
import type { Column, FieldType } from '../batch.js';
import { packColumnBlock, packTimestampBlock } from '../codec/block.js';
import { BlockGuide } from '../codec/guide.js';
import { countPresent } from '../codec/presence.js';
import { METADATA_COLUMN } from '../head/head.js';
import { BLOCK_ROWS_MAX } from '../limits.js';
import { WindowCounter } from '../rollup/levels.js';
import { encodeDirectory, type WrittenDirectory } from './directory.js';
import { FOOTER_BYTES, SEGMENT_MAGIC, SEGMENT_VERSION, TABLE_COLUMNS, type TableColumn } from './layout.js';
import { LeafRuns } from './leaf-runs.js';
import { Output } from './output.js';
import { SourceRollup } from './source-rollup.js';
import { NO_SUMMARY, summaryOf } from './summary.js';

export interface KeyChunk {
  readonly timestamps: Float64Array;
  readonly rows: Float64Array;
}

/**
 * All rows of one source, in order of (time, row number), in chunks of BLOCK_ROWS_MAX rows and a last one with the
 * rest. They are read more than once, a column at a time, so that no source is too big for memory.
 */
export interface SegmentSource {
  readonly source: number;
  /** The column named '' is the metadata. */
  readonly columns: readonly { readonly name: string; readonly type: FieldType }[];
  keys(): Iterable<KeyChunk>;
  /** Values of `columns[index]`, in chunks as `keys`. */
  values(index: number): Iterable<Pick<Column, 'values' | 'dictionary'>>;
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
): Promise<void> {
  const file = await disk.create(path);
  try {
    const output = new Output(file);
    const header = new ByteWriter();
    header.raw(SEGMENT_MAGIC);
    header.u32(SEGMENT_VERSION);
    header.u32(crc32c(header.view()));
    output.add(header.finish());

    const names = new Map<string, number>();
    const guides = new Map<string, BlockGuide>();
    const leaves = new LeafRuns();
    const table = new SourceTable();
    for (const source of sources) {
      for (const { name } of source.columns) {
        if (!names.has(name)) names.set(name, names.size);
        if (!guides.has(name)) guides.set(name, new BlockGuide());
      }
      await writeSource(output, source, names, guides, leaves, table);
      if (output.isFull) await output.flush();
    }
    assert(table.sourceCount > 0, 'a segment has sources');

    const namesOffset = output.position;
    const nameBytes = encodeNames(names);
    output.add(nameBytes);
    const tableOffset = output.position;
    output.add(table.encode());

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
    output.add(footer.finish());
    await output.flush();
    await file.datasync();
  } finally {
    await file.close();
  }
}

async function writeSource(
  output: Output,
  source: SegmentSource,
  names: ReadonlyMap<string, number>,
  guides: ReadonlyMap<string, BlockGuide>,
  leaves: LeafRuns,
  table: SourceTable,
): Promise<void> {
  leaves.begin();
  const keys = await writeTimes(output, source, leaves);
  if (!keys.isConsecutive) await writeRows(output, source, leaves);
  const rollup = SourceRollup.of(source, keys.rowCount, keys.windowCounts);
  for (let index = 0; index < source.columns.length; index++) {
    // Fields of one name are mostly alike, whatever the source.
    const guide = guides.get(source.columns[index].name) as BlockGuide;
    await writeColumn(output, source, index, guide, leaves, rollup);
  }
  const levels = rollup === undefined ? [] : await rollup.write(output);
  const directory: WrittenDirectory = {
    columns: source.columns,
    hasRowBlocks: !keys.isConsecutive,
    leaves: leaves.write(output),
    levels,
  };
  const minTime = leaves.minTime;
  const maxTime = leaves.maxTime;
  const { offset, length } = output.add(
    encodeDirectory(directory, { minTime, maxTime }, name => names.get(name) as number),
  );
  table.add({
    ordinal: source.source,
    rowCount: keys.rowCount,
    firstRow: keys.firstRow,
    lastRow: keys.lastRow,
    minTime,
    maxTime,
    directoryOffset: offset,
    directoryLength: length,
  });
}

async function writeTimes(output: Output, source: SegmentSource, leaves: LeafRuns) {
  const counter = new WindowCounter();
  let rowCount = 0;
  let firstRow = Infinity;
  let lastRow = -Infinity;
  let isConsecutive = true;
  for (const { timestamps, rows } of source.keys()) {
    assert(rowCount % BLOCK_ROWS_MAX === 0 && timestamps.length > 0, 'all chunks but the last are full');
    leaves.addTimes(output.add(packTimestampBlock(timestamps)), timestamps);
    if (output.isFull) await output.flush();
    counter.add(timestamps);
    isConsecutive &&= (rowCount === 0 || rows[0] === lastRow + 1) && areConsecutive(rows);
    rowCount += timestamps.length;
    if (isConsecutive) {
      firstRow = Math.min(firstRow, rows[0]);
      lastRow = rows[rows.length - 1];
    } else
      for (let index = 0; index < rows.length; index++) {
        firstRow = Math.min(firstRow, rows[index]);
        lastRow = Math.max(lastRow, rows[index]);
      }
  }
  assert(rowCount > 0, 'a source of a segment has rows');
  leaves.endTimes();
  return { rowCount, firstRow, lastRow, isConsecutive, windowCounts: counter.counts };
}

function areConsecutive(rows: Float64Array): boolean {
  for (let index = 1; index < rows.length; index++) if (rows[index] !== rows[index - 1] + 1) return false;
  return true;
}

async function writeRows(output: Output, source: SegmentSource, leaves: LeafRuns): Promise<void> {
  for (const { rows } of source.keys()) {
    leaves.addRows(output.add(packTimestampBlock(rows)));
    if (output.isFull) await output.flush();
  }
  leaves.endRows();
}

async function writeColumn(
  output: Output,
  source: SegmentSource,
  index: number,
  guide: BlockGuide,
  leaves: LeafRuns,
  rollup: SourceRollup | undefined,
): Promise<void> {
  const { name, type } = source.columns[index];
  const column = name === METADATA_COLUMN ? undefined : rollup?.column(index, type);
  const hasFigures = type === 'number' && !isFinerThanGroups(rollup, leaves.groupCount);
  for (const { values, dictionary } of source.values(index)) {
    column?.add(values, dictionary);
    const summary = hasFigures ? summaryOf(values, type) : { ...NO_SUMMARY, count: countPresent(values) };
    const block =
      summary.count === 0
        ? { offset: output.position, length: 0 }
        : output.add(packColumnBlock({ type, values, dictionary, presentCount: summary.count }, guide));
    leaves.addColumn(block, summary, hasFigures);
    if (output.isFull) await output.flush();
  }
  column?.finish();
  leaves.endColumn(hasFigures);
}

/** Then nobody would ask for a group's figures: what windows leave of a range is shorter than a group. */
function isFinerThanGroups(rollup: SourceRollup | undefined, groupCount: number): boolean {
  return rollup !== undefined && rollup.finestWindowCount >= groupCount;
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
    for (const values of this.#columns.values()) writer.bytes(packTimestampBlock(Float64Array.from(values)));
    writer.u32(crc32c(writer.view()));
    return writer.finish();
  }
}
