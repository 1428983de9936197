import { type LogParticipant, type LogRecord, RecordType, type Sequence } from '../../wal/records.js';

export interface Recorded {
  readonly sequence: number;
  readonly type: number;
  readonly payload: string;
}

/** A participant that remembers what it is given to replay. */
export class Recorder implements LogParticipant {
  readonly types: readonly RecordType[];
  readonly records: Recorded[] = [];
  sealedThrough: Sequence;

  constructor(types: readonly RecordType[] = Object.values(RecordType), sealedThrough = 0) {
    this.types = types;
    this.sealedThrough = sealedThrough as Sequence;
  }

  get sequences(): number[] {
    return this.records.map(record => record.sequence);
  }

  get payloads(): string[] {
    return this.records.map(record => record.payload);
  }

  replay({ sequence, type, payload }: LogRecord): void {
    this.records.push({ sequence, type, payload: Buffer.from(payload).toString('latin1') });
  }
}

export function bytesOf(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'latin1'));
}
