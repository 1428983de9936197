/** Flush: a head that takes no more points becomes a segment. */
import type { Disk } from '../../wal/disk.js';
import { type HeadImage, sortedSources } from '../head/image.js';
import { writeSegment } from '../segment/writer.js';
import type { UpkeepResult } from './jobs.js';

export interface FlushJob {
  readonly image: HeadImage;
  /** The new file; it must not exist. */
  readonly path: string;
  readonly lastSequence: number;
}

export async function flushHead(disk: Disk, { image, path, lastSequence }: FlushJob): Promise<UpkeepResult> {
  await writeSegment(disk, path, sortedSources(image), lastSequence);
  return { kind: 'written' };
}
