/** Asks one question again and again, each time when the answer before has come, and not too often. */
export interface AskerOptions<Value> {
  /** Between the begin of one and of the next, at least. */
  readonly everyMs: number;
  readonly onAnswer: (value: Value) => void;
  readonly onFailure: (error: unknown) => void;
}

export class Asker<Value> {
  readonly #options: AskerOptions<Value>;
  readonly #abort = new AbortController();
  #askedAt = Number.NEGATIVE_INFINITY;
  #isAsking = false;
  /** The newest that waits for its turn. */
  #next: ((signal: AbortSignal) => Promise<Value>) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: AskerOptions<Value>) {
    this.#options = options;
  }

  /** In the place of what waits: one that is on its way is let come, or none would where each is slow. */
  want(ask: (signal: AbortSignal) => Promise<Value>): void {
    this.#next = ask;
    this.#schedule();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#next = undefined;
    this.#abort.abort();
  }

  #schedule(): void {
    if (this.#isAsking || this.#timer !== undefined || this.#next === undefined) return;
    const waitMs = Math.max(0, this.#askedAt + this.#options.everyMs - performance.now());
    this.#timer = setTimeout(() => void this.#ask(), waitMs);
  }

  async #ask(): Promise<void> {
    this.#timer = undefined;
    const ask = this.#next;
    if (ask === undefined) return;
    this.#next = undefined;
    this.#isAsking = true;
    this.#askedAt = performance.now();
    const { signal } = this.#abort;
    try {
      const value = await ask(signal);
      if (!signal.aborted) this.#options.onAnswer(value);
    } catch (error) {
      if (!signal.aborted) this.#options.onFailure(error);
    }
    this.#isAsking = false;
    this.#schedule();
  }
}
