/**
 * What to do with segments next: a pure function of what they hold.
 *
 * Segments of one class, four or more, are merged, within the finest time partition that holds them. Classes are by
 * rows and a factor of four apart, so a merge lifts each row by a class at least: a row is written again at most once
 * for each, eleven times from 64 rows on up to a thousand million, whatever the number of sources does to bytes.
 * Late rows are folded into a bigger segment when they are worth it: that writes at most 32 bytes again for each byte
 * that was late. Rows that are too old cost at most as much again as what is kept.
 */
import { DAY_MS } from '../base/time.js';
import { PARTITION_FACTOR } from './partitions.js';

/** What a segment has of each source: columns of its table, ascending by ordinal. */
export interface SourceSpans {
  readonly ordinal: Float64Array;
  readonly rowCount: Float64Array;
  readonly minTime: Float64Array;
  readonly maxTime: Float64Array;
}

export interface SegmentFacts {
  readonly bytes: number;
  readonly rowCount: number;
  readonly minTime: number;
  readonly maxTime: number;
  readonly table: SourceSpans;
  /** Rows of erased sources, and rows that are too old to be kept (estimated from the times they span). */
  readonly deadRows: number;
  readonly hasErased: boolean;
  /** Whether there is no other row. */
  readonly isDead: boolean;
  /** It cannot be read to its end. */
  readonly isDamaged: boolean;
}

export interface Choice {
  /** Whether to write the rows that are left into one segment; `drop` where none is. */
  readonly kind: 'merge' | 'drop';
  /** Positions of the segments, ascending. */
  readonly positions: readonly number[];
}

/** Segments of one class are merged once there are this many. */
const MERGE_COUNT_MIN = 4;
const MERGE_COUNT_MAX = 16;
/** Up to here all segments are small alike. */
const SMALL_ROWS = 64;
/** Classes are this factor apart, as many as are merged. */
const CLASS_FACTOR = 4;
/** Larger ones are left alone: a single merge must not take minutes. */
const MERGED_BYTES_MAX = 512 * 1024 * 1024;
/** The widest partition, 11 years: what is farther apart is merged with its like only. */
const PARTITION_WIDTH_MAX = PARTITION_FACTOR ** 6 * DAY_MS;
/** Share of a segment's bytes that late rows must have to be folded into it: all together, or if they are many. */
const LATE_SHARE = 1 / 8;
const LATE_SHARE_OF_MANY = 1 / 32;
const LATE_COUNT_MANY = 4;
/** Share of dead rows at which a segment is worth writing again for that alone. */
const DEAD_SHARE = 1 / 2;

/** undefined where there is nothing to do. */
export function chooseSegments(segments: readonly SegmentFacts[]): Choice | undefined {
  const intact = positionsWhere(segments, ({ isDamaged }) => !isDamaged);
  return (
    chooseDrop(segments) ??
    chooseMerge(segments, intact) ??
    chooseFold(segments, intact) ??
    chooseOne(segments, intact)
  );
}

function positionsWhere(
  segments: readonly SegmentFacts[],
  holds: (segment: SegmentFacts) => boolean,
  among: readonly number[] = [...segments.keys()],
): number[] {
  return among.filter(position => holds(segments[position]));
}

function chooseDrop(segments: readonly SegmentFacts[]): Choice | undefined {
  const positions = positionsWhere(segments, ({ isDead }) => isDead);
  return positions.length > 0 ? { kind: 'drop', positions } : undefined;
}

function chooseOne(segments: readonly SegmentFacts[], intact: readonly number[]): Choice | undefined {
  const isHalfDead = ({ deadRows, rowCount }: SegmentFacts) => deadRows >= rowCount * DEAD_SHARE;
  const position =
    positionsWhere(segments, isHalfDead, intact)[0] ??
    // What was erased has to leave the disk in the end.
    positionsWhere(segments, ({ hasErased }) => hasErased, intact)[0];
  return position === undefined ? undefined : { kind: 'merge', positions: [position] };
}

/** The finest partition that has enough segments of a class, and of those the smallest class. */
function chooseMerge(segments: readonly SegmentFacts[], intact: readonly number[]): Choice | undefined {
  for (let width = DAY_MS; width <= PARTITION_WIDTH_MAX; width *= PARTITION_FACTOR) {
    const narrow = positionsWhere(segments, ({ minTime, maxTime }) => maxTime - minTime < width, intact);
    const chosen = chooseOfClass(segments, narrow, ({ minTime }) => Math.floor(minTime / width));
    if (chosen !== undefined) return chosen;
  }
  const isWide = ({ minTime, maxTime }: SegmentFacts) => maxTime - minTime >= PARTITION_WIDTH_MAX;
  return chooseOfClass(segments, positionsWhere(segments, isWide, intact), () => 0);
}

