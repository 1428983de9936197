import { basename, dirname, join, normalize } from 'node:path';
import type { Disk, ReadableFile, WritableFile } from '../../wal/disk.js';
import { FakeDirectory } from './fake-directory.js';
import { FakeFile } from './fake-file.js';
import { Random } from './random.js';

/** How a call fails. `short`: a write that stores only its beginning before the disk is full; else like EIO. */
export type FailureKind = 'EIO' | 'ENOSPC' | 'short';

/** The power is gone: no call of this disk will ever succeed again. */
export class CrashedError extends Error {
  readonly code = 'CRASHED';
}

/**
 * A disk in memory that does, repeatably by its seed, what real ones do to programs that trust them too far:
 * - a power cut keeps, loses or tears (at 512 bytes) each write since the last sync of its file, in any order;
 * - a name whose directory was not synced may be forgotten, and so may its removal;
 * - a failed sync drops writes for good, and the next sync succeeds without them;
 * - any call can be made to fail, or to be the last one before the power goes.
 * Calls of every kind are counted from 1, reads and lists included.
 */
export class FakeDisk implements Disk {
  readonly #random: Random;
  readonly #directories = new Map<string, FakeDirectory>([['.', new FakeDirectory()]]);
  readonly #failures = new Map<number, FailureKind>();
  readonly #stale: Uint8Array[] = [];
  #crashAt = Number.POSITIVE_INFINITY;
  #isOff = false;
  #calls = 0;
  #syncs = 0;

  constructor(seed = 1) {
    this.#random = new Random(seed);
    this.#directories.set('/', new FakeDirectory());
  }

  /** Calls made so far, of every kind. */
  get calls(): number {
    return this.#calls;
  }

  /** Syncs of file data made so far. */
  get syncs(): number {
    return this.#syncs;
  }

  /** True once the power is gone. */
  get isCrashed(): boolean {
    return this.#isOff;
  }

  /** Makes call number `call` (counted from 1, over the life of the disk) fail. */
  failAt(call: number, kind: FailureKind): void {
    this.#failures.set(call, kind);
  }

  /** The power goes during call number `call`: it and every later one reject with CrashedError. */
  crashAt(call: number): void {
    this.#crashAt = call;
  }

  /** Cuts the power, if it is not gone already, and gives the disk as found afterwards. */
  crash(): FakeDisk {
    this.#isOff = true;
    const found = new FakeDisk(this.#random.integer(0x1_0000_0000));
    for (const [path, directory] of this.#directories) {
      const names = found.#makeDirectory(path);
      for (const [name, file] of directory.afterCrash(this.#random)) {
        names.link(name, file.afterCrash(this.#random, this.#stale));
      }
      names.sync();
    }
    return found;
  }

  /** Ends the program but not the power: the next one sees all that was written, and what was not synced still is not. */
  kill(): FakeDisk {
    this.#isOff = true;
    const found = new FakeDisk(this.#random.integer(0x1_0000_0000));
    for (const [path, directory] of this.#directories) found.#directories.set(path, directory);
    found.#stale.push(...this.#stale);
    return found;
  }

  /** Every file by path, with the bytes a reader sees. */
  files(): Map<string, Uint8Array> {
    const files = new Map<string, Uint8Array>();
    for (const [path, directory] of this.#directories) {
      for (const name of directory.list()) files.set(join(path, name), directory.get(name)!.snapshot());
    }
    return files;
  }

  /** Places a file durably, in the place of one of that name, and makes the directories it needs. */
  put(path: string, bytes: Uint8Array): void {
    const directory = this.#makeDirectory(dirname(normalize(path)));
    directory.link(basename(path), FakeFile.holding(bytes));
    directory.sync();
  }

  /** Inverts the bits of `mask` in one byte of a file, in memory and on the disk alike. */
  corrupt(path: string, offset: number, mask = 0xff): void {
    const file = this.#directoryOf(path).get(basename(path));
    if (file === undefined || offset >= file.size) throw new Error(`Nothing to corrupt at ${path}:${offset}`);
    file.corrupt(offset, mask);
  }

  async create(path: string): Promise<WritableFile> {
    const file = new FakeFile();
    await this.#call(() => {
      const directory = this.#directoryOf(path);
      if (directory.get(basename(path)) !== undefined) throw diskError('EEXIST', path);
      directory.link(basename(path), file);
    });
    return this.#writable(path, file);
  }

  async openForWrite(path: string): Promise<WritableFile> {
    await this.#call();
    return this.#writable(path, this.#find(path));
  }

  openForRead(path: string): ReadableFile {
    this.#begin();
    const file = this.#find(path);
    let isOpen = true;
    return {
      path,
      size: file.size,
      read: (into, position) => {
        if (!isOpen) throw diskError('EBADF', path);
        this.#begin();
        return file.read(into, position);
      },
      close: () => {
        isOpen = false;
      },
    };
  }

  async readFile(path: string): Promise<Uint8Array> {
    await this.#call();
    return this.#find(path).snapshot();
  }

  rename(from: string, to: string): Promise<void> {
    if (dirname(normalize(from)) !== dirname(normalize(to)))
      throw new Error('Renames stay in their directory');
    return this.#call(() => {
      this.#find(from);
      this.#retire(this.#directoryOf(to).get(basename(to)));
      this.#directoryOf(from).rename(basename(from), basename(to));
    });
  }

  unlink(path: string): Promise<void> {
    return this.#call(() => {
      this.#retire(this.#find(path));
      this.#directoryOf(path).unlink(basename(path));
    });
  }

