/** One column put together from parts of others, each with a dictionary of its own. */
import type { Column, FieldType } from '../batch.js';

/** Rows that are not set have no value. */
export class ColumnBuilder {
  readonly type: FieldType;
  #values: Float64Array;
  /** Rows that have been set, or passed over and filled with no value. */
  #length = 0;
  readonly #dictionary: string[] = [];
  readonly #indexes = new Map<string, number>();
  /** The dictionary that was added from last, and the own index of each of its texts; -1 while it has none. */
  #added: readonly string[] = [];
  #addedIndexes = new Int32Array(0);

  /** @param capacity rows that room is made for before any is set */
  constructor(type: FieldType, capacity: number) {
    this.type = type;
    this.#values = new Float64Array(capacity);
  }

  /** Sets the rows from `at` on to the rows `from … to` (exclusive) of a column of the same type. */
  add(column: Column, from: number, to: number, at: number): void {
    if (column.dictionary === undefined) {
      this.#reach(at, at + to - from);
      this.#values.set(column.values.subarray(from, to), at);
      return;
    }
    this.#reach(at + to - from, at + to - from);
    const own = this.#ownIndexes(column.dictionary);
    for (let row = from; row < to; row++) {
      const value = column.values[row];
      if (Number.isNaN(value)) continue;
      if (own[value] < 0) own[value] = this.#indexOf(column.dictionary[value]);
      this.#values[at + row - from] = own[value];
    }
  }

  /** The first `length` rows. */
  finish(name: string, length: number): Column {
    this.#reach(length, length);
    const column = { name, type: this.type, values: this.#values.subarray(0, length) };
    return this.type === 'string' ? { ...column, dictionary: this.#dictionary } : column;
  }

  /** Makes room up to `length`, and fills the rows before `from` that were passed over. */
  #reach(from: number, length: number): void {
    if (length > this.#values.length) {
      const values = new Float64Array(Math.max(length, 2 * this.#values.length));
      values.set(this.#values.subarray(0, this.#length));
      this.#values = values;
    }
    if (from > this.#length) this.#values.fill(Number.NaN, this.#length, from);
    if (length > this.#length) this.#length = length;
  }

  /** A text is looked up once, not for each of its rows. */
  #ownIndexes(dictionary: readonly string[]): Int32Array {
    if (this.#added === dictionary && this.#addedIndexes.length === dictionary.length)
      return this.#addedIndexes;
    this.#added = dictionary;
    this.#addedIndexes = new Int32Array(dictionary.length).fill(-1);
    return this.#addedIndexes;
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
