/**
 * A head that takes no more points, in a form that costs little to send to a worker: its memory is shared, and
 * what describes it is a few flat arrays instead of objects a source.
 */
import type { FieldType } from '../batch.js';
import { FIELD_TYPE_CODES, fieldTypeOf } from '../field-codes.js';
import { BLOCK_ROWS_MAX } from '../limits.js';
import type { SegmentSource } from '../segment/writer.js';
import type { Head, HeadSource } from './head.js';
import { sortedPositions } from './order.js';
import { PageCursor } from './page-cursor.js';
import type { Page } from './pages.js';

export interface HeadImage {
  readonly regions: readonly Float64Array[];
  /** SOURCE_STRIDE numbers a source, ascending by ordinal. */
  readonly sources: Float64Array;
  /** PAGE_STRIDE numbers a page, source after source. */
  readonly pages: Uint32Array;
  /** COLUMN_STRIDE numbers a column, source after source. */
  readonly columns: Uint32Array;
  readonly names: readonly string[];
  /** Texts of each string column, in the order of the columns. */
  readonly dictionaries: readonly (readonly string[])[];
}

/** ordinal, first row, row count, sorted (0 or 1), page count, column count */
const SOURCE_STRIDE = 6;
/** region, offset, width, capacity, row count */
const PAGE_STRIDE = 5;
/** index of the name, code of the type, position in the pages (0 where they have no such column) */
const COLUMN_STRIDE = 3;

export interface ColumnType {
  readonly name: string;
  readonly type: FieldType;
}

/** @param columnsOf columns of the image of a source: its own in any order, and others that then have no values */
export function imageOf(
  head: Head,
  columnsOf: (source: HeadSource) => readonly ColumnType[] = source => source.columns,
): HeadImage {
  const sources = [...head.sources()].sort((left, right) => left.ordinal - right.ordinal);
  const names = new Map<string, number>();
  const columns: number[] = [];
  const pages: number[] = [];
  const dictionaries: (readonly string[])[] = [];
  const columnCounts: number[] = [];
  for (const source of sources) {
    for (const { region, offset, width, capacity, rowCount } of source.pages.list) {
      pages.push(region, offset, width, capacity, rowCount);
    }
    const positions = new Map(source.columns.map((column, index) => [column.name, index + 1]));
    const wanted = columnsOf(source);
    columnCounts.push(wanted.length);
    for (const { name, type } of wanted) {
      if (!names.has(name)) names.set(name, names.size);
      const position = positions.get(name) ?? 0;
      columns.push(names.get(name) as number, FIELD_TYPE_CODES[type], position);
      if (type === 'string') dictionaries.push(source.columns[position - 1]?.dictionary ?? []);
    }
  }
  return {
    regions: head.arena.regions,
    sources: Float64Array.from(sources.flatMap((source, index) => describe(source, columnCounts[index]))),
    pages: Uint32Array.from(pages),
    columns: Uint32Array.from(columns),
    names: [...names.keys()],
    dictionaries,
  };
}

function describe(source: HeadSource, columnCount: number): number[] {
  return [
    source.ordinal,
    source.firstRow,
    source.rowCount,
    source.sorted ? 1 : 0,
    source.pages.list.length,
    columnCount,
  ];
}

/** A source of an image, rows in order of (time, row number). Its chunks are valid until the next one. */
export interface SortedSource extends SegmentSource {
  /** The rows of some runs, `from` to `to` (exclusive), as a source of their own. */
  select(runs: readonly RowRun[]): SegmentSource;
}

export interface RowRun {
  readonly from: number;
  readonly to: number;
}

/** Rows of a run on average from which on runs are copied, not rows gathered. */
const RUN_ROWS_MIN = 32;

/** A column that is gathered lies here, in memory that is used again; a huge one is not kept for that. */
let spare: Float64Array | undefined;
/** Chunks of columns that have been read to their ends: as many as there were columns read at a time. */
const spareChunks: Float64Array[] = [];
const SPARE_ROWS_MAX = 131_072;

interface ImageSource {
  readonly source: number;
  readonly firstRow: number;
  readonly rowCount: number;
  readonly columns: readonly ImageColumn[];
  readonly pages: readonly Page[];
  readonly regions: readonly Float64Array[];
}

