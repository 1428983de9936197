/** Columns in the making: whoever reads points, from whatever bytes, fills these. */
import { assert } from '../../engine/base/assert.js';
import type { Batch, Column, FieldType, MetadataColumn, SourceBatch } from '../../engine/batch.js';
import { Texts } from './texts.js';

/**
 * One number a row, NaN where nothing was set. A plain array until the end: most batches bring a source a few rows,
 * and two typed arrays a column cost more than all the numbers in them.
 */
class Values {
  /** May end before the last row; what is missing is absent. */
  readonly #numbers: number[] = [];

  set(row: number, value: number): void {
    while (this.#numbers.length < row) this.#numbers.push(Number.NaN);
    this.#numbers.push(value);
  }

  finish(rowCount: number): Float64Array {
    const finished = new Float64Array(rowCount);
    const count = this.#numbers.length;
    for (let row = 0; row < count; row++) finished[row] = this.#numbers[row];
    return count === rowCount ? finished : finished.fill(Number.NaN, count);
  }
}

/** One field of a source. */
export class ColumnBuilder {
  readonly name: string;
  readonly type: FieldType;
  readonly #values = new Values();
  /** Strings only: most columns are numbers, and there may be a thousand in a batch. */
  readonly #dictionary: Texts | undefined;

  constructor(name: string, type: FieldType) {
    this.name = name;
    this.type = type;
    this.#dictionary = type === 'string' ? new Texts() : undefined;
  }

  /** The value is of the column's type. */
  set(row: number, value: number | string | boolean): void {
    this.#values.set(row, typeof value === 'string' ? this.#dictionary!.indexOf(value) : Number(value));
  }

  finish(rowCount: number): Column {
    const values = this.#values.finish(rowCount);
    const { name, type } = this;
    if (this.#dictionary === undefined) return { name, type, values };
    return { name, type, values, dictionary: this.#dictionary.list };
  }
}

/** Rows of one source. */
export class SourceBuilder {
  readonly ordinal: number;
  readonly #knownTypes: ReadonlyMap<string, FieldType>;
  readonly #timestamps = new Values();
  readonly #columns = new Map<string, ColumnBuilder>();
  #metadata: Values | undefined;
  #metadataTexts: Texts | undefined;
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
    this.#metadataTexts ??= new Texts();
    this.#metadata.set(this.#rowCount - 1, this.#metadataTexts.indexOf(text));
  }

  finish(): SourceBatch {
    const fields = [...this.#columns.values()].map(column => column.finish(this.#rowCount));
    const timestamps = this.#timestamps.finish(this.#rowCount);
    if (this.#metadata === undefined || this.#metadataTexts === undefined) {
      return { source: this.ordinal, timestamps, fields };
    }
    const metadata: MetadataColumn = {
      values: this.#metadata.finish(this.#rowCount),
      dictionary: this.#metadataTexts.list,
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
