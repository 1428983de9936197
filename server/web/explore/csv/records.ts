/**
 * Text of a CSV file (RFC 4180) as records, in whatever chunks it comes. The parser that the server's command uses needs
 * Node's streams; this is what is left of it without them. Lines may end with LF, CR LF or CR, and empty ones are passed over.
 */

export interface CsvRecord {
  /** Of the file, from 1: where the record begins. */
  readonly line: number;
  readonly cells: readonly string[];
  /** Why it is no record; the cells are as good as they can be then. */
  readonly fault?: string;
}

/** A quote that is never closed would make the rest of the file one record. */
const RECORD_CHARACTERS_MAX = 1024 * 1024;

const QUOTE = 34;
const CR = 13;
const LF = 10;

/** In a cell: at its beginning, in one without quotes, within quotes, after a quote that may have closed it. */
type Place = 'start' | 'plain' | 'quoted' | 'closed';

export class CsvReader {
  readonly #separator: number;
  #place: Place = 'start';
  #cell = '';
  #cells: string[] = [];
  #fault: string | undefined;
  #line = 1;
  #firstLine = 1;
  #characters = 0;
  #isAfterCr = false;

  /** @param separator one character */
  constructor(separator: string) {
    this.#separator = separator.charCodeAt(0);
  }

  /** @throws Error where a record has no end */
  push(text: string): CsvRecord[] {
    const records: CsvRecord[] = [];
    let from = 0;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      const isLineFeedOfCr = code === LF && this.#isAfterCr;
      this.#isAfterCr = code === CR;
      if (isLineFeedOfCr && this.#place !== 'quoted') {
        // The record has ended with the CR.
        from = index + 1;
        continue;
      }
      if ((code === LF && !isLineFeedOfCr) || code === CR) this.#line++;
      if (this.#place === 'quoted') {
        if (code === QUOTE) from = this.#take(text, from, index, 'closed');
      } else if (code === this.#separator) {
        from = this.#take(text, from, index, 'start');
        this.#endCell();
      } else if (code === LF || code === CR) {
        from = this.#take(text, from, index, 'start');
        this.#endRecord(records);
      } else if (this.#place !== 'plain') {
        from = this.#begin(code, index);
      }
    }
    this.#cell += text.slice(from);
    this.#characters += text.length - from;
    this.#checkLength();
    return records;
  }

  /** The last record, where the file does not end with a line's end. */
  end(): CsvRecord[] {
    const records: CsvRecord[] = [];
    if (this.#place === 'quoted') this.#fault = 'A quote is opened and never closed';
    if (this.#place !== 'start' || this.#cell !== '' || this.#cells.length > 0) this.#endRecord(records);
    return records;
  }

  /** Everything before `index` belongs to the cell. @returns where what comes next begins */
  #take(text: string, from: number, index: number, next: Place): number {
    this.#cell += text.slice(from, index);
    this.#characters += index + 1 - from;
    this.#checkLength();
    this.#place = next;
    return index + 1;
  }

  /** The first character of a cell, or the one after a quote. @returns where the text of the cell goes on */
  #begin(code: number, index: number): number {
    if (code === QUOTE) {
      // Two quotes within quotes are one; one at the beginning stands for nothing.
      const isDoubled = this.#place === 'closed';
      this.#place = 'quoted';
      return isDoubled ? index : index + 1;
    }
    if (this.#place === 'closed')
      this.#fault ??= 'After a closing quote comes something other than a separator';
    this.#place = 'plain';
    return index;
  }

  #endCell(): void {
    this.#cells.push(this.#cell);
    this.#cell = '';
  }

  #endRecord(records: CsvRecord[]): void {
    this.#endCell();
    const isEmpty = this.#cells.length === 1 && this.#cells[0] === '';
    if (!isEmpty || this.#fault !== undefined) {
      records.push({
        line: this.#firstLine,
        cells: this.#cells,
        ...(this.#fault !== undefined && { fault: this.#fault }),
      });
    }
    this.#cells = [];
    this.#fault = undefined;
    this.#characters = 0;
    this.#firstLine = this.#line;
  }

  #checkLength(): void {
    if (this.#characters <= RECORD_CHARACTERS_MAX) return;
    throw new Error(
      `The record that begins in line ${this.#firstLine} has more than 1 MiB: is a quote opened there and never closed?`,
    );
  }
}
