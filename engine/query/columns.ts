/** Puts the runs of a merge into columns by source: no row is ever an object. */
import type { Column, MetadataColumn } from '../batch.js';
import { ColumnBuilder } from './column-builder.js';
import type { Answer, AnswerColumn, AnswerExtent, Layout, RowSequence, SourceColumns } from './request.js';

export class AnswerBuilder {
  readonly #layout: Layout;
  readonly #sources = new Map<number, PendingSource>();
  readonly #sequence: SequenceBuilder | undefined;
  #rowCount = 0;

  constructor(layout: Layout) {
    this.#layout = layout;
    this.#sequence = layout === 'rows' ? new SequenceBuilder() : undefined;
  }

  /** Adds the rows `from … to` (exclusive) of a batch that may be let go of once its last row was added. */
  addRun(batch: SourceColumns, from: number, to: number): void {
    this.#source(batch.source).addRun(batch, from, to);
    this.addToSequence(batch.source, to - from);
  }

  /** Takes a batch over, to be changed by nobody any more. The order of its rows among others is told apart. */
  take(batch: SourceColumns): void {
    this.#source(batch.source).take(batch);
  }

  /** The next rows over all sources are so many of this one. */
  addToSequence(source: number, rowCount: number): void {
    this.#rowCount += rowCount;
    this.#sequence?.add(this.#source(source).place, rowCount);
  }

