/** Answers queries: cheap ones where they arrive, the others in threads of their own; none without an end. */
import { planQuery, type QueryPlan } from '../../engine/query/cost.js';
import { Progress } from '../../engine/query/progress.js';
import type { QueryRequest } from '../../engine/query/request.js';
import type { Readable, Snapshot, Storage } from '../../engine/storage.js';
import { ApiError } from '../errors.js';
import type { QueryLimits } from '../limits.js';
import { type AnswerShape, answerQuery } from './answer.js';
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
    return this.#within(request.sources, left, (snapshot, signal) =>
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
    return this.#within(sources, left, (snapshot, signal) =>
      work(snapshot, new Progress(signal, this.#pointsMax)),
    );
  }

  async #within<T>(
    sources: readonly number[],
    left: AbortSignal,
    work: (snapshot: Snapshot, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
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
    const { pool } = this.#options;
    const pointsMax = this.#pointsMax;
    const shared = pool !== undefined && this.#isLong(snapshot, request) ? snapshot.share() : undefined;
    if (pool === undefined || shared === undefined) {
      return answerQuery(snapshot, request, shape, new Progress(signal, pointsMax));
    }
    const result = await pool.run({ snapshot: shared, request, shape, pointsMax }, signal);
    if (result.kind === 'answered') return result.body;
    if (result.kind === 'refused') throw new ApiError(result.code, { message: result.message });
    throw signal.reason;
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

  get #pointsMax(): number {
    return this.#options.pointsMax === 0 ? Infinity : this.#options.pointsMax;
  }

  get #inlineMax(): number {
    return this.#options.inlineMicrosecondsMax ?? INLINE_MICROSECONDS_MAX;
  }

  #isLong(snapshot: Snapshot, request: QueryRequest): boolean {
    return planQuery(snapshot, request, this.#inlineMax).microseconds > this.#inlineMax;
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
