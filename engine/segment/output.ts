import type { WritableFile } from '../../wal/disk.js';
import type { BlockReference } from './directory.js';

/** Gathers blocks into writes of about a mebibyte. */
export class Output {
  static readonly #BYTES = 1024 * 1024;
  readonly #file: WritableFile;
  #parts: Uint8Array[] = [];
  #pending = 0;
  #written = 0;

  constructor(file: WritableFile) {
    this.#file = file;
  }

  /** Position in the file of what is added next. */
  get position(): number {
    return this.#written + this.#pending;
  }

  async add(bytes: Uint8Array): Promise<BlockReference> {
    const offset = this.position;
    this.#parts.push(bytes);
    this.#pending += bytes.length;
    if (this.#pending >= Output.#BYTES) await this.flush();
    return { offset, length: bytes.length };
  }

  async flush(): Promise<void> {
    const joined = new Uint8Array(this.#pending);
    let at = 0;
    for (const part of this.#parts) {
      joined.set(part, at);
      at += part.length;
    }
    await this.#file.write([joined], this.#written);
    this.#written += this.#pending;
    this.#parts = [];
    this.#pending = 0;
  }
}
