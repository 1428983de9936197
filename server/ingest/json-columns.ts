/**
 * The documented columnar body in JSON, straight from its bytes, where its columns are of numbers. As with points, any
 * surprise leaves the whole body to `JSON.parse` and the checks that name each mistake.
 */
import { type PackedBatch, packBatch } from '../../engine/batch.js';
import { TIMESTAMP_MAX, TIMESTAMP_MIN } from '../../engine/limits.js';
import { BATCH_VALUES_MAX, SOURCE_FIELDS_MAX } from '../limits.js';
import { firstEmptyRow } from './column-body.js';
import { idBetween, idEnd, memberAt, memberToken, usualName } from './json-members.js';
import {
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  OPEN_BRACE,
  OPEN_BRACKET,
  plainStringEnd,
  skipSpace,
} from './json-text.js';
import { numberEnd, parseNumber } from './numbers.js';
import type { ScannedPoints } from './scanned.js';
import type { SourceIndex } from './source-index.js';
import { Token } from './token.js';

const BUCKET_ID = memberToken('bucketId');
const COLUMNS = memberToken('columns');
const SOURCE_ID = memberToken('dataSourceId');
const TIMESTAMPS = memberToken('timestamps');
const VALUES = memberToken('values');
const NULL = new Token(new TextEncoder().encode('null'));

const CELLS_MIN = 65_536;
/** Memory for cells is kept for the next batch up to here: 8 MiB. */
const CELLS_KEPT_MAX = 1_048_576;

