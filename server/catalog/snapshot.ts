/**
 * The catalog in one file, so that the log files that carry its changes may be dropped.
 *
 *     ┌───────────┬─────────────┬──────────────┬────────────┬─────────────────────┐
 *     │ magic     │ version u32 │ sequence f64 │ crc32c u32 │ image (MessagePack) │
 *     │ "DKCATLOG"│             │              │            │                     │
 *     └───────────┴─────────────┴──────────────┴────────────┴─────────────────────┘
 *
 * Numbers are little-endian. The checksum covers everything but itself. `sequence` is the last record of the log
 * that the image holds. A file is written under another name, synced, and renamed: it is whole or not there.
 */
import { join } from 'node:path';
import { crc32c } from '@node-rs/crc32';
import { Packr } from 'msgpackr';
import { type Disk, isNotFound } from '../../wal/disk.js';
import type { Sequence } from '../../wal/records.js';
import type { CatalogImage } from './state.js';

const SNAPSHOT_NAME = 'catalog.snapshot';
const TEMPORARY_NAME = 'catalog.snapshot.new';

const MAGIC = new TextEncoder().encode('DKCATLOG');
const VERSION = 1;

const OFFSET_VERSION = MAGIC.length;
const OFFSET_SEQUENCE = OFFSET_VERSION + 4;
const OFFSET_CRC = OFFSET_SEQUENCE + 8;
const OFFSET_IMAGE = OFFSET_CRC + 4;

export interface CatalogSnapshot {
  readonly sequence: Sequence;
  readonly image: CatalogImage;
}

/** The snapshot is not what was written. Nothing is guessed: keys and buckets would silently be missing. */
export class CatalogCorruptError extends Error {
  readonly code = 'CATALOG_CORRUPT';
  readonly file: string;

  constructor(file: string, reason: string, options?: ErrorOptions) {
    super(`The catalog is damaged in ${file}: ${reason}. Restore the file from a copy`, options);
    this.name = 'CatalogCorruptError';
    this.file = file;
  }
}

/** The snapshot is whole, but a newer version of the program wrote it. */
export class CatalogVersionError extends Error {
  readonly code = 'CATALOG_VERSION';
  readonly file: string;

  constructor(file: string, version: number) {
    super(`A newer version wrote ${file} (format ${version}). Start that version, or a later one`);
    this.name = 'CatalogVersionError';
    this.file = file;
  }
}

const packr = new Packr({ useRecords: false });

/** The first record of every log makes the organization: whoever has later ones and no organization lost the snapshot. */
export function missingSnapshot(directory: string): CatalogCorruptError {
  return new CatalogCorruptError(join(directory, SNAPSHOT_NAME), 'it is missing, but there is data');
}

export function encodeSnapshot(snapshot: CatalogSnapshot): Uint8Array {
  const image = packr.pack(snapshot.image);
  const bytes = new Uint8Array(OFFSET_IMAGE + image.length);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint32(OFFSET_VERSION, VERSION, true);
  view.setFloat64(OFFSET_SEQUENCE, snapshot.sequence, true);
  bytes.set(image, OFFSET_IMAGE);
  view.setUint32(OFFSET_CRC, checksum(bytes), true);
  return bytes;
}

/** @throws CatalogCorruptError, CatalogVersionError */
export function decodeSnapshot(bytes: Uint8Array, file: string): CatalogSnapshot {
  if (bytes.length < OFFSET_IMAGE) throw new CatalogCorruptError(file, `it ends after ${bytes.length} bytes`);
  if (MAGIC.some((byte, index) => bytes[index] !== byte)) {
    throw new CatalogCorruptError(file, 'it does not begin like a catalog');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // The checksum comes before the version: a flipped bit there is damage, not a newer program.
  if (view.getUint32(OFFSET_CRC, true) !== checksum(bytes)) {
    throw new CatalogCorruptError(file, 'the checksum does not match');
  }
  const version = view.getUint32(OFFSET_VERSION, true);
  if (version !== VERSION) throw new CatalogVersionError(file, version);
  return {
    sequence: view.getFloat64(OFFSET_SEQUENCE, true) as Sequence,
    image: packr.unpack(bytes.subarray(OFFSET_IMAGE)),
  };
}

/** The snapshot of a data directory, or undefined where there is none. @throws CatalogCorruptError, CatalogVersionError */
export async function readSnapshot(disk: Disk, directory: string): Promise<CatalogSnapshot | undefined> {
  const file = join(directory, SNAPSHOT_NAME);
  let bytes: Uint8Array;
  try {
    bytes = await disk.readFile(file);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
  return decodeSnapshot(bytes, file);
}

/** Puts a snapshot in the place of the last one; durable when the promise resolves. */
export async function writeSnapshot(disk: Disk, directory: string, bytes: Uint8Array): Promise<void> {
  const temporary = join(directory, TEMPORARY_NAME);
  if ((await disk.size(temporary)) !== undefined) await disk.unlink(temporary);
  const file = await disk.create(temporary);
  try {
    await file.write([bytes], 0);
    await file.datasync();
  } finally {
    await file.close();
  }
  await disk.rename(temporary, join(directory, SNAPSHOT_NAME));
  await disk.syncDirectory(directory);
}

function checksum(bytes: Uint8Array): number {
  return crc32c(bytes.subarray(OFFSET_IMAGE), crc32c(bytes.subarray(0, OFFSET_CRC)));
}
