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
import { type Batch, type FieldType, type PackedBatch, packBatch } from './batch.js';
import type { ColumnType } from './head/image.js';
import { decodeErase, decodePoints, encodeErase, encodeMarkedPoints, encodePoints } from './head/record.js';
import { DECODED_CACHE_BYTES_MAX, HEAD_AGE_MAX_MS, HEAD_BYTES_MAX } from './limits.js';
import { type MarkKeeper, markedParticipant } from './marks.js';
import type { SourcePlan } from './query/plan.js';
import { DecodedCache } from './segment/cache.js';
import { SegmentStore } from './segment/store.js';
import { EngineSnapshot } from './snapshot.js';
import { Sources } from './sources.js';
import type {
  AppendResult,
  MarkOf,
  PlanRequest,
  ScanChunk,
  ScanRequest,
  SourceStats,
  Storage,
  StorageSupport,
  StoredListener,
  SummaryChunk,
  SummaryRequest,
} from './storage.js';
import { Compactor } from './upkeep/compactor.js';
import { Flusher } from './upkeep/flusher.js';
import type { UpkeepLogger, UpkeepRunner, UpkeepStatistics } from './upkeep/jobs.js';
import { workerRunner } from './upkeep/runner.js';

/** How often the age of the head is looked at. */
const AGE_CHECK_INTERVAL_MS = 1_000;
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
  readonly logger?: UpkeepLogger;
  /** Without one, batches have no marks. */
  readonly marks?: MarkKeeper;
}

export class Engine implements Storage {
  readonly supports: StorageSupport = { durable: true };
  readonly participant: LogParticipant;
  /** All there are: that one, and where somebody keeps marks that of batches which have one. */
  readonly participants: readonly LogParticipant[];
  readonly #marks: MarkKeeper | undefined;
  readonly #store: SegmentStore;
  readonly #sources: Sources;
  readonly #runner: UpkeepRunner;
  readonly #flusher: Flusher;
  readonly #compactor: Compactor;
  #log: RecordLog | undefined;
  /** Sources whose erase record is durable, and those whose is on its way. */
  readonly #erased: Set<number>;
  readonly #erasing = new Set<number>();
  #upkeepTimer: NodeJS.Timeout | undefined;
  #rowsAppended = 0;
  readonly #listeners: StoredListener[] = [];
  readonly #logger: UpkeepLogger | undefined;

