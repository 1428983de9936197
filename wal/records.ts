/** Every kind of record the log carries. A number is never reused: old logs must stay readable. */
export const RecordType = {
  /** A batch of points, encoded by the engine. */
  points: 1,
  /** Sources erased, with all their points. */
  erase: 2,
  /** A change of the catalog: bucket, key, data source. */
  catalog: 3,
  /** Transitions of alert rules. */
  alerts: 4,
  /** Webhooks to be delivered, and what became of them. */
  deliveries: 5,
  /** Calls counted by key and month. */
  usage: 6,
  /** A batch of points with a mark of the caller's, which must be durable with it or not at all. */
  markedPoints: 7,
} as const;

export type RecordType = (typeof RecordType)[keyof typeof RecordType];

/** Position of a record in the log, counted from 1 and never reused. 0 means "before the first". */
export type Sequence = number & { readonly __sequence: unique symbol };

export interface LogRecord {
  readonly type: RecordType;
  readonly sequence: Sequence;
  /** Valid only during the call it is given to. */
  readonly payload: Uint8Array;
}

/**
 * Something whose state is what replay of its records makes of it.
 * Each record type belongs to exactly one participant.
 */
export interface LogParticipant {
  readonly types: readonly RecordType[];
  /** The last sequence whose effects are durable elsewhere. Replay skips up to it; files before it may go. */
  readonly sealedThrough: Sequence;
  /** Applies one record, in log order. Throwing ends recovery: the record is intact but cannot be meant. */
  replay(record: LogRecord): void;
  /** Asked before log files are dropped: make the state durable elsewhere and move `sealedThrough` on. */
  seal?(): Promise<void>;
}

/**
 * What the layers above need of the log.
 */
export interface RecordLog {
  /** Sequence of the last record appended (durable or not). */
  readonly lastSequence: Sequence;
  /**
   * Adds one record. Records become durable in the order of the calls; `onDurable` runs synchronously, in that
   * order, before the promise resolves, and never runs for a record whose sync failed.
   * The parts must not be changed until the promise settles.
   * @throws (rejects) LogUnavailableError when the disk can no longer be written: nothing was acknowledged.
   */
  append(
    type: RecordType,
    parts: readonly Uint8Array[],
    onDurable?: (sequence: Sequence) => void,
  ): Promise<Sequence>;
  /** Resolves when everything appended before the call is durable. */
  flushed(): Promise<void>;
  /** Drops the files whose records are all sealed elsewhere. Asks the participants to seal first. */
  checkpoint(): Promise<void>;
  /** Set once a write or sync has failed; from then on every append rejects with it. */
  readonly failure: Error | undefined;
}

/** The disk refused a write or a sync; the log takes nothing more until a restart has replayed it. */
export class LogUnavailableError extends Error {
  readonly code = 'LOG_UNAVAILABLE';

  constructor(cause: unknown) {
    super('The log can no longer be written; restart once the disk is well', { cause });
    this.name = 'LogUnavailableError';
  }
}
