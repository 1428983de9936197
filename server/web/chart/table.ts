/** A picture as uPlot draws it: one table, times first. */
import { gapFrom } from './gaps.js';
import { type Cell, type Columns, merge } from './merge.js';
import { type Line, type Picture, widthMs } from './picture.js';

/** Times, and for each line its values, highs and lows. Null breaks a line, undefined does not. */
export type Table = [number[], ...Cell[][]];

export const COLUMNS_PER_LINE = 3;

export function tableOf({ lines, plan }: Picture): Table {
  const drawn = lines.map(line => withGaps(line, widthMs(plan)));
  const { times, columns } = drawn.length === 1 ? drawn[0] : merge(drawn);
  return [times as number[], ...(columns as Cell[][])];
}

/** Groups are drawn in their middles: there a line goes on where it went, when they become points. */
function withGaps(line: Line, groupMs: number): Columns {
  const gap = gapFrom(line.times);
  const sources = [line.values, line.highs, line.lows];
  const times: number[] = [];
  const columns: Cell[][] = sources.map(() => []);
  for (let index = 0; index < line.times.length; index++) {
    const time = line.times[index] + groupMs / 2;
    const before = line.times[index - 1] + groupMs / 2;
    if (time - before >= gap) {
      times.push((before + time) / 2);
      for (const column of columns) column.push(null);
    }
    times.push(time);
    for (let column = 0; column < COLUMNS_PER_LINE; column++) {
      columns[column].push(sources[column]?.[index] ?? null);
    }
  }
  return { times, columns };
}
