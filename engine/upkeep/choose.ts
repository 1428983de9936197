/** Which segments to compact next: a pure function of what they hold. */

export interface SegmentFacts {
  readonly bytes: number;
  readonly minTime: number;
  readonly rowCount: number;
  /** Rows of erased sources, and rows that are too old to be kept (estimated from the times they span). */
  readonly deadRows: number;
  readonly hasErased: boolean;
}

/** Segments of one size class are merged once there are this many. */
const MERGE_COUNT_MIN = 4;
const MERGE_COUNT_MAX = 16;
/** Up to here all segments are small alike. */
const SMALL_BYTES = 256 * 1024;
/** Classes are this factor apart, as many as are merged: a point is written again once for each class it passes. */
const CLASS_FACTOR = 4;
/** Larger ones are left alone: a single merge must not take minutes. */
const MERGED_BYTES_MAX = 512 * 1024 * 1024;
/** Share of dead rows at which a segment is worth writing again for that alone. */
const DEAD_SHARE = 1 / 4;

/** Positions of the segments to merge into one, ascending; undefined where there is nothing to do. */
export function chooseSegments(segments: readonly SegmentFacts[]): number[] | undefined {
  return (
    chooseMerge(segments) ??
    chooseOne(segments, ({ deadRows, rowCount }) => deadRows >= rowCount * DEAD_SHARE) ??
    // What was erased has to leave the disk in the end.
    chooseOne(segments, ({ hasErased }) => hasErased)
  );
}

/** The smallest class that has enough segments; of those the ones closest in time, so that ranges stay narrow. */
function chooseMerge(segments: readonly SegmentFacts[]): number[] | undefined {
  const classes = new Map<number, number[]>();
  for (const [position, { bytes }] of segments.entries()) {
    const sizeClass = Math.max(0, Math.ceil(Math.log(bytes / SMALL_BYTES) / Math.log(CLASS_FACTOR)));
    const members = classes.get(sizeClass);
    if (members === undefined) classes.set(sizeClass, [position]);
    else members.push(position);
  }
  for (const [, members] of [...classes].sort(([left], [right]) => left - right)) {
    const byTime = members.sort((left, right) => segments[left].minTime - segments[right].minTime);
    const chosen: number[] = [];
    let bytes = 0;
    for (const position of byTime.slice(0, MERGE_COUNT_MAX)) {
      bytes += segments[position].bytes;
      if (bytes > MERGED_BYTES_MAX) break;
      chosen.push(position);
    }
    if (chosen.length >= MERGE_COUNT_MIN) return chosen.sort((left, right) => left - right);
  }
  return undefined;
}

function chooseOne(
  segments: readonly SegmentFacts[],
  isWorth: (segment: SegmentFacts) => boolean,
): number[] | undefined {
  const position = segments.findIndex(segment => segment.deadRows > 0 && isWorth(segment));
  return position < 0 ? undefined : [position];
}
