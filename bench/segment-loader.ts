/** Long sources into segments of a stopped server's data directory, as fast as they are packed: HTTP would take hours. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { SegmentStore } from '../engine/segment/store.js';
import { nodeDisk } from '../wal/disk.js';
import type { SegmentJob } from './segment-worker.js';

/** As few as a compaction's result may have. */
const SEGMENT_ROWS_MIN = 2 ** 24;
/** Of one size: a fourth would have the server merge them. */
const SEGMENTS_MAX = 3;

/**
 * The segments are written at the same time, each in a thread.
 * @param sources ordinals, ascending; they have no rows yet
 * @param rowCount of each
 * @param startTime as of `longReadings`
 */
export async function writeLongSources(
  directory: string,
  sources: readonly number[],
  rowCount: number,
  onProgress: (rows: number) => void,
  startTime?: number,
): Promise<void> {
  const leastRows = Math.ceil(SEGMENT_ROWS_MIN / sources.length);
  const segmentRows = Math.max(leastRows, Math.ceil(rowCount / SEGMENTS_MAX));
  const store = await SegmentStore.open(nodeDisk, directory);
  try {
    const written: Promise<string>[] = [];
    let rows = 0;
    for (let from = 0; from < rowCount; from += segmentRows) {
      const path = await store.temporaryPath(`bench-${from}`);
      const to = Math.min(from + segmentRows, rowCount);
      const { sealedThrough: lastSequence } = store;
      const job: SegmentJob = { path, sources, rowCount, startTime, from, to, lastSequence };
      const advance = (more: number) => {
        rows += more;
        onProgress(rows);
      };
      written.push(writeInThread(job, advance).then(() => path));
    }
    for (const file of await Promise.all(written)) {
      await store.publish({ files: [file], erased: new Set(store.erased), onPublished() {} });
    }
  } finally {
    store.close();
  }
}

async function writeInThread(job: SegmentJob, onRows: (rows: number) => void): Promise<void> {
  const worker = new Worker(new URL('./segment-worker.js', import.meta.url), { workerData: job });
  worker.on('message', onRows);
  // Rejects where the worker throws.
  const [code] = await once(worker, 'exit');
  if (code !== 0) throw new Error(`${job.path} was not written`);
}
