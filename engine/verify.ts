/** Checks all that the engine keeps in a data directory beside the log, without changing anything. */
import { join } from 'node:path';
import { type Disk, isNotFound } from '../wal/disk.js';
import { EMPTY_MANIFEST, ManifestCorruptError, readManifest, segmentFileName } from './segment/manifest.js';
import { SegmentCorruptError } from './segment/reader.js';
import { checkNoneLost, SEGMENTS_DIRECTORY } from './segment/store.js';
import { type SegmentVerdict, verifySegment } from './segment/verify.js';

export interface VerifiedSegment extends SegmentVerdict {
  readonly file: string;
}

export interface EngineVerdict {
  readonly sealedThrough: number;
  readonly segments: readonly VerifiedSegment[];
  /** Messages that name file and offset. */
  readonly damages: readonly string[];
}

/** `onSegment` is told of each segment when it has been read. @throws (rejects) what the disk throws. */
export async function verifyEngine(
  disk: Disk,
  directory: string,
  onSegment?: (segment: VerifiedSegment) => void,
): Promise<EngineVerdict> {
  const damages: string[] = [];
  let manifest = EMPTY_MANIFEST;
  try {
    const found = await readManifest(disk, directory);
    if (found === undefined)
      checkNoneLost(directory, await namesIn(disk, join(directory, SEGMENTS_DIRECTORY)));
    else manifest = found;
  } catch (error) {
    if (!(error instanceof ManifestCorruptError)) throw error;
    damages.push(error.message);
  }
  const segments: VerifiedSegment[] = [];
  for (const number of manifest.segments) {
    const file = join(directory, SEGMENTS_DIRECTORY, segmentFileName(number));
    const verdict = await verifyFile(disk, file);
    damages.push(...verdict.damages.map(damage => damage.message));
    segments.push({ file, ...verdict });
    onSegment?.({ file, ...verdict });
  }
  return { sealedThrough: manifest.sealedThrough, segments, damages };
}

/** None where there is no such directory yet. */
async function namesIn(disk: Disk, directory: string): Promise<string[]> {
  try {
    return await disk.list(directory);
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
}

async function verifyFile(disk: Disk, file: string): Promise<SegmentVerdict> {
  if ((await disk.size(file)) === undefined) {
    const damage = new SegmentCorruptError(file, 0, 'The file is missing');
    return { rowCount: 0, blockCount: 0, bytes: 0, damages: [damage] };
  }
  return verifySegment(disk, file);
}
