/** Which blocks cannot have a row that a query's conditions let through, told from their summaries alone. */
import { lowerBound } from '../base/search.js';
import { METADATA_COLUMN } from '../head/head.js';
import { MAX, MIN } from '../rollup/figures.js';
import type { Directory } from '../segment/directory.js';
import type { Leaf } from '../segment/leaf.js';
import type { SegmentPart } from '../segment/reader.js';
import type { ScanHints } from '../storage.js';
import type { ValueCondition } from './request.js';

/** What a block must have to be worth reading. */
interface Need {
  /** Place of the column in the directory; −1 where there is none. */
  readonly column: number;
  /** Some value must lie in between, both ends included; infinite where only some value must be there. */
  readonly least: number;
  readonly most: number;
}

/** Says of a block of a leaf whether it can be passed over. */
export type Pruning = (leaf: Leaf, block: number) => boolean;

/** undefined where no block can be passed over. */
export function pruningOf(
  part: SegmentPart,
  { columns }: Directory,
  hints: ScanHints | undefined,
): Pruning | undefined {
  if (hints === undefined) return undefined;
  const needs: Need[] = [];
  for (const [name, condition] of Object.entries(hints.values ?? {})) {
    const column = columns.findIndex(known => known.name === name);
    const bounds = columns[column]?.type === 'number' ? boundsOf(condition) : ANY;
    needs.push({ column, ...bounds });
  }
  if (hints.metadata === true) {
    needs.push({ column: columns.findIndex(({ name }) => name === METADATA_COLUMN), ...ANY });
  }
  if (needs.length === 0) return undefined;
  return (leaf, block) => needs.some(need => !mayHave(part, leaf, block, need));
}

const ANY = { least: -Infinity, most: Infinity };

function mayHave(part: SegmentPart, leaf: Leaf, block: number, need: Need): boolean {
  const { column, least, most } = need;
  if (column < 0) return false;
  const { lengths, summaries } = leaf.columns[column];
  if (lengths[block] === 0) return false;
  if (least === -Infinity && most === Infinity) return true;
  const { min, max } = summaries;
  if (min === undefined || max === undefined) return windowsMayHave(part, leaf, block, need);
  return max[block] >= least && min[block] <= most;
}

/** Where windows are finer than blocks they say what the summaries do not. */
function windowsMayHave({ segment, index }: SegmentPart, leaf: Leaf, block: number, need: Need): boolean {
  const directory = segment.directory(index);
  const level = directory.levels[0];
  if (level === undefined) return true;
  const start = Math.floor(leaf.minTimes[block] / level.widthMs) * level.widthMs;
  const end = leaf.maxTimes[block] + 1;
  for (let chunk = 0; chunk < level.chunks.length; chunk++) {
    const { firstStart, lastStart } = level.chunks[chunk];
    if (lastStart < start || firstStart >= end) continue;
    const { starts } = segment.windows(index, directory, 0, chunk);
    const { min, max } = segment.figures(index, directory, 0, chunk, need.column, MIN | MAX);
    if (min === undefined || max === undefined) return true;
    const to = lowerBound(starts, end);
    for (let window = lowerBound(starts, start); window < to; window++) {
      if (max[window] >= need.least && min[window] <= need.most) return true;
    }
  }
  return false;
}

/** Generous: an end that is not itself let through is taken in. */
function boundsOf({ gt, gte, lt, lte, eq }: ValueCondition): { least: number; most: number } {
  const numbers = (values: readonly unknown[]) => values.filter(value => typeof value === 'number');
  return {
    least: Math.max(-Infinity, ...numbers([gt, gte, eq])),
    most: Math.min(Infinity, ...numbers([lt, lte, eq])),
  };
}
