/** Columns in the making: whoever reads points, from whatever bytes, fills these. */
import { assert } from '../../engine/base/assert.js';
import type { Batch, Column, FieldType, MetadataColumn, SourceBatch } from '../../engine/batch.js';

/** Texts by number, in order of first appearance. */
class Dictionary {
  readonly texts: string[] = [];
  readonly #indexes = new Map<string, number>();

  indexOf(text: string): number {
    let index = this.#indexes.get(text);
    if (index === undefined) {
      index = this.texts.length;
      this.texts.push(text);
      this.#indexes.set(text, index);
    }
    return index;
  }
}

const ROWS_AT_FIRST = 16;

/** One number a row, NaN where nothing was set. */
class Values {
  #numbers = new Float64Array(ROWS_AT_FIRST).fill(Number.NaN);

  set(row: number, value: number): void {
    if (row >= this.#numbers.length) this.#grow(row + 1);
    this.#numbers[row] = value;
  }

  finish(rowCount: number): Float64Array {
    if (rowCount > this.#numbers.length) this.#grow(rowCount);
    return this.#numbers.slice(0, rowCount);
  }

  #grow(rowCount: number): void {
    const { length } = this.#numbers;
    const grown = new Float64Array(Math.max(rowCount, 2 * length));
    grown.set(this.#numbers);
    this.#numbers = grown.fill(Number.NaN, length);
  }
}

/** One field of a source. */
export class ColumnBuilder {
  readonly name: string;
  readonly type: FieldType;
  readonly #values = new Values();
  readonly #dictionary = new Dictionary();

  constructor(name: string, type: FieldType) {
    this.name = name;
    this.type = type;
  }

  /** The value is of the column's type. */
  set(row: number, value: number | string | boolean): void {
    this.#values.set(row, typeof value === 'string' ? this.#dictionary.indexOf(value) : Number(value));
  }

  finish(rowCount: number): Column {
    const values = this.#values.finish(rowCount);
    const { name, type } = this;
    return type === 'string'
      ? { name, type, values, dictionary: this.#dictionary.texts }
      : { name, type, values };
  }
}

/** Rows of one source. */
export class SourceBuilder {
  readonly ordinal: number;
  readonly #knownTypes: ReadonlyMap<string, FieldType>;
  readonly #timestamps = new Values();
  readonly #columns = new Map<string, ColumnBuilder>();
  #metadata: Values | undefined;
  readonly #metadataTexts = new Dictionary();
  #rowCount = 0;
  /** Fields that the source did not have before. */
  #newFieldCount = 0;

  /** @param knownTypes of the fields that the source has, declared or not */
  constructor(ordinal: number, knownTypes: ReadonlyMap<string, FieldType>) {
    this.ordinal = ordinal;
    this.#knownTypes = knownTypes;
  }

  /** Begins a row; what is set from now on is its own. */
  addRow(timestamp: number): void {
    this.#timestamps.set(this.#rowCount++, timestamp);
  }

  /** The column of a field that the batch or the source has; undefined for a field that would be new. */
  column(field: string): ColumnBuilder | undefined {
    const column = this.#columns.get(field);
    if (column !== undefined) return column;
    const type = this.#knownTypes.get(field);
    return type === undefined ? undefined : this.#addColumn(field, type);
  }

  /** Makes a column for a field that `column` does not find. */
  addField(field: string, type: FieldType): ColumnBuilder {
    this.#newFieldCount++;
    return this.#addColumn(field, type);
  }

  /** Fields the source would have with those of this batch. */
  get fieldCount(): number {
    return this.#knownTypes.size + this.#newFieldCount;
  }

  setValue(column: ColumnBuilder, value: number | string | boolean): void {
    assert(typeof value === column.type, 'a value has the type of its field');
    column.set(this.#rowCount - 1, value);
  }

  /** @param text a JSON object */
  setMetadata(text: string): void {
    this.#metadata ??= new Values();
    this.#metadata.set(this.#rowCount - 1, this.#metadataTexts.indexOf(text));
  }

  finish(): SourceBatch {
    const fields = [...this.#columns.values()].map(column => column.finish(this.#rowCount));
    const timestamps = this.#timestamps.finish(this.#rowCount);
    if (this.#metadata === undefined) return { source: this.ordinal, timestamps, fields };
    const metadata: MetadataColumn = {
      values: this.#metadata.finish(this.#rowCount),
      dictionary: this.#metadataTexts.texts,
    };
    return { source: this.ordinal, timestamps, fields, metadata };
  }

  #addColumn(field: string, type: FieldType): ColumnBuilder {
    const column = new ColumnBuilder(field, type);
    this.#columns.set(field, column);
    return column;
  }
}

/** Sources in order of first appearance, each once. */
export class BatchBuilder {
  readonly #sources = new Map<number, SourceBuilder>();

  source(ordinal: number, knownTypes: () => ReadonlyMap<string, FieldType>): SourceBuilder {
    let source = this.#sources.get(ordinal);
    if (source === undefined) {
      source = new SourceBuilder(ordinal, knownTypes());
      this.#sources.set(ordinal, source);
    }
    return source;
  }

  finish(): Batch {
    return { sources: [...this.#sources.values()].map(source => source.finish()) };
  }
}
