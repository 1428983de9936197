/** Folds what a segment has of one source into groups: whole windows, whole blocks by their summaries, and rows. */
import { lowerBound } from '../base/search.js';
import { METADATA_COLUMN } from '../head/head.js';
import { FIRST, LAST } from '../rollup/figures.js';
import type { Directory } from '../segment/directory.js';
import type { BlockSummaries, Leaf } from '../segment/leaf.js';
import type { SegmentPart } from '../segment/reader.js';
import type { FieldAccumulator } from './accumulator.js';
import { BLOCKS, type Cover } from './cover.js';
import type { GroupFold } from './group-fold.js';

interface FoldedColumn {
  readonly index: number;
  readonly accumulator: FieldAccumulator;
}

/** Group of each window or block at hand, by its position. */
let groups = new Int32Array(1_024);

/** Gives way (yields) after each piece of work that decodes something. */
export function* foldSegment(part: SegmentPart, cover: Cover, fold: GroupFold): Generator<void> {
  const { segment, index } = part;
  const directory = segment.directory(index);
  const columns: FoldedColumn[] = [];
  for (let column = 0; column < directory.columns.length; column++) {
    const { name, type } = directory.columns[column];
    const accumulator = name === METADATA_COLUMN ? undefined : fold.field(name, type);
    if (accumulator !== undefined) columns.push({ index: column, accumulator });
  }
  const minTime = segment.table.minTime[index];
  const maxTime = segment.table.maxTime[index];
  for (let at = lowerBound(cover.ends, minTime + 1, 0, cover.length); at < cover.length; at++) {
    const start = cover.starts[at];
    if (start > maxTime) break;
    const level = cover.levels[at];
    if (level === BLOCKS) yield* foldBlocks(part, directory, columns, start, cover.ends[at], fold);
    else yield* foldWindows(part, directory, columns, level, start, cover.ends[at], fold);
  }
}

/** The windows of a level that begin from `start` on and before `end`. */
function* foldWindows(
  { segment, index }: SegmentPart,
  directory: Directory,
  columns: readonly FoldedColumn[],
  level: number,
  start: number,
  end: number,
  fold: GroupFold,
): Generator<void> {
  const { widthMs, chunks } = directory.levels[level];
  for (let chunk = firstChunk(chunks, start); chunk < chunks.length; chunk++) {
    if (chunks[chunk].firstStart >= end) break;
    const windows = segment.windows(index, directory, level, chunk);
    const { starts, rowCounts, firstTimes, lastTimes } = windows;
    const from = lowerBound(starts, start);
    const to = lowerBound(starts, end, from);
    if (from === to) continue;
    reserve(to);
    fold.groupsOf(starts, from, to, groups);
    for (let window = from; window < to; window++) fold.rowCounts[groups[window]] += rowCounts[window];
    fold.levelMs = Math.max(fold.levelMs, widthMs);
    for (const { index: column, accumulator } of columns) {
      const figures = segment.figures(index, directory, level, chunk, column, accumulator.figures);
      accumulator.addFigures(
        figures,
        figures.count ?? rowCounts,
        figures.firstTimes ?? firstTimes,
        figures.lastTimes ?? lastTimes,
        groups,
        from,
        to,
      );
    }
    yield;
  }
}

