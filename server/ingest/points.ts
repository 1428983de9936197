/** Points as `JSON.parse` gives them → columns. Every failure is named with its place, the first hundred at least. */
import type { Batch, FieldType } from '../../engine/batch.js';
import type { FieldTypeError } from '../../engine/storage.js';
import type { DataSource } from '../catalog/model.js';
import { ApiError, type ErrorDetail, refuseInvalid } from '../errors.js';
import {
  DETAILS_MAX,
  METADATA_CHARACTERS_MAX,
  METADATA_DEPTH_MAX,
  SOURCE_FIELDS_MAX,
  VALUE_CHARACTERS_MAX,
} from '../limits.js';
import { isId, isWellFormed, NOT_UNICODE_MESSAGE } from '../schemas/common.js';
import { fieldNameProblem, TOO_MANY_FIELDS_MESSAGE } from '../schemas/fields.js';
import { isDeeperThan } from '../schemas/metadata.js';
import { parseTimestamp, problemMessage } from '../schemas/timestamp.js';
import { echo, type Path, typeName } from '../schemas/validate.js';
import { BatchBuilder, type ColumnBuilder, type SourceBuilder } from './columns.js';

export interface PointContext {
  /** Time of points that bring none, in milliseconds. */
  readonly now: number;
  /** Where the point of an index stands in the request. */
  pathOf(index: number): Path;
  /** The source of an id, where the bucket has it. */
  source(id: string): DataSource | undefined;
  /** Every field of a source, declared or not. */
  types(source: DataSource): ReadonlyMap<string, FieldType>;
}

export interface ParsedPoints {
  readonly batch: Batch;
  /** In the order of the batch. */
  readonly sources: readonly DataSource[];
}

/**
 * @throws ApiError: INVALID_REQUEST where a point has not the form of one; then SOURCE_NOT_FOUND; then
 * SOURCE_ARCHIVED; then INVALID_REQUEST where a value is not of its field's type.
 */
export function parsePoints(points: readonly unknown[], context: PointContext): ParsedPoints {
  const parser = new PointParser(context);
  for (let index = 0; index < points.length && !parser.isFull; index++) parser.add(points[index], index);
  return parser.finish();
}

/** Where the value stands that the storage refused, though it fitted when it was parsed. */
export function pathOfRefused(
  points: readonly unknown[],
  error: FieldTypeError,
  context: PointContext,
): Path {
  const index = points.findIndex(point => {
    const { dataSourceId, values } = point as { dataSourceId: string; values: object };
    const isSource = context.source(dataSourceId)?.ordinal === error.source;
    return isSource && Object.entries(values).some(([name, value]) => name === error.field && value !== null);
  });
  return [...context.pathOf(Math.max(0, index)), 'values', error.field];
}

class PointParser {
  readonly #context: PointContext;
  readonly #batch = new BatchBuilder();
  readonly #sources = new Set<DataSource>();
  readonly #details: ErrorDetail[] = [];
  #malformedCount = 0;
  #hasUnknownSource = false;
  #path: Path = [];

  constructor(context: PointContext) {
    this.#context = context;
  }

  get isFull(): boolean {
    return this.#details.length >= DETAILS_MAX;
  }

