/** Lines side by side, over the times of all of them. */

/** Null is no value at a time of its own line, undefined at one of another line. */
export type Cell = number | null | undefined;

export interface Columns {
  /** Ascending. */
  readonly times: readonly number[];
  readonly columns: readonly (readonly Cell[])[];
}

/** A time that a line has twice is there twice. */
export function merge(lines: readonly Columns[]): { times: number[]; columns: Cell[][] } {
  const times: number[] = [];
  const columns: Cell[][] = lines.flatMap(({ columns }) => columns.map((): Cell[] => []));
  const next = lines.map(() => 0);
  for (;;) {
    let time = Infinity;
    for (let line = 0; line < lines.length; line++) {
      const candidate = lines[line].times[next[line]];
      if (candidate < time) time = candidate;
    }
    if (time === Infinity) return { times, columns };
    times.push(time);
    let target = 0;
    for (let line = 0; line < lines.length; line++) {
      const position = lines[line].times[next[line]] === time ? next[line]++ : undefined;
      for (const column of lines[line].columns) {
        columns[target++].push(position === undefined ? undefined : column[position]);
      }
    }
  }
}
