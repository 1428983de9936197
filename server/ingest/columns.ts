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

class ColumnBuilder {
  readonly name: string;
  readonly type: FieldType;
  /** May end before the last row; what is missing is absent. */
  readonly #values: number[] = [];
  readonly #dictionary = new Dictionary();

  constructor(name: string, type: FieldType) {
    this.name = name;
    this.type = type;
  }

  set(row: number, value: number | string | boolean): void {
    const { length } = this.#values;
    for (let index = length; index < row; index++) this.#values.push(Number.NaN);
    this.#values[row] = typeof value === 'string' ? this.#dictionary.indexOf(value) : Number(value);
  }

  finish(rowCount: number): Column {
    const values = paddedValues(this.#values, rowCount);
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
  readonly #timestamps: number[] = [];
  readonly #fields = new Map<string, ColumnBuilder>();
  readonly #metadata: number[] = [];
  readonly #metadataTexts = new Dictionary();
  /** Fields that the source did not have before. */
  #newFields = 0;

  /** @param knownTypes of the fields that the source has, declared or not */
  constructor(ordinal: number, knownTypes: ReadonlyMap<string, FieldType>) {
    this.ordinal = ordinal;
    this.#knownTypes = knownTypes;
  }

  /** The type a field has, by declaration, by what is stored, or by an earlier row of this batch. */
  typeOf(field: string): FieldType | undefined {
    return this.#fields.get(field)?.type ?? this.#knownTypes.get(field);
  }

  get fieldCount(): number {
    return this.#knownTypes.size + this.#newFields;
  }

  /** Begins a row; values and metadata set from now on are its own. */
  addRow(timestamp: number): void {
    this.#timestamps.push(timestamp);
  }

  /** The value must be of the field's type; a field that has none takes the value's. */
  setValue(field: string, value: number | string | boolean): void {
    let column = this.#fields.get(field);
    if (column === undefined) {
      const type = this.#knownTypes.get(field);
      if (type === undefined) this.#newFields++;
      column = new ColumnBuilder(field, type ?? (typeof value as FieldType));
      this.#fields.set(field, column);
    }
    assert(typeof value === column.type, 'a value has the type of its field');
    column.set(this.#timestamps.length - 1, value);
  }

  /** @param text a JSON object */
  setMetadata(text: string): void {
    const row = this.#timestamps.length - 1;
    for (let index = this.#metadata.length; index < row; index++) this.#metadata.push(Number.NaN);
    this.#metadata[row] = this.#metadataTexts.indexOf(text);
  }

  finish(): SourceBatch {
    const rowCount = this.#timestamps.length;
    const fields = [...this.#fields.values()].map(column => column.finish(rowCount));
    const timestamps = Float64Array.from(this.#timestamps);
    if (this.#metadata.length === 0) return { source: this.ordinal, timestamps, fields };
    const metadata: MetadataColumn = {
      values: paddedValues(this.#metadata, rowCount),
      dictionary: this.#metadataTexts.texts,
    };
    return { source: this.ordinal, timestamps, fields, metadata };
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

function paddedValues(values: readonly number[], rowCount: number): Float64Array {
  const padded = new Float64Array(rowCount).fill(Number.NaN, values.length);
  padded.set(values);
  return padded;
}
