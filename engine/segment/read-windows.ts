/**
 * Reads files in windows: blocks lie one after another, and asking the system for each costs more than to decode it.
 * The blocks of some columns are mostly read by turns: there are several windows, each found by its place alone.
 */
import type { ReadableFile } from '../../wal/disk.js';

const WINDOW_BYTES = 32 * 1024;
const SLOTS = 32;

interface Window {
  readonly file: ReadableFile;
  readonly from: number;
  readonly bytes: Uint8Array;
}

/** At most a MiB, however many files share it. */
export class ReadWindows {
  readonly #slots: (Window | undefined)[] = new Array(SLOTS).fill(undefined);

  /** The bytes asked for, fewer where the file ends: not copied, and nobody writes to them. */
  read(file: ReadableFile, offset: number, length: number): Uint8Array {
    const number = Math.floor(offset / WINDOW_BYTES);
    const from = number * WINDOW_BYTES;
    if (offset + length > from + WINDOW_BYTES) return readFrom(file, offset, length);
    const slot = number % SLOTS;
    let window = this.#slots[slot];
    if (window === undefined || window.file !== file || window.from !== from) {
      window = { file, from, bytes: readFrom(file, from, WINDOW_BYTES) };
      this.#slots[slot] = window;
    }
    return window.bytes.subarray(offset - from, offset - from + length);
  }

  /** Lets go of what is of a file. */
  forget(file: ReadableFile): void {
    for (let slot = 0; slot < SLOTS; slot++) {
      if (this.#slots[slot]?.file === file) this.#slots[slot] = undefined;
    }
  }
}

function readFrom(file: ReadableFile, offset: number, length: number): Uint8Array {
  // Memory of its own, because parts of it may be kept; it need not be zeros, because it is cut to what was read.
  const bytes = Buffer.allocUnsafeSlow(length);
  return bytes.subarray(0, file.read(bytes, offset));
}
