/**
 * Rows of one source in a head: pages of rows, each cut into columns. Nothing is ever moved: a page that is full, or
 * has too few columns, is followed by another, twice its size.
 */
import { assert } from '../base/assert.js';
import { type Arena, type Extent, REGION_SLOTS } from './arena.js';

/** A source that sent one reading should not cost more than that reading does. */
const PAGE_SLOTS_MIN = 64;
/** What the rest of a region may be too small for: a sixteenth of it. */
const PAGE_SLOTS_MAX = REGION_SLOTS / 16;

const COPIED_BY_LOOP_MAX = 64;

export interface Page extends Extent {
  /** Columns that the page is cut into. */
  readonly width: number;
  /** Rows that it can take: slots from one column to the next. */
  readonly capacity: number;
  rowCount: number;
}

export class Pages {
  readonly #arena: Arena;
  readonly #pages: Page[] = [];
  #rowCount = 0;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  get list(): readonly Page[] {
    return this.#pages;
  }

  /**
   * Adds `count` rows, which stand column after column from slot `offset` of `values`: the times, then the others.
   * @param width columns that a row has by now, times included
   * @param origins for each of them the column of `values`, −1 where the rows have none; undefined where they are the same
   */
  append(
    values: Float64Array,
    offset: number,
    count: number,
    width: number,
    origins: Int32Array | undefined,
  ): void {
    for (let from = 0; from < count; ) {
      const page = this.#pageFor(width, count - from);
      const taken = Math.min(count - from, page.capacity - page.rowCount);
      const region = this.#arena.regions[page.region];
      for (let index = 0; index < page.width; index++) {
        const at = page.offset + index * page.capacity + page.rowCount;
        const origin = index >= width ? -1 : origins === undefined ? index : origins[index];
        if (origin < 0) region.fill(Number.NaN, at, at + taken);
        else copy(values, offset + origin * count + from, region, at, taken);
      }
      page.rowCount += taken;
      this.#rowCount += taken;
      from += taken;
    }
  }

  /** A copy of column `index` of the rows `from … to`, exclusive. */
  read(index: number, from: number, to: number): Float64Array {
    return readPages(this.#pages, this.#arena.regions, index, from, to);
  }

  #pageFor(width: number, count: number): Page {
    const last = this.#pages.at(-1);
    if (last !== undefined && last.width >= width && last.rowCount < last.capacity) return last;
    assert(width <= PAGE_SLOTS_MAX, 'a row fits in a page');
    const doubled = last === undefined ? PAGE_SLOTS_MIN : last.capacity * last.width * 2;
    const slots = Math.min(PAGE_SLOTS_MAX, Math.max(doubled, width * count, width));
    const capacity = Math.floor(slots / width);
    const page = { ...this.#arena.allocate(capacity * width), width, capacity, rowCount: 0 };
    this.#pages.push(page);
    return page;
  }
}

/** A loop where a call costs more than the copy. */
function copy(from: Float64Array, start: number, to: Float64Array, at: number, count: number): void {
  if (count > COPIED_BY_LOOP_MAX) to.set(from.subarray(start, start + count), at);
  else for (let index = 0; index < count; index++) to[at + index] = from[start + index];
}

/** A copy of column `index` of the rows `from … to`, exclusive; NaN for pages that have no such column. */
export function readPages(
  pages: readonly Page[],
  regions: readonly Float64Array[],
  index: number,
  from: number,
  to: number,
): Float64Array {
  const values = new Float64Array(to - from);
  let first = 0;
  for (const page of pages) {
    const start = Math.max(from, first);
    const end = Math.min(to, first + page.rowCount);
    if (start < end) {
      if (index >= page.width) values.fill(Number.NaN, start - from, end - from);
      else {
        const at = page.offset + index * page.capacity - first;
        values.set(regions[page.region].subarray(at + start, at + end), start - from);
      }
    }
    first += page.rowCount;
    if (first >= to) break;
  }
  return values;
}
