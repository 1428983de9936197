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
/** index of the name, code of the type */
const COLUMN_STRIDE = 2;

export function imageOf(head: Head): HeadImage {
  const sources = [...head.sources()].sort((left, right) => left.ordinal - right.ordinal);
  const names = new Map<string, number>();
  const columns: number[] = [];
  const pages: number[] = [];
  const dictionaries: (readonly string[])[] = [];
  for (const source of sources) {
    for (const { region, offset, width, capacity, rowCount } of source.pages.list) {
      pages.push(region, offset, width, capacity, rowCount);
    }
    for (const column of source.columns) {
      if (!names.has(column.name)) names.set(column.name, names.size);
      columns.push(names.get(column.name) as number, FIELD_TYPE_CODES[column.type]);
      if (column.dictionary !== undefined) dictionaries.push(column.dictionary);
    }
  }
  return {
    regions: head.arena.regions,
    sources: Float64Array.from(sources.flatMap(describe)),
    pages: Uint32Array.from(pages),
    columns: Uint32Array.from(columns),
    names: [...names.keys()],
    dictionaries,
  };
}

function describe(source: HeadSource): number[] {
  return [
    source.ordinal,
    source.firstRow,
    source.rowCount,
    source.sorted ? 1 : 0,
    source.pages.list.length,
    source.columns.length,
  ];
}

/** The sources of an image as a segment wants them: rows in order of (time, row number). */
export function* sortedSources(image: HeadImage): Generator<SegmentSource> {
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
      columnAt += COLUMN_STRIDE;
      columns.push({
        name,
        type,
        dictionary: type === 'string' ? image.dictionaries[dictionaryAt++] : undefined,
      });
    }
    const read = (index: number) => readPages(pages, image.regions, index, 0, rowCount);
    const times = read(0);
    const order = sorted === 1 ? undefined : sortedPositions(times);
    const rows = rowNumbers(firstRow, rowCount, order);
    yield {
      source,
      columns,
      *keys() {
        const timestamps = gather(times, order);
        for (const [from, to] of chunksOf(rowCount)) {
          yield { timestamps: timestamps.subarray(from, to), rows: rows.subarray(from, to) };
        }
      },
      *values(index) {
        const values = gather(read(index + 1), order);
        const { dictionary } = columns[index];
        for (const [from, to] of chunksOf(rowCount)) yield { values: values.subarray(from, to), dictionary };
      },
    };
  }
}

interface ImageColumn {
  readonly name: string;
  readonly type: FieldType;
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
