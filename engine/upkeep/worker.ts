/** The worker's side of upkeep: takes a job and does it on this machine's disk. */
import { nodeDisk } from '../../wal/disk.js';
import { runJob, type UpkeepJob, type UpkeepResult } from './jobs.js';

export default function work(job: UpkeepJob): Promise<UpkeepResult> {
  return runJob(nodeDisk, job);
}