  private constructor(options: EngineOptions, store: SegmentStore) {
    const { clock = systemClock, logger } = options;
    const onError = (error: unknown) => logger?.error({ err: error }, 'A thread of upkeep ended');
    const { runner = workerRunner(onError) } = options;
    this.#store = store;
    this.#runner = runner;
    this.#logger = logger;
    this.#erased = new Set(store.erased);
    const upkeep = { store, runner, clock, logger, erased: this.#erased };
    this.#compactor = new Compactor({
      ...upkeep,
      keepFrom: options.keepFrom ?? (() => new Map()),
      onExpired: source => this.#recount(source),
    });
    this.#flusher = new Flusher({
      ...upkeep,
      headBytesMax: options.headBytesMax ?? HEAD_BYTES_MAX,
      headAgeMaxMs: options.headAgeMaxMs ?? HEAD_AGE_MAX_MS,
      columnsOf: ({ ordinal, columns }) => this.#sources.segmentColumns(ordinal, columns),
      onFlushed: () => this.#compactor.wake(),
    });
    this.#sources = new Sources({
      segments: source => this.#segmentColumns(source),
      heads: source => this.#flusher.heads.flatMap(head => head.source(source)?.columns ?? []),
    });
    for (const reader of store.readers) this.#sources.addSegment(reader, source => this.#isErased(source));
    this.participant = {
      types: [RecordType.points, RecordType.erase],
      get sealedThrough() {
        return store.sealedThrough;
      },
      replay: record => this.#replay(record),
    };
    this.#marks = options.marks;
    this.participants =
      options.marks === undefined
        ? [this.participant]
        : [this.participant, markedParticipant(this.participant, options.marks)];
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
      this.#flusher.flushIfDue();
      this.#compactor.compactIfDue();
    }, AGE_CHECK_INTERVAL_MS);
    this.#upkeepTimer.unref();
    this.#flusher.start(log);
  }

  /** Bytes of points that are in memory only (and in the log). */
  get headBytes(): number {
    return this.#flusher.heads.reduce((bytes, head) => bytes + head.bytes, 0);
  }

  /** Rows stored since the start. */
  get rowsAppended(): number {
    return this.#rowsAppended;
  }

  get segmentCount(): number {
    return this.#store.readers.length;
  }

  get flushes(): UpkeepStatistics {
    return this.#flusher.statistics;
  }

  get compactions(): UpkeepStatistics {
    return this.#compactor.statistics;
  }

  get segmentBytes(): number {
    return this.#store.readers.reduce((bytes, reader) => bytes + reader.bytes, 0);
  }

  /** Set while the disk refuses a flush: points are taken only as long as memory has room for them. */
  get failure(): Error | undefined {
    return this.#flusher.failure;
  }

  /** Ordinals of all sources that have rows. */
  sources(): number[] {
    return this.#sources.ordinals();
  }

  async append(batch: Batch | PackedBatch, markOf?: MarkOf): Promise<AppendResult> {
    const packed = 'values' in batch ? batch : packBatch(batch);
    await this.#flusher.room();
    const firstRows = this.#sources.admit(packed.sources);
    const record = encodePoints({ batch: packed, firstRows });
    const mark = markOf?.(firstRows);
    const type = mark === undefined ? RecordType.points : RecordType.markedPoints;
    const parts = mark === undefined ? record : encodeMarkedPoints(mark, record);
    await this.#startedLog().append(type, parts, sequence => {
      this.#apply(packed, firstRows, sequence);
      if (mark !== undefined) this.#marks?.apply(mark, sequence);
      for (const { rowCount } of packed.sources) this.#rowsAppended += rowCount;
      this.#tell(packed, firstRows, sequence);
      this.#flusher.flushIfDue();
    });
    return { firstRows };
  }

  subscribe(listener: StoredListener): void {
    this.#listeners.push(listener);
  }

  /** What a listener throws concerns nobody else: thrown on, it would end the log, and with it all ingestion. */
  #tell(batch: PackedBatch, firstRows: readonly number[], sequence: Sequence): void {
    for (const listener of this.#listeners) {
      try {
        listener(batch, firstRows, sequence);
      } catch (error) {
        this.#logger?.error({ err: error }, 'Points are stored, but somebody could not be told of them');
      }
    }
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
    const { heads } = this.#flusher;
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
    const declared = Array.from(fields, ([name, type]) => ({ name, type }));
    this.#sources.check(source, declared);
    this.#sources.declare(source, declared);
  }

  /** Turns what is in memory into a segment now, and lets go of the log before it. */
  flush(): Promise<void> {
    return this.#flusher.flush();
  }

  /** Merges and rewrites segments until there is nothing worth it; rows that nobody may see leave the disk. */
  compact(): Promise<void> {
    return this.#compactor.compact();
  }

  /** The log must still be open: it is checkpointed. Points that the disk refuses to take stay in the log. */
  async close(): Promise<void> {
    clearInterval(this.#upkeepTimer);
    this.#compactor.close();
    await this.#flusher.close();
    // A compaction under way is given up: its inputs are still there.
    await this.#runner.close();
    await this.#compactor.ended();
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
    this.#flusher.head.drop(source);
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
    this.#apply(batch, firstRows, record.sequence);
  }

  #apply({ sources, values }: PackedBatch, firstRows: readonly number[], sequence: Sequence): void {
    for (let index = 0; index < sources.length; index++) {
      if (this.#isErased(sources[index].source)) continue;
      this.#flusher.head.append(sources[index], values, firstRows[index]);
      this.#sources.addRows(sources[index], values, firstRows[index]);
    }
    this.#flusher.applied(sequence);
  }

  #applyErase(sources: readonly number[], sequence: Sequence): void {
    for (const source of sources) {
      this.#erased.add(source);
      this.#erasing.delete(source);
    }
    this.#flusher.applied(sequence);
  }

  #segmentColumns(source: number): ColumnType[] {
    const columns = new Map<string, ColumnType>();
    for (const reader of this.#store.readers) {
      const index = reader.indexOf(source);
      if (index < 0) continue;
      for (const { name, type } of reader.fieldsOf(index)) {
        if (!columns.has(name)) columns.set(name, { name, type });
      }
    }
    return [...columns.values()];
  }

  /** Counts anew a source that has lost rows. */
  #recount(source: number): void {
    if (!this.#isErased(source)) this.#sources.recount(source, this.#store.readers, this.#flusher.heads);
  }
}
