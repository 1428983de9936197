import type { PackedBatch } from '../../engine/batch.js';
import type { RowSource } from './row-source.js';

/** What a body came to that was read from its bytes. */
export interface ScannedPoints {
  readonly bucketId: string;
  readonly batch: PackedBatch;
  /** In the order of the batch. */
  readonly sources: readonly RowSource[];
  readonly count: number;
}
