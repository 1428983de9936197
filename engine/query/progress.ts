import { setImmediate } from 'node:timers/promises';

/** How long a query may keep the event loop to itself. */
const TURN_MAX_MS = 5;

/** How far a query has come. Lets others run during long work, and ends work that nobody waits for any more. */
export class Progress {
  rowsScanned = 0;
  readonly signal: AbortSignal | undefined;
  #turnStarted = performance.now();

  constructor(signal?: AbortSignal) {
    this.signal = signal;
  }

  /** Whether it is time to let others run; cheaper than `advance`. */
  get isDue(): boolean {
    return this.signal?.aborted === true || performance.now() - this.#turnStarted >= TURN_MAX_MS;
  }

  /** @throws (rejects) the signal's reason once it is aborted. */
  async advance(rows: number): Promise<void> {
    this.rowsScanned += rows;
    this.signal?.throwIfAborted();
    if (performance.now() - this.#turnStarted < TURN_MAX_MS) return;
    await setImmediate();
    this.signal?.throwIfAborted();
    this.#turnStarted = performance.now();
  }
}
