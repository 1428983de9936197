/** Rows that rules are shown: of a batch that was stored, or read again from the storage. */
import type { PackedSource } from '../../engine/batch.js';
import { layoutOf } from '../../engine/layout.js';
import type { Scalar } from '../../engine/query/request.js';
import type { ScanChunk } from '../../engine/storage.js';
import { formatTimestamp } from '../schemas/timestamp.js';
import type { NotificationPoint } from './notification.js';
import { SourceRows } from './source-rows.js';
import type { Place } from './state.js';

/** One object serves any number of sources, one after another. */
export class ShownRows {
  readonly rows = new SourceRows();
  #source: PackedSource | undefined;
  #values: Float64Array = new Float64Array(0);
  #firstRow = 0;
  /** Of rows that do not count up. */
  #numbers: Float64Array | undefined;

  /** Whether they are from the storage: when they came is not known. */
  get areReadAgain(): boolean {
    return this.#numbers !== undefined;
  }

  setBatch(source: PackedSource, values: Float64Array, firstRow: number): void {
    this.#numbers = undefined;
    this.#firstRow = firstRow;
    this.#set(source, values);
  }

  setChunk(chunk: ScanChunk): void {
    const { source, timestamps, fields, metadata } = chunk;
    const rowCount = timestamps.length;
    const columns = [
      timestamps,
      ...fields.map(field => field.values),
      ...(metadata ? [metadata.values] : []),
    ];
    const values = new Float64Array(rowCount * columns.length);
    for (const [index, column] of columns.entries()) values.set(column, index * rowCount);
    this.#numbers = chunk.rows;
    this.#set(
      {
        source,
        rowCount,
        layout: layoutOf(fields),
        offset: 0,
        dictionaries: fields.map(({ dictionary }) => dictionary),
        metadata: metadata?.dictionary,
      },
      values,
    );
  }

  /** Of the row at a position of `rows`, among those of its source. */
  numberOf(row: number): number {
    const arrival = this.rows.arrivalOf(row);
    return this.#numbers === undefined ? this.#firstRow + arrival : this.#numbers[arrival];
  }

  /** Position of the first row after a place; `rowCount` where there is none. */
  firstAfter({ time, row }: Place): number {
    const { rows } = this;
    const { rowCount } = rows;
    if (rows.timestamp(0) > time) return 0;
    let low = 0;
    let high = rowCount;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (rows.timestamp(middle) < time) low = middle + 1;
      else high = middle;
    }
    while (low < rowCount && rows.timestamp(low) === time && this.numberOf(low) <= row) low++;
    return low;
  }

  pointAt(row: number): NotificationPoint {
    const { layout, dictionaries, metadata, rowCount, offset } = this.#source!;
    const at = offset + this.rows.arrivalOf(row);
    const values: [string, Scalar][] = [];
    for (const [index, { name, type }] of layout.fields.entries()) {
      const value = this.#values[at + (index + 1) * rowCount];
      if (Number.isNaN(value)) continue;
      if (type === 'string') values.push([name, dictionaries![index]![value]]);
      else values.push([name, type === 'boolean' ? value === 1 : value]);
    }
    const text = metadata?.[this.#values[at + (layout.fields.length + 1) * rowCount]];
    return {
      timestamp: formatTimestamp(this.rows.timestamp(row)),
      // fromEntries defines members, where an assignment to `__proto__` would not.
      values: Object.fromEntries(values),
      metadata: text === undefined ? null : JSON.parse(text),
    };
  }

  #set(source: PackedSource, values: Float64Array): void {
    this.#source = source;
    this.#values = values;
    this.rows.set(source, values);
  }
}
