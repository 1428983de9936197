/**
 * The newest points of every source, by column and in order of arrival: what the log holds and no segment does yet.
 * Rows only ever get added, so a source and a row count are a snapshot of it for as long as the head is retained.
 */
import { assert } from '../base/assert.js';
import { type FieldType, type Layout, type PackedSource, slotsOf } from '../batch.js';
import { Arena, type Region, type RegionPool } from './arena.js';
import { Pages } from './pages.js';
import { HeadView } from './view.js';

/** Metadata is a string column whose name no field can have. */
export const METADATA_COLUMN = '';

/** Rough cost of a source, a column or a text beside its slots: objects, map entries, string headers. */
const SOURCE_BYTES = 512;
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

  get sourceCount(): number {
    return this.#sources.size;
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
  append(batch: PackedSource, values: Float64Array, firstRow: number): void {
    let source = this.#sources.get(batch.source);
    if (source === undefined) {
      source = new HeadSource(this.#arena, batch.source, firstRow);
      this.#sources.set(batch.source, source);
      this.#objectBytes += SOURCE_BYTES;
    }
    this.#objectBytes += source.append(batch, values, firstRow);
    this.#rowCount += batch.rowCount;
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
  /** The layout's own list while there has been only one, without texts: a thousand sources share it. */
  #columns: readonly HeadColumn[] = [];
  #columnIndexes: Map<string, number> | undefined;
  /** Of the last rows, and whether they had metadata. */
  #layout: Layout | undefined;
  #hasMetadata = false;
  /** Where the columns of the last layout go: column of the head → column of the rows, −1 for none; undefined for the same. */
  #origins: Int32Array | undefined;
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
  append(batch: PackedSource, values: Float64Array, firstRow: number): number {
    assert(firstRow === this.firstRow + this.rowCount, 'rows of a source are consecutive');
    const columnsBefore = this.#columns.length;
    const { layout, rowCount, offset } = batch;
    let textBytes = 0;
    const hasMetadata = batch.metadata !== undefined;
    if (layout !== this.#layout || hasMetadata !== this.#hasMetadata) this.#place(layout, hasMetadata);
    if (batch.dictionaries === undefined && !hasMetadata) this.#add(values, offset, rowCount);
    else {
      const own = values.slice(offset, offset + slotsOf(batch));
      textBytes = this.#renumberTexts(batch, own);
      this.#add(own, 0, rowCount);
    }
    return (
      textBytes +
      (this.#columnIndexes === undefined ? 0 : this.#columns.length - columnsBefore) * COLUMN_BYTES
    );
  }

  #add(values: Float64Array, offset: number, rowCount: number): void {
    this.pages.append(values, offset, rowCount, this.#columns.length + 1, this.#origins);
    this.#noteTimes(values, offset, rowCount);
  }

  /** Takes in the columns of a layout that are not there yet, and notes where each comes from. */
  #place(layout: Layout, hasMetadata: boolean): void {
    const { fields } = layout;
    const isFirst = this.#layout === undefined && this.#columns.length === 0;
    this.#layout = layout;
    this.#hasMetadata = hasMetadata;
    if (isFirst && !hasMetadata && fields.every(({ type }) => type !== 'string')) {
      this.#columns = fields;
      this.#origins = undefined;
      return;
    }
    if (this.#columnIndexes === undefined) {
      this.#columns = [...this.#columns];
      this.#columnIndexes = new Map(this.#columns.map(({ name }, index) => [name, index]));
    }
    const indexes = fields.map(({ name, type }) => this.#columnIndex(name, type));
    if (hasMetadata) indexes.push(this.#columnIndex(METADATA_COLUMN, 'string'));
    const origins = new Int32Array(this.#columns.length + 1).fill(-1);
    origins[0] = 0;
    for (let index = 0; index < indexes.length; index++) origins[indexes[index] + 1] = index + 1;
    this.#origins = origins;
  }

  #columnIndex(name: string, type: FieldType): number {
    const indexes = this.#columnIndexes as Map<string, number>;
    const known = indexes.get(name);
    if (known !== undefined) {
      assert(this.#columns[known].type === type, 'a field has one type');
      return known;
    }
    const index = this.#columns.length;
    indexes.set(name, index);
    const column: HeadColumn = { name, type };
    const texts: TextColumn = { ...column, dictionary: [], indexes: new Map() };
    (this.#columns as HeadColumn[]).push(type === 'string' ? texts : column);
    return index;
  }

  /** Makes the texts of rows indexes into the dictionaries of their columns. Returns the bytes of texts added. */
  #renumberTexts({ layout, rowCount, dictionaries, metadata }: PackedSource, own: Float64Array): number {
    let textBytes = 0;
    const renumber = (name: string, at: number, dictionary: readonly string[]) => {
      const index = this.#columnIndexes?.get(name) as number;
      textBytes += renumberColumn(
        this.#columns[index] as TextColumn,
        own,
        at * rowCount,
        rowCount,
        dictionary,
      );
    };
    for (let index = 0; index < layout.fields.length; index++) {
      const dictionary = dictionaries?.[index];
      if (dictionary !== undefined) renumber(layout.fields[index].name, index + 1, dictionary);
    }
    if (metadata !== undefined) renumber(METADATA_COLUMN, layout.fields.length + 1, metadata);
    return textBytes;
  }

  #noteTimes(values: Float64Array, offset: number, rowCount: number): void {
    let last = this.#lastTime;
    for (let at = offset; at < offset + rowCount; at++) {
      const time = values[at];
      if (time < last) this.#sorted = false;
      if (time < this.#minTime) this.#minTime = time;
      if (time > this.#maxTime) this.#maxTime = time;
      last = time;
    }
    this.#lastTime = last;
  }
}

/**
 * Makes values indexes into the column's dictionary, which takes in the texts it does not have. Returns their bytes.
 */
function renumberColumn(
  column: TextColumn,
  values: Float64Array,
  offset: number,
  rowCount: number,
  dictionary: readonly string[],
): number {
  let textBytes = 0;
  const indexes = dictionary.map(text => {
    let index = column.indexes.get(text);
    if (index === undefined) {
      index = column.dictionary.push(text) - 1;
      column.indexes.set(text, index);
      textBytes += TEXT_BYTES + text.length * 2;
    }
    return index;
  });
  for (let at = offset; at < offset + rowCount; at++) {
    if (!Number.isNaN(values[at])) values[at] = indexes[values[at]];
  }
  return textBytes;
}
