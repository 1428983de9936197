import { runJob, type UpkeepRunner } from '../../engine/upkeep/jobs.js';
import type { Disk } from '../../wal/disk.js';

/** Does upkeep where it is called, on any disk. */
export function inlineRunner(disk: Disk): UpkeepRunner {
  return {
    // As a worker would get it: a copy, but for the shared memory.
    run: job => runJob(disk, structuredClone(job)),
    close: async () => {},
  };
}
