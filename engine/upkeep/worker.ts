/** The worker's side of upkeep: takes a job, does it on this machine's disk, answers with what was written. */
import { nodeDisk } from '../../wal/disk.js';
import type { SegmentWritten } from '../segment/writer.js';
import { type FlushJob, flushHead } from './flush.js';

export default function work(job: FlushJob): Promise<SegmentWritten> {
  return flushHead(nodeDisk, job);
}
