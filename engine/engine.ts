/**
 * The store: log records in, columns out. The main thread owns log, head and this façade; a worker turns full
 * heads into segments; scans read all of them as one.
 */
import type { Disk } from '../wal/disk.js';
import {
  type LogParticipant,
  type LogRecord,
  type RecordLog,
  RecordType,
  type Sequence,
} from '../wal/records.js';
import { assert } from './base/assert.js';
import { type Clock, systemClock } from './base/time.js';
import type { Batch, FieldType, SourceBatch } from './batch.js';
import { RegionPool } from './head/arena.js';
import { Head, METADATA_COLUMN } from './head/head.js';
import { imageOf } from './head/image.js';
import { decodeErase, decodePoints, encodeErase, encodePoints } from './head/record.js';
import { DECODED_CACHE_BYTES_MAX, HEAD_AGE_MAX_MS, HEAD_BYTES_MAX } from './limits.js';
import type { SourcePlan } from './query/plan.js';
import { DecodedCache } from './segment/cache.js';
import type { SegmentReader } from './segment/reader.js';
import { SegmentStore } from './segment/store.js';
import { EngineSnapshot } from './snapshot.js';
import { Sources } from './sources.js';
import type {
  AppendResult,
  PlanRequest,
  ScanChunk,
  ScanRequest,
  SourceStats,
  Storage,
  StorageSupport,
  SummaryChunk,
  SummaryRequest,
} from './storage.js';
import { FieldTypeError, StorageUnavailableError } from './storage.js';
import { chooseSegments, type SegmentFacts } from './upkeep/choose.js';
import type { UpkeepRunner } from './upkeep/jobs.js';
import { workerRunner } from './upkeep/runner.js';

/** Time between two tries of a flush that the disk refused. */
const FLUSH_RETRY_MIN_MS = 1_000;
const FLUSH_RETRY_MAX_MS = 60_000;
/** How often the age of the head is looked at. */
const AGE_CHECK_INTERVAL_MS = 1_000;
/** Longest time until rows that are too old are looked for, and until a compaction that failed is tried again. */
const COMPACTION_INTERVAL_MS = 10 * 60 * 1_000;

export interface EngineLogger {
  info(details: object, message: string): void;
  error(details: object, message: string): void;
}

export interface EngineOptions {
  readonly disk: Disk;
  /** Of the data: `manifest` and `segments/` are made in it. */
  readonly directory: string;
  readonly headBytesMax?: number;
  readonly headAgeMaxMs?: number;
  readonly clock?: Clock;
  readonly runner?: UpkeepRunner;
  /** First millisecond of the rows to keep, of sources that keep only some; asked before each compaction. */
  readonly keepFrom?: () => ReadonlyMap<number, number>;
  readonly logger?: EngineLogger;
}

/** A full head on its way to a segment: readable until the segment is. */
interface FrozenHead {
  readonly head: Head;
  readonly sealedThrough: Sequence;
}

export class Engine implements Storage {
  readonly supports: StorageSupport = { durable: true };
  readonly participant: LogParticipant;
  readonly #store: SegmentStore;
  readonly #sources: Sources;
  readonly #clock: Clock;
  readonly #runner: UpkeepRunner;
  readonly #logger: EngineLogger | undefined;
  readonly #headBytesMax: number;
  readonly #headAgeMaxMs: number;
  #log: RecordLog | undefined;
  readonly #regions = new RegionPool();
  #head = new Head(this.#regions);
  /** When the oldest point of the head came. */
  #headSince = Infinity;
  #frozen: FrozenHead | undefined;
  /** Last points or erase record that head or segments know. */
  #applied: Sequence;
  /** Sources whose erase record is durable, and those whose is on its way. */
  readonly #erased: Set<number>;
  readonly #erasing = new Set<number>();
  #flush: Promise<void> | undefined;
  #flushFailure: unknown;
  #upkeepTimer: NodeJS.Timeout | undefined;
  #compaction: Promise<void> | undefined;
  #compactAt = -Infinity;
  /** Segments that a compaction found damaged: they are left as they are. */
  readonly #setAside = new Set<SegmentReader>();
  readonly #keepFrom: () => ReadonlyMap<number, number>;
  #closing = false;
  #stopRetrying: (() => void) | undefined;

