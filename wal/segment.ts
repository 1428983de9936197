/** One file of the log: its name, its header, and how it comes into being and grows. FORMAT.md draws it. */
import { join } from 'node:path';
import { crc32c } from '@node-rs/crc32';
import { type Disk, isNotFound, type WritableFile } from './disk.js';
import { encodeFrames, type FrameSource, readU64, writeU64 } from './frame.js';
import type { RecordType, Sequence } from './records.js';

export const SEGMENT_MAGIC = 'dakkiowl';
export const SEGMENT_VERSION = 1;

export const HEADER_MAGIC = 0; // 8 bytes of ASCII
export const HEADER_VERSION = HEADER_MAGIC + 8; // u32
export const HEADER_ID = HEADER_VERSION + 4; // u32, random; seeds the checksum of every frame
export const HEADER_FIRST = HEADER_ID + 4; // u64, sequence of the first record
export const HEADER_PREVIOUS = HEADER_FIRST + 8; // u64, sequence of the last record of the file before
export const HEADER_RESERVED = HEADER_PREVIOUS + 8; // u32, zero
export const HEADER_CRC = HEADER_RESERVED + 4; // u32, over [0, here)
export const HEADER_BYTES = HEADER_CRC + 4;

const TEMPORARY_SUFFIX = '.tmp';
const NAME_PATTERN = /^([0-9a-f]{16})\.wal$/;

export interface SegmentHeader {
  readonly version: number;
  readonly id: number;
  readonly first: Sequence;
  readonly previous: Sequence;
}

/** Names sort as their first sequences do. */
export function segmentName(first: Sequence): string {
  return `${first.toString(16).padStart(16, '0')}.wal`;
}

export function isSegmentName(name: string): boolean {
  return NAME_PATTERN.test(name);
}

/** A file whose making was cut short: no record was ever in it. */
export function isTemporaryName(name: string): boolean {
  return name.endsWith(TEMPORARY_SUFFIX) && isSegmentName(name.slice(0, -TEMPORARY_SUFFIX.length));
}

export function encodeHeader(header: SegmentHeader): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set(Buffer.from(SEGMENT_MAGIC, 'latin1'), HEADER_MAGIC);
  view.setUint32(HEADER_VERSION, header.version, true);
  view.setUint32(HEADER_ID, header.id, true);
  writeU64(view, HEADER_FIRST, header.first);
  writeU64(view, HEADER_PREVIOUS, header.previous);
  view.setUint32(HEADER_CRC, crc32c(bytes.subarray(0, HEADER_CRC)), true);
  return bytes;
}

/** The header at the start of `bytes`, or undefined where there is none. Its version may be a newer one. */
export function decodeHeader(bytes: Uint8Array): SegmentHeader | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (Buffer.from(bytes.subarray(HEADER_MAGIC, HEADER_VERSION)).toString('latin1') !== SEGMENT_MAGIC) {
    return undefined;
  }
  if (crc32c(bytes.subarray(0, HEADER_CRC)) !== view.getUint32(HEADER_CRC, true)) return undefined;
  return {
    version: view.getUint32(HEADER_VERSION, true),
    id: view.getUint32(HEADER_ID, true),
    first: readU64(view, HEADER_FIRST) as Sequence,
    previous: readU64(view, HEADER_PREVIOUS) as Sequence,
  };
}

/** Removes a file of the log; one that is gone already is fine. */
export async function removeSegment(disk: Disk, directory: string, name: string): Promise<void> {
  try {
    await disk.unlink(join(directory, name));
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** What dropping a file depends on: its size, and the last sequence of each type of record in it. */
export interface SegmentContents {
  readonly name: string;
  readonly bytes: number;
  readonly lastOfType: ReadonlyMap<RecordType, Sequence>;
}

/** The file that records go to. */
export class SegmentWriter implements SegmentContents {
  readonly name: string;
  readonly lastOfType = new Map<RecordType, Sequence>();
  readonly #file: WritableFile;
  readonly #id: number;
  #bytes = HEADER_BYTES;

  private constructor(name: string, file: WritableFile, id: number) {
    this.name = name;
    this.#file = file;
    this.#id = id;
  }

  /**
   * Makes the file under a temporary name first, and gives it its own once the header is durable: a file under its
   * own name with a broken header is damage, not a crash. The name is durable before any record is in the file, else
   * a power cut could forget the file with records that were acknowledged.
   */
  static async create(disk: Disk, directory: string, header: SegmentHeader): Promise<SegmentWriter> {
    const name = segmentName(header.first);
    const path = join(directory, name);
    const file = await disk.create(path + TEMPORARY_SUFFIX);
    try {
      await file.write([encodeHeader(header)], 0);
      await file.datasync();
      await disk.rename(path + TEMPORARY_SUFFIX, path);
      await disk.syncDirectory(directory);
    } catch (error) {
      await file.close().catch(() => {});
      throw error;
    }
    return new SegmentWriter(name, file, header.id);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Writes one group and makes it durable. After a rejection the file must not be used again. */
  async append(records: readonly FrameSource[]): Promise<void> {
    const parts = encodeFrames(records, this.#id, this.#bytes);
    for (const record of records) this.lastOfType.set(record.type, record.sequence);
    await this.#file.write(parts, this.#bytes);
    await this.#file.datasync();
    for (const part of parts) this.#bytes += part.length;
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
