/** What is shown as comma-separated values. */
import { csvText } from '../base/csv.js';
import { merge } from './merge.js';
import type { Series, View } from './model.js';
import { type Line, type Picture, positionsIn } from './picture.js';

/** A row a time, a column a series; of groups their starts, and three columns a series. Times are UTC. */
export function csvOf(series: readonly Series[], picture: Picture, view: View): string {
  const { lines, plan } = picture;
  const head = series.flatMap(one => headOf(one, plan.kind === 'groups'));
  const { times, columns } = merge(lines.map(line => shown(line, picture, view)));
  const rows = times.map((time, row) => [
    new Date(time).toISOString(),
    ...columns.map(column => column[row]),
  ]);
  return csvText([['time', ...head], ...rows]);
}

function headOf({ label, field, unit }: Series, isGrouped: boolean): string[] {
  const what = label.includes(field) ? label : `${label} ${field}`;
  const name = unit ? `${what} (${unit})` : what;
  return isGrouped ? [`${name} avg`, `${name} min`, `${name} max`] : [name];
}

function shown(line: Line, { plan }: Picture, view: View) {
  const [first, end] = positionsIn(line, plan, view);
  const columns = plan.kind === 'groups' ? [line.values, line.lows!, line.highs!] : [line.values];
  return { times: line.times.slice(first, end), columns: columns.map(column => column.slice(first, end)) };
}