/** Which rows, in which order: runs of rows as they arrived, or the position of each. */
type RowOrder = readonly RowRun[] | Uint32Array;

/** The sources of an image as a segment wants them. One that is held keeps no more than the order of its rows. */
export function* sortedSources(image: HeadImage): Generator<SortedSource> {
  for (const [source, sorted] of imageSources(image)) {
    if (sorted) {
      const all = [{ from: 0, to: source.rowCount }];
      yield { ...arranged(source, all), select: runs => arranged(source, runs) };
      continue;
    }
    const times = new Float64Array(source.rowCount);
    cursorOf(source, 0).read(0, source.rowCount, times, 0);
    const order = sortedPositions(times);
    yield {
      ...arranged(source, inRuns(order)),
      select: runs => arranged(source, inRuns(selected(order, runs))),
    };
  }
}

/** Times of all sources of an image, in order of arrival: views of some rows of one source each. */
export function* timesOfSources(image: HeadImage): Generator<Float64Array> {
  for (const [{ pages, regions }] of imageSources(image))
    for (const { region, offset, rowCount } of pages)
      yield regions[region].subarray(offset, offset + rowCount);
}

function* imageSources(image: HeadImage): Generator<[source: ImageSource, sorted: boolean]> {
  let pageAt = 0;
  let columnAt = 0;
  let dictionaryAt = 0;
  for (let at = 0; at < image.sources.length; at += SOURCE_STRIDE) {
    const [source, firstRow, rowCount, sorted, pageCount, columnCount] = image.sources.subarray(
      at,
      at + SOURCE_STRIDE,
    );
    const pages = pagesOf(image.pages.subarray(pageAt, pageAt + pageCount * PAGE_STRIDE));
    pageAt += pages.length * PAGE_STRIDE;
    const columns: ImageColumn[] = [];
    for (let index = 0; index < columnCount; index++) {
      const name = image.names[image.columns[columnAt]];
      const type = fieldTypeOf(image.columns[columnAt + 1]);
      const position = image.columns[columnAt + 2];
      columnAt += COLUMN_STRIDE;
      columns.push({
        name,
        type,
        position,
        dictionary: type === 'string' ? image.dictionaries[dictionaryAt++] : undefined,
      });
    }
    yield [{ source, firstRow, rowCount, columns, pages, regions: image.regions }, sorted === 1];
  }
}

function arranged(source: ImageSource, order: RowOrder): SegmentSource {
  const count = order instanceof Uint32Array ? order.length : rowsOf(order);
  return {
    source: source.source,
    columns: source.columns,
    *keys() {
      const numbers = rowNumbers(source.firstRow, count, order);
      for (const timestamps of chunks(source, 0, count, order))
        yield { timestamps, rows: numbers.next().value as Float64Array };
    },
    *values(index) {
      const { position, dictionary } = source.columns[index];
      const found = position > 0 ? chunks(source, position, count, order) : missing(count);
      for (const values of found) yield { values, dictionary };
    },
  };
}

function cursorOf({ pages, regions }: ImageSource, position: number): PageCursor {
  return new PageCursor(pages, regions, position);
}

function rowsOf(runs: readonly RowRun[]): number {
  return runs.reduce((count, { from, to }) => count + to - from, 0);
}

function selected(order: Uint32Array, runs: readonly RowRun[]): Uint32Array {
  const positions = new Uint32Array(rowsOf(runs));
  let at = 0;
  for (const { from, to } of runs) {
    positions.set(order.subarray(from, to), at);
    at += to - from;
  }
  return positions;
}

/** As runs where they are long: copying one costs as much as gathering some rows. */
function inRuns(order: Uint32Array): RowOrder {
  const runs: { from: number; to: number }[] = [];
  const runsMax = order.length / RUN_ROWS_MIN;
  for (let row = 0; row < order.length; row++) {
    if (row > 0 && order[row] === order[row - 1] + 1) runs[runs.length - 1].to++;
    else if (runs.push({ from: order[row], to: order[row] + 1 }) > runsMax) return order;
  }
  return runs;
}

/** A column (by its position), chunk by chunk. */
function chunks(
  source: ImageSource,
  position: number,
  count: number,
  order: RowOrder,
): Generator<Float64Array> {
  if (order instanceof Uint32Array) return gatheredChunks(source, position, order);
  return copiedChunks(cursorOf(source, position), count, order);
}

