/** The oracle: the storage contract with arrays of row objects, so dull that it is obviously right. */
import {
  type Batch,
  type Column,
  type FieldType,
  type PackedBatch,
  packBatch,
  type SourceBatch,
  unpackBatch,
} from '../../engine/batch.js';
import type { MarkKeeper } from '../../engine/marks.js';
import type { Scalar } from '../../engine/query/request.js';
import {
  type AppendResult,
  type FieldSummary,
  FieldTypeError,
  type MarkOf,
  type ScanChunk,
  type ScanRequest,
  type Snapshot,
  type SourceStats,
  type Storage,
  type StoredListener,
  type SummaryChunk,
  type SummaryRequest,
  type TimeRange,
} from '../../engine/storage.js';
import type { Sequence } from '../../wal/records.js';
import { columnOf, metadataAt, metadataColumnOf, valueAt } from './columns.js';
import { exactSum } from './exact-sum.js';
import { groupStart } from './group-start.js';

/** Small, so that few rows make several chunks. */
const CHUNK_ROWS_MAX = 50;
const CHUNK_GROUPS_MAX = 20;

interface Row {
  readonly row: number;
  readonly time: number;
  readonly values: ReadonlyMap<string, Scalar>;
  readonly metadata: string | undefined;
}

interface Source {
  readonly fields: Map<string, FieldType>;
  readonly rows: Row[];
}

export class ReferenceStorage implements Storage {
  readonly supports = { durable: false };
  readonly #sources = new Map<number, Source>();
  readonly #listeners: StoredListener[] = [];
  #batches = 0;

  /** Who keeps the marks, and all that there are. */
  keeper: MarkKeeper | undefined;
  readonly marks: Uint8Array[] = [];

  async append(given: Batch | PackedBatch, markOf?: MarkOf): Promise<AppendResult> {
    const batch = 'values' in given ? unpackBatch(given) : given;
    for (const { source, fields } of batch.sources) this.#check(source, typesOf(fields));
    const firstRows = batch.sources.map(({ source }) => this.#source(source).rows.length);
    for (const sourceBatch of batch.sources) {
      const { fields, rows } = this.#source(sourceBatch.source);
      for (const { name, type } of sourceBatch.fields) if (!fields.has(name)) fields.set(name, type);
      for (const row of rowsOf(sourceBatch, rows.length)) rows.push(row);
    }
    if (markOf !== undefined) {
      const sequence = this.marks.push(markOf(firstRows)) as Sequence;
      this.keeper?.apply(this.marks[sequence - 1], sequence);
    }
    const packed = 'values' in given ? given : packBatch(given);
    this.#batches++;
    for (const listener of this.#listeners) listener(packed, firstRows, this.#batches);
    return { firstRows };
  }

  /** Of the last batch. */
  get position(): number {
    return this.#batches;
  }

  subscribe(listener: StoredListener): void {
    this.#listeners.push(listener);
  }

  /** The same points, as after a restart. */
  withoutListeners(): ReferenceStorage {
    const storage = new ReferenceStorage();
    for (const [ordinal, source] of this.#sources) storage.#sources.set(ordinal, source);
    return storage;
  }

  async *scan(request: ScanRequest): AsyncGenerator<ScanChunk> {
    const found = request.sources.map(source => ({
      source,
      fields: this.#wantedFields(source, request.fields),
      rows: this.#rowsIn(source, request),
    }));
    for (const { source, fields, rows } of found) {
      if (request.order === 'desc') rows.reverse();
      for (const part of parts(rows, CHUNK_ROWS_MAX)) {
        request.signal?.throwIfAborted();
        yield {
          source,
          timestamps: Float64Array.from(part, row => row.time),
          rows: Float64Array.from(part, row => row.row),
          fields: fields
            .filter(([name]) => part.some(row => row.values.has(name)))
            .map(([name, type]) =>
              columnOf(
                name,
                type,
                part.map(row => row.values.get(name)),
              ),
            ),
          ...(request.metadata && { metadata: metadataColumnOf(part.map(row => row.metadata)) }),
        };
      }
    }
  }

  async *summarise(request: SummaryRequest): AsyncGenerator<SummaryChunk> {
    for (const source of request.sources) {
      const groups = new Map<number, Row[]>();
      for (const row of this.#rowsIn(source, request)) {
        const start = groupStart(row.time, request.groups, request.startTime);
        const rows = groups.get(start);
        if (rows === undefined) groups.set(start, [row]);
        else rows.push(row);
      }
      const fields = this.#wantedFields(source, request.fields);
      for (const part of parts([...groups], CHUNK_GROUPS_MAX)) {
        request.signal?.throwIfAborted();
        const rowsOfGroups = part.map(([, rows]) => rows);
        yield {
          source,
          starts: Float64Array.from(part, ([start]) => start),
          rowCounts: Float64Array.from(rowsOfGroups, rows => rows.length),
          fields: fields
            .filter(([name]) => rowsOfGroups.some(rows => rows.some(row => row.values.has(name))))
            .map(([name, type]) => summaryOf(name, type, rowsOfGroups)),
          rowsRead: rowsOfGroups.reduce((count, rows) => count + rows.length, 0),
          levelMs: 0,
        };
      }
    }
  }

  /** Nothing of it changes while a test reads. */
  snapshot(_sources: readonly number[]): Snapshot {
    return {
      scan: request => this.scan(request),
      summarise: request => this.summarise(request),
      plan: () => [],
      stats: source => this.stats(source),
      fields: source => this.fields(source),
      share: () => undefined,
      release: () => {},
    };
  }

  plan(): [] {
    return [];
  }

  async erase(sources: readonly number[]): Promise<void> {
    for (const source of sources) this.#sources.delete(source);
  }

  stats(source: number): SourceStats {
    const times = this.#source(source).rows.map(row => row.time);
    times.sort((left, right) => left - right);
    return { rowCount: times.length, firstTime: times.at(0), lastTime: times.at(-1) };
  }

  fields(source: number): ReadonlyMap<string, FieldType> {
    return this.#source(source).fields;
  }

  declare(source: number, fields: ReadonlyMap<string, FieldType>): void {
    this.#check(source, fields);
    for (const [name, type] of fields) {
      if (!this.fields(source).has(name)) this.#source(source).fields.set(name, type);
    }
  }

  async close(): Promise<void> {
    this.#sources.clear();
  }

  #source(ordinal: number): Source {
    const source = this.#sources.get(ordinal) ?? { fields: new Map(), rows: [] };
    this.#sources.set(ordinal, source);
    return source;
  }

  #check(source: number, fields: ReadonlyMap<string, FieldType>): void {
    for (const [name, type] of fields) {
      const expected = this.fields(source).get(name);
      if (expected !== undefined && expected !== type) throw new FieldTypeError(source, name, expected, type);
    }
  }

  #wantedFields(source: number, names: readonly string[] | undefined): [string, FieldType][] {
    return [...this.fields(source)].filter(([name]) => names === undefined || names.includes(name));
  }

