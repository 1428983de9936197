/**
 * M4 and minmax: rows chosen of each column of a picture. Of a column that goes on over several chunks only what is
 * chosen so far is held: what is chosen of that and of the next chunk's rows is what is chosen of all of them.
 */
import type { ScanChunk, TimeRange } from '../../storage.js';
import { type GroupEdges, groupEdges } from '../calendar.js';
import { groupRuns } from '../runs.js';
import { type Marks, markedRows, noMarks } from './marks.js';
import { RowsBuilder } from './rows-builder.js';

/** Marks what is chosen of the rows `from … to` (exclusive), at least one, all of one column. */
export type MarkColumn = (chunk: ScanChunk, from: number, to: number, marks: Marks) => void;

/** Of one source's rows in ascending order those that are chosen of each of `count` columns over the range. */
export async function* chooseOfColumns(
  chunks: AsyncIterable<ScanChunk>,
  range: TimeRange,
  count: number,
  mark: MarkColumn,
): AsyncGenerator<ScanChunk> {
  const edges = edgesOfColumns(range, count);
  let openStart = Number.NaN;
  let open: ScanChunk | undefined;
  for await (const chunk of chunks) {
    const marks = noMarks(chunk);
    const runs = [...groupRuns(chunk.timestamps, edges)];
    for (const { from, to } of runs) mark(chunk, from, to, marks);
    const first = runs[0];
    const last = runs[runs.length - 1];
    let done = 0;
    if (open !== undefined) {
      if (first.start === openStart) {
        open = chosenOfBoth(open, markedRows(chunk, marks, 0, first.to), mark);
        if (first === last) continue;
        done = first.to;
      }
      yield open;
    }
    if (done < last.from) yield markedRows(chunk, marks, done, last.from);
    openStart = last.start;
    open = markedRows(chunk, marks, last.from, last.to);
  }
  if (open !== undefined) yield open;
}

function chosenOfBoth(before: ScanChunk, after: ScanChunk, mark: MarkColumn): ScanChunk {
  const builder = new RowsBuilder();
  builder.add(before);
  builder.add(after);
  const both = builder.finish();
  const marks = noMarks(both);
  mark(both, 0, builder.rowCount, marks);
  return markedRows(both, marks, 0, builder.rowCount);
}

/** First and last row of each column, whatever they have. */
export function markEndsOfColumns(chunk: ScanChunk, range: TimeRange, count: number, marks: Marks): void {
  const runs = groupRuns(chunk.timestamps, edgesOfColumns(range, count));
  for (const { from, to } of runs) markEnds(from, to, marks);
}

function edgesOfColumns({ startTime, endTime }: TimeRange, count: number): GroupEdges {
  return groupEdges({ unit: 'slices', startTime, endTime, count }, startTime);
}

/** First, last, least and greatest of each number field. */
export const markM4: MarkColumn = (chunk, from, to, marks) => markNumbers(chunk, from, to, marks, true);

/** Least and greatest of each number field. */
export const markMinmax: MarkColumn = (chunk, from, to, marks) => markNumbers(chunk, from, to, marks, false);

function markNumbers({ fields }: ScanChunk, from: number, to: number, marks: Marks, withEnds: boolean): void {
  let hasNumbers = false;
  for (const { type, values } of fields) {
    if (type !== 'number') continue;
    const first = firstWithValue(values, from, to);
    if (first === to) continue;
    hasNumbers = true;
    markExtremes(values, first, to, marks);
    if (!withEnds) continue;
    marks[first] = 1;
    marks[lastWithValue(values, to)] = 1;
  }
  if (!hasNumbers) markEnds(from, to, marks);
}

/** First and last row, whatever they have. */
function markEnds(from: number, to: number, marks: Marks): void {
  marks[from] = 1;
  marks[to - 1] = 1;
}

/** `to` where there is none. */
function firstWithValue(values: Float64Array, from: number, to: number): number {
  let row = from;
  while (row < to && Number.isNaN(values[row])) row++;
  return row;
}

/** There is one. */
function lastWithValue(values: Float64Array, to: number): number {
  let row = to - 1;
  while (Number.isNaN(values[row])) row--;
  return row;
}

/** Of equal values the first, however the rows come in chunks. @param first row with a value */
function markExtremes(values: Float64Array, first: number, to: number, marks: Marks): void {
  let least = values[first];
  let greatest = least;
  let leastRow = first;
  let greatestRow = first;
  // NaN is neither less nor greater.
  for (let row = first + 1; row < to; row++) {
    const value = values[row];
    if (value < least) {
      least = value;
      leastRow = row;
    } else if (value > greatest) {
      greatest = value;
      greatestRow = row;
    }
  }
  marks[leastRow] = 1;
  marks[greatestRow] = 1;
}
