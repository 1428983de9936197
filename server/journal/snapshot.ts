/**
 * State in one file, so that the log files that carry its changes may be dropped.
 *
 *     ┌───────────┬─────────────┬──────────────┬────────────┬─────────────────────┐
 *     │ magic     │ version u32 │ sequence f64 │ crc32c u32 │ image (MessagePack) │
 *     │ 8 letters │             │              │            │                     │
 *     └───────────┴─────────────┴──────────────┴────────────┴─────────────────────┘
 *
 * Numbers are little-endian. The checksum covers everything but itself. `sequence` is the last record of the log
 * that the image holds. A file is written under another name, synced, and renamed: it is whole or not there.
 */
import { join } from 'node:path';
import { crc32c } from '@node-rs/crc32';
import { Packr } from 'msgpackr';
import { assert } from '../../engine/base/assert.js';
import type { Disk } from '../../wal/disk.js';
import { readIfThere, replaceFile } from '../../wal/files.js';
import type { Sequence } from '../../wal/records.js';
import type { LedgerFile } from './files.js';

const VERSION = 1;

const MAGIC_BYTES = 8;
const OFFSET_VERSION = MAGIC_BYTES;
const OFFSET_SEQUENCE = OFFSET_VERSION + 4;
const OFFSET_CRC = OFFSET_SEQUENCE + 8;
const OFFSET_IMAGE = OFFSET_CRC + 4;

export interface Snapshot {
  readonly sequence: Sequence;
  /** Plain data. */
  readonly image: unknown;
}

/** The snapshot is not what was written. Nothing is guessed: keys and buckets would silently be missing. */
export class SnapshotCorruptError extends Error {
  readonly code = 'SNAPSHOT_CORRUPT';
  readonly file: string;

  constructor(file: string, reason: string, options?: ErrorOptions) {
    super(`A snapshot is damaged: ${file}: ${reason}. Restore the file from a copy`, options);
    this.name = 'SnapshotCorruptError';
    this.file = file;
  }
}

/** The snapshot is whole, but a newer version of the program wrote it. */
export class SnapshotVersionError extends Error {
  readonly code = 'SNAPSHOT_VERSION';
  readonly file: string;

  constructor(file: string, version: number) {
    super(`A newer version wrote ${file} (format ${version}). Start that version, or a later one`);
    this.name = 'SnapshotVersionError';
    this.file = file;
  }
}

const packr = new Packr({ useRecords: false });

export function snapshotPath(directory: string, ledger: LedgerFile): string {
  return join(directory, nameOf(ledger));
}

export function encodeSnapshot({ magic }: LedgerFile, { sequence, image }: Snapshot): Uint8Array {
  const letters = new TextEncoder().encode(magic);
  assert(letters.length === MAGIC_BYTES, 'a magic has eight letters');
  const packed = packr.pack(image);
  const bytes = new Uint8Array(OFFSET_IMAGE + packed.length);
  const view = new DataView(bytes.buffer);
  bytes.set(letters);
  view.setUint32(OFFSET_VERSION, VERSION, true);
  view.setFloat64(OFFSET_SEQUENCE, sequence, true);
  bytes.set(packed, OFFSET_IMAGE);
  view.setUint32(OFFSET_CRC, checksum(bytes), true);
  return bytes;
}

/** @throws SnapshotCorruptError, SnapshotVersionError */
export function decodeSnapshot(bytes: Uint8Array, { name, magic }: LedgerFile, file: string): Snapshot {
  if (bytes.length < OFFSET_IMAGE)
    throw new SnapshotCorruptError(file, `it ends after ${bytes.length} bytes`);
  const letters = new TextEncoder().encode(magic);
  if (letters.some((byte, index) => bytes[index] !== byte)) {
    throw new SnapshotCorruptError(file, `it does not begin like a snapshot of ${name}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // The checksum comes before the version: a flipped bit there is damage, not a newer program.
  if (view.getUint32(OFFSET_CRC, true) !== checksum(bytes)) {
    throw new SnapshotCorruptError(file, 'the checksum does not match');
  }
  const version = view.getUint32(OFFSET_VERSION, true);
  if (version !== VERSION) throw new SnapshotVersionError(file, version);
  return {
    sequence: view.getFloat64(OFFSET_SEQUENCE, true) as Sequence,
    image: packr.unpack(bytes.subarray(OFFSET_IMAGE)),
  };
}

/** The snapshot in a data directory, or undefined where there is none. @throws SnapshotCorruptError, SnapshotVersionError */
export async function readSnapshot(
  disk: Disk,
  directory: string,
  ledger: LedgerFile,
): Promise<Snapshot | undefined> {
  const path = snapshotPath(directory, ledger);
  const bytes = await readIfThere(disk, path);
  return bytes === undefined ? undefined : decodeSnapshot(bytes, ledger, path);
}

/** Puts a snapshot in the place of the last one; durable when the promise resolves. */
export function writeSnapshot(
  disk: Disk,
  directory: string,
  ledger: LedgerFile,
  bytes: Uint8Array,
): Promise<void> {
  const name = nameOf(ledger);
  return replaceFile(disk, directory, { name, temporary: `${name}.new` }, bytes);
}

function nameOf({ name }: LedgerFile): string {
  return `${name}.snapshot`;
}

function checksum(bytes: Uint8Array): number {
  return crc32c(bytes.subarray(OFFSET_IMAGE), crc32c(bytes.subarray(0, OFFSET_CRC)));
}
