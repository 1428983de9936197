/**
 * The newest points of every source, as columns in shared memory, in order of arrival: what the log holds and no
 * segment does yet. Rows only ever get added, so a source and a row count are a snapshot of it for as long as
 * someone keeps them.
 */
import { assert } from '../base/assert.js';
import type { Column, FieldType, SourceBatch } from '../batch.js';
import { Arena, type Extent } from './arena.js';

/** Metadata is a string column whose name no field can have. */
export const METADATA_COLUMN = '';

/** Rough cost of a source or a text beside its slots: objects, map entries, string headers. */
const SOURCE_BYTES = 512;
const TEXT_BYTES = 64;

export class Head {
  readonly #arena = new Arena();
  readonly #sources = new Map<number, HeadSource>();
  #objectBytes = 0;
  #rowCount = 0;

  /** Bytes of memory in use, counted generously. */
  get bytes(): number {
    return this.#arena.bytes + this.#objectBytes;
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  get arena(): Arena {
    return this.#arena;
  }

  /** The sources that have rows, in no particular order. */
  sources(): IterableIterator<HeadSource> {
    return this.#sources.values();
  }

  source(ordinal: number): HeadSource | undefined {
    return this.#sources.get(ordinal);
  }

  /** Adds rows that got the row numbers from `firstRow` on; they must follow the ones that are there. */
  append(batch: SourceBatch, firstRow: number): void {
    let source = this.#sources.get(batch.source);
    if (source === undefined) {
      source = new HeadSource(this.#arena, batch.source, firstRow);
      this.#sources.set(batch.source, source);
      this.#objectBytes += SOURCE_BYTES;
    }
    this.#objectBytes += source.append(batch, firstRow);
    this.#rowCount += batch.timestamps.length;
  }

  /** Forgets a source. Its memory comes back with the whole head's: a scan may still be reading it. */
  drop(ordinal: number): void {
    const source = this.#sources.get(ordinal);
    if (source === undefined) return;
    this.#sources.delete(ordinal);
    this.#rowCount -= source.rowCount;
  }
}

export interface HeadColumn {
  readonly name: string;
  readonly type: FieldType;
  readonly dictionary: string[];
}

interface MutableColumn extends HeadColumn {
  readonly indexes: Map<string, number>;
}

export class HeadSource {
  readonly ordinal: number;
  /** Row number of row 0; the others count up. */
  readonly firstRow: number;
  readonly #arena: Arena;
  readonly #columns: MutableColumn[] = [];
  readonly #columnIndexes = new Map<string, number>();
  #extent: Extent;
  #capacity: number;
  /** Columns the extent is cut into, timestamps among them. */
  #width = 1;
  #rowCount = 0;
  #minTime = Infinity;
  #maxTime = -Infinity;
  #sorted = true;
  #lastTime = -Infinity;
  #order: Uint32Array | undefined;

  constructor(arena: Arena, ordinal: number, firstRow: number) {
    this.#arena = arena;
    this.ordinal = ordinal;
    this.firstRow = firstRow;
    this.#extent = arena.allocate(0);
    this.#capacity = this.#extent.slots;
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  get minTime(): number {
    return this.#minTime;
  }

  get maxTime(): number {
    return this.#maxTime;
  }

  /** Whether rows arrived in time order. */
  get sorted(): boolean {
    return this.#sorted;
  }

  get columns(): readonly HeadColumn[] {
    return this.#columns;
  }

  get extent(): Extent {
    return this.#extent;
  }

  /** Slots from one column to the next. Column 0 holds the timestamps, column i + 1 `columns[i]`. */
  get capacity(): number {
    return this.#capacity;
  }

  /** Timestamps (index 0) or values of `columns[index − 1]`: a view that is valid until the next append. */
  slots(index: number, rowCount: number): Float64Array {
    const start = this.#extent.offset + index * this.#capacity;
    return this.#arena.region(this.#extent.region).subarray(start, start + rowCount);
  }

  /** Rows in order of (time, row number), as positions; undefined where that is the order of arrival. */
  order(rowCount: number): Uint32Array | undefined {
    if (this.#sorted) return undefined;
    if (this.#order === undefined || this.#order.length !== rowCount) {
      this.#order = sortedPositions(this.slots(0, rowCount));
    }
    return this.#order;
  }

  /** Returns the bytes of text that were added. */
  append(batch: SourceBatch, firstRow: number): number {
    assert(firstRow === this.firstRow + this.#rowCount, 'rows of a source are consecutive');
    const count = batch.timestamps.length;
    const added = this.#addColumns(batch);
    this.#reserve(this.#rowCount + count, added);
    this.#appendTimestamps(batch.timestamps);
    const filled = new Uint8Array(this.#columns.length);
    let textBytes = 0;
    for (const field of batch.fields) textBytes += this.#appendColumn(field, filled);
    if (batch.metadata !== undefined) {
      const { values, dictionary } = batch.metadata;
      textBytes += this.#appendColumn({ name: METADATA_COLUMN, type: 'string', values, dictionary }, filled);
    }
    for (let index = 0; index < filled.length; index++) {
      if (filled[index] === 0) this.#column(index).fill(Number.NaN, this.#rowCount, this.#rowCount + count);
    }
    this.#rowCount += count;
    return textBytes;
  }

  #addColumns(batch: SourceBatch): boolean {
    const before = this.#columns.length;
    for (const field of batch.fields) this.#addColumn(field.name, field.type);
    if (batch.metadata !== undefined) this.#addColumn(METADATA_COLUMN, 'string');
    return this.#columns.length > before;
  }

  #addColumn(name: string, type: FieldType): void {
    if (this.#columnIndexes.has(name)) return;
    this.#columnIndexes.set(name, this.#columns.length);
    this.#columns.push({ name, type, dictionary: [], indexes: new Map() });
  }

  /** Moves to a larger extent where rows or new columns do not fit in this one. */
  #reserve(rowCount: number, columnsAdded: boolean): void {
    if (!columnsAdded && rowCount <= this.#capacity) return;
    const width = this.#columns.length + 1;
    const extent = this.#arena.allocate(width * rowCount);
    const capacity = Math.floor(extent.slots / width);
    const target = this.#arena.region(extent.region);
    for (let index = 0; index < width; index++) {
      const at = extent.offset + index * capacity;
      // The rows so far have no value for a column that is new.
      if (index < this.#width) target.set(this.slots(index, this.#rowCount), at);
      else target.fill(Number.NaN, at, at + this.#rowCount);
    }
    this.#arena.release(this.#extent);
    this.#extent = extent;
    this.#capacity = capacity;
    this.#width = width;
  }

  #column(index: number): Float64Array {
    return this.slots(index + 1, this.#capacity);
  }

  #appendTimestamps(timestamps: Float64Array): void {
    this.slots(0, this.#capacity).set(timestamps, this.#rowCount);
    for (let row = 0; row < timestamps.length; row++) {
      const time = timestamps[row];
      if (time < this.#lastTime) this.#sorted = false;
      if (time < this.#minTime) this.#minTime = time;
      if (time > this.#maxTime) this.#maxTime = time;
      this.#lastTime = time;
    }
  }

  #appendColumn(field: Column, filled: Uint8Array): number {
    const index = this.#columnIndexes.get(field.name) as number;
    const column = this.#columns[index];
    assert(column.type === field.type, 'a field has one type');
    filled[index] = 1;
    const target = this.#column(index);
    if (field.dictionary === undefined) {
      target.set(field.values, this.#rowCount);
      return 0;
    }
    return appendTexts(column, field.values, field.dictionary, target, this.#rowCount);
  }
}

function appendTexts(
  column: MutableColumn,
  values: Float64Array,
  dictionary: readonly string[],
  target: Float64Array,
  at: number,
): number {
  let bytes = 0;
  const renumbered = dictionary.map(text => {
    let index = column.indexes.get(text);
    if (index === undefined) {
      index = column.dictionary.length;
      column.indexes.set(text, index);
      column.dictionary.push(text);
      bytes += TEXT_BYTES + text.length * 2;
    }
    return index;
  });
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    target[at + row] = Number.isNaN(value) ? value : renumbered[value];
  }
  return bytes;
}

/** Positions in order of time; equal times keep their order. */
export function sortedPositions(timestamps: Float64Array): Uint32Array {
  const positions = new Uint32Array(timestamps.length);
  for (let row = 0; row < positions.length; row++) positions[row] = row;
  return positions.sort((left, right) => timestamps[left] - timestamps[right] || left - right);
}