  add(point: unknown, index: number): void {
    this.#path = this.#context.pathOf(index);
    if (typeName(point) !== 'object') {
      this.#malformed([], `Expected object, received ${typeName(point)}`);
      return;
    }
    const { dataSourceId, timestamp, values, metadata } = point as Record<string, unknown>;
    const source = this.#source(dataSourceId);
    source?.addRow(this.#timestamp(timestamp));
    if (source === undefined) this.#timestamp(timestamp);
    this.#values(values, source);
    this.#metadata(metadata, source);
  }

  finish(): ParsedPoints {
    if (this.#malformedCount === 0) {
      if (this.#hasUnknownSource) throw new ApiError('SOURCE_NOT_FOUND');
      for (const source of this.#sources) {
        if (source.status === 'archived') throw new ApiError('SOURCE_ARCHIVED');
      }
    }
    refuseInvalid(this.#details);
    return { batch: this.#batch.finish(), sources: [...this.#sources] };
  }

  #source(id: unknown): SourceBuilder | undefined {
    if (typeof id !== 'string') {
      this.#malformed(
        ['dataSourceId'],
        id === undefined ? 'Required' : `Expected string, received ${typeName(id)}`,
      );
      return undefined;
    }
    if (!isId(id)) {
      this.#malformed(['dataSourceId'], 'Invalid data source ID format');
      return undefined;
    }
    const source = this.#context.source(id);
    if (source === undefined) {
      this.#hasUnknownSource = true;
      return undefined;
    }
    this.#sources.add(source);
    return this.#batch.source(source.ordinal, () => this.#context.types(source));
  }

  #timestamp(value: unknown): number {
    if (value === undefined) return this.#context.now;
    const parsed = parseTimestamp(value);
    if (typeof parsed === 'number') return parsed;
    this.#malformed(['timestamp'], problemMessage(parsed));
    return this.#context.now;
  }

  #values(values: unknown, source: SourceBuilder | undefined): void {
    if (typeName(values) !== 'object') {
      const message = values === undefined ? 'Required' : `Expected object, received ${typeName(values)}`;
      this.#malformed(['values'], message);
      return;
    }
    let count = 0;
    for (const name of Object.keys(values as object)) {
      const value = (values as Record<string, unknown>)[name];
      if (value === null) continue;
      count++;
      this.#value(name, value, source);
      if (this.isFull) return;
    }
    if (count === 0) this.#malformed(['values'], 'At least one value is required');
  }

  #value(name: string, value: unknown, source: SourceBuilder | undefined): void {
    const column = source?.column(name);
    // A field that is there has a name that was checked when it came.
    const problem = (column === undefined ? fieldNameProblem(name) : undefined) ?? valueProblem(value);
    if (problem !== undefined) this.#malformed(['values', echo(name)], problem);
    else if (source !== undefined) this.#store(name, value as number | string | boolean, source, column);
  }

  #store(
    name: string,
    value: number | string | boolean,
    source: SourceBuilder,
    column: ColumnBuilder | undefined,
  ): void {
    const received = typeof value as FieldType;
    if (column !== undefined && column.type !== received) {
      this.#refuse(['values', name], `Expected ${column.type}, received ${received}`);
    } else if (column === undefined && source.fieldCount >= SOURCE_FIELDS_MAX) {
      this.#refuse(['values', name], TOO_MANY_FIELDS_MESSAGE);
    } else {
      source.setValue(column ?? source.addField(name, received), value);
    }
  }

  #metadata(metadata: unknown, source: SourceBuilder | undefined): void {
    if (metadata === undefined || metadata === null) return;
    const stored = storedMetadata(metadata);
    if ('problem' in stored) this.#malformed(['metadata'], stored.problem);
    else source?.setMetadata(stored.text);
  }

  #malformed(path: Path, message: string): void {
    this.#malformedCount++;
    this.#refuse(path, message);
  }

  #refuse(path: Path, message: string): void {
    this.#details.push({ path: [...this.#path, ...path], message });
  }
}

/** Metadata as the text that is kept, or why it is not taken. */
export function storedMetadata(metadata: unknown): { readonly text: string } | { readonly problem: string } {
  if (typeName(metadata) !== 'object') {
    return { problem: `Expected object, received ${typeName(metadata)}` };
  }
  if (isDeeperThan(metadata, METADATA_DEPTH_MAX)) {
    return { problem: `Metadata must not be nested deeper than ${METADATA_DEPTH_MAX} levels` };
  }
  const text = JSON.stringify(metadata);
  if (text.length <= METADATA_CHARACTERS_MAX) return { text };
  return { problem: `Metadata must be at most ${METADATA_CHARACTERS_MAX} characters of JSON` };
}

/** Why a value cannot be stored in any field; undefined where it can. */
export function valueProblem(value: unknown): string | undefined {
  switch (typeof value) {
    case 'number':
      // JSON has no infinity, but 1e999 parses as one.
      return Number.isFinite(value) ? undefined : 'Number must be finite';
    case 'boolean':
      return undefined;
    case 'string':
      if (value.length > VALUE_CHARACTERS_MAX) {
        return `String must contain at most ${VALUE_CHARACTERS_MAX} character(s)`;
      }
      return isWellFormed(value) ? undefined : NOT_UNICODE_MESSAGE;
    default:
      return `Expected number, string or boolean, received ${typeName(value)}`;
  }
}
