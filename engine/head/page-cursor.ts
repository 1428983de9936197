import type { Page } from './pages.js';

/** Reads a column of some pages piece by piece: a whole column would be fresh memory each time. */
export class PageCursor {
  readonly #pages: readonly Page[];
  readonly #regions: readonly Float64Array[];
  readonly #position: number;
  #page = 0;
  /** Row that the page begins with. */
  #first = 0;

  /** @param position of the column in the pages; 0 are the times */
  constructor(pages: readonly Page[], regions: readonly Float64Array[], position: number) {
    this.#pages = pages;
    this.#regions = regions;
    this.#position = position;
  }

  /** Copies `count` rows from `from` on; NaN where pages have no such column. Rows near those read last are found fastest. */
  read(from: number, count: number, into: Float64Array, at: number): void {
    while (from < this.#first) this.#first -= this.#pages[--this.#page].rowCount;
    for (let row = from; row < from + count; ) {
      const page = this.#pages[this.#page];
      const end = Math.min(from + count, this.#first + page.rowCount);
      if (row >= end) {
        this.#first += page.rowCount;
        this.#page++;
        continue;
      }
      const start = page.offset + this.#position * page.capacity - this.#first;
      if (this.#position >= page.width) into.fill(Number.NaN, at, at + end - row);
      else into.set(this.#regions[page.region].subarray(start + row, start + end), at);
      at += end - row;
      row = end;
    }
  }
}
