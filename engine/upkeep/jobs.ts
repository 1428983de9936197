/** Work on segments that must not hold up the thread that serves. */
import type { Disk } from '../../wal/disk.js';
import { type CompactJob, compactSegments } from './compact.js';
import { type FlushJob, flushHead } from './flush.js';

export type UpkeepJob = ({ readonly kind: 'flush' } & FlushJob) | ({ readonly kind: 'compact' } & CompactJob);

/** What became of a job. An error would lose its code on the way from a worker: damage is a result. */
export type UpkeepResult =
  /** The job's file is written and synced. Its name is the caller's to make durable. */
  | { readonly kind: 'written' }
  /** There was nothing to write. */
  | { readonly kind: 'empty' }
  /** An input is damaged; the message names file and offset. */
  | { readonly kind: 'damaged'; readonly message: string };

/** Runs jobs: in a worker thread, or (tests) where it is called. */
export interface UpkeepRunner {
  /** @throws (rejects) what the disk throws. */
  run(job: UpkeepJob): Promise<UpkeepResult>;
  close(): Promise<void>;
}

export interface UpkeepLogger {
  info(details: object, message: string): void;
  error(details: object, message: string): void;
}

export function runJob(disk: Disk, job: UpkeepJob): Promise<UpkeepResult> {
  return job.kind === 'flush' ? flushHead(disk, job) : compactSegments(disk, job);
}
