/** Where upkeep runs: worker threads, so that sorting and packing never hold up the thread that serves. */
import { Piscina } from 'piscina';
import type { UpkeepJob, UpkeepResult, UpkeepRunner } from './jobs.js';

/** A second thread starts only where a flush would wait for a compaction, and ends when it has nothing to do. */
const THREADS_MAX = 2;
const IDLE_TIMEOUT_MS = 30_000;

/** @param onError told of a thread that ended while it had nothing to do: without a listener that would end the process */
export function workerRunner(onError: (error: unknown) => void): UpkeepRunner {
  const pool = new Piscina({
    filename: import.meta.resolve('#upkeep-worker'),
    minThreads: 1,
    maxThreads: THREADS_MAX,
    idleTimeout: IDLE_TIMEOUT_MS,
    // One job a thread: two on one would run their synchronous parts one after the other.
    concurrentTasksPerWorker: 1,
  });
  pool.on('error', onError);
  return {
    run: (job: UpkeepJob): Promise<UpkeepResult> => pool.run(job),
    close: () => pool.destroy(),
  };
}
