/** Keeps segments few, and free of rows that nobody may see: one compaction at a time, beside everything else. */
import type { Clock } from '../base/time.js';
import type { SegmentReader } from '../segment/reader.js';
import type { SegmentStore } from '../segment/store.js';
import { chooseSegments } from './choose.js';
import { factsOf } from './facts.js';
import type { UpkeepLogger, UpkeepResult, UpkeepRunner, UpkeepStatistics } from './jobs.js';

/** Longest time until rows that are too old are looked for: a bucket may keep less from one moment to the next. */
const EXPIRY_INTERVAL_MS = 60 * 1_000;
/** Time until what failed is tried again: it may have written for minutes. */
const RETRY_INTERVAL_MS = 10 * 60 * 1_000;

export interface CompactorOptions {
  readonly store: SegmentStore;
  readonly runner: UpkeepRunner;
  readonly clock: Clock;
  readonly logger: UpkeepLogger | undefined;
  /** Sources whose erase record is durable. */
  readonly erased: ReadonlySet<number>;
  /** First millisecond of the rows to keep, of sources that keep only some; asked before each compaction. */
  readonly keepFrom: () => ReadonlyMap<number, number>;
  /** Called, in the tick in which they are gone, for each source that lost rows for their age. */
  onExpired(source: number): void;
}

export class Compactor {
  readonly #options: CompactorOptions;
  #compaction: Promise<void> | undefined;
  #compactAt = -Infinity;
  /** Segments that a compaction found damaged: they are left as they are until no row of them is to be kept. */
  readonly #damaged = new Set<string>();
  #closing = false;
  readonly #statistics = { jobs: 0, seconds: 0, bytesRead: 0 };

  constructor(options: CompactorOptions) {
    this.#options = options;
  }

  get statistics(): UpkeepStatistics {
    return this.#statistics;
  }

  /** There may be something to do: segments have changed. */
  wake(): void {
    this.#compactAt = -Infinity;
    this.compactIfDue();
  }

  compactIfDue(): void {
    if (this.#compaction !== undefined || this.#closing) return;
    if (this.#options.clock.now() >= this.#compactAt) this.#startCompaction();
  }

  /** Merges and rewrites segments until there is nothing worth it; rows that nobody may see leave the disk. */
  async compact(): Promise<void> {
    while (this.#compaction !== undefined) await this.#compaction;
    await this.#startCompaction();
  }

  /** From now on nothing is begun, and what fails is given up. */
  close(): void {
    this.#closing = true;
  }

  /** Resolves when no compaction is under way. */
  async ended(): Promise<void> {
    await this.#compaction;
  }

  #startCompaction(): Promise<void> {
    this.#compaction = this.#compactAll().finally(() => {
      this.#compaction = undefined;
    });
    return this.#compaction;
  }

  async #compactAll(): Promise<void> {
    const { clock, logger } = this.#options;
    this.#compactAt = clock.now() + EXPIRY_INTERVAL_MS;
    try {
      while (!this.#closing && (await this.#compactOnce()));
    } catch (error) {
      if (this.#closing) return;
      this.#compactAt = clock.now() + RETRY_INTERVAL_MS;
      logger?.error({ err: error }, 'Segments could not be compacted; they are left as they are');
    }
  }

  /** False where nothing is worth it. */
  async #compactOnce(): Promise<boolean> {
    const { store, erased, logger } = this.#options;
    const keepFrom = this.#options.keepFrom();
    const { readers } = store;
    const choice = chooseSegments(
      readers.map(reader => ({
        ...factsOf(reader, erased, keepFrom),
        isDamaged: this.#damaged.has(reader.path),
      })),
    );
    if (choice === undefined) return false;
    const inputs = choice.positions.map(position => readers[position]);
    const result: UpkeepResult =
      choice.kind === 'drop' ? { kind: 'written', files: [] } : await this.#merge(inputs, keepFrom);
    if (result.kind === 'damaged') {
      this.#damaged.add(result.file);
      logger?.error({ file: result.file }, `A segment is not compacted: ${result.message}`);
      return true;
    }
    await store.publish({
      files: result.files,
      replaces: inputs,
      erased,
      onPublished: () => this.#reportExpired(inputs, keepFrom),
    });
    return true;
  }

  async #merge(
    readers: readonly SegmentReader[],
    keepFrom: ReadonlyMap<number, number>,
  ): Promise<UpkeepResult> {
    const { store, runner, erased } = this.#options;
    const inputs = readers.map(reader => reader.path);
    const path = await store.temporaryPath('compact');
    const started = performance.now();
    const result = await runner.run({ kind: 'compact', inputs, path, erased, keepFrom });
    this.#statistics.jobs++;
    this.#statistics.seconds += (performance.now() - started) / 1_000;
    for (const reader of readers) this.#statistics.bytesRead += reader.bytes;
    return result;
  }

  #reportExpired(inputs: readonly SegmentReader[], keepFrom: ReadonlyMap<number, number>): void {
    for (const [source, keep] of keepFrom) {
      const lost = inputs.some(input => {
        const index = input.indexOf(source);
        return index >= 0 && input.table.minTime[index] < keep;
      });
      if (lost) this.#options.onExpired(source);
    }
  }
}
