/**
 * Which segments live, and up to which log record they hold everything. One small file, swapped whole.
 * Bytes: engine/FORMAT.md, "Manifest".
 */
import { join } from 'node:path';
import { crc32c } from '@node-rs/crc32';
import type { Disk } from '../../wal/disk.js';
import { readIfThere, replaceFile } from '../../wal/files.js';
import type { Sequence } from '../../wal/records.js';

export const MANIFEST_NAME = 'manifest';
export const MANIFEST_VERSION = 1;
const TEMPORARY_NAME = 'manifest.tmp';

export interface Manifest {
  /** Every points and erase record up to this one is in the segments. */
  readonly sealedThrough: Sequence;
  /** Numbers of the live segments, in order of age. */
  readonly segments: readonly number[];
  /** Number of the next segment: numbers are not used twice. */
  readonly nextSegment: number;
  /** Erased sources that still have rows in some segment. */
  readonly erased: readonly number[];
}

export const EMPTY_MANIFEST: Manifest = {
  sealedThrough: 0 as Sequence,
  segments: [],
  nextSegment: 1,
  erased: [],
};

export class ManifestCorruptError extends Error {
  readonly code = 'MANIFEST_CORRUPT';
  readonly file: string;

  constructor(file: string, reason: string) {
    super(`${file} is damaged: ${reason}. Restore it from a copy; the segments beside it are untouched`);
    this.name = 'ManifestCorruptError';
    this.file = file;
  }
}

export function segmentFileName(number: number): string {
  return `${String(number).padStart(10, '0')}.segment`;
}

/** Number of a segment from its file's name; undefined for other names. */
export function segmentNumberOf(name: string): number | undefined {
  const match = /^(\d{10,15})\.segment$/.exec(name);
  return match === null ? undefined : Number(match[1]);
}

/** undefined where there is none yet. @throws ManifestCorruptError (rejects) */
export async function readManifest(disk: Disk, directory: string): Promise<Manifest | undefined> {
  const path = join(directory, MANIFEST_NAME);
  const bytes = await readIfThere(disk, path);
  if (bytes === undefined) return undefined;
  const lines = new TextDecoder().decode(bytes).split('\n');
  if (lines.length !== 3 || lines[2] !== '') throw new ManifestCorruptError(path, 'it is not two lines');
  if (lines[1] !== checksumOf(lines[0])) throw new ManifestCorruptError(path, 'its checksum does not match');
  const { version, ...manifest } = JSON.parse(lines[0]);
  if (version !== MANIFEST_VERSION) {
    throw new ManifestCorruptError(path, `version ${version} is unknown to this release`);
  }
  return manifest;
}

/** The new manifest is durable, and the old one gone, when this resolves; after a crash it is one of the two. */
export async function writeManifest(disk: Disk, directory: string, manifest: Manifest): Promise<void> {
  const line = JSON.stringify({ version: MANIFEST_VERSION, ...manifest });
  const bytes = new TextEncoder().encode(`${line}\n${checksumOf(line)}\n`);
  await replaceFile(disk, directory, { name: MANIFEST_NAME, temporary: TEMPORARY_NAME }, bytes);
}

function checksumOf(line: string): string {
  return crc32c(line).toString(16).padStart(8, '0');
}