  private constructor(options: EngineOptions, store: SegmentStore) {
    this.#store = store;
    this.#clock = options.clock ?? systemClock;
    this.#runner = options.runner ?? workerRunner();
    this.#logger = options.logger;
    this.#headBytesMax = options.headBytesMax ?? HEAD_BYTES_MAX;
    this.#headAgeMaxMs = options.headAgeMaxMs ?? HEAD_AGE_MAX_MS;
    this.#keepFrom = options.keepFrom ?? (() => new Map());
    this.#applied = store.sealedThrough;
    this.#erased = new Set(store.erased);
    this.#sources = new Sources(source => this.#readFields(source));
    for (const reader of store.readers) this.#sources.addSegment(reader, source => this.#isErased(source));
    this.participant = {
      types: [RecordType.points, RecordType.erase],
      get sealedThrough() {
        return store.sealedThrough;
      },
      replay: record => this.#replay(record),
    };
  }

  /**
   * Opens what the segments hold. The log replays into `participant`; then `start`.
   * @throws (rejects) ManifestCorruptError, SegmentCorruptError, or what the disk throws.
   */
  static async open(options: EngineOptions): Promise<Engine> {
    const cache = new DecodedCache(DECODED_CACHE_BYTES_MAX);
    return new Engine(options, await SegmentStore.open(options.disk, options.directory, cache));
  }

