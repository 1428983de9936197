import { type FlushRunner, flushHead } from '../../engine/upkeep/flush.js';
import type { Disk } from '../../wal/disk.js';

/** Flushes where it is called, on any disk. */
export function inlineRunner(disk: Disk): FlushRunner {
  return {
    // As a worker would get it: a copy, but for the shared memory.
    run: job => flushHead(disk, structuredClone(job)),
    close: async () => {},
  };
}
