/** What readers of segments have decoded, kept while it is asked for and room lasts. Shared by all readers. */
import { assert } from '../base/assert.js';

interface Entry {
  readonly value: object;
  readonly bytes: number;
}

/** Positions in a file are below; a reader's number stands above. Together they stay below 2^53. */
const OFFSET_LIMIT = 2 ** 32;
const READER_LIMIT = 2 ** 21;

/**
 * Two generations: what is asked for moves to the young one; when that holds half of the bytes, it becomes the old one
 * and the old one goes. That is nearly least-recently-used, at the price of one look into a map.
 * What is in it is shared: nobody may change it.
 */
export class DecodedCache {
  readonly #generationBytesMax: number;
  #young = new Map<number, Entry>();
  #old = new Map<number, Entry>();
  #youngBytes = 0;
  #oldBytes = 0;
  #readerCount = 0;

  constructor(bytesMax: number) {
    this.#generationBytesMax = bytesMax / 2;
  }

  /** What is kept, as estimated by those who put it there. */
  get bytes(): number {
    return this.#youngBytes + this.#oldBytes;
  }

  /** Keys of a new reader: the position of what was decoded is added to it. No other reader gets the same. */
  addReader(): number {
    assert(this.#readerCount < READER_LIMIT, 'a cache outlives no more readers');
    return this.#readerCount++ * OFFSET_LIMIT;
  }

  /** Lets go of all that a reader has put there. */
  removeReader(base: number): void {
    this.#youngBytes -= removeFrom(this.#young, base);
    this.#oldBytes -= removeFrom(this.#old, base);
  }

  get(key: number): object | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young.value;
    const old = this.#old.get(key);
    if (old === undefined) return undefined;
    this.#old.delete(key);
    this.#oldBytes -= old.bytes;
    this.#add(key, old);
    return old.value;
  }

  /** `bytes` is about what it takes in memory. */
  set(key: number, value: object, bytes: number): void {
    this.#youngBytes -= take(this.#young, key);
    this.#oldBytes -= take(this.#old, key);
    if (bytes <= this.#generationBytesMax) this.#add(key, { value, bytes });
  }

  #add(key: number, entry: Entry): void {
    if (this.#youngBytes + entry.bytes > this.#generationBytesMax) {
      this.#old = this.#young;
      this.#oldBytes = this.#youngBytes;
      this.#young = new Map();
      this.#youngBytes = 0;
    }
    this.#young.set(key, entry);
    this.#youngBytes += entry.bytes;
  }
}

function take(entries: Map<number, Entry>, key: number): number {
  const bytes = entries.get(key)?.bytes ?? 0;
  entries.delete(key);
  return bytes;
}

function removeFrom(entries: Map<number, Entry>, base: number): number {
  let bytes = 0;
  for (const key of entries.keys()) if (key >= base && key < base + OFFSET_LIMIT) bytes += take(entries, key);
  return bytes;
}
