/** Many records, one sync: what is appended while a sync is in flight goes out together with the next. */
import type { FrameSource } from './frame.js';
import { LogUnavailableError, type RecordType, type Sequence } from './records.js';

/** A record on its way, and whom to tell. */
class Waiting implements FrameSource {
  readonly type: RecordType;
  readonly sequence: Sequence;
  readonly parts: readonly Uint8Array[];
  readonly payloadBytes: number;
  readonly onDurable: ((sequence: Sequence) => void) | undefined;
  readonly settled: Promise<Sequence>;
  resolve!: (sequence: Sequence) => void;
  reject!: (error: Error) => void;

  constructor(record: FrameSource, onDurable: ((sequence: Sequence) => void) | undefined) {
    this.type = record.type;
    this.sequence = record.sequence;
    this.parts = record.parts;
    this.payloadBytes = record.payloadBytes;
    this.onDurable = onDurable;
    this.settled = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }
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
    const waiting = new Waiting(record, onDurable);
    this.#queue.push(waiting);
    if (!this.#isRunning) {
      this.#isRunning = true;
      // Not at once: what else this turn of the event loop appends shares the first sync.
      queueMicrotask(() => this.#run());
    }
    return waiting.settled;
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
    let told = 0;
    try {
      while (told < count) {
        const waiting = this.#queue[told];
        // A callback that throws leaves memory behind the log, so it ends the log as a failed sync does.
        waiting.onDurable?.(waiting.sequence);
        waiting.resolve(waiting.sequence);
        told++;
      }
    } finally {
      // Once a group, not once a record: each time all that waits moves up.
      this.#queue.splice(0, told);
    }
  }
}
