/** Rows as they are read, of many sources in any order → one packed batch. */
import { type Field, type Layout, type PackedBatch, type PackedSource, slotsOf } from '../../engine/batch.js';
import { layoutOf } from '../../engine/layout.js';
import type { Path } from './paths.js';
import type { RowSource } from './row-source.js';
import { Texts } from './texts.js';

const CELLS_MIN = 16_384;
const ROWS_MIN = 1_024;
/** Batches of the usual size, which all fit, and how many of them are kept: 4 MiB. */
const POOLED_BYTES = 131_072;
const POOLED_SLOTS_MIN = 2_048;
const POOLED_BYTES_MAX = 1_048_576;
const POOLED_COUNT_MAX = 32;
/** Memory for cells is kept for the next batch up to here: 8 MiB. */
const CELLS_KEPT_MAX = 1_048_576;

/** Memory of batches that are stored, for the next ones: a collector of garbage that has to find it costs as much as reading does. */
class ValuesPool {
  readonly #free: ArrayBuffer[] = [];

  /** Values that mean nothing yet. */
  take(slots: number): Float64Array<ArrayBuffer> {
    // A thousand single points on their way would hold a thousand pieces of a batch's size.
    if (slots < POOLED_SLOTS_MIN) return new Float64Array(slots);
    const free = this.#free.pop();
    if (free !== undefined && free.byteLength >= slots * 8) return new Float64Array(free, 0, slots);
    return new Float64Array(new ArrayBuffer(POOLED_BYTES * Math.ceil((slots * 8) / POOLED_BYTES)), 0, slots);
  }

  give(values: Float64Array): void {
    const isKept =
      values.length >= POOLED_SLOTS_MIN &&
      this.#free.length < POOLED_COUNT_MAX &&
      values.buffer.byteLength <= POOLED_BYTES_MAX;
    if (isKept) this.#free.push(values.buffer as ArrayBuffer);
  }
}

/** What the rows of one source have come to. */
interface Collected {
  source: RowSource;
  rowCount: number;
  /** Of its first row. */
  path: Path;
  /** Rows have other fields than the first, or in another order. */
  isMixed: boolean;
  hasMetadata: boolean;
}

let batches = 0;

/**
 * Used again for each batch. A reader of bytes writes the values of a row into `cells`, from `cellCount` on, in the order
 * of the steps of its path, and then adds the row.
 */
export class Rows {
  /** Numbers as they are, booleans as 0 and 1, texts as `textIndex` numbers them. */
  cells = new Float64Array(CELLS_MIN);
  cellCount = 0;
  rowCount = 0;
  /** Set by `finish` where rows of one source have values of two types for a field: then the batch must not be used. */
  hasConflict = false;
  #times = new Float64Array(ROWS_MIN);
  /** Index of each row's source among the collected. */
  #sources = new Int32Array(ROWS_MIN);
  /** Number of each row's metadata; −1 for none. */
  #metadata = new Int32Array(ROWS_MIN);
  #next = new Int32Array(ROWS_MIN);
  /** Path of each row. What follows the last row is of batches before: to give it up and ask for it again costs more. */
  readonly #paths: Path[] = [];
  /** The first `sourceCount` of them are of this batch; the others are to be used again. */
  readonly #collected: Collected[] = [];
  #sourceCount = 0;
  readonly #texts = new Texts();
  readonly #pool = new ValuesPool();
  #batch = 0;

  begin(): void {
    this.#batch = ++batches;
    this.cellCount = 0;
    this.rowCount = 0;
    this.hasConflict = false;
    this.#sourceCount = 0;
    this.#texts.clear();
    if (this.cells.length > CELLS_KEPT_MAX) this.cells = new Float64Array(CELLS_MIN);
  }

  /** Makes room for values of one more row; `cells` may be another array afterwards. */
  reserve(count: number): void {
    if (this.cellCount + count <= this.cells.length) return;
    const grown = new Float64Array(Math.max(this.cells.length * 2, this.cellCount + count));
    grown.set(this.cells);
    this.cells = grown;
  }

  /** A text's number in this batch, as a cell or as metadata. */
  textIndex(text: string): number {
    return this.#texts.indexOf(text);
  }

  /** Adds a row whose values are in place. @param metadata number of its text, −1 for none */
  add(source: RowSource, time: number, path: Path, metadata: number): void {
    const row = this.rowCount;
    if (row === this.#times.length) this.#grow();
    const index = source.batch === this.#batch ? source.index : this.#collect(source, path);
    const collected = this.#collected[index];
    collected.rowCount++;
    if (collected.path !== path) collected.isMixed = true;
    if (metadata >= 0) collected.hasMetadata = true;
    this.#times[row] = time;
    this.#sources[row] = index;
    this.#metadata[row] = metadata;
    this.#paths[row] = path;
    this.cellCount += path.valueCount;
    this.rowCount = row + 1;
  }

  #collect(source: RowSource, path: Path): number {
    const index = this.#sourceCount++;
    source.batch = this.#batch;
    source.index = index;
    const collected = this.#collected[index];
    if (collected === undefined) {
      this.#collected.push({ source, rowCount: 0, path, isMixed: false, hasMetadata: false });
    } else {
      collected.source = source;
      collected.rowCount = 0;
      collected.path = path;
      collected.isMixed = false;
      collected.hasMetadata = false;
    }
    return index;
  }

