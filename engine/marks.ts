/** Marks: what a caller wants to be durable with a batch of points, in one record of the log, or not at all. */
import { type LogParticipant, RecordType, type Sequence } from '../wal/records.js';
import { decodeMarkedPoints } from './head/record.js';

/** Who keeps the marks: its state is what they make of it, one after another. */
export interface MarkKeeper {
  /** The last sequence whose marks are durable elsewhere. */
  readonly sealedThrough: Sequence;
  /** Takes a mark that is durable, in the order of the log. Its bytes are valid only during the call. */
  apply(mark: Uint8Array, sequence: Sequence): void;
  /** As of a LogParticipant. */
  seal?(): Promise<void>;
}

/**
 * The owner of the records that hold points and a mark. Each half is replayed to whom it belongs, where he has not sealed
 * it; such a record may go once both have.
 * @param points the participant of the records of points
 */
export function markedParticipant(points: LogParticipant, keeper: MarkKeeper): LogParticipant {
  return {
    types: [RecordType.markedPoints],
    get sealedThrough() {
      return Math.min(points.sealedThrough, keeper.sealedThrough) as Sequence;
    },
    replay({ sequence, payload }) {
      const { mark, record } = decodeMarkedPoints(payload);
      if (sequence > points.sealedThrough) {
        points.replay({ type: RecordType.points, sequence, payload: record });
      }
      if (sequence > keeper.sealedThrough) keeper.apply(mark, sequence);
    },
    seal: () => keeper.seal?.() ?? Promise.resolve(),
  };
}
