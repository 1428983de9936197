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
  const places = bars.map((bar, index) => ({ bar, middle: top + (index + 0.5) * ROW_HEIGHT }));
  const name = `${title}, ${unit}: ${better} is better`;
  return [
    `<figure><figcaption>${escaped(title)} <span>${escaped(unit)}</span></figcaption>`,
    `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(name)}">`,
    `<line class="axis" x1="${LABEL_WIDTH}" y1="${top - 2}" x2="${LABEL_WIDTH}" y2="${height - 2}"/>`,
    ...places.map(({ bar, middle }) => barSvg(bar, middle, widthOf)),
    ...(goal === undefined ? [] : [goalSvg(goal, LABEL_WIDTH + widthOf(goal), height, better)]),
    // Above the line of the goal, which they may stand on.
    ...places.map(({ bar, middle }) => textSvg(bar, middle, widthOf)),
    '</svg></figure>',
  ].join('\n');
}

function barSvg({ value, isOurs }: Bar, middle: number, widthOf: (value: number) => number): string {
  if (value === undefined) return '';
  const width = barWidth(value, widthOf).toFixed(1);
  const place = `x="${LABEL_WIDTH}" y="${middle - BAR_HEIGHT / 2}" width="${width}" height="${BAR_HEIGHT}"`;
  return `<rect class="${kindOf(isOurs)}" ${place} rx="1.5"/>`;
}

function textSvg({ label, value, isOurs }: Bar, middle: number, widthOf: (value: number) => number): string {
  const kind = kindOf(isOurs);
  const end = LABEL_WIDTH + 6 + (value === undefined ? 0 : barWidth(value, widthOf));
  const text = value === undefined ? 'not measured' : formatValue(value);
  return [
    `<text class="label ${kind}" x="${LABEL_WIDTH - 8}" y="${middle}">${escaped(label)}</text>`,
    `<text class="value ${kind}" x="${end.toFixed(1)}" y="${middle}">${text}</text>`,
  ].join('');
}

/** A bar that is too short to be seen is still there. */
function barWidth(value: number, widthOf: (value: number) => number): number {
  return Math.max(1, widthOf(value));
}

function kindOf(isOurs: boolean): string {
  return isOurs ? 'ours' : 'peer';
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
