/** Bars with their names and values, and a line where the goal is: SVG, coloured by the style of the page. */
import { formatValue, goalText } from '../figures.js';
import { escaped } from './escaped.js';

export interface Bar {
  readonly label: string;
  /** Absent where it could not be measured. */
  readonly value?: number;
  readonly isOurs: boolean;
}

export interface Chart {
  readonly title: string;
  readonly unit: string;
  readonly bars: readonly Bar[];
  readonly goal?: number;
  readonly better: 'more' | 'less';
}

const WIDTH = 420;
const LABEL_WIDTH = 158;
/** Behind the longest bar, for its value. */
const VALUE_WIDTH = 54;
const ROW_HEIGHT = 22;
const BAR_HEIGHT = 13;
const GOAL_HEIGHT = 22;

export function chartSvg({ title, unit, bars, goal, better }: Chart): string {
  const top = goal === undefined ? 4 : GOAL_HEIGHT;
  const height = top + bars.length * ROW_HEIGHT + 4;
  const max = Math.max(goal ?? 0, ...bars.map(({ value = 0 }) => value)) || 1;
  const widthOf = (value: number) => ((WIDTH - LABEL_WIDTH - VALUE_WIDTH) * value) / max;
  const rows = bars.map((bar, index) => barSvg(bar, top + index * ROW_HEIGHT, widthOf));
  const name = `${title}, ${unit}: ${better} is better`;
  return [
    `<figure><figcaption>${escaped(title)} <span>${escaped(unit)}</span></figcaption>`,
    `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(name)}">`,
    `<line class="axis" x1="${LABEL_WIDTH}" y1="${top - 2}" x2="${LABEL_WIDTH}" y2="${height - 2}"/>`,
    ...rows,
    ...(goal === undefined ? [] : [goalSvg(goal, LABEL_WIDTH + widthOf(goal), height, better)]),
    '</svg></figure>',
  ].join('\n');
}

function barSvg({ label, value, isOurs }: Bar, y: number, widthOf: (value: number) => number): string {
  const middle = y + ROW_HEIGHT / 2;
  const text = value === undefined ? 'not measured' : formatValue(value);
  // A bar that is too short to be seen is still there.
  const width = value === undefined ? 0 : Math.max(1, widthOf(value));
  const place = `x="${LABEL_WIDTH}" y="${middle - BAR_HEIGHT / 2}" width="${width.toFixed(1)}" height="${BAR_HEIGHT}"`;
  const kind = isOurs ? 'ours' : 'peer';
  return [
    `<text class="label ${kind}" x="${LABEL_WIDTH - 8}" y="${middle}">${escaped(label)}</text>`,
    value === undefined ? '' : `<rect class="${kind}" ${place} rx="1.5"/>`,
    `<text class="value ${kind}" x="${(LABEL_WIDTH + width + 6).toFixed(1)}" y="${middle}">${text}</text>`,
  ].join('');
}

function goalSvg(goal: number, x: number, height: number, better: Chart['better']): string {
  const at = x.toFixed(1);
  // Where the line is near an end its name stands on the other side.
  const anchor = x > WIDTH - VALUE_WIDTH - 40 ? 'end' : x < LABEL_WIDTH + 30 ? 'start' : 'middle';
  const name = `goal ${goalText({ goal, better })}`;
  return [
    `<line class="goal" x1="${at}" y1="${GOAL_HEIGHT - 5}" x2="${at}" y2="${height - 2}"/>`,
    `<text class="goal" x="${at}" y="9" text-anchor="${anchor}">${name}</text>`,
  ].join('');
}
