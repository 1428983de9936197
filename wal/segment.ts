/** One file of the log: its name and its header. FORMAT.md draws it. */
import { join } from 'node:path';
import { crc32c } from '@node-rs/crc32';
import type { Disk } from './disk.js';
import { removeIfThere } from './files.js';
import { readU64, writeU64 } from './frame.js';
import type { RecordType, Sequence } from './records.js';

export const SEGMENT_MAGIC = 'dakkiowl';
export const SEGMENT_VERSION = 1;

export const HEADER_MAGIC = 0; // 8 bytes of ASCII
export const HEADER_VERSION = HEADER_MAGIC + 8; // u32
export const HEADER_ID = HEADER_VERSION + 4; // u32, random; seeds the checksum of every frame
export const HEADER_FIRST = HEADER_ID + 4; // u64, sequence of the first record
export const HEADER_PREVIOUS = HEADER_FIRST + 8; // u64, sequence of the last record of the file before
export const HEADER_REUSED = HEADER_PREVIOUS + 8; // u32, bytes up to here may be those of an earlier file
export const HEADER_CRC = HEADER_REUSED + 4; // u32, over [0, here)
export const HEADER_BYTES = HEADER_CRC + 4;

const TEMPORARY_SUFFIX = '.tmp';
const NAME_PATTERN = /^([0-9a-f]{16})\.wal$/;

export interface SegmentHeader {
  readonly version: number;
  readonly id: number;
  readonly first: Sequence;
  readonly previous: Sequence;
  /** Where the bytes of the file end in whose place this one was made; 0 where it was made anew. */
  readonly reused: number;
}

/** Names sort as their first sequences do. */
export function segmentName(first: Sequence): string {
  return `${first.toString(16).padStart(16, '0')}.wal`;
}

export function isSegmentName(name: string): boolean {
  return NAME_PATTERN.test(name);
}

/** Of a file in the making. */
export function temporaryName(first: Sequence): string {
  return temporaryNameOf(segmentName(first));
}

export function temporaryNameOf(name: string): string {
  return name + TEMPORARY_SUFFIX;
}

/** A file in the making, or kept to be made another: no record in it means anything. */
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
  view.setUint32(HEADER_REUSED, header.reused, true);
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
    reused: view.getUint32(HEADER_REUSED, true),
  };
}

/** Removes a file of the log; one that is gone already is fine. */
export function removeSegment(disk: Disk, directory: string, name: string): Promise<void> {
  return removeIfThere(disk, join(directory, name));
}

/** What dropping a file depends on: its size, and the last sequence of each type of record in it. */
export interface SegmentContents {
  readonly name: string;
  /** Of the whole file. */
  readonly bytes: number;
  /** Id of its frames where there is nothing else in it: then it may be written over. */
  readonly spareId?: number | undefined;
  readonly lastOfType: ReadonlyMap<RecordType, Sequence>;
}
