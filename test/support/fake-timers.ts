import type { Clock } from '../../engine/base/time.js';
import type { Timers } from '../../server/webhooks/timers.js';

interface Set {
  readonly at: number;
  readonly callback: () => void;
}

/** Time that passes only when it is told to. */
export class FakeTimers implements Timers, Clock {
  #now: number;
  #timers: Set[] = [];

  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  set(callback: () => void, delayMs: number): () => void {
    const timer = { at: this.#now + Math.max(0, delayMs), callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter(other => other !== timer);
    };
  }

  /** Lets so much time pass; what is set in it runs at its time, and all that follows from it before what comes next. */
  async pass(durationMs: number): Promise<void> {
    const end = this.#now + durationMs;
    await settled();
    for (;;) {
      const next = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter(timer => timer !== next);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
      await settled();
    }
    this.#now = end;
  }
}

/** Until nothing that waits only for other code runs any more. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise(resolve => setImmediate(resolve));
}
