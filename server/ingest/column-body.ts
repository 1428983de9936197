/**
 * The columnar body as a parser gives it, of JSON or of MessagePack, → columns. Every failure is named with its place,
 * the first hundred at least.
 */
import type { Column, FieldType, MetadataColumn, SourceBatch } from '../../engine/batch.js';
import type { DataSource } from '../catalog/model.js';
import { ApiError, type ErrorDetail, refuseInvalid } from '../errors.js';
import { BATCH_VALUES_MAX, DETAILS_MAX, SOURCE_FIELDS_MAX } from '../limits.js';
import { isId } from '../schemas/common.js';
import { fieldNameProblem, TOO_MANY_FIELDS_MESSAGE } from '../schemas/fields.js';
import { parseTimestamp, problemMessage } from '../schemas/timestamp.js';
import { echo, type Path, typeName } from '../schemas/validate.js';
import { type PointContext, storedMetadata, valueProblem } from './points.js';
import { Texts } from './texts.js';

export interface ParsedColumns {
  readonly source: DataSource;
  readonly rows: SourceBatch;
}

const ROOT: Path = ['body', 'columns'];

/**
 * @throws ApiError: INVALID_REQUEST where the columns have not the form of some; then SOURCE_NOT_FOUND; then
 * SOURCE_ARCHIVED; then INVALID_REQUEST where a column is not of its field's type.
 */
export function parseColumns(
  columns: unknown,
  context: Pick<PointContext, 'source' | 'types'>,
): ParsedColumns {
  return new ColumnsParser(context).parse(columns);
}

/** How many values there are, NaN being none; −1 where one of them is infinite. */
function countNumbers(values: Float64Array): number {
  let count = 0;
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (value - value === 0) count++;
    else if (!Number.isNaN(value)) return -1;
  }
  return count;
}

/** The first row in which no field has a value; −1 where there is none. */
export function firstEmptyRow(fields: readonly Pick<Column, 'values'>[], rowCount: number): number {
  if (fields.some(({ values }) => !values.includes(Number.NaN))) return -1;
  for (let row = 0; row < rowCount; row++) {
    if (fields.every(({ values }) => Number.isNaN(values[row]))) return row;
  }
  return -1;
}

class ColumnsParser {
  readonly #context: Pick<PointContext, 'source' | 'types'>;
  readonly #malformed: ErrorDetail[] = [];
  readonly #mistyped: ErrorDetail[] = [];

  constructor(context: Pick<PointContext, 'source' | 'types'>) {
    this.#context = context;
  }

  parse(columns: unknown): ParsedColumns {
    if (typeName(columns) !== 'object' || columns instanceof Uint8Array) {
      throw invalid([{ path: ROOT, message: `Expected object, received ${typeName(columns)}` }]);
    }
    const { dataSourceId, timestamps, values, metadata } = columns as Record<string, unknown>;
    const id = this.#sourceId(dataSourceId);
    const source = id === undefined ? undefined : this.#context.source(id);
    const times = this.#timestamps(timestamps);
    const rowCount = times?.length ?? 0;
    const types = source === undefined ? new Map<string, FieldType>() : this.#context.types(source);
    const fields = this.#fields(values, rowCount, types);
    const texts = this.#metadata(metadata, rowCount);
    this.#checkRows(fields, rowCount);
    refuseInvalid(this.#malformed);
    if (source === undefined) throw new ApiError('SOURCE_NOT_FOUND');
    if (source.status === 'archived') throw new ApiError('SOURCE_ARCHIVED');
    refuseInvalid(this.#mistyped);
    const rows = { source: source.ordinal, timestamps: times!, fields };
    return { source, rows: texts === undefined ? rows : { ...rows, metadata: texts } };
  }

  #sourceId(id: unknown): string | undefined {
    const path = [...ROOT, 'dataSourceId'];
    if (typeof id === 'string' && isId(id)) return id;
    if (typeof id === 'string') this.#refuse(path, 'Invalid data source ID format');
    else this.#refuse(path, expected('string', id));
    return undefined;
  }

  #timestamps(timestamps: unknown): Float64Array | undefined {
    const path = [...ROOT, 'timestamps'];
    const given = numbersOf(timestamps);
    if (given === undefined) {
      this.#refuse(path, problemOfArray(timestamps));
      return undefined;
    }
    if (given.length === 0) this.#refuse(path, 'Array must contain at least 1 element(s)');
    const times = new Float64Array(given.length);
    for (let row = 0; row < given.length && !this.#isFull; row++) {
      const time = parseTimestamp(given[row]);
      if (typeof time === 'number') times[row] = time;
      else this.#refuse([...path, row], problemMessage(time));
    }
    return times;
  }

  #fields(values: unknown, rowCount: number, types: ReadonlyMap<string, FieldType>): Column[] {
    const path = [...ROOT, 'values'];
    if (typeName(values) !== 'object' || values instanceof Uint8Array) {
      this.#refuse(path, expected('object', values));
      return [];
    }
    const names = Object.keys(values as object);
    if (rowCount * (names.length + 1) > BATCH_VALUES_MAX) throw new ApiError('BATCH_TOO_LARGE');
    const fields: Column[] = [];
    let fieldCount = types.size;
    for (const name of names) {
      if (this.#isFull) break;
      const column = (values as Record<string, unknown>)[name];
      const known = types.get(name);
      const field = this.#field(name, column, rowCount, known);
      if (field === undefined) continue;
      if (known === undefined) fieldCount++;
      if (fieldCount > SOURCE_FIELDS_MAX) this.#mistype([...path, name], TOO_MANY_FIELDS_MESSAGE);
      fields.push(field);
    }
    return fields;
  }