function* copiedChunks(cursor: PageCursor, count: number, runs: readonly RowRun[]): Generator<Float64Array> {
  const whole = spareChunks.pop() ?? new Float64Array(BLOCK_ROWS_MAX);
  const chunk = count < BLOCK_ROWS_MAX ? whole.subarray(0, count) : whole;
  yield* filledChunks(chunk, runs, (row, taken, at) => cursor.read(row, taken, chunk, at));
  spareChunks.push(whole);
}

/** A chunk, over and over, with the rows of runs. @param fill puts so many rows from `row` on to `at` in the chunk */
function* filledChunks(
  chunk: Float64Array,
  runs: readonly RowRun[],
  fill: (row: number, taken: number, at: number) => void,
): Generator<Float64Array> {
  let filled = 0;
  for (const { from, to } of runs) {
    for (let row = from; row < to; ) {
      const taken = Math.min(to - row, chunk.length - filled);
      fill(row, taken, filled);
      filled += taken;
      row += taken;
      if (filled < chunk.length) continue;
      yield chunk;
      filled = 0;
    }
  }
  if (filled > 0) yield chunk.subarray(0, filled);
}

function* gatheredChunks(source: ImageSource, position: number, order: Uint32Array): Generator<Float64Array> {
  const column = takeSpare(source.rowCount);
  cursorOf(source, position).read(0, source.rowCount, column, 0);
  const chunk = spareChunks.pop() ?? new Float64Array(BLOCK_ROWS_MAX);
  for (const [from, to] of chunksOf(order.length)) {
    for (let row = from; row < to; row++) chunk[row - from] = column[order[row]];
    yield to - from === chunk.length ? chunk : chunk.subarray(0, to - from);
  }
  spareChunks.push(chunk);
  if (column.length <= SPARE_ROWS_MAX) spare = column;
}

/** Room for a column; nobody else has it. */
function takeSpare(rowCount: number): Float64Array {
  const column = spare;
  spare = undefined;
  return column !== undefined && column.length >= rowCount ? column : new Float64Array(rowCount);
}

function* missing(count: number): Generator<Float64Array> {
  const chunk = new Float64Array(Math.min(count, BLOCK_ROWS_MAX)).fill(Number.NaN);
  for (const [from, to] of chunksOf(count)) yield chunk.subarray(0, to - from);
}

function* rowNumbers(firstRow: number, count: number, order: RowOrder): Generator<Float64Array> {
  const chunk = new Float64Array(Math.min(count, BLOCK_ROWS_MAX));
  if (order instanceof Uint32Array) {
    for (const [from, to] of chunksOf(count)) {
      for (let row = from; row < to; row++) chunk[row - from] = firstRow + order[row];
      yield chunk.subarray(0, to - from);
    }
    return;
  }
  yield* filledChunks(chunk, order, (row, taken, at) => fillAscending(chunk, at, taken, firstRow + row));
}

function fillAscending(into: Float64Array, at: number, count: number, first: number): void {
  for (let index = 0; index < count; index++) into[at + index] = first + index;
}

interface ImageColumn {
  readonly name: string;
  readonly type: FieldType;
  readonly position: number;
  readonly dictionary: readonly string[] | undefined;
}

function* chunksOf(rowCount: number): Generator<[from: number, to: number]> {
  for (let from = 0; from < rowCount; from += BLOCK_ROWS_MAX) {
    yield [from, Math.min(rowCount, from + BLOCK_ROWS_MAX)];
  }
}

function pagesOf(numbers: Uint32Array): Page[] {
  const pages: Page[] = [];
  for (let at = 0; at < numbers.length; at += PAGE_STRIDE) {
    const [region, offset, width, capacity, rowCount] = numbers.subarray(at, at + PAGE_STRIDE);
    pages.push({ region, offset, width, capacity, rowCount });
  }
  return pages;
}

/** A copy in the given order. */
export function gather(values: Float64Array, order: Uint32Array): Float64Array {
  const gathered = new Float64Array(order.length);
  for (let index = 0; index < order.length; index++) gathered[index] = values[order[index]];
  return gathered;
}