  #rowsIn(source: number, { startTime, endTime }: TimeRange): Row[] {
    return this.#source(source)
      .rows.filter(row => row.time >= startTime && row.time < endTime)
      .sort((left, right) => left.time - right.time || left.row - right.row);
  }
}

function typesOf(columns: readonly Column[]): Map<string, FieldType> {
  return new Map(columns.map(({ name, type }) => [name, type]));
}

function rowsOf({ timestamps, fields, metadata }: SourceBatch, firstRow: number): Row[] {
  return Array.from(timestamps, (time, index) => {
    const values = new Map<string, Scalar>();
    for (const column of fields) {
      const value = valueAt(column, index);
      if (value !== undefined) values.set(column.name, value);
    }
    return { row: firstRow + index, time, values, metadata: metadataAt(metadata, index) };
  });
}

function summaryOf(name: string, type: FieldType, groups: readonly (readonly Row[])[]): FieldSummary {
  const having = groups.map(rows => rows.filter(row => row.values.has(name)));
  const valuesOf = (rows: readonly Row[]) => rows.map(row => row.values.get(name) as number);
  const figure = (compute: (numbers: number[]) => number) =>
    Float64Array.from(having, rows =>
      type === 'number' && rows.length > 0 ? compute(valuesOf(rows)) : Number.NaN,
    );
  const ends = columnOf(name, type, [
    ...having.map(rows => rows.at(0)?.values.get(name)),
    ...having.map(rows => rows.at(-1)?.values.get(name)),
  ]);
  return {
    name,
    type,
    ...(ends.dictionary && { dictionary: ends.dictionary }),
    count: Float64Array.from(having, rows => rows.length),
    sum: figure(exactSum),
    min: figure(numbers => numbers.reduce((least, number) => Math.min(least, number))),
    max: figure(numbers => numbers.reduce((most, number) => Math.max(most, number))),
    first: ends.values.slice(0, groups.length),
    last: ends.values.slice(groups.length),
    firstTime: Float64Array.from(having, rows => rows.at(0)?.time ?? Number.NaN),
    lastTime: Float64Array.from(having, rows => rows.at(-1)?.time ?? Number.NaN),
  };
}

function* parts<Item>(items: readonly Item[], size: number): Generator<readonly Item[]> {
  for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size);
}