  /** @param sources those asked for */
  finish(sources: readonly number[], extent: AnswerExtent): Answer {
    const isWanted = this.#layout === 'rows' ? () => true : hasValue;
    const found: SourceColumns[] = [];
    const places = new Uint32Array(this.#sources.size);
    for (const source of sources) {
      const pending = this.#sources.get(source);
      if (pending === undefined) continue;
      places[pending.place] = found.length;
      const columns = pending.finish();
      found.push({ ...columns, columns: columns.columns.filter(isWanted) });
    }
    const sequence = this.#sequence?.finish(places);
    return { sources: found, rowCount: this.#rowCount, ...(sequence && { sequence }), ...extent };
  }

  #source(source: number): PendingSource {
    let pending = this.#sources.get(source);
    if (pending === undefined) {
      pending = new PendingSource(source, this.#sources.size);
      this.#sources.set(source, pending);
    }
    return pending;
  }
}

/** A chunk may have a field of which only rows that are not answered have values. */
function hasValue({ values }: AnswerColumn): boolean {
  for (let row = 0; row < values.length; row++) if (!Number.isNaN(values[row])) return true;
  return false;
}

/** Runs of a merge, those of one source that follow each other as one. */
class SequenceBuilder {
  #sources = new Uint32Array(16);
  #rowCounts = new Uint32Array(16);
  #length = 0;

  add(place: number, rowCount: number): void {
    if (this.#length > 0 && this.#sources[this.#length - 1] === place) {
      this.#rowCounts[this.#length - 1] += rowCount;
      return;
    }
    if (this.#length === this.#sources.length) {
      this.#sources = doubled(this.#sources);
      this.#rowCounts = doubled(this.#rowCounts);
    }
    this.#sources[this.#length] = place;
    this.#rowCounts[this.#length++] = rowCount;
  }

  /** @param places where the sources have come to, by the place that they were given first */
  finish(places: Uint32Array): RowSequence {
    const sources = this.#sources.subarray(0, this.#length);
    for (let run = 0; run < sources.length; run++) sources[run] = places[sources[run]];
    return { sources, rowCounts: this.#rowCounts.subarray(0, this.#length) };
  }
}

function doubled(values: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(2 * values.length);
  larger.set(values);
  return larger;
}

/**
 * Runs of one batch follow on each other, however short they are between those of other sources: they are copied
 * at once. No later than the batch's end, for what the storage gave is its own again when it gives the next.
 */
class PendingSource {
  readonly source: number;
  /** How many sources had rows before it. */
  readonly place: number;
  #columns: SourceColumnsBuilder | undefined;
  /** The only one so far, taken over. */
  #whole: SourceColumns | undefined;
  #batch: SourceColumns | undefined;
  #from = 0;
  #to = 0;

  constructor(source: number, place: number) {
    this.source = source;
    this.place = place;
  }

  addRun(batch: SourceColumns, from: number, to: number): void {
    if (this.#batch === undefined) {
      this.#batch = batch;
      this.#from = from;
    }
    this.#to = to;
    if (to === batch.timestamps.length) this.#copyRuns();
  }

  take(batch: SourceColumns): void {
    if (this.#columns === undefined && this.#whole === undefined) this.#whole = batch;
    else this.#copy(batch, 0, batch.timestamps.length);
  }

  finish(): SourceColumns {
    this.#copyRuns();
    return this.#whole ?? (this.#columns as SourceColumnsBuilder).finish(this.source);
  }

  #copyRuns(): void {
    if (this.#batch === undefined) return;
    this.#copy(this.#batch, this.#from, this.#to);
    this.#batch = undefined;
  }

  #copy(batch: SourceColumns, from: number, to: number): void {
    const whole = this.#whole;
    this.#whole = undefined;
    this.#columns ??= new SourceColumnsBuilder((whole?.timestamps.length ?? 0) + to - from);
    if (whole !== undefined) this.#columns.add(whole, 0, whole.timestamps.length);
    this.#columns.add(batch, from, to);
  }
}

interface NamedBuilder {
  readonly column: AnswerColumn;
  readonly builder: ColumnBuilder;
}

class SourceColumnsBuilder {
  readonly #startRows: number;
  readonly #timestamps: ColumnBuilder;
  readonly #columns = new Map<string, NamedBuilder>();
  #counts: ColumnBuilder | undefined;
  #rows: ColumnBuilder | undefined;
  #metadata: ColumnBuilder | undefined;
  #rowCount = 0;

  /** @param startRows rows that room is made for at once: an answer may be one group of each of ten thousand sources */
  constructor(startRows: number) {
    this.#startRows = startRows;
    this.#timestamps = new ColumnBuilder('number', startRows);
  }

  add({ timestamps, columns, counts, rows, metadata }: SourceColumns, from: number, to: number): void {
    const at = this.#rowCount;
    this.#timestamps.add(numbers(timestamps), from, to, at);
    for (const column of columns) this.#builder(column).add(column, from, to, at);
    if (counts !== undefined) {
      this.#counts ??= new ColumnBuilder('number', this.#startRows);
      this.#counts.add(numbers(counts), from, to, at);
    }
    if (rows !== undefined) {
      this.#rows ??= new ColumnBuilder('number', this.#startRows);
      this.#rows.add(numbers(rows), from, to, at);
    }
    if (metadata !== undefined) {
      this.#metadata ??= new ColumnBuilder('string', this.#startRows);
      this.#metadata.add({ name: '', type: 'string', ...metadata }, from, to, at);
    }
    this.#rowCount += to - from;
  }

  finish(source: number): SourceColumns {
    const columns = Array.from(this.#columns.values(), ({ column: { aggregation, name }, builder }) => {
      const column = builder.finish(name, this.#rowCount);
      return aggregation === undefined ? column : { ...column, aggregation };
    });
    const valuesOf = (builder: ColumnBuilder) => builder.finish('', this.#rowCount).values;
    return {
      source,
      timestamps: valuesOf(this.#timestamps),
      columns,
      ...(this.#counts && { counts: valuesOf(this.#counts) }),
      ...(this.#rows && { rows: valuesOf(this.#rows) }),
      ...(this.#metadata && { metadata: this.#metadata.finish('', this.#rowCount) as MetadataColumn }),
    };
  }

  #builder(column: AnswerColumn): ColumnBuilder {
    const { name, type, aggregation } = column;
    // No aggregation's name has a colon: no two columns have one key.
    const key = aggregation === undefined ? name : `${aggregation}:${name}`;
    let found = this.#columns.get(key);
    if (found === undefined) {
      found = { column, builder: new ColumnBuilder(type, this.#startRows) };
      this.#columns.set(key, found);
    }
    return found.builder;
  }
}

function numbers(values: Float64Array): Column {
  return { name: '', type: 'number', values };
}
