/**
 * The worker's side of queries. It belongs to the server because it writes the answer's bytes too: to print 100,000
 * rows costs more than to read them, and must not happen where points are taken.
 */
import { setPriority } from 'node:os';
import { move, transferableSymbol, valueSymbol } from 'piscina';
import { Progress } from '../../engine/query/progress.js';
import { DecodedCache } from '../../engine/segment/cache.js';
import { ReaderShelf } from '../../engine/segment/reader-shelf.js';
import { EngineSnapshot } from '../../engine/snapshot.js';
import { nodeDisk } from '../../wal/disk.js';
import { periodFigures } from '../analytics/period.js';
import { toApiError } from '../errors.js';
import { THREAD_DECODED_BYTES_MAX } from '../limits.js';
import { answerQuery } from './answer.js';
import type { QueryResult, StoppableJob } from './jobs.js';

/** How often the flag is looked at that says that nobody waits any more. */
const STOP_CHECK_MS = 10;

/** Where there are too few cores for all, those who take points and answer small queries come first. */
const PRIORITY = 5;

/** A segment that no query asks for is closed after once or twice this time. */
const SWEEP_INTERVAL_MS = 5_000;

const shelf = new ReaderShelf(nodeDisk, new DecodedCache(THREAD_DECODED_BYTES_MAX));
setInterval(() => shelf.sweep(), SWEEP_INTERVAL_MS).unref();

lowerPriority();

function lowerPriority(): void {
  // Linux alone has a priority of each thread, and takes 0 for the one that calls: elsewhere it is the process.
  if (process.platform !== 'linux') return;
  try {
    setPriority(0, PRIORITY);
  } catch {
    // Then it has the priority of all.
  }
}

export default async function work(job: StoppableJob): Promise<QueryResult> {
  const { stop } = job;
  const controller = new AbortController();
  const check = () => {
    if (Atomics.load(stop, 0) !== 0) controller.abort();
  };
  check();
  // Long work gives way again and again, and then this has its turn.
  const timer = setInterval(check, STOP_CHECK_MS);
  const progress = new Progress(controller.signal, 'period' in job ? Infinity : job.pointsMax);
  try {
    controller.signal.throwIfAborted();
    const snapshot = EngineSnapshot.open(path => shelf.open(path), job.snapshot);
    try {
      if ('period' in job) {
        return { kind: 'period', figures: await periodFigures(snapshot, job.period, controller.signal) };
      }
      return moved(await answerQuery(snapshot, job.request, job.shape, progress));
    } finally {
      snapshot.release();
    }
  } catch (error) {
    if (controller.signal.aborted) return { kind: 'stopped', pointsScanned: progress.rowsScanned };
    const { code, message } = toApiError(error);
    if (code === 'INTERNAL') throw error;
    return { kind: 'refused', code, message };
  } finally {
    clearInterval(timer);
  }
}

/** A result whose bytes change hands instead of being copied. */
function moved(body: Uint8Array): QueryResult {
  const result: QueryResult = { kind: 'answered', body };
  return move({ [transferableSymbol]: body.buffer, [valueSymbol]: result }) as unknown as QueryResult;
}
