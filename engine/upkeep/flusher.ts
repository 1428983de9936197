/** Takes the newest points and moves them to segments: when there are many, or they are old, until the disk lets it. */
import type { RecordLog, Sequence } from '../../wal/records.js';
import { assert } from '../base/assert.js';
import type { Clock } from '../base/time.js';
import { RegionPool } from '../head/arena.js';
import { Head, type HeadSource } from '../head/head.js';
import { type ColumnType, imageOf } from '../head/image.js';
import { FLUSH_PARTITIONS_MAX, HEAD_ROWS_PER_SOURCE, HEAD_STRETCH_MAX } from '../limits.js';
import { SegmentCorruptError } from '../segment/reader.js';
import type { SegmentStore } from '../segment/store.js';
import { StorageUnavailableError } from '../storage.js';
import type { UpkeepLogger, UpkeepRunner, UpkeepStatistics } from './jobs.js';

/** Time between two tries of a flush that the disk refused. */
const FLUSH_RETRY_MIN_MS = 1_000;
const FLUSH_RETRY_MAX_MS = 60_000;

export interface FlusherOptions {
  readonly store: SegmentStore;
  readonly runner: UpkeepRunner;
  readonly clock: Clock;
  readonly logger: UpkeepLogger | undefined;
  readonly headBytesMax: number;
  readonly headAgeMaxMs: number;
  /** Sources whose erase record is durable. */
  readonly erased: ReadonlySet<number>;
  /** Columns that a source's segments are to have; its own are among them. @throws SegmentCorruptError */
  columnsOf(source: HeadSource): readonly ColumnType[];
  /** Called after each flush. */
  onFlushed(): void;
}

/** A full head on its way to segments: readable until they are. */
interface FrozenHead {
  readonly head: Head;
  readonly sealedThrough: Sequence;
}

export class Flusher {
  readonly #options: FlusherOptions;
  readonly #regions = new RegionPool();
  #log: RecordLog | undefined;
  #head = new Head(this.#regions);
  /** When the oldest point of the head came. */
  #headSince = Infinity;
  #frozen: FrozenHead | undefined;
  /** Last points or erase record that head or segments know. */
  #applied: Sequence;
  #flush: Promise<void> | undefined;
  #failure: unknown;
  readonly #statistics = { jobs: 0, seconds: 0, bytesRead: 0 };
  #closing = false;
  #stopRetrying: (() => void) | undefined;

  constructor(options: FlusherOptions) {
    this.#options = options;
    this.#applied = options.store.sealedThrough;
  }

  /** The log that is shortened after each flush. Until then nothing is flushed. */
  start(log: RecordLog): void {
    this.#log = log;
    this.flushIfDue();
  }

  /** Where new rows go. */
  get head(): Head {
    return this.#head;
  }

  /** Heads that hold rows no segment does, oldest first. */
  get heads(): Head[] {
    return this.#frozen === undefined ? [this.#head] : [this.#frozen.head, this.#head];
  }

  get statistics(): UpkeepStatistics {
    return this.#statistics;
  }

  /** Set while the disk refuses a flush: points are taken only as long as memory has room for them. */
  get failure(): Error | undefined {
    return this.#failure === undefined ? undefined : new StorageUnavailableError(this.#failure);
  }

  /** What a record says is in the head from now on. */
  applied(sequence: Sequence): void {
    this.#applied = sequence;
    if (this.#headSince === Infinity) this.#headSince = this.#options.clock.now();
  }

  /**
   * Waits while both the head and the one before it are full: memory stays bounded by the disk's pace.
   * @throws StorageUnavailableError (rejects) where the disk does not take what is in them.
   */
  async room(): Promise<void> {
    while (this.#frozen !== undefined && this.#isFull()) {
      if (this.failure !== undefined) throw this.failure;
      await this.#flush;
    }
  }

  flushIfDue(): void {
    if (this.#flush !== undefined || this.#closing || this.#log === undefined) return;
    const full = this.#isFull();
    const old = this.#options.clock.now() - this.#headSince >= this.#options.headAgeMaxMs;
    if (full || old) this.#startFlush();
  }

  /**
   * Very many sources fill a head with a row or two of each, and sealing costs by source more than by row: then it may
   * become several times as large.
   */
  #isFull(): boolean {
    const { bytes, rowCount, sourceCount } = this.#head;
    const { headBytesMax } = this.#options;
    if (bytes < headBytesMax) return false;
    return rowCount >= sourceCount * HEAD_ROWS_PER_SOURCE || bytes >= headBytesMax * HEAD_STRETCH_MAX;
  }

  /** Turns what is in memory into segments now, and lets go of the log before it. */
  async flush(): Promise<void> {
    while (this.#flush !== undefined) await this.#flush;
    if (this.#applied > this.#options.store.sealedThrough) await this.#startFlush();
  }

  /** Points that the disk refuses to take stay in the log. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#stopRetrying?.();
    if (this.#log !== undefined && this.#log.failure === undefined) await this.flush();
  }

  #startFlush(): Promise<void> {
    this.#flush = this.#flushHead().finally(() => {
      this.#flush = undefined;
      this.flushIfDue();
      this.#options.onFlushed();
    });
    return this.#flush;
  }

  async #flushHead(): Promise<void> {
    const { logger } = this.#options;
    this.#frozen ??= { head: this.#head, sealedThrough: this.#applied };
    if (this.#frozen.head === this.#head) {
      this.#head = new Head(this.#regions);
      this.#headSince = Infinity;
    }
    for (let delay = FLUSH_RETRY_MIN_MS; ; delay = Math.min(delay * 2, FLUSH_RETRY_MAX_MS)) {
      try {
        await this.#seal(this.#frozen);
        break;
      } catch (error) {
        this.#failure = error;
        logger?.error({ err: error }, 'Points could not be moved to a segment; they are safe in the log');
        if (this.#closing) return;
        await this.#pause(delay);
      }
    }
    this.#failure = undefined;
    assert(this.#log !== undefined, 'only a flusher that was started flushes');
    try {
      await this.#log.checkpoint();
    } catch (error) {
      // The log keeps more than it needs until the next one: that costs space, not points.
      logger?.error({ err: error }, 'The log could not be shortened');
    }
  }

  async #seal(frozen: FrozenHead): Promise<void> {
    const { store, runner, erased } = this.#options;
    let files: readonly string[] = [];
    if (frozen.head.rowCount > 0) {
      const paths: string[] = [];
      while (paths.length < FLUSH_PARTITIONS_MAX)
        paths.push(await store.temporaryPath(`flush-${paths.length}`));
      const image = imageOf(frozen.head, source => this.#columnsOf(source));
      const started = performance.now();
      const result = await runner.run({ kind: 'flush', image, paths, lastSequence: frozen.sealedThrough });
      this.#statistics.jobs++;
      this.#statistics.seconds += (performance.now() - started) / 1_000;
      this.#statistics.bytesRead += frozen.head.bytes;
      assert(result.kind === 'written', 'a flush reads no segment that could be damaged');
      files = result.files;
    }
    await store.publish({
      files,
      sealedThrough: frozen.sealedThrough,
      erased,
      onPublished: () => {
        this.#frozen = undefined;
        frozen.head.release();
      },
    });
  }

  /** Damage elsewhere must not keep points from the disk: then only the order of fields is lost. */
  #columnsOf(source: HeadSource): readonly ColumnType[] {
    try {
      return this.#options.columnsOf(source);
    } catch (error) {
      if (!(error instanceof SegmentCorruptError)) throw error;
      return source.columns;
    }
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise(resolve => {
      const timer = setTimeout(resolve, delayMs);
      this.#stopRetrying = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
