/** Threads that answer queries, so that long ones never hold up the thread that takes points. */
import { Piscina } from 'piscina';
import { ApiError } from '../errors.js';
import { QUERIES_WAITING_MAX } from '../limits.js';
import type { QueryJob, QueryResult, StoppableJob } from './jobs.js';

/**
 * Heap of a thread. Rows and columns are outside of it, and the answer's bytes: what goes beyond is a query gone wild,
 * and the thread ends alone.
 */
const HEAP_MIB_MAX = 1_024;

export interface QueryPoolOptions {
  /** At least 1. */
  readonly threads: number;
  /** Told of a thread that ended while it had nothing to do. */
  readonly onError: (error: unknown) => void;
  /** URL of the worker. */
  readonly file?: string;
}

export class QueryPool {
  readonly #options: QueryPoolOptions;
  #threads: Piscina<StoppableJob, QueryResult> | undefined;
  #runningCount = 0;
  /** In order of arrival. Piscina cannot tell which of its own queue no thread has seen yet. */
  readonly #waiting = new Set<() => void>();

  constructor(options: QueryPoolOptions) {
    this.#options = options;
  }

  /** Jobs that threads are at work on. */
  get runningCount(): number {
    return this.#runningCount;
  }

  /** Starts the threads, which the first query would otherwise wait for. */
  start(): void {
    this.#started();
  }

  /**
   * Resolves, or rejects, when no thread works on the job any more. One that is stopped by the signal has the result
   * 'stopped', or rejects with the signal's reason where it had not begun.
   * @throws (rejects) ApiError (OVERLOADED) where too many wait; what the storage threw; that a thread has ended.
   */
  async run(job: QueryJob, signal: AbortSignal): Promise<QueryResult> {
    signal.throwIfAborted();
    if (this.#runningCount >= this.#options.threads) await this.#turn(signal);
    else this.#runningCount++;
    const stop = new Int32Array(new SharedArrayBuffer(4));
    // An aborted task of Piscina's ends its thread, and a new one takes longer to start than most queries.
    const onAbort = () => Atomics.store(stop, 0, 1);
    signal.addEventListener('abort', onAbort);
    try {
      return await this.#started().run({ ...job, stop });
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#next();
    }
  }

  /** Jobs that are under way are given up. */
  async close(): Promise<void> {
    await this.#threads?.destroy();
  }

  #started(): Piscina<StoppableJob, QueryResult> {
    if (this.#threads !== undefined) return this.#threads;
    const { threads, onError, file = import.meta.resolve('#query-worker') } = this.#options;
    this.#threads = new Piscina({
      filename: file,
      minThreads: threads,
      maxThreads: threads,
      // One job a thread: two on one would only take turns.
      concurrentTasksPerWorker: 1,
      // A thread that waits in Atomics closes no files that it does not need any more.
      atomics: 'disabled',
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB_MAX },
    });
    this.#threads.on('error', onError);
    return this.#threads;
  }

  /** Resolves when a thread is the caller's. */
  #turn(signal: AbortSignal): Promise<void> {
    if (this.#waiting.size >= QUERIES_WAITING_MAX) throw new ApiError('OVERLOADED');
    return new Promise((resolve, reject) => {
      const begin = () => {
        this.#waiting.delete(begin);
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = () => {
        this.#waiting.delete(begin);
        reject(signal.reason);
      };
      this.#waiting.add(begin);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  /** Gives the thread that is free now to the one who waits longest. */
  #next(): void {
    const [begin] = this.#waiting;
    if (begin === undefined) this.#runningCount--;
    else begin();
  }
}
