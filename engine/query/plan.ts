/**
 * From a request and what is known of the places where a source has rows to the way they are read. Pure functions:
 * nothing is read here, and `explain` prints what they return.
 */
import { lowerBound } from '../base/search.js';
import type { TimeRange } from '../storage.js';
import type { GroupEdges } from './calendar.js';
import { BLOCKS, type Cover, coverOf } from './cover.js';

/** A segment or a head, as far as one source's rows in it go. */
export interface PlaceFacts {
  /** File of the segment; `head` for a head. */
  readonly name: string;
  readonly rowCount: number;
  readonly firstRow: number;
  readonly lastRow: number;
  readonly minTime: number;
  readonly maxTime: number;
  /** Rollup levels, finest first. */
  readonly levels: readonly LevelFacts[];
}

export interface LevelFacts {
  readonly widthMs: number;
  readonly windowCount: number;
}

/** Groups in order, without gaps between them. */
export interface GroupTable {
  /** What is answered as the start of each. */
  readonly starts: Float64Array;
  /** Where each begins, and where the last ends; infinite where there is no bound. */
  readonly edges: Float64Array;
}

/** Groups of one table: bounds the memory of a source, however many groups a request has. */
export const TABLE_GROUPS_MAX = 1_024;

/**
 * The groups that hold `from` and the times after it, up to `to` (exclusive), at most TABLE_GROUPS_MAX.
 * @param all the start of the one group over all; undefined where there are edges
 */
export function groupTable(
  groups: GroupEdges,
  from: number,
  to: number,
  all: number | undefined,
): GroupTable {
  if (all !== undefined) {
    return { starts: Float64Array.of(all), edges: Float64Array.of(-Infinity, Infinity) };
  }
  const edges = [groups.startOf(from)];
  while (edges.length <= TABLE_GROUPS_MAX) {
    const end = groups.endOf(edges[edges.length - 1]);
    edges.push(end);
    if (end >= to) break;
  }
  const table = Float64Array.from(edges);
  return { starts: table.subarray(0, -1), edges: table };
}

/** The part of a table that a stretch of time, both ends included, falls into. */
export function clipTable({ starts, edges }: GroupTable, first: number, last: number): GroupTable {
  const groupCount = starts.length;
  const from = Math.max(0, upperBound(edges, first, groupCount) - 1);
  const to = Math.max(from + 1, upperBound(edges, last, groupCount));
  if (from === 0 && to === groupCount) return { starts, edges };
  return { starts: starts.subarray(from, to), edges: edges.subarray(from, to + 1) };
}

/** Number of the first `count` values that are not above `bound`. */
function upperBound(values: Float64Array, bound: number, count: number): number {
  const at = lowerBound(values, bound, 0, count);
  return at < count && values[at] === bound ? at + 1 : at;
}

/** Covers of one table of groups; places with the same levels share theirs. */
export class CoverPlanner {
  readonly #edges: Float64Array;
  readonly #startTime: number;
  readonly #endTime: number;
  readonly #covers = new Map<number, Cover>();

  /** @param endTime exclusive */
  constructor(edges: Float64Array, startTime: number, endTime: number) {
    this.#edges = edges;
    this.#startTime = startTime;
    this.#endTime = endTime;
  }

  coverOf({ minTime, maxTime, levels }: PlaceFacts): Cover {
    // Where a place has no row outside the range, the range cuts no window.
    const cutsStart = minTime < this.#startTime;
    const cutsEnd = maxTime >= this.#endTime;
    let widths = 0;
    for (const { widthMs } of levels) widths += widthMs;
    // Each width is more than all finer ones together, so that their sum names the set.
    const key = widths * 4 + (cutsStart ? 1 : 0) + (cutsEnd ? 2 : 0);
    let cover = this.#covers.get(key);
    if (cover === undefined) {
      const from = cutsStart ? this.#startTime : -Infinity;
      const to = cutsEnd ? this.#endTime : Infinity;
      cover = coverOf(
        this.#edges,
        from,
        to,
        levels.map(({ widthMs }) => widthMs),
      );
      this.#covers.set(key, cover);
    }
    return cover;
  }
}

