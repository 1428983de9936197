/**
 * Time is cut into partitions, so that what is far apart in time lies in different segments: a query reads few of
 * them, and what is too old goes as whole files. Widths are 1, 4, 16 … days, each aligned to 1970.
 */
import { DAY_MS } from '../base/time.js';
import { FLUSH_PARTITIONS_MAX } from '../limits.js';

export const PARTITION_FACTOR = 4;

/** Adds rows to the days that they are in. */
export function countDays(times: Float64Array, rowsByDay: Map<number, number>): void {
  let day = -1;
  let dayEnd = -Infinity;
  let count = 0;
  for (let row = 0; row < times.length; row++) {
    const time = times[row];
    // Neighbours are mostly of one day.
    if (time >= dayEnd || time < dayEnd - DAY_MS) {
      if (count > 0) rowsByDay.set(day, (rowsByDay.get(day) ?? 0) + count);
      day = Math.floor(time / DAY_MS);
      dayEnd = (day + 1) * DAY_MS;
      count = 0;
    }
    count++;
  }
  if (count > 0) rowsByDay.set(day, (rowsByDay.get(day) ?? 0) + count);
}

/**
 * Which partition of a flush each day's rows go to, partitions counted from 0: the smallest width of which there are
 * at most FLUSH_PARTITIONS_MAX. Where that is more than a day, days that hold a good part of the rows stand alone: today's
 * points are not to be spread over a month because some that are a month late came with them.
 */
export function partitionDays(rowsByDay: ReadonlyMap<number, number>): Map<number, number> {
  const days = [...rowsByDay.keys()].sort((left, right) => left - right);
  const rowCount = [...rowsByDay.values()].reduce((sum, rows) => sum + rows, 0);
  const isDense = (day: number) => (rowsByDay.get(day) as number) * FLUSH_PARTITIONS_MAX >= rowCount;
  const alone = days.length <= FLUSH_PARTITIONS_MAX ? days : days.filter(isDense);
  const partitions = new Map(alone.map((day, partition) => [day, partition]));
  const rest = days.filter(day => !partitions.has(day));
  for (let width = 1; rest.length > 0; width *= PARTITION_FACTOR) {
    const cells = [...new Set(rest.map(day => Math.floor(day / width)))];
    // There is room for one at least: days that all stand alone for their share leave no rows.
    if (alone.length + cells.length > FLUSH_PARTITIONS_MAX) continue;
    for (const day of rest) partitions.set(day, alone.length + cells.indexOf(Math.floor(day / width)));
    break;
  }
  return partitions;
}
