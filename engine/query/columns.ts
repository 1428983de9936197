/** Puts the runs of a merge into columns by source: no row is ever an object. */
import type { FieldType } from '../batch.js';
import type { ScanChunk } from '../storage.js';
import type { Group } from './aggregate.js';
import { ColumnBuilder } from './column-builder.js';
import type { RowBatch } from './merge.js';
import type { Aggregation, AnswerColumn, Scalar, SourceColumns } from './request.js';

/** An answer may be one group of each of ten thousand sources: room for a block in each column would be gigabytes. */
const START_ROWS = 16;

export class ColumnsBuilder {
  readonly #sources = new Map<number, PendingSource>();

  add(batch: RowBatch, from: number, to: number): void {
    let source = this.#sources.get(batch.source);
    if (source === undefined) {
      source = new PendingSource(batch.source);
      this.#sources.set(batch.source, source);
    }
    source.add(batch, from, to);
  }

  /** Those of the sources that have rows, in their order. */
  finish(sources: readonly number[]): SourceColumns[] {
    return sources.flatMap(source => this.#sources.get(source)?.finish() ?? []);
  }
}

/**
 * Runs of one batch follow on each other, however short they are between those of other sources: they are copied
 * at once. No later than the batch's end, for what the storage gave is its own again when it gives the next.
 */
class PendingSource {
  readonly #columns: SourceColumnsBuilder;
  #batch: RowBatch | undefined;
  #from = 0;
  #to = 0;

  constructor(source: number) {
    this.#columns = new SourceColumnsBuilder(source);
  }

  add(batch: RowBatch, from: number, to: number): void {
    if (this.#batch === undefined) {
      this.#batch = batch;
      this.#from = from;
    }
    this.#to = to;
    if (to === batch.times.length) this.#copy();
  }

  finish(): SourceColumns {
    this.#copy();
    return this.#columns.finish();
  }

  #copy(): void {
    this.#batch?.copyTo(this.#columns, this.#from, this.#to);
    this.#batch = undefined;
  }
}

interface NamedBuilder {
  readonly name: string;
  readonly aggregation?: Aggregation;
  readonly builder: ColumnBuilder;
}

export class SourceColumnsBuilder {
  readonly #source: number;
  readonly #timestamps = new ColumnBuilder('number', START_ROWS);
  readonly #counts = new ColumnBuilder('number', START_ROWS);
  readonly #columns = new Map<string, NamedBuilder>();
  #rowCount = 0;
  #isGrouped = false;

  constructor(source: number) {
    this.#source = source;
  }

  addRows({ timestamps, fields }: ScanChunk, from: number, to: number): void {
    const at = this.#rowCount;
    this.#timestamps.add({ name: '', type: 'number', values: timestamps }, from, to, at);
    for (const column of fields) this.#builder(column.name, undefined, column.type).add(column, from, to, at);
    this.#rowCount += to - from;
  }

  addGroups(groups: readonly Group[], from: number, to: number): void {
    this.#isGrouped = true;
    for (let index = from; index < to; index++) {
      const { start, rowCount, values } = groups[index];
      this.#timestamps.set(this.#rowCount, start);
      this.#counts.set(this.#rowCount, rowCount);
      for (const name of Object.keys(values)) {
        const value = values[name];
        if (typeof value !== 'object' || value === null) this.#set(name, undefined, value);
        else for (const key of Object.keys(value)) this.#set(name, key as Aggregation, value[key]);
      }
      this.#rowCount++;
    }
  }

  finish(): SourceColumns {
    const valuesOf = (builder: ColumnBuilder) => builder.finish('', this.#rowCount).values;
    const columns = Array.from(this.#columns.values(), ({ name, aggregation, builder }): AnswerColumn => {
      const column = builder.finish(name, this.#rowCount);
      return aggregation === undefined ? column : { ...column, aggregation };
    });
    return {
      source: this.#source,
      timestamps: valuesOf(this.#timestamps),
      // A chunk may have a field of which only rows that are not answered have values.
      columns: columns.filter(({ values }) => values.some(value => !Number.isNaN(value))),
      ...(this.#isGrouped && { counts: valuesOf(this.#counts) }),
    };
  }

  /** A null of a filled gap is no value. */
  #set(name: string, aggregation: Aggregation | undefined, value: Scalar | null): void {
    if (value === null) return;
    this.#builder(name, aggregation, typeof value as FieldType).set(this.#rowCount, value);
  }

  #builder(name: string, aggregation: Aggregation | undefined, type: FieldType): ColumnBuilder {
    // No aggregation's name has a colon: no two columns have one key.
    const key = aggregation === undefined ? name : `${aggregation}:${name}`;
    let column = this.#columns.get(key);
    if (column === undefined) {
      column = { name, aggregation, builder: new ColumnBuilder(type, START_ROWS) };
      this.#columns.set(key, column);
    }
    return column.builder;
  }
}