function chooseOfClass(
  segments: readonly SegmentFacts[],
  positions: readonly number[],
  partitionOf: (segment: SegmentFacts) => number,
): Choice | undefined {
  const groups = new Map<string, number[]>();
  for (const position of positions) {
    const key = `${classOf(segments[position])} ${partitionOf(segments[position])}`;
    const members = groups.get(key);
    if (members === undefined) groups.set(key, [position]);
    else members.push(position);
  }
  const enough = [...groups.values()].filter(({ length }) => length >= MERGE_COUNT_MIN);
  const classOfGroup = ([first]: readonly number[]) => classOf(segments[first]);
  for (const members of enough.sort((left, right) => classOfGroup(left) - classOfGroup(right))) {
    const chosen = longestRun(segments, members);
    if (chosen.length >= MERGE_COUNT_MIN) return { kind: 'merge', positions: ascending(chosen) };
  }
  return undefined;
}

function classOf({ rowCount }: SegmentFacts): number {
  return Math.max(0, Math.ceil(Math.log(rowCount / SMALL_ROWS) / Math.log(CLASS_FACTOR)));
}

/** The most segments that follow one another in time, so that ranges stay narrow, and are not too large together. */
function longestRun(segments: readonly SegmentFacts[], members: readonly number[]): number[] {
  const byTime = [...members].sort((left, right) => segments[left].minTime - segments[right].minTime);
  let longest: number[] = [];
  let from = 0;
  let bytes = 0;
  for (let to = 0; to < byTime.length; to++) {
    bytes += segments[byTime[to]].bytes;
    while (bytes > MERGED_BYTES_MAX || to - from >= MERGE_COUNT_MAX) bytes -= segments[byTime[from++]].bytes;
    if (to - from + 1 > longest.length) longest = byTime.slice(from, to + 1);
  }
  return longest;
}

/** The smallest segment that others have enough late rows for, with those others. */
function chooseFold(segments: readonly SegmentFacts[], intact: readonly number[]): Choice | undefined {
  const bySize = [...intact].sort((left, right) => segments[left].rowCount - segments[right].rowCount);
  for (const position of bySize) {
    const big = segments[position];
    const chosen: number[] = [];
    let bytes = 0;
    // The larger ones first: they count most.
    for (const other of bySize.slice(0, bySize.indexOf(position)).reverse()) {
      const isRoom = chosen.length + 1 < MERGE_COUNT_MAX;
      if (!isRoom || big.bytes + bytes + segments[other].bytes > MERGED_BYTES_MAX) continue;
      if (!isLate(segments[other], big)) continue;
      chosen.push(other);
      bytes += segments[other].bytes;
    }
    const share = chosen.length >= LATE_COUNT_MANY ? LATE_SHARE_OF_MANY : LATE_SHARE;
    if (chosen.length > 0 && bytes >= big.bytes * share) {
      return { kind: 'merge', positions: ascending([...chosen, position]) };
    }
  }
  return undefined;
}

/**
 * Whether most rows of a segment lie among those of a bigger one, source by source: what a source has in one of them
 * only overlaps nothing. Rows that end after the bigger one's are not late; new ones are often a little out of order.
 */
function isLate(small: SegmentFacts, big: SegmentFacts): boolean {
  if (classOf(small) >= classOf(big) || small.minTime > big.maxTime || small.maxTime < big.minTime)
    return false;
  let lateRows = 0;
  let other = 0;
  for (let index = 0; index < small.table.ordinal.length; index++) {
    const ordinal = small.table.ordinal[index];
    while (other < big.table.ordinal.length && big.table.ordinal[other] < ordinal) other++;
    if (big.table.ordinal[other] !== ordinal) continue;
    const minTime = small.table.minTime[index];
    const maxTime = small.table.maxTime[index];
    if (maxTime > big.table.maxTime[other] || maxTime < big.table.minTime[other]) continue;
    const inside = maxTime - Math.max(minTime, big.table.minTime[other]) + 1;
    lateRows += (small.table.rowCount[index] * inside) / (maxTime - minTime + 1);
  }
  return lateRows >= small.rowCount / 2;
}

function ascending(positions: readonly number[]): number[] {
  return [...positions].sort((left, right) => left - right);
}
