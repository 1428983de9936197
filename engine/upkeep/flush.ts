/** Flush: a head that takes no more points becomes segments, one for each time partition. */
import type { Disk } from '../../wal/disk.js';
import { lowerBound } from '../base/search.js';
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
    const runs = sources.map(source => partitionRuns(source, partitions, partitionCount));
    for (let partition = 0; partition < partitionCount; partition++)
      await writeSegment(disk, paths[partition], partsOf(sources, runs, partition), lastSequence);
  }
  return { kind: 'written', files: paths.slice(0, partitionCount) };
}

function* partsOf(
  sources: readonly SortedSource[],
  runs: readonly RowRun[][][],
  partition: number,
): Generator<SegmentSource> {
  for (const [index, source] of sources.entries()) {
    const own = runs[index][partition];
    if (own.length > 0) yield source.select(own);
  }
}

/** Runs of rows, by the partition that their day belongs to. */
function partitionRuns(
  source: SortedSource,
  partitions: ReadonlyMap<number, number>,
  partitionCount: number,
): RowRun[][] {
  const runs: RowRun[][] = Array.from({ length: partitionCount }, () => []);
  let day = -1;
  let from = 0;
  let first = 0;
  const end = (to: number) => {
    if (to > from) runs[partitions.get(day) as number].push({ from, to });
    from = to;
  };
  for (const { timestamps } of source.keys()) {
    const lastDay = Math.floor(timestamps[timestamps.length - 1] / DAY_MS);
    for (let row = 0; day < lastDay; ) {
      row = lowerBound(timestamps, (day + 1) * DAY_MS, row);
      end(first + row);
      day = Math.floor(timestamps[row] / DAY_MS);
    }
    first += timestamps.length;
  }
  end(first);
  return runs;
}
