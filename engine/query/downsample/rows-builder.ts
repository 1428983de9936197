/** Rows of one source put together from parts of chunks, whole, with row numbers and metadata. */
import { assert } from '../../base/assert.js';
import type { FieldType } from '../../batch.js';
import type { ScanChunk } from '../../storage.js';
import { ColumnBuilder } from '../column-builder.js';

/** What a column of a picture usually has. */
const START_ROWS = 16;

export class RowsBuilder {
  #source = Number.NaN;
  #rowCount = 0;
  readonly #timestamps = new ColumnBuilder('number', START_ROWS);
  readonly #rows = new ColumnBuilder('number', START_ROWS);
  readonly #fields = new Map<string, ColumnBuilder>();
  #metadata: ColumnBuilder | undefined;

  get rowCount(): number {
    return this.#rowCount;
  }

  /** Numbers held: of all columns, times and row numbers among them. */
  get valueCount(): number {
    return this.#rowCount * (2 + this.#fields.size + (this.#metadata === undefined ? 0 : 1));
  }

  /** Copies all rows of a chunk. */
  add({ source, timestamps, rows, fields, metadata }: ScanChunk): void {
    const at = this.#rowCount;
    const to = timestamps.length;
    this.#source = source;
    this.#timestamps.add({ name: '', type: 'number', values: timestamps }, 0, to, at);
    this.#rows.add({ name: '', type: 'number', values: rows }, 0, to, at);
    for (const column of fields) this.#field(column.name, column.type).add(column, 0, to, at);
    if (metadata !== undefined) {
      this.#metadata ??= new ColumnBuilder('string', START_ROWS);
      this.#metadata.add({ name: '', type: 'string', ...metadata }, 0, to, at);
    }
    this.#rowCount += to;
  }

  /** At least one row has been added. */
  finish(): ScanChunk {
    assert(this.#rowCount > 0, 'a chunk is not empty');
    const columnOf = (builder: ColumnBuilder, name = '') => builder.finish(name, this.#rowCount);
    const metadata = this.#metadata && columnOf(this.#metadata);
    return {
      source: this.#source,
      timestamps: columnOf(this.#timestamps).values,
      rows: columnOf(this.#rows).values,
      fields: Array.from(this.#fields, ([name, builder]) => columnOf(builder, name)),
      ...(metadata && { metadata: { values: metadata.values, dictionary: metadata.dictionary ?? [] } }),
    };
  }

  #field(name: string, type: FieldType): ColumnBuilder {
    let field = this.#fields.get(name);
    if (field === undefined) {
      field = new ColumnBuilder(type, START_ROWS);
      this.#fields.set(name, field);
    }
    return field;
  }
}
