/** Work on segments that must not hold up the thread that serves. */
import type { Disk } from '../../wal/disk.js';
import { type CompactJob, compactSegments } from './compact.js';
import { type FlushJob, flushHead } from './flush.js';

export type UpkeepJob = ({ readonly kind: 'flush' } & FlushJob) | ({ readonly kind: 'compact' } & CompactJob);

/** What became of a job. An error would lose its code on the way from a worker: damage is a result. */
export type UpkeepResult =
  /** These of the job's files are written and synced, if any. Their names are the caller's to make durable. */
  | { readonly kind: 'written'; readonly files: readonly string[] }
  /** An input is damaged; the message names file and offset. */
  | { readonly kind: 'damaged'; readonly file: string; readonly message: string };

/** Runs jobs: in a worker thread, or (tests) where it is called. */
export interface UpkeepRunner {
  /** @throws (rejects) what the disk throws. */
  run(job: UpkeepJob): Promise<UpkeepResult>;
  close(): Promise<void>;
}

/** What jobs of one kind have done since the start. */
export interface UpkeepStatistics {
  readonly jobs: number;
  readonly seconds: number;
  /** Of heads or segments that were read. */
  readonly bytesRead: number;
}

export interface UpkeepLogger {
  info(details: object, message: string): void;
  error(details: object, message: string): void;
}

export function runJob(disk: Disk, job: UpkeepJob): Promise<UpkeepResult> {
  return job.kind === 'flush' ? flushHead(disk, job) : compactSegments(disk, job);
}
