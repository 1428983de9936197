/**
 * Shows rules what is stored already: after a start all that came since they were last recorded, and to a rule with a
 * window the points before it. One source after another, between the chunks of a scan others run.
 */
import type { ScanChunk, Storage } from '../../engine/storage.js';
import type { AlertsLogger } from './alerts.js';
import type { SourceWatch } from './source-watch.js';

export interface CatchUpOptions {
  readonly storage: Storage;
  readonly logger: AlertsLogger;
  /** Points from this time on are not shown. */
  endTime(): number;
  /** Whether it is still the watch of its source. */
  isWatched(watch: SourceWatch): boolean;
  show(watch: SourceWatch, chunk: ScanChunk): void;
}

export class CatchUp {
  readonly #options: CatchUpOptions;
  readonly #queue = new Set<SourceWatch>();
  readonly #closing = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: CatchUpOptions) {
    this.#options = options;
  }

  add(watch: SourceWatch): void {
    this.#queue.add(watch);
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  /** Resolves when nothing is left to be shown. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.idle();
  }

  async #run(): Promise<void> {
    // Never in the turn of whoever adds: that may be a batch on its way.
    await Promise.resolve();
    for (const watch of this.#queue) {
      this.#queue.delete(watch);
      if (this.#closing.signal.aborted || !this.#options.isWatched(watch)) continue;
      try {
        await this.#show(watch);
      } catch (error) {
        if (this.#closing.signal.aborted) return;
        watch.lostTrack();
        this.#options.logger.error({ err: error }, 'Alert rules could not be shown what is stored');
      }
    }
  }

  async #show(watch: SourceWatch): Promise<void> {
    const { storage, endTime, isWatched, show } = this.#options;
    const { signal } = this.#closing;
    const scan = {
      sources: [watch.ordinal],
      startTime: watch.catchingUp(),
      endTime: endTime(),
      order: 'asc',
      metadata: true,
      signal,
    } as const;
    for await (const chunk of storage.scan(scan)) {
      if (!isWatched(watch)) return;
      show(watch, chunk);
    }
    watch.caughtUp();
    if (watch.isBehind) this.#queue.add(watch);
  }
}
