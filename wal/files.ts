/** What is done with files as a whole, and more than once. */
import { join } from 'node:path';
import { type Disk, isNotFound } from './disk.js';

/** All of a file; undefined where there is none. */
export async function readIfThere(disk: Disk, path: string): Promise<Uint8Array | undefined> {
  try {
    return await disk.readFile(path);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** A file that is gone already is fine. */
export async function removeIfThere(disk: Disk, path: string): Promise<void> {
  try {
    await disk.unlink(path);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/**
 * The new file is durable, and the old one gone, when this resolves; after a crash it is one of the two.
 * @param temporary name that it has until it is whole
 */
export async function replaceFile(
  disk: Disk,
  directory: string,
  { name, temporary }: { readonly name: string; readonly temporary: string },
  bytes: Uint8Array,
): Promise<void> {
  const path = join(directory, temporary);
  await removeIfThere(disk, path);
  const file = await disk.create(path);
  try {
    await file.write([bytes], 0);
    await file.datasync();
  } finally {
    await file.close();
  }
  await disk.rename(path, join(directory, name));
  await disk.syncDirectory(directory);
}
