/**
 * The live segments of a data directory: opens them, adds one, lets go of those that nobody needs. What is live
 * is what the manifest says; any other file is a leftover of a crash, or of a scan that was still reading.
 */
import { join } from 'node:path';
import type { Disk } from '../../wal/disk.js';
import { removeIfThere } from '../../wal/files.js';
import type { Sequence } from '../../wal/records.js';
import type { DecodedCache } from './cache.js';
import {
  EMPTY_MANIFEST,
  MANIFEST_NAME,
  type Manifest,
  ManifestCorruptError,
  readManifest,
  segmentFileName,
  segmentNumberOf,
  writeManifest,
} from './manifest.js';
import { ReadWindows } from './read-windows.js';
import { SegmentReader } from './reader.js';

export const SEGMENTS_DIRECTORY = 'segments';

/**
 * The first start writes a manifest before any segment. @throws ManifestCorruptError where there are segments, but no
 * manifest: taking them for leftovers would delete the data.
 */
export function checkNoneLost(directory: string, names: readonly string[]): void {
  const lost = names.find(name => segmentNumberOf(name) !== undefined);
  if (lost !== undefined) {
    throw new ManifestCorruptError(join(directory, MANIFEST_NAME), `it is missing, but ${lost} is there`);
  }
}

export interface Publication {
  /** Synced files, as `temporaryPath` named them, that become segments: all of them at once. */
  readonly files?: readonly string[];
  /** Live segments whose place they take, oldest first: they are as old as the first of them. */
  readonly replaces?: readonly SegmentReader[];
  /** Where it moves on: every points and erase record up to it is in the segments. */
  readonly sealedThrough?: Sequence;
  /** Sources whose erasure is durable. */
  readonly erased: ReadonlySet<number>;
  /** Called in the same tick as the new segments become visible. */
  onPublished(): void;
}

export class SegmentStore {
  readonly #disk: Disk;
  readonly #cache: DecodedCache | undefined;
  readonly #windows: ReadWindows;
  readonly #directory: string;
  readonly #segmentsDirectory: string;
  #manifest: Manifest;
  #readers: Map<number, SegmentReader>;
  /** Beyond every number that a file may have been given, whether or not its publication came to an end. */
  #nextSegment: number;
  /** Files that a manifest on the disk may list until another one is durable, and those that could not be removed. */
  #orphans: number[] = [];
  #publishing: Promise<unknown> = Promise.resolve();

  private constructor(
    disk: Disk,
    directory: string,
    manifest: Manifest,
    readers: Map<number, SegmentReader>,
    cache: DecodedCache | undefined,
    windows: ReadWindows,
  ) {
    this.#windows = windows;
    this.#disk = disk;
    this.#cache = cache;
    this.#directory = directory;
    this.#segmentsDirectory = join(directory, SEGMENTS_DIRECTORY);
    this.#manifest = manifest;
    this.#readers = readers;
    this.#nextSegment = manifest.nextSegment;
  }

  /**
   * Makes the directories where they are missing and removes leftovers. Readers of segments share the cache.
   * @throws (rejects) ManifestCorruptError, SegmentCorruptError, or what the disk throws.
   */
  static async open(disk: Disk, directory: string, cache?: DecodedCache): Promise<SegmentStore> {
    const segmentsDirectory = join(directory, SEGMENTS_DIRECTORY);
    await disk.makeDirectory(segmentsDirectory);
    const names = await disk.list(segmentsDirectory);
    const found = await readManifest(disk, directory);
    if (found === undefined) {
      checkNoneLost(directory, names);
      // From now on a manifest that is not there is one that was lost.
      await writeManifest(disk, directory, EMPTY_MANIFEST);
    }
    const manifest = found ?? EMPTY_MANIFEST;
    const leftovers = names.filter(name => !manifest.segments.includes(segmentNumberOf(name) ?? -1));
    const windows = new ReadWindows();
    const readers = new Map<number, SegmentReader>();
    try {
      for (const number of manifest.segments) {
        const path = join(segmentsDirectory, segmentFileName(number));
        readers.set(number, new SegmentReader(disk, path, cache, windows));
      }
    } catch (error) {
      for (const reader of readers.values()) reader.release();
      throw error;
    }
    for (const name of leftovers) await disk.unlink(join(segmentsDirectory, name));
    return new SegmentStore(disk, directory, manifest, readers, cache, windows);
  }

  get sealedThrough(): Sequence {
    return this.#manifest.sealedThrough;
  }

  /** Sources whose rows are to be left out. */
  get erased(): readonly number[] {
    return this.#manifest.erased;
  }

