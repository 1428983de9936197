/**
 * The rows that a source of a head had at one moment. Plain data over shared memory: another thread reads the same
 * bytes. It holds for as long as the head is retained.
 */
import { lowerBound } from '../base/search.js';
import type { FieldType } from '../batch.js';
import type { Region } from './arena.js';
import { sortedPositions } from './order.js';
import { type Page, readPages } from './pages.js';

export interface HeadViewColumn {
  readonly name: string;
  readonly type: FieldType;
  /** Present for strings only; may have texts that only later rows use. */
  readonly dictionary?: readonly string[];
}

export interface HeadViewData {
  readonly source: number;
  /** Row number of the first row; the others count up. */
  readonly firstRow: number;
  readonly rowCount: number;
  readonly minTime: number;
  readonly maxTime: number;
  /** Whether the rows arrived in time order. */
  readonly sorted: boolean;
  readonly columns: readonly HeadViewColumn[];
  /** May have more rows by now. */
  readonly pages: readonly Page[];
  readonly regions: readonly Region[];
}

export class HeadView {
  readonly data: HeadViewData;
  #order: Uint32Array | undefined;

  constructor(data: HeadViewData) {
    this.data = data;
  }

  timestamps(from: number, to: number): Float64Array {
    return readPages(this.data.pages, this.data.regions, 0, from, to);
  }

  /** Values of `columns[index]`. */
  values(index: number, from: number, to: number): Float64Array {
    return readPages(this.data.pages, this.data.regions, index + 1, from, to);
  }

  /** Position of the first row that is not before a time, of rows that arrived in time order. */
  positionOf(time: number): number {
    const { pages, regions, rowCount } = this.data;
    let first = 0;
    for (const page of pages) {
      const count = Math.min(page.rowCount, rowCount - first);
      const times = regions[page.region].subarray(page.offset, page.offset + count);
      if (count > 0 && times[count - 1] >= time) return first + lowerBound(times, time);
      first += count;
    }
    return rowCount;
  }

  /** Rows in order of (time, row number), as positions; undefined where that is the order of arrival. */
  order(): Uint32Array | undefined {
    if (this.data.sorted) return undefined;
    this.#order ??= sortedPositions(this.timestamps(0, this.data.rowCount));
    return this.#order;
  }
}
