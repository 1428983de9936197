/** Where upkeep runs: one worker thread, so that sorting and packing never hold up the thread that serves. */
import { Piscina } from 'piscina';
import type { SegmentWritten } from '../segment/writer.js';
import type { FlushJob, FlushRunner } from './flush.js';

export function workerRunner(): FlushRunner {
  // One thread that lives on: starting one costs tens of milliseconds, and two would take the server's core.
  const pool = new Piscina({
    filename: new URL('./worker.js', import.meta.url).href,
    minThreads: 1,
    maxThreads: 1,
  });
  return {
    run: (job: FlushJob): Promise<SegmentWritten> => pool.run(job),
    close: () => pool.destroy(),
  };
}
