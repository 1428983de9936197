import { readdirSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes of all files below a directory. */
export function directoryBytes(directory: string): number {
  return sumOfFiles(directory, ({ size }) => size);
}

/** The same, but of files that were made longer than what is in them only what they take of the disk. */
export function occupiedBytes(directory: string): number {
  return sumOfFiles(directory, ({ size, blocks }) => Math.min(size, blocks * BLOCK_BYTES));
}

/** Of `stat`, whatever the file system has. */
const BLOCK_BYTES = 512;

function sumOfFiles(directory: string, bytesOf: (stats: Stats) => number): number {
  let bytes = 0;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) bytes += sumOfFiles(path, bytesOf);
    else {
      // A log or segment may go between the listing and the look at it.
      const stats = statSync(path, { throwIfNoEntry: false });
      if (stats !== undefined) bytes += bytesOf(stats);
    }
  }
  return bytes;
}
