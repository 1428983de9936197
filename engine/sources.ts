/**
 * What the engine keeps of every source at all times: counts, times, the next row number, and the types of its
 * fields. Types are read when they are first asked for: a start need not read every directory.
 */
import type { Field, FieldType, Layout, PackedSource } from './batch.js';
import { type Head, type HeadColumn, METADATA_COLUMN } from './head/head.js';
import type { ColumnType } from './head/image.js';
import type { SegmentReader } from './segment/reader.js';
import { FieldTypeError, type SourceStats } from './storage.js';

export interface SourceState {
  /** Row number of the next point appended. */
  nextRow: number;
  /** Rows that can be read. */
  rowCount: number;
  minTime: number;
  maxTime: number;
  /** undefined until something asks. */
  fields: Map<string, FieldType> | undefined;
  /** Of the rows that came last: its fields are known, and have these types. */
  layout: Layout | undefined;
  /** Columns of all segments, those on their way included, in order of first appearance; undefined until something asks. */
  columns: readonly ColumnType[] | undefined;
}

/** Where the columns of a source are read from, in order of first appearance; metadata is one of them. */
export interface ColumnReader {
  segments(source: number): readonly ColumnType[];
  heads(source: number): readonly ColumnType[];
}

export class Sources {
  readonly #states = new Map<number, SourceState>();
  readonly #read: ColumnReader;

  constructor(read: ColumnReader) {
    this.#read = read;
  }

  /** Takes in what a segment's tables say, at start. */
  addSegment({ table }: SegmentReader, isErased: (source: number) => boolean): void {
    for (let index = 0; index < table.ordinal.length; index++) {
      if (isErased(table.ordinal[index])) continue;
      const state = this.#state(table.ordinal[index]);
      state.nextRow = Math.max(state.nextRow, table.lastRow[index] + 1);
      state.rowCount += table.rowCount[index];
      state.minTime = Math.min(state.minTime, table.minTime[index]);
      state.maxTime = Math.max(state.maxTime, table.maxTime[index]);
    }
  }

  /** Takes in rows that became durable. */
  addRows({ source, rowCount, offset }: PackedSource, values: Float64Array, firstRow: number): void {
    const state = this.#state(source);
    state.nextRow = Math.max(state.nextRow, firstRow + rowCount);
    state.rowCount += rowCount;
    for (let at = offset; at < offset + rowCount; at++) {
      if (values[at] < state.minTime) state.minTime = values[at];
      if (values[at] > state.maxTime) state.maxTime = values[at];
    }
  }

  /** Counts a source anew where rows of it have gone. */
  recount(source: number, segments: readonly SegmentReader[], heads: readonly Head[]): void {
    const state = this.#state(source);
    state.rowCount = 0;
    state.minTime = Infinity;
    state.maxTime = -Infinity;
    const add = (rowCount: number, minTime: number, maxTime: number) => {
      state.rowCount += rowCount;
      state.minTime = Math.min(state.minTime, minTime);
      state.maxTime = Math.max(state.maxTime, maxTime);
    };
    for (const segment of segments) {
      const index = segment.indexOf(source);
      const { rowCount, minTime, maxTime } = segment.table;
      if (index >= 0) add(rowCount[index], minTime[index], maxTime[index]);
    }
    for (const head of heads) {
      const found = head.source(source);
      if (found !== undefined) add(found.rowCount, found.minTime, found.maxTime);
    }
  }

  /**
   * Fixes the types of the fields of a batch, and gives out row numbers: the first of each source.
   * @throws FieldTypeError; then nothing has changed.
   */
  admit(batch: readonly PackedSource[]): number[] {
    for (const { source, layout } of batch) {
      const state = this.#state(source);
      if (state.layout !== layout && !isNew(state)) this.check(source, layout.fields);
    }
    return batch.map(({ source, layout, rowCount }) => {
      const state = this.#state(source);
      if (state.layout !== layout && !isNew(state)) this.declare(source, layout.fields);
      state.layout = layout;
      state.nextRow += rowCount;
      return state.nextRow - rowCount;
    });
  }

  /** @throws FieldTypeError where a field already has another type. */
  check(source: number, fields: Iterable<Field>): void {
    const known = this.fields(source);
    for (const { name, type } of fields) {
      const expected = known.get(name);
      if (expected !== undefined && expected !== type) throw new FieldTypeError(source, name, expected, type);
    }
  }

  /** Fixes the types of fields that have none yet. */
  declare(source: number, fields: Iterable<Field>): void {
    const known = this.fields(source);
    for (const { name, type } of fields) if (!known.has(name)) known.set(name, type);
  }

  fields(source: number): Map<string, FieldType> {
    const state = this.#state(source);
    if (state.fields !== undefined) return state.fields;
    state.columns ??= this.#read.segments(source);
    state.fields = new Map();
    const stored = [...state.columns, ...this.#read.heads(source)];
    for (const { name, type } of [...stored, ...(state.layout?.fields ?? [])]) {
      if (name !== METADATA_COLUMN && !state.fields.has(name)) state.fields.set(name, type);
    }
    return state.fields;
  }

  /**
   * Columns that a new segment is to have of a source: those of all segments before, and then those of its own rows
   * that are new. So the columns of any segment begin as those of any other do, and whichever segments are merged, or
   * go, the rest tells in which order fields appeared.
   */
  segmentColumns(source: number, own: readonly HeadColumn[]): readonly ColumnType[] {
    const state = this.#states.get(source);
    // It has been erased meanwhile.
    if (state === undefined) return own;
    state.columns ??= this.#read.segments(source);
    const known = new Set(state.columns.map(({ name }) => name));
    const added = own.filter(({ name }) => !known.has(name));
    if (added.length > 0)
      state.columns = [...state.columns, ...added.map(({ name, type }) => ({ name, type }))];
    return state.columns;
  }

  stats(source: number): SourceStats {
    const state = this.#states.get(source);
    if (state === undefined || state.rowCount === 0) {
      return { rowCount: 0, firstTime: undefined, lastTime: undefined };
    }
    return { rowCount: state.rowCount, firstTime: state.minTime, lastTime: state.maxTime };
  }

  ordinals(): number[] {
    return [...this.#states.keys()];
  }

  drop(source: number): void {
    this.#states.delete(source);
  }

  #state(source: number): SourceState {
    let state = this.#states.get(source);
    if (state === undefined) {
      state = {
        nextRow: 0,
        rowCount: 0,
        minTime: Infinity,
        maxTime: -Infinity,
        fields: undefined,
        layout: undefined,
        columns: undefined,
      };
      this.#states.set(source, state);
    }
    return state;
  }
}

/** A source without rows has no fields but those that were declared: there is nothing to be looked up or copied. */
function isNew({ nextRow, fields, layout }: SourceState): boolean {
  return nextRow === 0 && fields === undefined && layout === undefined;
}
