/**
 * The storage contract: all that the server knows of the store. The engine and the reference model of the tests
 * both implement it, and the same conformance suite holds both to it.
 */
import type { Batch, Column, FieldType, MetadataColumn, PackedBatch } from './batch.js';
import type { GroupSpec } from './query/groups.js';
import type { SourcePlan } from './query/plan.js';
import type { ValueCondition } from './query/request.js';
import type { FigureSet } from './rollup/figures.js';

/** What queries read. */
export interface Readable {
  /**
   * Rows of sources in a time range, as columns: source after source in the order asked for, each in time order
   * (rows of one timestamp in order of arrival; exactly reversed for `desc`). Chunks are never empty.
   * What was acknowledged before the first chunk was asked for is seen; an erased source has no rows.
   * A long scan lets others run between its chunks.
   */
  scan(request: ScanRequest): AsyncIterable<ScanChunk>;

  /** Mergeable summaries of groups of rows, source after source, groups ascending. Empty groups are left out. */
  summarise(request: SummaryRequest): AsyncIterable<SummaryChunk>;

  /**
   * How `summarise`, or without groups `scan`, would answer a request, source by source, and what that is expected to
   * take: no point is read for it. Empty where an implementation has no plans.
   */
  plan(request: PlanRequest): readonly SourcePlan[];

  /** What is known of a source without reading its points. */
  stats(source: number): SourceStats;

  /** Names and types of the fields that a source has been given, in order of first appearance. */
  fields(source: number): ReadonlyMap<string, FieldType>;
}

/** What there was of some sources at one moment, whatever is appended, moved or erased meanwhile. */
export interface Snapshot extends Readable {
  /**
   * Plain data that another thread can make this snapshot of, for as long as this one is held; undefined where only
   * this one can be read.
   */
  share(): SharedSnapshot | undefined;

  /** No read may follow, and none be under way. */
  release(): void;
}

/** Can be sent to another thread. Who made it knows what is in it. */
export type SharedSnapshot = object;

export interface Storage extends Readable {
  /**
   * Stores a batch, all or nothing. Resolves when it is durable and visible to every later read.
   * @throws FieldTypeError (rejects, before anything is written) where a field already has another type.
   * @throws LogUnavailableError (rejects) when the disk can no longer be written.
   * @throws StorageUnavailableError (rejects) when there is no room for points until the disk is well again.
   */
  append(batch: Batch | PackedBatch, markOf?: MarkOf): Promise<AppendResult>;

  /**
   * Tells of every batch that is stored from now on, in the order in which they became durable, once each is visible.
   * Batches of a start that replays are not told of.
   */
  subscribe(listener: StoredListener): void;

  /** For several reads that are to see the same. Other sources than those named have no rows in it. */
  snapshot(sources: readonly number[]): Snapshot;

  /** Removes sources with all their points, durably and at once for every later read. Unknown ones are no error. */
  erase(sources: readonly number[]): Promise<void>;

  /** Fixes the type of fields before their first value. @throws FieldTypeError */
  declare(source: number, fields: ReadonlyMap<string, FieldType>): void;

  /** What this implementation can do; a caller asks instead of knowing which one it talks to. */
  readonly supports: StorageSupport;

  /** Makes everything durable in its final place and lets go of all files. No call may follow. */
  close(): Promise<void>;
}

/**
 * Told in the turn in which a batch became durable, before whoever appended it: it must be quick, and keeps nothing of
 * the batch, whose memory is used again. It does not throw.
 * @param position grows from batch to batch, and goes on growing after a restart
 */
export type StoredListener = (batch: PackedBatch, firstRows: readonly number[], position: number) => void;

/**
 * What is to be durable with a batch or not at all: made once its rows have their numbers, and given to whoever keeps the
 * marks of the storage when the batch is stored, or when a start finds it so.
 */
export type MarkOf = (firstRows: readonly number[]) => Uint8Array;

export interface StorageSupport {
  readonly durable: boolean;
}

export interface AppendResult {
  /** Row number of the first row of each source of the batch, in the batch's order. Rows of a source count up. */
  readonly firstRows: readonly number[];
}

