import type { WritableFile } from '../../wal/disk.js';
import type { BlockReference } from './directory.js';

/** Writes are of about a mebibyte. */
const WRITE_BYTES = 1024 * 1024;

/** Gathers blocks into writes. Blocks are copied as they come, and whoever adds them flushes in between. */
export class Output {
  readonly #file: WritableFile;
  #bytes = new Uint8Array(WRITE_BYTES + WRITE_BYTES / 16);
  #pending = 0;
  #written = 0;

  constructor(file: WritableFile) {
    this.#file = file;
  }

  /** Position in the file of what is added next. */
  get position(): number {
    return this.#written + this.#pending;
  }

  /** Whether there is enough for a write. */
  get isFull(): boolean {
    return this.#pending >= WRITE_BYTES;
  }

  add(bytes: Uint8Array): BlockReference {
    const offset = this.position;
    const end = this.#pending + bytes.length;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(end * 2);
      grown.set(this.#bytes.subarray(0, this.#pending));
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, this.#pending);
    this.#pending = end;
    return { offset, length: bytes.length };
  }

  async flush(): Promise<void> {
    await this.#file.write([this.#bytes.subarray(0, this.#pending)], this.#written);
    this.#written += this.#pending;
    this.#pending = 0;
  }
}
