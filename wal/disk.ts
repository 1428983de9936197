/**
 * The one door to files. Everything durable goes through it, so that a simulated disk can lose, tear and
 * refuse exactly what real ones do. Paths are absolute or relative to the process; positions and sizes are bytes.
 *
 * What a caller may rely on after a crash: bytes of a file up to its last `datasync`, and names up to the last
 * `syncDirectory` of the folder that holds them. Nothing else.
 */
import { closeSync, constants, fstatSync, openSync, readSync, writevSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** A file being written. Writes are positional; one that fails leaves the bytes at its range undefined. */
export interface WritableFile {
  readonly path: string;
  /** Writes all the parts one after another, starting at `position`. */
  write(parts: readonly Uint8Array[], position: number): Promise<void>;
  /** Makes the bytes written so far, and the size, survive a crash. Once it has failed it must not be retried. */
  datasync(): Promise<void>;
  truncate(size: number): Promise<void>;
  close(): Promise<void>;
}

/** A file being read. Reads are synchronous and positional: segments are read where they are queried. */
export interface ReadableFile {
  readonly path: string;
  readonly size: number;
  /** Fills `into` from `position`; returns the bytes read, fewer only at the end of the file. */
  read(into: Uint8Array, position: number): number;
  close(): void;
}

export interface Disk {
  /** Makes a new file. Rejects with code EEXIST where there is one. */
  create(path: string): Promise<WritableFile>;
  /** Opens an existing file for writing. Rejects with code ENOENT where there is none. */
  openForWrite(path: string): Promise<WritableFile>;
  openForRead(path: string): ReadableFile;
  /** Whole content. Rejects with code ENOENT where there is no such file. */
  readFile(path: string): Promise<Uint8Array>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** Names of the files in a directory, sorted. Subdirectories are left out. */
  list(directory: string): Promise<string[]>;
  /** Size in bytes, or undefined where there is no such file. */
  size(path: string): Promise<number | undefined>;
  /** Makes a directory and its parents; no error where it is there already. Each new name is synced. */
  makeDirectory(path: string): Promise<void>;
  syncDirectory(path: string): Promise<void>;
}

/** True for the error a disk gives where there is no such file. */
export function isNotFound(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
}

/**
 * A write up to this size is made where it is asked for: the memory of the system takes it in microseconds, and a trip
 * to the thread pool and back costs tens of them. It is the sync that waits for the disk, and that always travels.
 */
const WRITTEN_AT_ONCE_BYTES_MAX = 64 * 1024;

/** The kernel takes at most so many parts a call. */
const PARTS_MAX = 1024;

/** The file system of this machine. */
export const nodeDisk: Disk = {
  async create(path) {
    return new NodeWritableFile(path, await open(path, 'wx'));
  },
  async openForWrite(path) {
    return new NodeWritableFile(path, await open(path, constants.O_WRONLY));
  },
  openForRead(path) {
    return new NodeReadableFile(path);
  },
  async readFile(path) {
    const handle = await open(path, 'r');
    try {
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  },
  rename,
  unlink,
  async list(directory) {
    const entries = await readdir(directory, { withFileTypes: true });
    return entries
      .filter(entry => entry.isFile())
      .map(entry => entry.name)
      .sort();
  },
  async size(path) {
    try {
      return (await stat(path)).size;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  },
  async makeDirectory(path) {
    // mkdir tells the topmost directory it made: its parent, and each directory on the way down, got a new name.
    const first = await mkdir(path, { recursive: true });
    if (first === undefined) return;
    let directory = resolve(path);
    while (directory.length > first.length) {
      directory = dirname(directory);
      await nodeDisk.syncDirectory(directory);
    }
    await nodeDisk.syncDirectory(dirname(first));
  },
  async syncDirectory(path) {
    const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};

class NodeWritableFile implements WritableFile {
  readonly path: string;
  readonly #handle: FileHandle;

  constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.#handle = handle;
  }

  async write(parts: readonly Uint8Array[], position: number): Promise<void> {
    let pending = parts.filter(part => part.length > 0);
    const atOnce = pending.reduce((total, part) => total + part.length, 0) <= WRITTEN_AT_ONCE_BYTES_MAX;
    while (pending.length > 0) {
      const some = pending.slice(0, PARTS_MAX);
      const bytesWritten = atOnce
        ? writevSync(this.#handle.fd, some, position)
        : (await this.#handle.writev(some, position)).bytesWritten;
      // Less than was given, perhaps.
      position += bytesWritten;
      pending = dropBytes(pending, bytesWritten);
    }
  }

  datasync(): Promise<void> {
    return this.#handle.datasync();
  }

  truncate(size: number): Promise<void> {
    return this.#handle.truncate(size);
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

class NodeReadableFile implements ReadableFile {
  readonly path: string;
  readonly size: number;
  readonly #descriptor: number;

  constructor(path: string) {
    this.path = path;
    this.#descriptor = openSync(path, 'r');
    this.size = fstatSync(this.#descriptor).size;
  }

  read(into: Uint8Array, position: number): number {
    let total = 0;
    while (total < into.length) {
      const count = readSync(this.#descriptor, into, total, into.length - total, position + total);
      if (count === 0) break;
      total += count;
    }
    return total;
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

function dropBytes(parts: Uint8Array[], count: number): Uint8Array[] {
  let index = 0;
  while (index < parts.length && count >= parts[index].length) {
    count -= parts[index].length;
    index++;
  }
  const rest = parts.slice(index);
  if (count > 0) rest[0] = rest[0].subarray(count);
  return rest;
}
