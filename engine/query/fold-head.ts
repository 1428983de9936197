/** Folds what a head has of one source into groups: its rows, where they lie in shared memory. */
import { lowerBound } from '../base/search.js';
import { METADATA_COLUMN } from '../head/head.js';
import type { HeadView } from '../head/view.js';
import type { FieldAccumulator } from './accumulator.js';
import type { GroupFold } from './group-fold.js';

interface FoldedColumn {
  readonly index: number;
  readonly accumulator: FieldAccumulator;
  readonly dictionary: readonly string[] | undefined;
}

/** Gives way (yields) after each page. */
export function* foldHead(view: HeadView, start: number, end: number, fold: GroupFold): Generator<void> {
  const columns: FoldedColumn[] = [];
  for (let index = 0; index < view.data.columns.length; index++) {
    const { name, type, dictionary } = view.data.columns[index];
    const accumulator = name === METADATA_COLUMN ? undefined : fold.field(name, type);
    if (accumulator !== undefined) columns.push({ index, accumulator, dictionary });
  }
  const { pages, regions, rowCount, sorted } = view.data;
  let left = rowCount;
  for (const page of pages) {
    // Pages may have got more rows since.
    const count = Math.min(left, page.rowCount);
    left -= count;
    const region = regions[page.region];
    const column = (index: number) => {
      const at = page.offset + index * page.capacity;
      return region.subarray(at, at + count);
    };
    const times = column(0);
    const wanted = columns.filter(({ index }) => index + 1 < page.width);
    if (sorted) foldSorted(times, start, end, wanted, column, fold);
    else foldScattered(times, start, end, wanted, column, fold);
    yield;
    if (left === 0) break;
  }
}

function foldSorted(
  times: Float64Array,
  start: number,
  end: number,
  columns: readonly FoldedColumn[],
  column: (index: number) => Float64Array,
  fold: GroupFold,
): void {
  const from = lowerBound(times, start);
  const to = lowerBound(times, end, from);
  const stretches = fold.stretches(times, from, to);
  if (stretches.length === 0) return;
  fold.rowsRead += to - from;
  for (const { index, accumulator, dictionary } of columns) {
    accumulator.addRows(column(index + 1), times, stretches, false, dictionary);
  }
}

/** Rows as they arrived: no order is needed to sum them up. */
function foldScattered(
  times: Float64Array,
  start: number,
  end: number,
  columns: readonly FoldedColumn[],
  column: (index: number) => Float64Array,
  fold: GroupFold,
): void {
  const groups = new Int32Array(times.length);
  for (let row = 0; row < times.length; row++) {
    const isWanted = times[row] >= start && times[row] < end;
    groups[row] = isWanted ? fold.groupOf(times[row]) : -1;
    if (isWanted) fold.rowCounts[groups[row]]++;
  }
  fold.rowsRead += times.length;
  for (const { index, accumulator, dictionary } of columns) {
    accumulator.addScattered(column(index + 1), times, groups, dictionary);
  }
}
