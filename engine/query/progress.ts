import { setImmediate } from 'node:timers/promises';
import type { SummaryChunk } from '../storage.js';

/** How long a query may keep the event loop to itself. */
const TURN_MAX_MS = 5;

/** A query has read as many points as one may. */
export class QueryPointsError extends Error {
  readonly code = 'QUERY_POINTS';

  constructor(pointsMax: number) {
    super(
      `The query would read more than ${pointsMax} points; ` +
        'ask for a shorter range, fewer sources, or groups (groupBy) without filters on values',
    );
    this.name = 'QueryPointsError';
  }
}

/** How far a query has come. Lets others run during long work, and ends work that nobody waits for any more. */
export class Progress {
  rowsScanned = 0;
  /** Width of the coarsest rollup windows that took part, in milliseconds; 0 where none did. */
  levelMs = 0;
  readonly signal: AbortSignal | undefined;
  readonly #pointsMax: number;
  #turnStarted = performance.now();

  /** @param signal ends the work @param pointsMax points that may be read */
  constructor(signal?: AbortSignal, pointsMax = Infinity) {
    this.signal = signal;
    this.#pointsMax = pointsMax;
  }

  /** Whether it is time to let others run; cheaper than `advance`. */
  get isDue(): boolean {
    return this.signal?.aborted === true || performance.now() - this.#turnStarted >= TURN_MAX_MS;
  }

  /** Notes what a summary took. @throws as `advance`. */
  async advanceBy({ rowsRead, levelMs }: Pick<SummaryChunk, 'rowsRead' | 'levelMs'>): Promise<void> {
    this.levelMs = Math.max(this.levelMs, levelMs);
    await this.advance(rowsRead);
  }

  /** @throws (rejects) the signal's reason once it is aborted; QueryPointsError. */
  async advance(rows: number): Promise<void> {
    this.rowsScanned += rows;
    this.signal?.throwIfAborted();
    if (this.rowsScanned > this.#pointsMax) throw new QueryPointsError(this.#pointsMax);
    if (performance.now() - this.#turnStarted < TURN_MAX_MS) return;
    await setImmediate();
    this.signal?.throwIfAborted();
    this.#turnStarted = performance.now();
  }
}