export class JsonColumns {
  readonly #index: SourceIndex;
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(this.#bytes.buffer);
  /** Numbers of all arrays, one after another; NaN for null. */
  #cells = new Float64Array(CELLS_MIN);
  #cellCount = 0;
  #bucketId: string | undefined;
  #sourceId: string | undefined;
  #timestamps: Float64Array | undefined;
  #values: Map<string, Float64Array> | undefined;

  constructor(index: SourceIndex) {
    this.#index = index;
  }

  /** A body with `columns`; undefined where it is to be read by others. */
  read(bytes: Uint8Array): ScannedPoints | undefined {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#cellCount = 0;
    this.#bucketId = this.#sourceId = this.#timestamps = this.#values = undefined;
    const end = this.#body(skipSpace(bytes, 0));
    const scanned = end >= 0 && skipSpace(bytes, end) === bytes.length ? this.#finish() : undefined;
    if (this.#cells.length > CELLS_KEPT_MAX) this.#cells = new Float64Array(CELLS_MIN);
    return scanned;
  }

  #finish(): ScannedPoints | undefined {
    const bucketId = this.#bucketId;
    const timestamps = this.#timestamps;
    const values = this.#values;
    const source = this.#sourceId === undefined ? undefined : this.#index.find(this.#sourceId);
    if (bucketId === undefined || source === undefined || timestamps === undefined || values === undefined) {
      return undefined;
    }
    const fields = Array.from(values, ([name, column]) => ({
      name,
      type: 'number' as const,
      values: column,
    }));
    if (!areTimes(timestamps) || fields.some(field => field.values.length !== timestamps.length))
      return undefined;
    if (firstEmptyRow(fields, timestamps.length) >= 0) return undefined;
    // Copies: the cells are overwritten by the next body.
    const batch: PackedBatch = packBatch({ sources: [{ source: source.ordinal, timestamps, fields }] });
    return { bucketId, batch, sources: [source], count: timestamps.length };
  }

  #body(at: number): number {
    const bytes = this.#bytes;
    if (bytes[at] !== OPEN_BRACE) return -1;
    do {
      at = skipSpace(bytes, at + 1);
      let value = memberAt(bytes, this.#view, at, BUCKET_ID);
      if (value >= 0) {
        at = idEnd(bytes, value);
        if (at < 0 || this.#bucketId !== undefined) return -1;
        this.#bucketId = idBetween(bytes, value, at);
        if (this.#bucketId === undefined) return -1;
      } else {
        value = memberAt(bytes, this.#view, at, COLUMNS);
        // A second one would have made the first one's members be there already.
        at = value < 0 ? -1 : this.#columns(value);
        if (at < 0) return -1;
      }
      at = skipSpace(bytes, at);
    } while (bytes[at] === COMMA);
    return bytes[at] === CLOSE_BRACE ? at + 1 : -1;
  }

  #columns(at: number): number {
    const bytes = this.#bytes;
    if (bytes[at] !== OPEN_BRACE) return -1;
    do {
      at = this.#columnsMember(skipSpace(bytes, at + 1));
      if (at < 0) return -1;
      at = skipSpace(bytes, at);
    } while (bytes[at] === COMMA);
    return bytes[at] === CLOSE_BRACE ? at + 1 : -1;
  }

  #columnsMember(at: number): number {
    const bytes = this.#bytes;
    let value = memberAt(bytes, this.#view, at, TIMESTAMPS);
    if (value >= 0) {
      if (this.#timestamps !== undefined) return -1;
      const start = this.#cellCount;
      const end = this.#array(value);
      this.#timestamps = this.#cells.slice(start, this.#cellCount);
      return end;
    }
    value = memberAt(bytes, this.#view, at, VALUES);
    if (value >= 0) return this.#values === undefined ? this.#fields(value) : -1;
    value = memberAt(bytes, this.#view, at, SOURCE_ID);
    const end = value < 0 ? -1 : idEnd(bytes, value);
    if (end < 0 || this.#sourceId !== undefined) return -1;
    this.#sourceId = idBetween(bytes, value, end);
    return this.#sourceId === undefined ? -1 : end;
  }

  #fields(at: number): number {
    const bytes = this.#bytes;
    if (bytes[at] !== OPEN_BRACE) return -1;
    this.#values = new Map();
    do {
      at = skipSpace(bytes, at + 1);
      const nameEnd = plainStringEnd(bytes, at);
      const name = nameEnd < 0 ? undefined : usualName(bytes, at + 1, nameEnd);
      if (name === undefined || this.#values.has(name) || this.#values.size >= SOURCE_FIELDS_MAX) return -1;
      at = skipSpace(bytes, nameEnd + 1);
      if (bytes[at] !== COLON) return -1;
      const start = this.#cellCount;
      at = this.#array(skipSpace(bytes, at + 1));
      if (at < 0) return -1;
      const column = this.#cells.slice(start, this.#cellCount);
      // A field without any value is none.
      if (column.every(Number.isNaN)) return -1;
      this.#values.set(name, column);
      at = skipSpace(bytes, at);
    } while (bytes[at] === COMMA);
    return bytes[at] === CLOSE_BRACE ? at + 1 : -1;
  }

  /** Behind an array of numbers and nulls, which becomes the next cells. */
  #array(at: number): number {
    const bytes = this.#bytes;
    let cells = this.#cells;
    let cell = this.#cellCount;
    if (bytes[at] !== OPEN_BRACKET) return -1;
    do {
      at++;
      if (bytes[at] <= 0x20) at = skipSpace(bytes, at);
      let value = parseNumber(bytes, at);
      if (!Number.isNaN(value)) at = numberEnd;
      else {
        if (!NULL.isAt(this.#view, at)) return -1;
        value = Number.NaN;
        at += NULL.length;
      }
      if (cell === cells.length) cells = this.#grow();
      cells[cell++] = value;
      if (bytes[at] !== COMMA) at = skipSpace(bytes, at);
    } while (bytes[at] === COMMA);
    this.#cellCount = cell;
    return bytes[at] === CLOSE_BRACKET && cell <= BATCH_VALUES_MAX ? at + 1 : -1;
  }

  #grow(): Float64Array<ArrayBuffer> {
    const grown = new Float64Array(this.#cells.length * 2);
    grown.set(this.#cells);
    this.#cells = grown;
    return grown;
  }
}

/** Whether all are times that points may have: −0 among them, which is stored as 0. */
function areTimes(timestamps: Float64Array): boolean {
  for (let row = 0; row < timestamps.length; row++) {
    const time = timestamps[row];
    if (!(time >= TIMESTAMP_MIN && time <= TIMESTAMP_MAX && Math.floor(time) === time)) return false;
    timestamps[row] = time + 0;
  }
  return true;
}
