/** What is shown as comma-separated values (RFC 4180), which spreadsheets take for text and numbers and nothing else. */

import { merge } from './merge.js';
import type { Series, View } from './model.js';
import { type Line, type Picture, positionsIn } from './picture.js';

const LINE_END = '\r\n';

/** A row a time, a column a series; of groups their starts, and three columns a series. Times are UTC. */
export function csvOf(series: readonly Series[], picture: Picture, view: View): string {
  const { lines, plan } = picture;
  const head = series.flatMap(one => headOf(one, plan.kind === 'groups'));
  const { times, columns } = merge(lines.map(line => shown(line, picture, view)));
  const rows = times.map((time, row) => {
    const cells = columns.map(column => String(column[row] ?? ''));
    return [new Date(time).toISOString(), ...cells].join(',');
  });
  return [['time', ...head].map(quoted).join(','), ...rows, ''].join(LINE_END);
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

/** A text that begins as a formula does is told to be none: spreadsheets would run it. */
function quoted(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