  /** After this, and not before, points are taken. */
  start(log: RecordLog): void {
    this.#log = log;
    this.#upkeepTimer = setInterval(() => {
      this.#flushIfDue();
      this.#compactIfDue();
    }, AGE_CHECK_INTERVAL_MS);
    this.#upkeepTimer.unref();
    this.#flushIfDue();
  }

  /** Bytes of points that are in memory only (and in the log). */
  get headBytes(): number {
    return this.#head.bytes + (this.#frozen?.head.bytes ?? 0);
  }

  get segmentCount(): number {
    return this.#store.readers.length;
  }

  get segmentBytes(): number {
    return this.#store.readers.reduce((bytes, reader) => bytes + reader.bytes, 0);
  }

  /** Set while the disk refuses a flush: points are taken only as long as memory has room for them. */
  get failure(): Error | undefined {
    return this.#flushFailure === undefined ? undefined : new StorageUnavailableError(this.#flushFailure);
  }

  /** Ordinals of all sources that have rows. */
  sources(): number[] {
    return this.#sources.ordinals();
  }

  async append(batch: Batch): Promise<AppendResult> {
    await this.#room();
    this.#sources.check(batch.sources);
    for (const { source, fields } of batch.sources) this.#sources.declare(source, fields);
    const firstRows = batch.sources.map(({ source, timestamps }) =>
      this.#sources.takeRows(source, timestamps.length),
    );
    await this.#startedLog().append(RecordType.points, encodePoints({ batch, firstRows }), sequence => {
      this.#apply(batch.sources, firstRows, sequence);
      this.#flushIfDue();
    });
    return { firstRows };
  }

  async erase(sources: readonly number[]): Promise<void> {
    if (sources.length === 0) return;
    for (const source of sources) {
      this.#erasing.add(source);
      this.#forget(source);
    }
    await this.#startedLog().append(RecordType.erase, [encodeErase(sources)], sequence => {
      this.#applyErase(sources, sequence);
    });
  }

  async *scan(request: ScanRequest): AsyncGenerator<ScanChunk> {
    const snapshot = this.snapshot(request.sources);
    try {
      yield* snapshot.scan(request);
    } finally {
      snapshot.release();
    }
  }

  async *summarise(request: SummaryRequest): AsyncGenerator<SummaryChunk> {
    const snapshot = this.snapshot(request.sources);
    try {
      yield* snapshot.summarise(request);
    } finally {
      snapshot.release();
    }
  }

  plan(request: PlanRequest): SourcePlan[] {
    const snapshot = this.snapshot(request.sources);
    try {
      return snapshot.plan(request);
    } finally {
      snapshot.release();
    }
  }

  snapshot(sources: readonly number[]): EngineSnapshot {
    const heads = this.#heads();
    const live = sources.filter(source => !this.#isErased(source));
    const viewsOf = (source: number) =>
      heads.map(head => head.source(source)?.view()).filter(view => view !== undefined);
    const views = new Map(live.map(source => [source, viewsOf(source)]));
    return new EngineSnapshot(this.#store.readers, views, heads);
  }

  stats(source: number): SourceStats {
    return this.#sources.stats(source);
  }

  fields(source: number): ReadonlyMap<string, FieldType> {
    return this.#isErased(source) ? new Map() : this.#sources.fields(source);
  }

  declare(source: number, fields: ReadonlyMap<string, FieldType>): void {
    const known = this.#sources.fields(source);
    for (const [name, type] of fields) {
      const expected = known.get(name);
      if (expected !== undefined && expected !== type) throw new FieldTypeError(source, name, expected, type);
    }
    this.#sources.declare(
      source,
      Array.from(fields, ([name, type]) => ({ name, type })),
    );
  }

  /** Turns what is in memory into a segment now, and lets go of the log before it. */
  async flush(): Promise<void> {
    while (this.#flush !== undefined) await this.#flush;
    if (this.#applied > this.#store.sealedThrough) await this.#startFlush();
  }

  /** Merges and rewrites segments until there is nothing worth it; rows that nobody may see leave the disk. */
  async compact(): Promise<void> {
    while (this.#compaction !== undefined) await this.#compaction;
    await this.#startCompaction();
  }

  /** The log must still be open: it is checkpointed. Points that the disk refuses to take stay in the log. */
  async close(): Promise<void> {
    this.#closing = true;
    clearInterval(this.#upkeepTimer);
    this.#stopRetrying?.();
    if (this.#log !== undefined && this.#log.failure === undefined) await this.flush();
    // A compaction under way is given up: its inputs are still there.
    await this.#runner.close();
    await this.#compaction;
    this.#store.close();
  }

  #startedLog(): RecordLog {
    assert(this.#log !== undefined, 'the engine has been started');
    return this.#log;
  }

  #isErased(source: number): boolean {
    return this.#erased.has(source) || this.#erasing.has(source);
  }

  #forget(source: number): void {
    this.#head.drop(source);
    this.#sources.drop(source);
  }

  #replay(record: LogRecord): void {
    if (record.type === RecordType.erase) {
      const sources = decodeErase(record.payload);
      for (const source of sources) this.#forget(source);
      this.#applyErase(sources, record.sequence);
      return;
    }
    const { batch, firstRows } = decodePoints(record.payload);
    this.#apply(batch.sources, firstRows, record.sequence);
  }

  #apply(sources: readonly SourceBatch[], firstRows: readonly number[], sequence: Sequence): void {
    for (let index = 0; index < sources.length; index++) {
      if (this.#isErased(sources[index].source)) continue;
      this.#head.append(sources[index], firstRows[index]);
      this.#sources.addRows(sources[index], firstRows[index]);
    }
    this.#applied = sequence;
    if (this.#headSince === Infinity) this.#headSince = this.#clock.now();
  }

  #applyErase(sources: readonly number[], sequence: Sequence): void {
    for (const source of sources) {
      this.#erased.add(source);
      this.#erasing.delete(source);
    }
    this.#applied = sequence;
    if (this.#headSince === Infinity) this.#headSince = this.#clock.now();
  }

  /** Heads that hold rows no segment does, oldest first. */
  #heads(): Head[] {
    return this.#frozen === undefined ? [this.#head] : [this.#frozen.head, this.#head];
  }

  /** Types of a source's fields, in order of first appearance, from wherever it has rows. */
  #readFields(source: number): Map<string, FieldType> {
    const fields = new Map<string, FieldType>();
    const add = (columns: Iterable<{ readonly name: string; readonly type: FieldType }>) => {
      for (const { name, type } of columns) {
        if (name !== METADATA_COLUMN && !fields.has(name)) fields.set(name, type);
      }
    };
    for (const reader of this.#store.readers) {
      const index = reader.indexOf(source);
      if (index >= 0) add(reader.fieldsOf(index));
    }
    for (const head of this.#heads()) add(head.source(source)?.columns ?? []);
    return fields;
  }

  /** Waits while both the head and the one before it are full: memory stays bounded by the disk's pace. */
  async #room(): Promise<void> {
    while (this.#frozen !== undefined && this.#head.bytes >= this.#headBytesMax) {
      if (this.#flushFailure !== undefined) throw new StorageUnavailableError(this.#flushFailure);
      await this.#flush;
    }
  }

  #flushIfDue(): void {
    if (this.#flush !== undefined || this.#closing || this.#log === undefined) return;
    const full = this.#head.bytes >= this.#headBytesMax;
    const old = this.#clock.now() - this.#headSince >= this.#headAgeMaxMs;
    if (full || old) this.#startFlush();
  }

  #startFlush(): Promise<void> {
    this.#flush = this.#flushHead().finally(() => {
      this.#flush = undefined;
      this.#compactAt = -Infinity;
      this.#flushIfDue();
      this.#compactIfDue();
    });
    return this.#flush;
  }

  async #flushHead(): Promise<void> {
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
        this.#flushFailure = error;
        this.#logger?.error(
          { err: error },
          'Points could not be moved to a segment; they are safe in the log',
        );
        if (this.#closing) return;
        await this.#pause(delay);
      }
    }
    this.#flushFailure = undefined;
    try {
      await this.#startedLog().checkpoint();
    } catch (error) {
      // The log keeps more than it needs until the next one: that costs space, not points.
      this.#logger?.error({ err: error }, 'The log could not be shortened');
    }
  }

  async #seal(frozen: FrozenHead): Promise<void> {
    let file: string | undefined;
    if (frozen.head.rowCount > 0) {
      file = await this.#store.temporaryPath('flush');
      const image = imageOf(frozen.head);
      await this.#runner.run({ kind: 'flush', image, path: file, lastSequence: frozen.sealedThrough });
    }
    await this.#store.publish({
      file,
      sealedThrough: frozen.sealedThrough,
      erased: this.#erased,
      onPublished: () => {
        this.#frozen = undefined;
        frozen.head.release();
      },
    });
  }

  #compactIfDue(): void {
    if (this.#compaction !== undefined || this.#closing || this.#log === undefined) return;
    if (this.#clock.now() >= this.#compactAt) this.#startCompaction();
  }

  #startCompaction(): Promise<void> {
    this.#compaction = this.#compactAll().finally(() => {
      this.#compaction = undefined;
    });
    return this.#compaction;
  }

  async #compactAll(): Promise<void> {
    this.#compactAt = this.#clock.now() + COMPACTION_INTERVAL_MS;
    try {
      while (!this.#closing && (await this.#compactOnce()));
    } catch (error) {
      if (this.#closing) return;
      this.#logger?.error({ err: error }, 'Segments could not be compacted; they are left as they are');
    }
  }

  /** False where nothing is worth it. */
  async #compactOnce(): Promise<boolean> {
    const keepFrom = this.#keepFrom();
    const readers = this.#store.readers.filter(reader => !this.#setAside.has(reader));
    const chosen = chooseSegments(readers.map(reader => this.#factsOf(reader, keepFrom)));
    if (chosen === undefined) return false;
    const inputs = chosen.map(position => readers[position]);
    const path = await this.#store.temporaryPath('compact');
    const job = { inputs: inputs.map(input => input.path), path, erased: this.#erased, keepFrom };
    const result = await this.#runner.run({ kind: 'compact', ...job });
    if (result.kind === 'damaged') {
      for (const input of inputs) this.#setAside.add(input);
      this.#logger?.error({ inputs: job.inputs }, `Segments are not compacted: ${result.message}`);
      return true;
    }
    await this.#store.publish({
      file: result.kind === 'written' ? path : undefined,
      replaces: inputs,
      erased: this.#erased,
      onPublished: () => this.#recount(inputs, keepFrom),
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
      if (this.#erased.has(ordinal[index])) {
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

  /** Counts anew the sources that have lost rows for their age. */
  #recount(inputs: readonly SegmentReader[], keepFrom: ReadonlyMap<number, number>): void {
    for (const [source, keep] of keepFrom) {
      const lost = inputs.some(input => {
        const index = input.indexOf(source);
        return index >= 0 && input.table.minTime[index] < keep;
      });
      if (lost && !this.#isErased(source)) this.#sources.recount(source, this.#store.readers, this.#heads());
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
