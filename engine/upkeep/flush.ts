/** Flush: a head that takes no more points becomes a segment. */
import type { Disk } from '../../wal/disk.js';
import { type HeadImage, sortedSources } from '../head/image.js';
import { type SegmentWritten, writeSegment } from '../segment/writer.js';

export interface FlushJob {
  readonly image: HeadImage;
  /** The new file; it must not exist. */
  readonly path: string;
  readonly lastSequence: number;
}

/** Runs flush jobs: in a worker thread, or (tests) where it is called. */
export interface FlushRunner {
  run(job: FlushJob): Promise<SegmentWritten>;
  close(): Promise<void>;
}

/** Writes and syncs the segment's bytes. Its name is the caller's to make durable. */
export function flushHead(disk: Disk, job: FlushJob): Promise<SegmentWritten> {
  return writeSegment(disk, job.path, sortedSources(job.image), job.lastSequence);
}
