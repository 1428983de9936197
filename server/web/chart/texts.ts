/** What a chart says in words: how it was made, and what is in it. */
import { countText, millisecondsText, timeText, valueText } from '../base/format.js';
import { intervalText } from './intervals.js';
import type { Firing, Series, Threshold, View } from './model.js';
import { type Line, type Picture, positionsIn } from './picture.js';
import { averageDecimals } from './vertical.js';

/** A reading with its unit: `22.4 °C`, `61 %`. @param decimals at most, where its digits are those of a division */
export function readingText(value: number, unit: string | undefined, decimals?: number): string {
  const text = valueText(decimals === undefined ? value : rounded(value, decimals));
  return unit === undefined || unit === '' ? text : `${text} ${unit}`;
}

/** What is not zero does not become it. */
function rounded(value: number, decimals: number): number {
  const short = Number(value.toFixed(decimals));
  return short === 0 ? Number(value.toPrecision(2)) : short;
}

export interface Made {
  /** Of all sources, in the view; undefined where it is not known. */
  readonly points: number | undefined;
  /** What is drawn, of all lines. */
  readonly drawn: number;
}

/** Of what is in the view. Lines of one source share its points. */
export function madeOf({ plan, lines }: Picture, series: readonly Series[], view: View): Made {
  const ranges = lines.map(line => positionsIn(line, plan, view));
  const drawn = ranges.reduce((sum, [first, end]) => sum + end - first, 0);
  if (plan.kind === 'raw') return { points: drawn, drawn };
  if (plan.kind === 'm4') return { points: undefined, drawn };
  const bySource = new Map<string, number>();
  for (const [index, { counts = [] }] of lines.entries()) {
    const { bucketId, dataSourceId } = series[index];
    const [first, end] = ranges[index];
    const points = counts.slice(first, end).reduce((sum, count) => sum + count, 0);
    const key = `${bucketId} ${dataSourceId}`;
    bySource.set(key, Math.max(points, bySource.get(key) ?? 0));
  }
  return { points: [...bySource.values()].reduce((sum, count) => sum + count, 0), drawn };
}

/** `avg, 5 min, from 1 h rollup, 412 of 2.6 M points, 0.8 ms` */
export function madeText({ plan, rollupLevel, executionTimeMs }: Picture, { points, drawn }: Made): string {
  const took = millisecondsText(executionTimeMs);
  if (plan.kind === 'raw') {
    const all =
      drawn === 0 ? 'no points here' : drawn === 1 ? 'the only point' : `all ${countText(drawn)} points`;
    return `raw, ${all}, ${took}`;
  }
  const of = points === undefined ? '' : ` of ${countText(points)}`;
  if (plan.kind === 'm4') return `m4, ${countText(drawn)}${of} points, ${took}`;
  const from = rollupLevel === null ? 'from points' : `from ${intervalText(rollupLevel)} rollup`;
  return `avg, ${intervalText(plan.interval.name)}, ${from}, ${countText(drawn)}${of} points, ${took}`;
}

export interface Extent {
  readonly least: number;
  readonly greatest: number;
  readonly last: number;
}

/** Undefined where nothing is in the view. */
export function extentOf(line: Line, { plan }: Picture, view: View): Extent | undefined {
  const [first, end] = positionsIn(line, plan, view);
  let [least, greatest] = [Infinity, -Infinity];
  let last: number | undefined;
  for (let position = first; position < end; position++) {
    const value = line.values[position];
    if (value === null) continue;
    least = Math.min(least, line.lows?.[position] ?? value);
    greatest = Math.max(greatest, line.highs?.[position] ?? value);
    last = value;
  }
  return last === undefined ? undefined : { least, greatest, last };
}

/** For who does not see it: `temperature, 2024-01-01 00:00:00 to …: north bed from 14.7 °C to 25.3 °C, last 20 °C`. */
export function summaryText(
  title: string | undefined,
  series: readonly Series[],
  picture: Picture | undefined,
  view: View,
  timezone: string,
): string {
  const range = `${timeText(view.from, timezone)} to ${timeText(view.to, timezone)} ${timezone}`;
  const name = title === undefined || title === '' ? 'Chart' : title;
  if (picture === undefined) return `${name}, ${range}`;
  const lines = picture.lines.map((line, index) => {
    const { label, unit } = series[index];
    const extent = extentOf(line, picture, view);
    if (extent === undefined) return `${label} has no points`;
    const text = (value: number) => readingText(value, unit);
    const last = readingText(
      extent.last,
      unit,
      picture.plan.kind === 'groups' ? averageDecimals(extent) : undefined,
    );
    return `${label} from ${text(extent.least)} to ${text(extent.greatest)}, last ${last}`;
  });
  return `${name}, ${range}: ${lines.join('; ')}`;
}

/** What is drawn of alert rules, to be said behind the summary: `; Too hot at 30 °C, firing; Silent fired 2 times`. */
export function rulesText(
  thresholds: readonly Threshold[],
  firings: readonly Firing[],
  unit: string | undefined,
  view: View,
): string {
  const limits = thresholds.map(
    ({ value, label, state }) =>
      `; ${label} at ${readingText(value, unit)}${state === 'firing' ? ', firing' : ''}`,
  );
  const counts = new Map<string, number>();
  for (const { from, to, label } of firings) {
    if (from < view.to && (to ?? Infinity) > view.from) counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  const fired = [...counts].map(
    ([label, count]) => `; ${label} fired ${count === 1 ? 'once' : `${count} times`}`,
  );
  return [...limits, ...fired].join('');
}