  /** Undefined where it has no values. */
  #field(name: string, given: unknown, rowCount: number, known: FieldType | undefined): Column | undefined {
    const path = [...ROOT, 'values', echo(name)];
    const problem = known === undefined ? fieldNameProblem(name) : undefined;
    const column = numbersOf(given);
    if (problem !== undefined) this.#refuse(path, problem);
    else if (column === undefined) this.#refuse(path, problemOfArray(given));
    else if (column.length !== rowCount) {
      this.#refuse(
        path,
        `Expected ${rowCount} element(s), as many as there are timestamps, received ${column.length}`,
      );
    } else if (column instanceof Float64Array) return this.#numbers(name, path, column, known);
    else return this.#scalars(name, path, column, known);
    return undefined;
  }

  #numbers(name: string, path: Path, values: Float64Array, known: FieldType | undefined): Column | undefined {
    const valueCount = countNumbers(values);
    if (valueCount < 0) {
      for (let row = 0; row < values.length && !this.#isFull; row++) {
        if (Math.abs(values[row]) === Infinity) this.#refuse([...path, row], 'Number must be finite');
      }
    }
    if (valueCount === 0) return undefined;
    if (known !== undefined && known !== 'number') this.#mistype(path, `Expected ${known}, received number`);
    return { name, type: 'number', values };
  }

  #scalars(
    name: string,
    path: Path,
    given: readonly unknown[],
    known: FieldType | undefined,
  ): Column | undefined {
    const values = new Float64Array(given.length).fill(Number.NaN);
    const texts = new Texts();
    let type = known;
    let valueCount = 0;
    for (let row = 0; row < given.length && !this.#isFull; row++) {
      const value = given[row];
      if (value === null || value === undefined) continue;
      valueCount++;
      const problem = valueProblem(value);
      if (problem !== undefined) this.#refuse([...path, row], problem);
      else {
        type ??= typeof value as FieldType;
        if (typeof value !== type)
          this.#mistype([...path, row], `Expected ${type}, received ${typeof value}`);
        else values[row] = typeof value === 'string' ? texts.indexOf(value) : Number(value);
      }
    }
    if (valueCount === 0 || type === undefined) return undefined;
    return type === 'string' ? { name, type, values, dictionary: texts.list } : { name, type, values };
  }

  #metadata(metadata: unknown, rowCount: number): MetadataColumn | undefined {
    if (metadata === undefined || metadata === null) return undefined;
    const path = [...ROOT, 'metadata'];
    if (!Array.isArray(metadata)) this.#refuse(path, problemOfArray(metadata));
    else if (metadata.length !== rowCount) {
      this.#refuse(
        path,
        `Expected ${rowCount} element(s), as many as there are timestamps, received ${metadata.length}`,
      );
    } else return this.#metadataTexts(path, metadata);
    return undefined;
  }

  #metadataTexts(path: Path, metadata: readonly unknown[]): MetadataColumn | undefined {
    const values = new Float64Array(metadata.length).fill(Number.NaN);
    const texts = new Texts();
    for (let row = 0; row < metadata.length && !this.#isFull; row++) {
      if (metadata[row] === null || metadata[row] === undefined) continue;
      const stored = storedMetadata(metadata[row]);
      if ('problem' in stored) this.#refuse([...path, row], stored.problem);
      else values[row] = texts.indexOf(stored.text);
    }
    return texts.list.length === 0 ? undefined : { values, dictionary: texts.list };
  }

  #checkRows(fields: readonly Column[], rowCount: number): void {
    if (this.#malformed.length > 0 || this.#mistyped.length > 0) return;
    const row = fields.length === 0 ? 0 : firstEmptyRow(fields, rowCount);
    if (row >= 0)
      this.#refuse([...ROOT, 'values'], `At least one value is required in each row; row ${row} has none`);
  }

  get #isFull(): boolean {
    return this.#malformed.length >= DETAILS_MAX || this.#mistyped.length >= DETAILS_MAX;
  }

  #refuse(path: Path, message: string): void {
    this.#malformed.push({ path, message });
  }

  #mistype(path: Path, message: string): void {
    this.#mistyped.push({ path, message });
  }
}

function invalid(details: readonly ErrorDetail[]): ApiError {
  return new ApiError('INVALID_REQUEST', { details });
}

/** An array as it is, or little-endian float64 as numbers: a copy, because they may lie anywhere in the body. */
function numbersOf(value: unknown): readonly unknown[] | Float64Array | undefined {
  if (Array.isArray(value)) return value;
  if (!(value instanceof Uint8Array) || value.length % 8 !== 0) return undefined;
  const numbers = new Float64Array(value.length / 8);
  new Uint8Array(numbers.buffer).set(value);
  return numbers;
}

function problemOfArray(value: unknown): string {
  if (value instanceof Uint8Array)
    return `A binary column has 8 bytes a value, received ${value.length} bytes`;
  return expected('array', value);
}

function expected(type: string, value: unknown): string {
  return value === undefined ? 'Required' : `Expected ${type}, received ${typeName(value)}`;
}
