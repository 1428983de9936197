/** Many records, one sync: what is appended while a sync is in flight goes out together with the next. */
import type { FrameSource } from './frame.js';
import { LogUnavailableError, type Sequence } from './records.js';

interface Waiting extends FrameSource {
  readonly onDurable: ((sequence: Sequence) => void) | undefined;
  readonly resolve: (sequence: Sequence) => void;
  readonly reject: (error: Error) => void;
  readonly settled: Promise<Sequence>;
}

/** Makes a beginning of the queue durable, at least one record, and tells how many. */
export type WriteGroup = (queue: readonly FrameSource[]) => Promise<number>;

export class GroupCommit {
  readonly #write: WriteGroup;
  readonly #queue: Waiting[] = [];
  #isRunning = false;
  #failure: LogUnavailableError | undefined;

  constructor(write: WriteGroup) {
    this.#write = write;
  }

  get failure(): LogUnavailableError | undefined {
    return this.#failure;
  }

  append(record: FrameSource, onDurable: ((sequence: Sequence) => void) | undefined): Promise<Sequence> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const { promise, resolve, reject } = withResolvers<Sequence>();
    this.#queue.push({ ...record, onDurable, resolve, reject, settled: promise });
    if (!this.#isRunning) {
      this.#isRunning = true;
      // Not at once: what else this turn of the event loop appends shares the first sync.
      queueMicrotask(() => this.#run());
    }
    return promise;
  }

  async flushed(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    await this.#queue.at(-1)?.settled;
  }

  async #run(): Promise<void> {
    try {
      while (this.#queue.length > 0) this.#acknowledge(await this.#write(this.#queue));
    } catch (error) {
      // What became of the bytes in flight is unknown, and a sync tried again would succeed without them:
      // only a restart, which reads what is there, may acknowledge anything again.
      this.#failure = new LogUnavailableError(error);
      for (const waiting of this.#queue.splice(0)) waiting.reject(this.#failure);
    }
    this.#isRunning = false;
  }

  #acknowledge(count: number): void {
    while (count > 0) {
      // A callback that throws leaves memory behind the log, so it ends the log as a failed sync does.
      const waiting = this.#queue[0];
      waiting.onDurable?.(waiting.sequence);
      this.#queue.shift();
      waiting.resolve(waiting.sequence);
      count--;
    }
  }
}

function withResolvers<T>() {
  let resolve!: (value: T) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<T>((resolvePromise, rejectPromise) => {
    resolve = resolvePromise;
    reject = rejectPromise;
  });
  return { promise, resolve, reject };
}