/**
 * Whether row numbers tell the order of rows of one time in different places: then folding the places in the order
 * of their row numbers tells first from last.
 * @param places in the order of their first rows
 */
export function rowsTellOrder(places: readonly PlaceFacts[]): boolean {
  let lastRow = -1;
  for (let index = 0; index < places.length; index++) {
    const place = places[index];
    // Most have later rows than all before, whatever their times.
    const sharesRows = lastRow > place.firstRow;
    lastRow = Math.max(lastRow, place.lastRow);
    if (sharesRows && places.slice(0, index).some(before => sharesTime(before, place))) return false;
  }
  return true;
}

/** Whether two places, the second with later first rows, have rows among each other's in number and in time. */
function sharesTime(one: PlaceFacts, other: PlaceFacts): boolean {
  return one.lastRow > other.firstRow && one.minTime <= other.maxTime && other.minTime <= one.maxTime;
}

/** How one source is read. */
export interface SourcePlan {
  readonly source: number;
  readonly places: readonly PlacePlan[];
}

/** How one place is read, and what that is expected to cost. */
export interface PlacePlan {
  readonly place: string;
  readonly rows: number;
  readonly steps: readonly PlanStep[];
}

export interface PlanStep {
  /** Width of the windows in milliseconds; absent where blocks are read. */
  readonly levelMs?: number;
  /** Stretches of time that are read so. */
  readonly stretches: number;
  /** Milliseconds, of all stretches together; the end is exclusive. */
  readonly startTime: number;
  readonly endTime: number;
  /** Expected number of windows. */
  readonly windows?: number;
  /** Expected number of rows that are looked at one by one: in blocks that do not lie in one group. */
  readonly rowsRead?: number;
}

/**
 * @param edges of the groups
 * @param blockRows rows of a block, the least that is read
 */
export function planPlace(
  facts: PlaceFacts,
  cover: Cover,
  edges: Float64Array,
  blockRows: number,
): PlacePlan {
  const steps: PlanStep[] = [];
  for (let level = facts.levels.length - 1; level >= BLOCKS; level--) {
    const step = stepOf(facts, cover, level, edges, blockRows);
    if (step !== undefined) steps.push(step);
  }
  return { place: facts.name, rows: facts.rowCount, steps };
}

/** How the rows of a range are read one by one. */
export function planRows({ name, rowCount, minTime, maxTime }: PlaceFacts, range: TimeRange): PlacePlan {
  const startTime = Math.max(minTime, range.startTime);
  const endTime = Math.min(maxTime + 1, range.endTime);
  if (startTime >= endTime) return { place: name, rows: rowCount, steps: [] };
  const rowsRead = Math.ceil((rowCount * (endTime - startTime)) / (maxTime + 1 - minTime));
  return { place: name, rows: rowCount, steps: [{ stretches: 1, startTime, endTime, rowsRead }] };
}

function stepOf(
  { minTime, maxTime, rowCount, levels }: PlaceFacts,
  cover: Cover,
  level: number,
  edges: Float64Array,
  blockRows: number,
): PlanStep | undefined {
  const step = { stretches: 0, startTime: Infinity, endTime: -Infinity };
  let windows = 0;
  let rowsRead = 0;
  for (let at = lowerBound(cover.ends, minTime + 1, 0, cover.length); at < cover.length; at++) {
    const start = Math.max(cover.starts[at], minTime);
    const end = Math.min(cover.ends[at], maxTime + 1);
    if (start >= end) break;
    if (cover.levels[at] !== level) continue;
    step.stretches++;
    step.startTime = Math.min(step.startTime, start);
    step.endTime = Math.max(step.endTime, end);
    const share = (end - start) / (maxTime + 1 - minTime);
    if (level === BLOCKS) {
      // Rows are read where a group begins within a block, and at both ends.
      const edgeCount = lowerBound(edges, end) - lowerBound(edges, start) + 2;
      rowsRead += Math.min(rowCount * share + blockRows, edgeCount * blockRows);
    } else windows += Math.ceil(levels[level].windowCount * share);
  }
  if (step.stretches === 0) return undefined;
  return level === BLOCKS
    ? { ...step, rowsRead: Math.ceil(Math.min(rowCount, rowsRead)) }
    : { levelMs: levels[level].widthMs, ...step, windows };
}
