/** Flush: a head that takes no more points becomes segments, one for each time partition. */
import type { Disk } from '../../wal/disk.js';
import { DAY_MS } from '../base/time.js';
import {
  type HeadImage,
  type RowRun,
  type SortedSource,
  sortedSources,
  timesOfSources,
} from '../head/image.js';
import { type SegmentSource, writeSegment } from '../segment/writer.js';
import type { UpkeepResult } from './jobs.js';
import { countDays, partitionDays } from './partitions.js';

export interface FlushJob {
  readonly image: HeadImage;
  /** The new files, FLUSH_PARTITIONS_MAX of them; none may exist. The first ones are written, as many as needed. */
  readonly paths: readonly string[];
  readonly lastSequence: number;
}

export async function flushHead(disk: Disk, { image, paths, lastSequence }: FlushJob): Promise<UpkeepResult> {
  const rowsByDay = new Map<number, number>();
  for (const times of timesOfSources(image)) countDays(times, rowsByDay);
  const partitions = partitionDays(rowsByDay);
  const partitionCount = new Set(partitions.values()).size;
  if (partitionCount === 1) await writeSegment(disk, paths[0], sortedSources(image), lastSequence);
  else {
    const sources = [...sortedSources(image)];
    for (let partition = 0; partition < partitionCount; partition++) {
      const parts = partsOf(sources, day => partitions.get(day) === partition);
      await writeSegment(disk, paths[partition], parts, lastSequence);
    }
  }
  return { kind: 'written', files: paths.slice(0, partitionCount) };
}

function* partsOf(
  sources: readonly SortedSource[],
  isInside: (day: number) => boolean,
): Generator<SegmentSource> {
  for (const source of sources) {
    const runs = runsOf(source.times(), isInside);
    if (runs.length > 0) yield source.select(runs);
  }
}

/** Runs of the rows whose day is inside; times ascend. */
function runsOf(times: Float64Array, isInside: (day: number) => boolean): RowRun[] {
  const runs: RowRun[] = [];
  for (let from = 0; from < times.length; ) {
    const day = Math.floor(times[from] / DAY_MS);
    const dayEnd = (day + 1) * DAY_MS;
    let to = from + 1;
    while (to < times.length && times[to] < dayEnd) to++;
    if (isInside(day)) runs.push({ from, to });
    from = to;
  }
  return runs;
}
