/** One column put together from parts of others, each with a dictionary of its own. */
import type { Column, FieldType } from '../batch.js';
import type { Scalar } from './request.js';

/** Rows that are not set have no value. */
export class ColumnBuilder {
  readonly type: FieldType;
  #values: Float64Array;
  readonly #dictionary: string[] = [];
  readonly #indexes = new Map<string, number>();

  /** @param capacity rows that room is made for before any is set */
  constructor(type: FieldType, capacity: number) {
    this.type = type;
    this.#values = new Float64Array(capacity).fill(Number.NaN);
  }

  /** Sets the rows from `at` on to the rows `from … to` (exclusive) of a column of the same type. */
  add(column: Column, from: number, to: number, at: number): void {
    this.#reserve(at + to - from);
    if (column.dictionary === undefined) {
      this.#values.set(column.values.subarray(from, to), at);
      return;
    }
    for (let row = from; row < to; row++) {
      const value = column.values[row];
      if (!Number.isNaN(value)) this.#values[at + row - from] = this.#indexOf(column.dictionary[value]);
    }
  }

  /** Sets one row. */
  set(at: number, value: Scalar): void {
    this.#reserve(at + 1);
    this.#values[at] = typeof value === 'string' ? this.#indexOf(value) : Number(value);
  }

  /** The first `length` rows. */
  finish(name: string, length: number): Column {
    this.#reserve(length);
    const column = { name, type: this.type, values: this.#values.subarray(0, length) };
    return this.type === 'string' ? { ...column, dictionary: this.#dictionary } : column;
  }

  #reserve(length: number): void {
    if (length <= this.#values.length) return;
    const values = new Float64Array(Math.max(length, 2 * this.#values.length));
    values.set(this.#values);
    this.#values = values.fill(Number.NaN, this.#values.length);
  }

  #indexOf(text: string): number {
    let index = this.#indexes.get(text);
    if (index === undefined) {
      index = this.#dictionary.length;
      this.#indexes.set(text, index);
      this.#dictionary.push(text);
    }
    return index;
  }
}
