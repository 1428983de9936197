/** Rows of one source as conditions look at them: in order of their times, with the bounds of each column known. */
import type { FieldType, Layout, PackedSource } from '../../engine/batch.js';
import { sortedPositions } from '../../engine/head/order.js';

/**
 * One object serves any number of sources, one after another: rules are many, and most batches hold few rows of a source.
 * What the rows lie in is the batch's, and is read until the next `set`.
 */
export class SourceRows {
  /** A column a field, as in `PackedSource.layout`. */
  layout: Layout = { fields: [] };
  rowCount = 0;
  /** Times lie at `[timesAt, timesAt + rowCount)`, ascending; each field's values at `columnAt(index)`, as many. */
  values: Float64Array = new Float64Array(0);
  timesAt = 0;
  #dictionaries: PackedSource['dictionaries'];
  /** Positions of arrival, where they are not those of the times. */
  #arrivals: Uint32Array | undefined;
  /** Bounds of columns, as far as somebody has asked. */
  #lows = new Float64Array(0);
  #highs = new Float64Array(0);
  #areWhole = new Uint8Array(0);
  #areKnown = new Uint8Array(0);

  set(source: PackedSource, values: Float64Array): void {
    const { layout, rowCount, offset } = source;
    this.layout = layout;
    this.rowCount = rowCount;
    this.#dictionaries = source.dictionaries;
    this.#arrivals = undefined;
    this.values = values;
    this.timesAt = offset;
    if (!ascends(values, offset, rowCount)) this.#sort();
    if (this.#lows.length < layout.fields.length) this.#makeRoom(layout.fields.length);
    this.#areKnown.fill(0, 0, layout.fields.length);
  }

  timestamp(row: number): number {
    return this.values[this.timesAt + row];
  }

  /** Position of a row as it arrived, which is where its metadata is. */
  arrivalOf(row: number): number {
    return this.#arrivals === undefined ? row : this.#arrivals[row];
  }

  /** Index of a field's column; -1 where the rows do not have it, or have it with another type. */
  indexOf(field: string, type: FieldType | undefined): number {
    const { fields } = this.layout;
    for (let index = 0; index < fields.length; index++) {
      if (fields[index].name === field) return type === undefined || fields[index].type === type ? index : -1;
    }
    return -1;
  }

  /** Slot in `values` of a column's first value. */
  columnAt(index: number): number {
    return this.timesAt + (index + 1) * this.rowCount;
  }

  dictionary(index: number): readonly string[] {
    return this.#dictionaries?.[index] ?? [];
  }

  /** Least value of a column; Infinity where no row has one. */
  low(index: number): number {
    this.#summarise(index);
    return this.#lows[index];
  }

  high(index: number): number {
    this.#summarise(index);
    return this.#highs[index];
  }

  /** Whether each row has a value. */
  isWhole(index: number): boolean {
    this.#summarise(index);
    return this.#areWhole[index] === 1;
  }

  #summarise(index: number): void {
    if (this.#areKnown[index] === 1) return;
    const { values } = this;
    const from = this.columnAt(index);
    const to = from + this.rowCount;
    let low = Infinity;
    let high = -Infinity;
    let isWhole = 1;
    for (let at = from; at < to; at++) {
      const value = values[at];
      if (value < low) low = value;
      if (value > high) high = value;
      if (Number.isNaN(value)) isWhole = 0;
    }
    this.#lows[index] = low;
    this.#highs[index] = high;
    this.#areWhole[index] = isWhole;
    this.#areKnown[index] = 1;
  }

  #sort(): void {
    const { rowCount, values, timesAt } = this;
    const columns = 1 + this.layout.fields.length;
    const arrivals = sortedPositions(values.subarray(timesAt, timesAt + rowCount));
    const sorted = new Float64Array(columns * rowCount);
    for (let column = 0; column < columns; column++) {
      const to = column * rowCount;
      const from = timesAt + to;
      for (let row = 0; row < rowCount; row++) sorted[to + row] = values[from + arrivals[row]];
    }
    this.values = sorted;
    this.timesAt = 0;
    this.#arrivals = arrivals;
  }

  #makeRoom(columns: number): void {
    this.#lows = new Float64Array(columns);
    this.#highs = new Float64Array(columns);
    this.#areWhole = new Uint8Array(columns);
    this.#areKnown = new Uint8Array(columns);
  }
}

function ascends(values: Float64Array, from: number, count: number): boolean {
  for (let at = from + 1; at < from + count; at++) if (values[at] < values[at - 1]) return false;
  return true;
}