  async list(directory: string): Promise<string[]> {
    await this.#call();
    return this.#directory(directory).list();
  }

  async size(path: string): Promise<number | undefined> {
    await this.#call();
    return this.#directories.get(dirname(normalize(path)))?.get(basename(path))?.size;
  }

  makeDirectory(path: string): Promise<void> {
    return this.#call(() => {
      this.#makeDirectory(normalize(path));
    });
  }

  syncDirectory(path: string): Promise<void> {
    return this.#call(() => this.#directory(path).sync());
  }

  #writable(path: string, file: FakeFile): WritableFile {
    let isOpen = true;
    const call = (effect: () => void, failed?: (kind: FailureKind | 'crash') => void) => {
      if (!isOpen) return Promise.reject(diskError('EBADF', path));
      return this.#call(effect, failed);
    };
    return {
      path,
      write: async (parts, position) => {
        const failed = (kind: FailureKind | 'crash') => {
          const bytes = concatenate(parts);
          if (kind !== 'EIO') file.write(bytes.subarray(0, this.#random.integer(bytes.length + 1)), position);
        };
        await call(() => {}, failed);
        // The bytes are taken only now: a caller that reuses a buffer before the promise settles is found out.
        file.write(concatenate(parts), position);
      },
      datasync: () => {
        this.#syncs++;
        return call(
          () => file.sync(),
          kind => {
            if (kind !== 'crash') file.failSync(this.#random);
          },
        );
      },
      truncate: size => call(() => file.truncate(size)),
      close: () => {
        const closed = call(() => {});
        isOpen = false;
        return closed;
      },
    };
  }

  /** Counts a call and lets it succeed, fail or meet the power cut; then takes a while, as disks do. */
  async #call(effect: () => void = () => {}, failed: (kind: FailureKind | 'crash') => void = () => {}) {
    this.#begin(kind => {
      // The power goes before, during or after the work of the call; nobody will learn which.
      if (kind === 'crash' && this.#random.next() < 0.5) effect();
      else failed(kind);
    });
    effect();
    for (let turns = this.#random.integer(4); turns > 0; turns--) await undefined;
    if (this.#isOff) throw new CrashedError('The power is gone');
  }

  #begin(failed: (kind: FailureKind | 'crash') => void = () => {}): void {
    this.#calls++;
    if (!this.#isOff && this.#calls >= this.#crashAt) {
      this.#isOff = true;
      failed('crash');
    }
    if (this.#isOff) throw new CrashedError('The power is gone');
    const failure = this.#failures.get(this.#calls);
    if (failure === undefined) return;
    failed(failure);
    throw diskError(failure === 'short' ? 'ENOSPC' : failure, `call ${this.#calls}`);
  }

  #find(path: string): FakeFile {
    const file = this.#directoryOf(path).get(basename(path));
    if (file === undefined) throw diskError('ENOENT', path);
    return file;
  }

  #directoryOf(path: string): FakeDirectory {
    return this.#directory(dirname(normalize(path)));
  }

  #directory(path: string): FakeDirectory {
    const directory = this.#directories.get(withoutSlash(normalize(path)));
    if (directory === undefined) throw diskError('ENOENT', path);
    return directory;
  }

  #makeDirectory(path: string): FakeDirectory {
    const key = withoutSlash(path);
    const found = this.#directories.get(key);
    if (found !== undefined) return found;
    this.#makeDirectory(dirname(key));
    const made = new FakeDirectory();
    this.#directories.set(key, made);
    return made;
  }

  #retire(file: FakeFile | undefined): void {
    if (file !== undefined && this.#stale.length < 1_000) this.#stale.push(...file.sectors());
  }
}

function withoutSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

function diskError(code: string, what: string): Error {
  return Object.assign(new Error(`${code}: ${what}`), { code });
}
