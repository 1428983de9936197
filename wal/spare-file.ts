/** A file that the log has dropped, kept to be written over: its blocks are there, and cost nothing again. */
import { join } from 'node:path';
import { type Disk, isNotFound } from './disk.js';
import { temporaryNameOf } from './segment.js';

export interface SpareFile {
  readonly path: string;
  /** Seeds the checksums of the frames that are in it. */
  readonly id: number;
  readonly bytes: number;
}

/**
 * Takes the file's name from the log. Only once the directory has been synced may anything be written to it: a power
 * cut could bring the name back, and records of a later file under it.
 * @returns undefined where it is gone already.
 */
export async function setAside(
  disk: Disk,
  directory: string,
  name: string,
  file: Omit<SpareFile, 'path'>,
): Promise<SpareFile | undefined> {
  const path = join(directory, temporaryNameOf(name));
  try {
    await disk.rename(join(directory, name), path);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
  return { path, id: file.id, bytes: file.bytes };
}
