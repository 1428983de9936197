import {
  type LogParticipant,
  type LogRecord,
  LogUnavailableError,
  type RecordLog,
  type RecordType,
  type Sequence,
} from '../../wal/records.js';

/** A log in memory. Every record is durable a turn after its append, until `fail` is called. */
export class MemoryLog implements RecordLog {
  readonly records: LogRecord[] = [];
  failure: Error | undefined;
  #last: Sequence;

  constructor(last = 0) {
    this.#last = last as Sequence;
  }

  get lastSequence(): Sequence {
    return this.#last;
  }

  /** Nothing becomes durable any more, what is on its way included. */
  fail(): void {
    this.failure = new LogUnavailableError(new Error('EIO'));
  }

  async append(
    type: RecordType,
    parts: readonly Uint8Array[],
    onDurable?: (sequence: Sequence) => void,
  ): Promise<Sequence> {
    if (this.failure !== undefined) throw this.failure;
    this.#last = (this.#last + 1) as Sequence;
    const record = { type, sequence: this.#last, payload: Uint8Array.from(Buffer.concat(parts)) };
    await Promise.resolve();
    if (this.failure !== undefined) throw this.failure;
    this.records.push(record);
    onDurable?.(record.sequence);
    return record.sequence;
  }

  async flushed(): Promise<void> {
    await Promise.resolve();
    if (this.failure !== undefined) throw this.failure;
  }

  async checkpoint(): Promise<void> {}

  /** Gives a participant its records as a start would: those that it has not sealed. */
  replayTo(participant: LogParticipant): void {
    for (const record of this.records) {
      if (participant.types.includes(record.type) && record.sequence > participant.sealedThrough) {
        participant.replay(record);
      }
    }
  }
}
