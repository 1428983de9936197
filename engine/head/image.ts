/**
 * A head that takes no more points, in a form that costs little to send to a worker: its memory is shared, and
 * what describes it is a few flat arrays instead of objects a source.
 */
import type { FieldType } from '../batch.js';
import { FIELD_TYPE_CODES, fieldTypeOf } from '../field-codes.js';
import { BLOCK_ROWS_MAX } from '../limits.js';
import type { SegmentSource } from '../segment/writer.js';
import type { Head, HeadSource } from './head.js';
import { type Page, readPages } from './pages.js';
import { sortedPositions } from './view.js';

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

/** A source of an image, rows in order of (time, row number). */
export interface SortedSource extends SegmentSource {
  /** A copy, ascending. */
  times(): Float64Array;
  /** The rows of some runs, `from` to `to` (exclusive), as a source of their own. */
  select(runs: readonly RowRun[]): SegmentSource;
}

export interface RowRun {
  readonly from: number;
  readonly to: number;
}

interface ImageSource {
  readonly source: number;
  readonly firstRow: number;
  readonly rowCount: number;
  readonly columns: readonly ImageColumn[];
  /** A copy of times (0) or of the values of a column (by its position), in order of arrival. */
  read(position: number): Float64Array;
}

/** The sources of an image as a segment wants them. One that is held keeps no more than the order of its rows. */
export function* sortedSources(image: HeadImage): Generator<SortedSource> {
  for (const [source, sorted] of imageSources(image)) {
    const order = sorted ? undefined : sortedPositions(source.read(0));
    yield {
      ...arranged(source, order),
      times: () => gather(source.read(0), order),
      select: runs => arranged(source, positionsOf(runs, order)),
    };
  }
}

/** Times of each source of an image, in order of arrival. */
export function* timesOfSources(image: HeadImage): Generator<Float64Array> {
  for (const [source] of imageSources(image)) yield source.read(0);
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
    const read = (position: number) => readPages(pages, image.regions, position, 0, rowCount);
    yield [{ source, firstRow, rowCount, columns, read }, sorted === 1];
  }
}

/** The rows at the positions of `order`, or all of them as they arrived. */
function arranged(
  { source, firstRow, rowCount, columns, read }: ImageSource,
  order: Uint32Array | undefined,
): SegmentSource {
  const count = order?.length ?? rowCount;
  return {
    source,
    columns,
    *keys() {
      const timestamps = gather(read(0), order);
      const rows = rowNumbers(firstRow, count, order);
      for (const [from, to] of chunksOf(count)) {
        yield { timestamps: timestamps.subarray(from, to), rows: rows.subarray(from, to) };
      }
    },
    *values(index) {
      const { position, dictionary } = columns[index];
      const values = position > 0 ? gather(read(position), order) : new Float64Array(count).fill(Number.NaN);
      for (const [from, to] of chunksOf(count)) yield { values: values.subarray(from, to), dictionary };
    },
  };
}

function positionsOf(runs: readonly RowRun[], order: Uint32Array | undefined): Uint32Array {
  const positions = new Uint32Array(runs.reduce((count, { from, to }) => count + to - from, 0));
  let at = 0;
  for (const { from, to } of runs) {
    for (let row = from; row < to; row++) positions[at++] = order === undefined ? row : order[row];
  }
  return positions;
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

/** A copy in the given order; the values themselves where there is none. */
export function gather(values: Float64Array, order: Uint32Array | undefined): Float64Array {
  if (order === undefined) return values;
  const gathered = new Float64Array(order.length);
  for (let index = 0; index < order.length; index++) gathered[index] = values[order[index]];
  return gathered;
}

function rowNumbers(firstRow: number, count: number, order: Uint32Array | undefined): Float64Array {
  const rows = new Float64Array(count);
  for (let index = 0; index < count; index++)
    rows[index] = firstRow + (order === undefined ? index : order[index]);
  return rows;
}