/** First chunk that has a window from `start` on. */
function firstChunk(chunks: Directory['levels'][number]['chunks'], start: number): number {
  let low = 0;
  let high = chunks.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (chunks[middle].lastStart < start) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The rows from `start` on and before `end`. */
function* foldBlocks(
  part: SegmentPart,
  directory: Directory,
  columns: readonly FoldedColumn[],
  start: number,
  end: number,
  fold: GroupFold,
): Generator<void> {
  const { segment, index } = part;
  for (let number = firstLeaf(directory.leaves, start); number < directory.leaves.length; number++) {
    if (directory.leaves[number].minTime >= end) break;
    const leaf = segment.leaf(index, directory, number);
    const blockCount = leaf.minTimes.length;
    for (let block = lowerBound(leaf.maxTimes, start); block < blockCount; block++) {
      if (leaf.minTimes[block] >= end) break;
      const whole = wholeGroup(leaf, block, start, end, fold);
      if (whole < 0) {
        foldRows(part, directory, columns, leaf, block, start, end, fold);
        yield;
      } else if (foldSummaries(part, directory, columns, leaf, block, whole, fold)) yield;
    }
  }
}

function firstLeaf(leaves: Directory['leaves'], start: number): number {
  let low = 0;
  let high = leaves.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (leaves[middle].maxTime < start) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The group that all rows of a block lie in, all of them wanted; −1 where there is no such group. */
function wholeGroup(leaf: Leaf, block: number, start: number, end: number, fold: GroupFold): number {
  const minTime = leaf.minTimes[block];
  const maxTime = leaf.maxTimes[block];
  if (minTime < start || maxTime >= end) return -1;
  const group = fold.groupOf(minTime);
  return maxTime < fold.edges[group + 1] ? group : -1;
}

/** Says whether some column had to be decoded: its summary says too little. */
function foldSummaries(
  { segment, index }: SegmentPart,
  directory: Directory,
  columns: readonly FoldedColumn[],
  leaf: Leaf,
  block: number,
  group: number,
  fold: GroupFold,
): boolean {
  const rowCount = segment.rowsOf(index, leaf.firstGroup + block);
  fold.rowCounts[group] += rowCount;
  let times: Float64Array | undefined;
  for (const { index: column, accumulator } of columns) {
    if (leaf.columns[column].lengths[block] === 0) continue;
    const { summaries } = leaf.columns[column];
    const isDense = summaries.count[block] === rowCount;
    if (saysEnough(summaries, isDense, accumulator)) {
      reserve(block + 1);
      groups[block] = group;
      const { minTimes, maxTimes } = leaf;
      accumulator.addFigures(summaries, summaries.count, minTimes, maxTimes, groups, block, block + 1);
      continue;
    }
    times ??= segment.times(index, directory, leaf.firstGroup + block);
    const values = segment.values(index, directory, column, leaf.firstGroup + block);
    if (values === undefined) continue;
    accumulator.addRows(values.values, times, [{ group, from: 0, to: rowCount }], isDense, values.dictionary);
  }
  if (times === undefined) return false;
  fold.rowsRead += rowCount;
  return true;
}

/** Whether the summaries of a column's blocks have all that is wanted. */
function saysEnough(
  summaries: BlockSummaries,
  isDense: boolean,
  { type, figures }: FieldAccumulator,
): boolean {
  if (figures === 0) return true;
  // Where windows are finer than blocks only counts are kept, and texts have no other summary.
  if (type !== 'number' || summaries.sum === undefined) return false;
  // Which rows have the first and the last value of a sparse column is not known.
  return isDense || (figures & (FIRST | LAST)) === 0;
}

function foldRows(
  { segment, index }: SegmentPart,
  directory: Directory,
  columns: readonly FoldedColumn[],
  leaf: Leaf,
  block: number,
  start: number,
  end: number,
  fold: GroupFold,
): void {
  const number = leaf.firstGroup + block;
  const rowCount = segment.rowsOf(index, number);
  const times = segment.times(index, directory, number);
  const from = lowerBound(times, start);
  const stretches = fold.stretches(times, from, lowerBound(times, end, from));
  if (stretches.length === 0) return;
  fold.rowsRead += rowCount;
  for (const { index: column, accumulator } of columns) {
    const values = segment.values(index, directory, column, number);
    if (values === undefined) continue;
    const isDense = leaf.columns[column].summaries.count[block] === rowCount;
    accumulator.addRows(values.values, times, stretches, isDense, values.dictionary);
  }
}

function reserve(length: number): void {
  if (groups.length < length) groups = new Int32Array(2 * length);
}
