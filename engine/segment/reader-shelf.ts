/**
 * Open segments of a thread that is given other ones with each query, mostly the same: with what was decoded of them
 * they are kept for the next, but not for long, because a file that was deleted takes space while it is open.
 */
import type { Disk } from '../../wal/disk.js';
import type { DecodedCache } from './cache.js';
import { ReadWindows } from './read-windows.js';
import { SegmentReader } from './reader.js';

interface Kept {
  readonly reader: SegmentReader;
  /** Sweeps since it was asked for. */
  age: number;
}

export class ReaderShelf {
  readonly #disk: Disk;
  readonly #cache: DecodedCache;
  readonly #windows = new ReadWindows();
  readonly #kept = new Map<string, Kept>();

  constructor(disk: Disk, cache: DecodedCache) {
    this.#disk = disk;
    this.#cache = cache;
  }

  /** The caller lets go of it with `release`. @throws SegmentCorruptError; or what the disk throws. */
  open(path: string): SegmentReader {
    let kept = this.#kept.get(path);
    if (kept === undefined) {
      kept = { reader: new SegmentReader(this.#disk, path, this.#cache, this.#windows), age: 0 };
      this.#kept.set(path, kept);
    }
    kept.age = 0;
    kept.reader.retain();
    return kept.reader;
  }

  /** Closes those that were not asked for since the last sweep but one. */
  sweep(): void {
    for (const [path, kept] of this.#kept) {
      if (kept.age++ === 0) continue;
      this.#kept.delete(path);
      kept.reader.release();
    }
  }
}