  /** The sources of the rows, in order of first appearance, as they are in the batch. */
  get sources(): RowSource[] {
    const sources: RowSource[] = [];
    for (let index = 0; index < this.#sourceCount; index++) sources.push(this.#collected[index].source);
    return sources;
  }

  finish(): PackedBatch {
    const sources: PackedSource[] = [];
    let isMixed = false;
    for (let index = 0; index < this.#sourceCount; index++) isMixed ||= this.#collected[index].isMixed;
    const layouts = isMixed ? this.#mixedLayouts() : undefined;
    let slots = 0;
    for (let index = 0; index < this.#sourceCount; index++) {
      const { source, rowCount, path, hasMetadata } = this.#collected[index];
      const layout = layouts === undefined ? path.layout : layouts[index];
      const hasTexts = layouts === undefined ? path.hasTexts : layout.fields.some(isText);
      sources.push({
        source: source.ordinal,
        rowCount,
        layout,
        offset: slots,
        dictionaries: hasTexts ? layout.fields.map(field => (isText(field) ? [] : undefined)) : undefined,
        metadata: hasMetadata ? [] : undefined,
      });
      slots += slotsOf(sources[index]);
    }
    const values = this.#pool.take(slots);
    if (layouts === undefined) this.#spread(values, sources);
    else this.#spreadMixed(values, sources);
    for (const source of sources) {
      if (source.dictionaries !== undefined || source.metadata !== undefined) this.#renumber(values, source);
    }
    return { sources, values };
  }

  /** Takes the memory of a batch back, once the storage has stored it. */
  release({ values }: PackedBatch): void {
    this.#pool.give(values);
  }

  /** Each row's values to its source's columns. */
  #spread(values: Float64Array, sources: readonly PackedSource[]): void {
    const { cells } = this;
    const next = this.#offsetsOf(sources);
    let cell = 0;
    for (let row = 0; row < this.rowCount; row++) {
      const index = this.#sources[row];
      const { rowCount, metadata } = sources[index];
      let at = next[index]++;
      values[at] = this.#times[row];
      for (const end = cell + this.#paths[row].valueCount; cell < end; cell++) {
        at += rowCount;
        values[at] = cells[cell];
      }
      if (metadata !== undefined)
        values[at + rowCount] = this.#metadata[row] < 0 ? Number.NaN : this.#metadata[row];
    }
  }

  /** As `spread`, where rows of a source do not have the same fields. */
  #spreadMixed(values: Float64Array, sources: readonly PackedSource[]): void {
    const { cells } = this;
    values.fill(Number.NaN);
    const next = this.#offsetsOf(sources);
    const positions = sources.map(() => new Map<Path, Int32Array>());
    let cell = 0;
    for (let row = 0; row < this.rowCount; row++) {
      const index = this.#sources[row];
      const { rowCount, layout, metadata } = sources[index];
      const path = this.#paths[row];
      let columns = positions[index].get(path);
      if (columns === undefined) {
        columns = positionsOf(path.layout, layout);
        positions[index].set(path, columns);
      }
      const at = next[index]++;
      values[at] = this.#times[row];
      for (const column of columns) values[at + (column + 1) * rowCount] = cells[cell++];
      if (metadata !== undefined && this.#metadata[row] >= 0) {
        values[at + (layout.fields.length + 1) * rowCount] = this.#metadata[row];
      }
    }
  }

  /** Where the next row of each source goes. */
  #offsetsOf(sources: readonly PackedSource[]): Int32Array {
    if (this.#next.length < sources.length) this.#next = new Int32Array(this.#times.length);
    for (let index = 0; index < sources.length; index++) this.#next[index] = sources[index].offset;
    return this.#next;
  }

  /** The fields of all rows of each source, in order of first appearance. */
  #mixedLayouts(): Layout[] {
    const fields = this.#collected.slice(0, this.#sourceCount).map(() => new Map<string, Field>());
    const seen = fields.map(() => new Set<Path>());
    for (let row = 0; row < this.rowCount; row++) {
      const index = this.#sources[row];
      const path = this.#paths[row];
      if (seen[index].has(path)) continue;
      seen[index].add(path);
      for (const field of path.layout.fields) {
        const known = fields[index].get(field.name);
        if (known === undefined) fields[index].set(field.name, field);
        else if (known.type !== field.type) this.hasConflict = true;
      }
    }
    return fields.map(all => layoutOf([...all.values()]));
  }

  /** Texts are numbered by batch so far: from now on by column. */
  #renumber(values: Float64Array, { rowCount, offset, layout, dictionaries, metadata }: PackedSource): void {
    const { list } = this.#texts;
    const renumber = (column: number, dictionary: string[]) => {
      const indexes = new Map<number, number>();
      const start = offset + column * rowCount;
      for (let at = start; at < start + rowCount; at++) {
        const text = values[at];
        if (Number.isNaN(text)) continue;
        let index = indexes.get(text);
        if (index === undefined) {
          index = dictionary.push(list[text]) - 1;
          indexes.set(text, index);
        }
        values[at] = index;
      }
    };
    dictionaries?.forEach((dictionary, index) => {
      if (dictionary !== undefined) renumber(index + 1, dictionary as string[]);
    });
    if (metadata !== undefined) renumber(layout.fields.length + 1, metadata as string[]);
  }

  #grow(): void {
    const times = new Float64Array(this.#times.length * 2);
    times.set(this.#times);
    this.#times = times;
    const sources = new Int32Array(times.length);
    sources.set(this.#sources);
    this.#sources = sources;
    const metadata = new Int32Array(times.length);
    metadata.set(this.#metadata);
    this.#metadata = metadata;
  }
}

function isText({ type }: Field): boolean {
  return type === 'string';
}

/** Column of `layout` for each field of `part`. */
function positionsOf(part: Layout, layout: Layout): Int32Array {
  const columns = new Map(layout.fields.map(({ name }, index) => [name, index]));
  return Int32Array.from(part.fields, ({ name }) => columns.get(name) as number);
}