  /** In order of age. */
  get readers(): readonly SegmentReader[] {
    return [...this.#readers.values()];
  }

  /** Where a new segment is to be written by one who calls himself `writer`; what he left there is removed. */
  async temporaryPath(writer: string): Promise<string> {
    const path = join(this.#segmentsDirectory, `${writer}.tmp`);
    await removeIfThere(this.#disk, path);
    return path;
  }

  /**
   * The new state is durable when this resolves; where it rejects, the old state stands and it may be tried again.
   * Calls take effect one after another.
   */
  publish(publication: Publication): Promise<void> {
    const published = this.#publishing.then(() => this.#publish(publication));
    this.#publishing = published.catch(() => {});
    return published;
  }

  async #publish({
    files = [],
    replaces = [],
    sealedThrough,
    erased,
    onPublished,
  }: Publication): Promise<void> {
    const added = await this.#addFiles(files);
    const readers = replaceReaders(this.#readers, replaces, added);
    for (const [key, reader] of readers) if (isWhollyErased(reader, erased)) readers.delete(key);
    const live = [...readers.values()];
    const manifest: Manifest = {
      sealedThrough: sealedThrough ?? this.#manifest.sealedThrough,
      segments: [...readers.keys()],
      nextSegment: this.#nextSegment,
      erased: [...erased].filter(source => live.some(reader => reader.indexOf(source) >= 0)),
    };
    try {
      await writeManifest(this.#disk, this.#directory, manifest);
    } catch (error) {
      this.#orphan(added);
      throw error;
    }
    const before = new Map([...this.#readers, ...added]);
    this.#manifest = manifest;
    this.#readers = readers;
    onPublished();
    await this.#removeOrphans();
    for (const [key, reader] of before) if (!readers.has(key)) await this.#drop(key, reader);
  }

  /** Gives files their names as segments, and opens them. */
  async #addFiles(files: readonly string[]): Promise<Map<number, SegmentReader>> {
    const added = new Map<number, SegmentReader>();
    const numbers: number[] = [];
    try {
      for (const file of files) {
        // A failed try may have written a manifest that lists its file: the number is never given to another one.
        const number = this.#nextSegment++;
        numbers.push(number);
        await this.#disk.rename(file, this.#pathOf(number));
      }
      if (files.length > 0) await this.#disk.syncDirectory(this.#segmentsDirectory);
      for (const number of numbers)
        added.set(number, new SegmentReader(this.#disk, this.#pathOf(number), this.#cache, this.#windows));
      return added;
    } catch (error) {
      this.#orphan(added);
      this.#orphans = [...new Set([...this.#orphans, ...numbers])];
      throw error;
    }
  }

  #orphan(segments: ReadonlyMap<number, SegmentReader>): void {
    for (const [number, reader] of segments) {
      reader.release();
      this.#orphans.push(number);
    }
  }

  /** Once a manifest is durable that does not list them. */
  async #removeOrphans(): Promise<void> {
    for (const number of this.#orphans.splice(0)) {
      await removeIfThere(this.#disk, this.#pathOf(number)).catch(() => this.#orphans.push(number));
    }
  }

  #pathOf(number: number): string {
    return join(this.#segmentsDirectory, segmentFileName(number));
  }

  /** The file goes with the last one who reads it. */
  async #drop(number: number, reader: SegmentReader): Promise<void> {
    await new Promise<void>(resolve => {
      reader.onUnused(() => {
        // Where the disk refuses, it is tried again after the next publication.
        removeIfThere(this.#disk, this.#pathOf(number))
          .catch(() => this.#orphans.push(number))
          .finally(resolve);
      });
      reader.release();
      if (reader.isUsed) resolve();
    });
  }

  close(): void {
    for (const reader of this.#readers.values()) reader.release();
    this.#readers = new Map();
  }
}

/** The live segments with some in the place of others; at the end where they replace none. */
function replaceReaders(
  readers: ReadonlyMap<number, SegmentReader>,
  replaced: readonly SegmentReader[],
  added: ReadonlyMap<number, SegmentReader>,
): Map<number, SegmentReader> {
  const after = new Map<number, SegmentReader>();
  const add = () => {
    for (const [number, reader] of added) after.set(number, reader);
  };
  for (const [number, reader] of readers) {
    if (reader === replaced[0]) add();
    if (!replaced.includes(reader)) after.set(number, reader);
  }
  // What has its place keeps it.
  add();
  return after;
}

function isWhollyErased(reader: SegmentReader, erased: ReadonlySet<number>): boolean {
  return reader.sourceCount <= erased.size && reader.table.ordinal.every(source => erased.has(source));
}
