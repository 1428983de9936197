/** Keeps segments few, and free of rows that nobody may see: one compaction at a time, beside everything else. */
import type { Clock } from '../base/time.js';
import type { SegmentReader } from '../segment/reader.js';
import type { SegmentStore } from '../segment/store.js';
import { chooseSegments, type SegmentFacts } from './choose.js';
import type { UpkeepLogger, UpkeepRunner } from './jobs.js';

/** Longest time until rows that are too old are looked for, and until a compaction that failed is tried again. */
const COMPACTION_INTERVAL_MS = 10 * 60 * 1_000;

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
  /** Segments that a compaction found damaged: they are left as they are. */
  readonly #setAside = new Set<SegmentReader>();
  #closing = false;

  constructor(options: CompactorOptions) {
    this.#options = options;
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
    this.#compactAt = this.#options.clock.now() + COMPACTION_INTERVAL_MS;
    try {
      while (!this.#closing && (await this.#compactOnce()));
    } catch (error) {
      if (this.#closing) return;
      this.#options.logger?.error(
        { err: error },
        'Segments could not be compacted; they are left as they are',
      );
    }
  }

  /** False where nothing is worth it. */
  async #compactOnce(): Promise<boolean> {
    const { store, runner, erased, logger } = this.#options;
    const keepFrom = this.#options.keepFrom();
    const readers = store.readers.filter(reader => !this.#setAside.has(reader));
    const chosen = chooseSegments(readers.map(reader => this.#factsOf(reader, keepFrom)));
    if (chosen === undefined) return false;
    const inputs = chosen.map(position => readers[position]);
    const path = await store.temporaryPath('compact');
    const job = { inputs: inputs.map(input => input.path), path, erased, keepFrom };
    const result = await runner.run({ kind: 'compact', ...job });
    if (result.kind === 'damaged') {
      for (const input of inputs) this.#setAside.add(input);
      logger?.error({ inputs: job.inputs }, `Segments are not compacted: ${result.message}`);
      return true;
    }
    await store.publish({
      file: result.kind === 'written' ? path : undefined,
      replaces: inputs,
      erased,
      onPublished: () => this.#reportExpired(inputs, keepFrom),
    });
    return true;
  }

  #factsOf(reader: SegmentReader, keepFrom: ReadonlyMap<number, number>): SegmentFacts {
    const { ordinal, rowCount, minTime, maxTime } = reader.table;
    let firstTime = Infinity;
    let deadRows = 0;
    let hasErased = false;
    for (let index = 0; index < ordinal.length; index++) {
      firstTime = Math.min(firstTime, minTime[index]);
      if (this.#options.erased.has(ordinal[index])) {
        hasErased = true;
        deadRows += rowCount[index];
        continue;
      }
      const keep = keepFrom.get(ordinal[index]) ?? 0;
      if (maxTime[index] < keep) deadRows += rowCount[index];
      else if (minTime[index] < keep) {
        deadRows += (rowCount[index] * (keep - minTime[index])) / (maxTime[index] - minTime[index] + 1);
      }
    }
    return { bytes: reader.bytes, minTime: firstTime, rowCount: reader.rowCount, deadRows, hasErased };
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
