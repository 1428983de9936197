/** Answers queries: cheap ones where they arrive, the others in threads of their own; none without an end. */
import { assert } from '../../engine/base/assert.js';
import { planQuery, type QueryPlan, readsOf } from '../../engine/query/cost.js';
import { Progress } from '../../engine/query/progress.js';
import type { QueryRequest } from '../../engine/query/request.js';
import type { Readable, SharedSnapshot, Snapshot, Storage } from '../../engine/storage.js';
import { type PeriodFigures, type PeriodRequest, periodCost, periodFigures } from '../analytics/period.js';
import { ApiError } from '../errors.js';
import type { QueryLimits } from '../limits.js';
import { type AnswerShape, answerQuery } from './answer.js';
import type { QueryJob, QueryResult } from './jobs.js';
import type { QueryPool } from './pool.js';

/** What is answered where it arrives, by its cost: a hop to a thread takes a tenth of it, and points wait no longer. */
const INLINE_MICROSECONDS_MAX = 4_000;

export interface QueriesOptions extends QueryLimits {
  readonly storage: Storage;
  /** Without one all queries are answered in this thread. */
  readonly pool?: QueryPool;
  readonly inlineMicrosecondsMax?: number;
}

export class Queries {
  /** Queries, by what they read and where they run: `summaries inline`, `rows thread` and so on. */
  readonly counts = new Map<string, number>();
  readonly #options: QueriesOptions;

  constructor(options: QueriesOptions) {
    this.#options = options;
  }

  /**
   * The body of the answer.
   * @param left aborts when nobody waits any more
   * @throws (rejects) ApiError; the signal's reason; what the storage throws.
   */
  answer(request: QueryRequest, shape: AnswerShape, left: AbortSignal): Promise<Uint8Array> {
    return this.#whileHeld(request.sources, left, (snapshot, signal) =>
      this.#answer(snapshot, request, shape, signal),
    );
  }

  /**
   * Other work that reads points, within the same limits, in this thread.
   * @throws (rejects) ApiError; the signal's reason; QueryPointsError; what the storage and the work throw.
   */
  read<T>(
    sources: readonly number[],
    left: AbortSignal,
    work: (readable: Readable, progress: Progress) => Promise<T>,
  ): Promise<T> {
    return this.#whileHeld(sources, left, (snapshot, signal) =>
      work(snapshot, new Progress(signal, this.#pointsMax)),
    );
  }

  /** What there is in a period. Throws as `answer` does. */
  period(request: PeriodRequest, left: AbortSignal): Promise<PeriodFigures> {
    return this.#whileHeld(request.sources, left, async (snapshot, signal) => {
      const isLong = () => periodCost(snapshot, request, this.#inlineMax) > this.#inlineMax;
      const result = await this.#inThread(
        snapshot,
        isLong,
        shared => ({ snapshot: shared, period: request }),
        signal,
      );
      if (result === undefined) return periodFigures(snapshot, request, signal);
      assert(result.kind === 'period', 'a thread does the job that it is given');
      return result.figures;
    });
  }

  async #whileHeld<Result>(
    sources: readonly number[],
    left: AbortSignal,
    work: (snapshot: Snapshot, signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    left.throwIfAborted();
    const { timeMaxMs, storage } = this.#options;
    const controller = new AbortController();
    const leave = () => controller.abort(left.reason);
    const timer = setTimeout(() => controller.abort(tooLong(timeMaxMs)), timeMaxMs);
    left.addEventListener('abort', leave);
    // Held until the end of all work on it, whoever does it: other threads read its memory and its files.
    const snapshot = storage.snapshot(sources);
    try {
      return await work(snapshot, controller.signal);
    } finally {
      snapshot.release();
      clearTimeout(timer);
      left.removeEventListener('abort', leave);
    }
  }

  async #answer(
    snapshot: Snapshot,
    request: QueryRequest,
    shape: AnswerShape,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    const pointsMax = this.#pointsMax;
    const isLong = () => planQuery(snapshot, request, this.#inlineMax).microseconds > this.#inlineMax;
    const jobOf = (shared: SharedSnapshot) => ({ snapshot: shared, request, shape, pointsMax });
    const result = await this.#inThread(snapshot, isLong, jobOf, signal);
    this.#count(request, result === undefined ? 'inline' : 'thread');
    if (result === undefined) return answerQuery(snapshot, request, shape, new Progress(signal, pointsMax));
    assert(result.kind === 'answered', 'a thread does the job that it is given');
    return result.body;
  }

  /** What a thread makes of a job; undefined where it is to be done here, because it is short or there are no threads. */
  async #inThread(
    snapshot: Snapshot,
    isLong: () => boolean,
    jobOf: (shared: SharedSnapshot) => QueryJob,
    signal: AbortSignal,
  ): Promise<QueryResult | undefined> {
    const { pool } = this.#options;
    const shared = pool !== undefined && isLong() ? snapshot.share() : undefined;
    if (pool === undefined || shared === undefined) return undefined;
    const result = await pool.run(jobOf(shared), signal);
    if (result.kind === 'refused') throw new ApiError(result.code, { message: result.message });
    if (result.kind === 'stopped') throw signal.reason;
    return result;
  }

  /** How a query would be answered; nothing of it is read. */
  explain(request: QueryRequest): ExplainedQuery {
    const snapshot = this.#options.storage.snapshot(request.sources);
    try {
      const plan = planQuery(snapshot, request, Number.POSITIVE_INFINITY);
      return { plan, inThread: this.#options.pool !== undefined && plan.microseconds > this.#inlineMax };
    } finally {
      snapshot.release();
    }
  }

  #count(request: QueryRequest, runs: 'inline' | 'thread'): void {
    const plan = `${readsOf(request)} ${runs}`;
    this.counts.set(plan, (this.counts.get(plan) ?? 0) + 1);
  }

  get #pointsMax(): number {
    return this.#options.pointsMax === 0 ? Infinity : this.#options.pointsMax;
  }

  get #inlineMax(): number {
    return this.#options.inlineMicrosecondsMax ?? INLINE_MICROSECONDS_MAX;
  }
}

export interface ExplainedQuery {
  readonly plan: QueryPlan;
  /** Whether a thread of its own answers it. */
  readonly inThread: boolean;
}

function tooLong(timeMaxMs: number): ApiError {
  const message = `The query took longer than ${timeMaxMs / 1_000} s; ask for a shorter range, fewer sources, or groups (groupBy)`;
  return new ApiError('QUERY_TOO_LONG', { message });
}