export interface TimeRange {
  /** Milliseconds, inclusive. */
  readonly startTime: number;
  /** Milliseconds, exclusive. */
  readonly endTime: number;
}

export interface ScanRequest extends TimeRange {
  readonly sources: readonly number[];
  /** Names of fields wanted; all where absent. A name no row has gives no column. */
  readonly fields?: readonly string[];
  readonly order: 'asc' | 'desc';
  /** Whether the metadata column is wanted. */
  readonly metadata: boolean;
  /** Rows that do not meet these need not be given; others may be given all the same. */
  readonly hints?: ScanHints;
  /** Ends the scan between two chunks: it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What rows must have to be of any use. */
export interface ScanHints {
  readonly values?: Readonly<Record<string, ValueCondition>>;
  /** Whether metadata is one of it. */
  readonly metadata?: boolean;
}

export interface ScanChunk {
  readonly source: number;
  readonly timestamps: Float64Array;
  /** Row numbers: with the source they make the point's id. */
  readonly rows: Float64Array;
  /** Fields that have a value in some row of the chunk, at least those. */
  readonly fields: readonly Column[];
  readonly metadata?: MetadataColumn;
}

export interface SummaryRequest extends TimeRange {
  readonly sources: readonly number[];
  readonly fields?: readonly string[];
  readonly groups: GroupSpec;
  /** Of the fields; all where absent. Those that are not wanted mean nothing in the answer. */
  readonly figures?: FigureSet;
  /** Ends the work: it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** As of a SummaryRequest, or, without groups, of a ScanRequest. */
export type PlanRequest = Omit<SummaryRequest, 'groups' | 'signal'> & Partial<Pick<SummaryRequest, 'groups'>>;

export interface SummaryChunk {
  readonly source: number;
  /** Start of each group, clamped to nothing: the calendar's own edge, which may lie before `startTime`. */
  readonly starts: Float64Array;
  /** Rows of each group, whatever fields they have. */
  readonly rowCounts: Float64Array;
  /** Those with a value in some of the groups, at least. */
  readonly fields: readonly FieldSummary[];
  /** Rows that were looked at one by one for this. */
  readonly rowsRead: number;
  /** Width of the coarsest windows of the rollup index that took part, in milliseconds; 0 where none did. */
  readonly levelMs: number;
}

/** One field over the groups of a chunk. Where `count[group]` is 0 the rest of that group means nothing. */
export interface FieldSummary {
  readonly name: string;
  readonly type: FieldType;
  readonly dictionary?: readonly string[];
  readonly count: Float64Array;
  /** Compensated sums (Neumaier). Numbers only; strings and booleans leave sum, min and max at NaN. */
  readonly sum: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  /** Value (as in Column) of the first and the last row that has one, and their times. */
  readonly first: Float64Array;
  readonly last: Float64Array;
  readonly firstTime: Float64Array;
  readonly lastTime: Float64Array;
}

export interface SourceStats {
  readonly rowCount: number;
  /** Milliseconds; undefined while there are no rows. */
  readonly firstTime: number | undefined;
  readonly lastTime: number | undefined;
}

/** A value of a batch is of another type than its field. */
export class FieldTypeError extends Error {
  readonly code = 'FIELD_TYPE';
  readonly source: number;
  readonly field: string;
  readonly expected: FieldType;
  readonly received: FieldType;

  constructor(source: number, field: string, expected: FieldType, received: FieldType) {
    super(`Field ${JSON.stringify(field)} has type ${expected}, received ${received}`);
    this.name = 'FieldTypeError';
    this.source = source;
    this.field = field;
    this.expected = expected;
    this.received = received;
  }
}

/** Points cannot be taken now: memory is full and the disk does not take what is in it. It may pass. */
export class StorageUnavailableError extends Error {
  readonly code = 'STORAGE_UNAVAILABLE';

  constructor(cause: unknown) {
    super('The disk refuses new segments; points are taken again once it is well', { cause });
    this.name = 'StorageUnavailableError';
  }
}
