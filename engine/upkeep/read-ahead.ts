/** Reads files in large parts: compaction goes through them block by block, and a call for each costs more than the block. */
import type { Disk, ReadableFile } from '../../wal/disk.js';

const WINDOW_BYTES = 256 * 1024;
/** How much of it lies before what is asked for: a source's directory is read first, and lies behind its blocks. */
const BEHIND_BYTES = 64 * 1024;

export function readAhead(disk: Disk): Disk {
  return {
    create: path => disk.create(path),
    openForWrite: path => disk.openForWrite(path),
    openForRead: path => new ReadAheadFile(disk.openForRead(path)),
    readFile: path => disk.readFile(path),
    rename: (from, to) => disk.rename(from, to),
    unlink: path => disk.unlink(path),
    list: directory => disk.list(directory),
    size: path => disk.size(path),
    makeDirectory: path => disk.makeDirectory(path),
    syncDirectory: path => disk.syncDirectory(path),
  };
}

class ReadAheadFile implements ReadableFile {
  readonly path: string;
  readonly size: number;
  readonly #file: ReadableFile;
  #window = new Uint8Array();
  #from = 0;

  constructor(file: ReadableFile) {
    this.path = file.path;
    this.size = file.size;
    this.#file = file;
  }

  read(into: Uint8Array, position: number): number {
    if (into.length > WINDOW_BYTES - BEHIND_BYTES) return this.#file.read(into, position);
    const isInside = position >= this.#from && position + into.length <= this.#from + this.#window.length;
    if (!isInside) this.#fill(position);
    const from = position - this.#from;
    const bytes = this.#window.subarray(from, from + into.length);
    into.set(bytes);
    return bytes.length;
  }

  close(): void {
    this.#file.close();
  }

  #fill(position: number): void {
    this.#from = Math.max(0, position - BEHIND_BYTES);
    const bytes = new Uint8Array(Math.min(WINDOW_BYTES, Math.max(0, this.size - this.#from)));
    this.#window = bytes.subarray(0, this.#file.read(bytes, this.#from));
  }
}
