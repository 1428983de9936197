/**
 * The newest points of every source, by column and in order of arrival: what the log holds and no segment does yet.
 * Rows only ever get added, so a source and a row count are a snapshot of it for as long as the head is retained.
 */
import { assert } from '../base/assert.js';
import type { FieldType, SourceBatch } from '../batch.js';
import { Arena, type Region, type RegionPool } from './arena.js';
import { Pages } from './pages.js';
import { HeadView } from './view.js';

/** Metadata is a string column whose name no field can have. */
export const METADATA_COLUMN = '';

/** Rough cost of a source, a column or a text beside its slots: objects, map entries, string headers. */
const SOURCE_BYTES = 1_024;
const COLUMN_BYTES = 128;
const TEXT_BYTES = 64;

export class Head {
  readonly #arena: Arena;
  readonly #sources = new Map<number, HeadSource>();
  #objectBytes = 0;
  #rowCount = 0;
  #holders = 1;

  constructor(pool: RegionPool) {
    this.#arena = new Arena(pool);
  }

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

  /** Keeps the memory until `release`, however soon others let go of it. */
  retain(): void {
    this.#holders++;
  }

  /** The last one to let go gives the memory to the next head. */
  release(): void {
    this.#holders--;
    if (this.#holders === 0) this.#arena.free();
  }
}

export interface HeadColumn {
  readonly name: string;
  readonly type: FieldType;
  /** Present for strings only. */
  readonly dictionary?: readonly string[];
}

/** A string column; the others get along without two collections each. */
interface TextColumn extends HeadColumn {
  readonly dictionary: string[];
  readonly indexes: Map<string, number>;
}

export class HeadSource {
  readonly ordinal: number;
  /** Row number of row 0; the others count up. */
  readonly firstRow: number;
  readonly pages: Pages;
  readonly #columns: HeadColumn[] = [];
  readonly #columnIndexes = new Map<string, number>();
  #minTime = Infinity;
  #maxTime = -Infinity;
  #lastTime = -Infinity;
  #sorted = true;
  readonly #regions: readonly Region[];
  #view: HeadView | undefined;

  constructor(arena: Arena, ordinal: number, firstRow: number) {
    this.ordinal = ordinal;
    this.firstRow = firstRow;
    this.pages = new Pages(arena);
    this.#regions = arena.regions;
  }

  get rowCount(): number {
    return this.pages.rowCount;
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

  timestamps(from: number, to: number): Float64Array {
    return this.pages.read(0, from, to);
  }

  /** Values of `columns[index]`. */
  values(index: number, from: number, to: number): Float64Array {
    return this.pages.read(index + 1, from, to);
  }

  /** What there is now; the same until rows are added. */
  view(): HeadView {
    if (this.#view?.data.rowCount === this.rowCount) return this.#view;
    this.#view = new HeadView({
      source: this.ordinal,
      firstRow: this.firstRow,
      rowCount: this.rowCount,
      minTime: this.#minTime,
      maxTime: this.#maxTime,
      sorted: this.#sorted,
      columns: [...this.#columns],
      pages: this.pages.list,
      regions: this.#regions,
    });
    return this.#view;
  }

  /** Returns the bytes of objects and texts that were added. */
  append(batch: SourceBatch, firstRow: number): number {
    assert(firstRow === this.firstRow + this.rowCount, 'rows of a source are consecutive');
    const columnsBefore = this.#columns.length;
    const columns: (Float64Array | undefined)[] = [batch.timestamps];
    let textBytes = 0;
    const put = (name: string, type: FieldType, values: Float64Array, dictionary?: readonly string[]) => {
      const index = this.#columnIndex(name, type);
      if (dictionary === undefined) columns[index + 1] = values;
      else {
        const column = this.#columns[index] as TextColumn;
        const known = column.dictionary.length;
        columns[index + 1] = renumber(column, values, dictionary);
        for (const text of column.dictionary.slice(known)) textBytes += TEXT_BYTES + text.length * 2;
      }
    };
    for (const { name, type, values, dictionary } of batch.fields) put(name, type, values, dictionary);
    if (batch.metadata !== undefined) {
      put(METADATA_COLUMN, 'string', batch.metadata.values, batch.metadata.dictionary);
    }
    // Columns that the batch does not have are undefined in between, and at the end.
    columns.length = this.#columns.length + 1;
    this.pages.append(columns, batch.timestamps.length);
    this.#noteTimes(batch.timestamps);
    return textBytes + (this.#columns.length - columnsBefore) * COLUMN_BYTES;
  }

  #columnIndex(name: string, type: FieldType): number {
    const known = this.#columnIndexes.get(name);
    if (known !== undefined) {
      assert(this.#columns[known].type === type, 'a field has one type');
      return known;
    }
    this.#columnIndexes.set(name, this.#columns.length);
    const column = { name, type };
    return (
      this.#columns.push(
        type === 'string' ? ({ ...column, dictionary: [], indexes: new Map() } as TextColumn) : column,
      ) - 1
    );
  }

  #noteTimes(timestamps: Float64Array): void {
    for (let row = 0; row < timestamps.length; row++) {
      const time = timestamps[row];
      if (time < this.#lastTime) this.#sorted = false;
      if (time < this.#minTime) this.#minTime = time;
      if (time > this.#maxTime) this.#maxTime = time;
      this.#lastTime = time;
    }
  }
}

/** Values as indexes into the column's dictionary, which takes in the texts it does not have. */
function renumber(column: TextColumn, values: Float64Array, dictionary: readonly string[]): Float64Array {
  const indexes = dictionary.map(text => {
    let index = column.indexes.get(text);
    if (index === undefined) {
      index = column.dictionary.push(text) - 1;
      column.indexes.set(text, index);
    }
    return index;
  });
  return values.map(value => (Number.isNaN(value) ? value : indexes[value]));
}
