/** One body of line protocol: how far it has been read, and what of it was refused. */
import { DETAILS_MAX } from '../limits.js';

const LINE_FEED = 0x0a;

/** A place in a body to go back to. */
export interface LineMark {
  readonly at: number;
  readonly refusedCount: number;
}

export class LineBody {
  readonly bytes: Buffer;
  /** Where the next line begins. */
  at = 0;
  /** Lines that end with a line feed begin up to here. */
  readonly lastLineFeed: number;
  refusedCount = 0;
  /** One for each of the first that were refused. */
  readonly #reasons: string[] = [];
  /** Number of the line that holds the byte that has been counted to, from 1. */
  #line = 1;
  #countedTo = 0;
  #firstRefused: number | undefined;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.lastLineFeed = this.bytes.lastIndexOf(LINE_FEED);
  }

  get isRead(): boolean {
    return this.at >= this.bytes.length;
  }

  mark(): LineMark {
    return { at: this.at, refusedCount: this.refusedCount };
  }

  goBack({ at, refusedCount }: LineMark): void {
    this.at = at;
    this.refusedCount = refusedCount;
    if (refusedCount === 0) this.#firstRefused = undefined;
    this.#reasons.length = Math.min(this.#reasons.length, refusedCount);
    this.#line = 1;
    this.#countedTo = 0;
  }

  /** @param start of the line */
  refuse(start: number, reason: string): void {
    if (this.refusedCount++ >= DETAILS_MAX) return;
    for (; this.#countedTo < start; this.#countedTo++) {
      if (this.bytes[this.#countedTo] === LINE_FEED) this.#line++;
    }
    this.#firstRefused ??= this.#line;
    this.#reasons.push(`line ${this.#line}: ${reason}`);
  }

  /** Number of the first line that was refused, from 1. */
  get firstRefused(): number | undefined {
    return this.#firstRefused;
  }

  /** A line of text for each of those refused, as far as they are told. */
  get reasons(): string {
    const untold = this.refusedCount - this.#reasons.length;
    return [...this.#reasons, ...(untold > 0 ? [`and ${untold} more`] : [])].join('\n');
  }
}
