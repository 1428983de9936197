/**
 * The live segments of a data directory: opens them, adds one, lets go of those that nobody needs. What is live
 * is what the manifest says; any other file is a leftover of a crash, or of a scan that was still reading.
 */
import { join } from 'node:path';
import { type Disk, isNotFound } from '../../wal/disk.js';
import type { Sequence } from '../../wal/records.js';
import {
  EMPTY_MANIFEST,
  type Manifest,
  ManifestCorruptError,
  readManifest,
  segmentFileName,
  segmentNumberOf,
  writeManifest,
} from './manifest.js';
import { SegmentReader } from './reader.js';

export const SEGMENTS_DIRECTORY = 'segments';
const TEMPORARY_SUFFIX = '.tmp';

export interface Publication {
  /** The synced file that `temporaryPath` named becomes the newest segment; no segment where false. */
  readonly added: boolean;
  readonly sealedThrough: Sequence;
  /** Sources whose erasure is durable. */
  readonly erased: ReadonlySet<number>;
  /** Called in the same tick as the new segments become visible. */
  onPublished(): void;
}

export class SegmentStore {
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #segmentsDirectory: string;
  #manifest: Manifest;
  #readers: Map<number, SegmentReader>;

  private constructor(
    disk: Disk,
    directory: string,
    manifest: Manifest,
    readers: Map<number, SegmentReader>,
  ) {
    this.#disk = disk;
    this.#directory = directory;
    this.#segmentsDirectory = join(directory, SEGMENTS_DIRECTORY);
    this.#manifest = manifest;
    this.#readers = readers;
  }

  /**
   * Makes the directories where they are missing and removes leftovers.
   * @throws (rejects) ManifestCorruptError, SegmentCorruptError, or what the disk throws.
   */
  static async open(disk: Disk, directory: string): Promise<SegmentStore> {
    const segmentsDirectory = join(directory, SEGMENTS_DIRECTORY);
    await disk.makeDirectory(segmentsDirectory);
    const found = await readManifest(disk, directory);
    const manifest = found ?? EMPTY_MANIFEST;
    const leftovers: string[] = [];
    for (const name of await disk.list(segmentsDirectory)) {
      const number = segmentNumberOf(name);
      if (number !== undefined && manifest.segments.includes(number)) continue;
      // Before the first manifest only a first segment can be there. More of them, and the manifest was lost:
      // taking them for leftovers would delete the data.
      if (found === undefined && number !== undefined && number > EMPTY_MANIFEST.nextSegment) {
        throw new ManifestCorruptError(join(directory, 'manifest'), `it is missing, but ${name} is there`);
      }
      leftovers.push(name);
    }
    const readers = new Map<number, SegmentReader>();
    try {
      for (const number of manifest.segments) {
        readers.set(number, new SegmentReader(disk, join(segmentsDirectory, segmentFileName(number))));
      }
    } catch (error) {
      for (const reader of readers.values()) reader.release();
      throw error;
    }
    for (const name of leftovers) await disk.unlink(join(segmentsDirectory, name));
    return new SegmentStore(disk, directory, manifest, readers);
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

  /** Where the next segment is to be written; what a failed try left there is removed. */
  async temporaryPath(): Promise<string> {
    const path = this.#nextPath() + TEMPORARY_SUFFIX;
    await this.#removeIfThere(path);
    return path;
  }

  /**
   * The new state is durable when this resolves; where it rejects, the old state stands and it may be tried again.
   */
  async publish({ added, sealedThrough, erased, onPublished }: Publication): Promise<void> {
    const readers = new Map(this.#readers);
    let { nextSegment } = this.#manifest;
    if (added) {
      const path = this.#nextPath();
      await this.#disk.rename(path + TEMPORARY_SUFFIX, path);
      await this.#disk.syncDirectory(this.#segmentsDirectory);
      readers.set(nextSegment, new SegmentReader(this.#disk, path));
      nextSegment++;
    }
    const dropped = new Map([...readers].filter(([, reader]) => isWhollyErased(reader, erased)));
    for (const number of dropped.keys()) readers.delete(number);
    const manifest: Manifest = {
      sealedThrough,
      segments: [...readers.keys()],
      nextSegment,
      erased: [...erased].filter(source => [...readers.values()].some(reader => reader.indexOf(source) >= 0)),
    };
    try {
      await writeManifest(this.#disk, this.#directory, manifest);
    } catch (error) {
      if (added) (readers.get(nextSegment - 1) ?? dropped.get(nextSegment - 1))?.release();
      throw error;
    }
    this.#manifest = manifest;
    this.#readers = readers;
    onPublished();
    for (const [number, reader] of dropped) {
      // A scan may still hold the file open: its bytes go with the last reader, its name goes now.
      reader.release();
      await this.#removeIfThere(join(this.#segmentsDirectory, segmentFileName(number)));
    }
  }

  close(): void {
    for (const reader of this.#readers.values()) reader.release();
    this.#readers = new Map();
  }

  #nextPath(): string {
    return join(this.#segmentsDirectory, segmentFileName(this.#manifest.nextSegment));
  }

  async #removeIfThere(path: string): Promise<void> {
    try {
      await this.#disk.unlink(path);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

function isWhollyErased(reader: SegmentReader, erased: ReadonlySet<number>): boolean {
  return reader.sourceCount <= erased.size && reader.table.ordinal.every(source => erased.has(source));
}
