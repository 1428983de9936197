/** From where to where the vertical axis goes. */
import { gapFrom } from './gaps.js';
import type { View } from './model.js';
import { type Line, type Picture, positionOf, widthMs } from './picture.js';

export interface Bounds {
  readonly least: number;
  readonly greatest: number;
}

const PADDING = 0.08;
/** Of the span of the lines: a threshold that is farther away is told of, and not drawn. */
const THRESHOLD_DISTANCE_MAX = 1;

/**
 * Bounds of what is drawn of some lines, with lines from and to points beside the view as far as they are in it, and of
 * thresholds nearby; with some air. Undefined where nothing is drawn.
 */
export function boundsOf(
  { lines, plan }: Pick<Picture, 'lines' | 'plan'>,
  view: View,
  thresholds: readonly number[] = [],
): Bounds | undefined {
  let [least, greatest] = [Infinity, -Infinity];
  for (const line of lines) {
    const bounds = lineBounds(line, widthMs(plan) / 2, view);
    least = Math.min(least, bounds.least);
    greatest = Math.max(greatest, bounds.greatest);
  }
  if (least > greatest) return undefined;
  const distance = (greatest - least) * THRESHOLD_DISTANCE_MAX;
  const near = thresholds.filter(value => value > least - distance && value < greatest + distance);
  return padded(Math.min(least, ...near), Math.max(greatest, ...near));
}

function padded(least: number, greatest: number): Bounds {
  const span = greatest - least || Math.abs(greatest) || 1;
  return { least: least - span * PADDING, greatest: greatest + span * PADDING };
}

function lineBounds({ times, values, lows, highs }: Line, shift: number, view: View): Bounds {
  const [from, to] = [view.from - shift, view.to - shift];
  const [first, end] = [positionOf(times, from), positionOf(times, to)];
  let [least, greatest] = [Infinity, -Infinity];
  const add = (low: number | null | undefined, high: number | null | undefined) => {
    if (typeof low === 'number' && low < least) least = low;
    if (typeof high === 'number' && high > greatest) greatest = high;
  };
  for (let position = first; position < end; position++) {
    add(lows?.[position] ?? values[position], highs?.[position] ?? values[position]);
  }
  const gap = gapFrom(times);
  const crossing = (column: readonly (number | null)[], position: number, time: number) =>
    valueBetween(times, column, position, time, gap);
  for (const [position, time] of [
    [first, from],
    [end, to],
  ] as const) {
    add(crossing(lows ?? values, position, time), crossing(highs ?? values, position, time));
  }
  return { least, greatest };
}

/** Of the line between the points before a position and at it. */
function valueBetween(
  times: readonly number[],
  values: readonly (number | null)[],
  position: number,
  time: number,
  gap: number,
): number | undefined {
  if (position <= 0 || position >= times.length) return undefined;
  const [before, after] = [values[position - 1], values[position]];
  const distance = times[position] - times[position - 1];
  if (before === null || after === null || distance >= gap || distance <= 0) return undefined;
  return before + ((after - before) * (time - times[position - 1])) / distance;
}

/** An axis has about as many steps. */
const STEPS = 5;

/** Decimals that an average deserves: one more than the steps of an axis with such bounds have. */
export function averageDecimals({ least, greatest }: Bounds): number {
  const step = (greatest - least) / STEPS;
  const power = Math.floor(Math.log10(step));
  // Steps are 1, 2 or 5 times a power of ten.
  const decimals = 1 - (step > 5 * 10 ** power ? power + 1 : power);
  return Math.max(0, Math.min(decimals, DECIMALS_MAX));
}

/** Texts of the marks of an axis: as many decimals as their distance has, the unit at the topmost. */
export function markTexts(marks: readonly number[], unit: string | undefined): string[] {
  const distance = marks.length > 1 ? marks[1] - marks[0] : 1;
  const greatest = Math.max(...marks.map(Math.abs));
  const [scale, suffix] = SCALES.find(([scale]) => greatest >= scale * 10) ?? [1, ''];
  const decimals = decimalsOf(distance / scale);
  const isTiny = greatest > 0 && greatest < 1e-4;
  return marks.map((mark, index) => {
    const number = isTiny
      ? mark.toExponential(1)
      : (mark / scale).toFixed(decimals).replace(/^-(0(\.0*)?)$/, '$1');
    const end = index === marks.length - 1 ? [suffix, unit && shortUnit(unit)] : [suffix];
    return [number, ...end.filter(Boolean)].join(' ');
  });
}

/** The axis is as wide as its widest text, and the plot has to be wider. */
function shortUnit(unit: string): string {
  return unit.length <= UNIT_MAX ? unit : `${unit.slice(0, UNIT_MAX - 1)}…`;
}

const UNIT_MAX = 12;

/** Enough to tell marks apart that are so far from one another. */
function decimalsOf(distance: number): number {
  for (let decimals = 0; decimals < DECIMALS_MAX; decimals++) {
    const digits = distance * 10 ** decimals;
    if (Math.abs(digits - Math.round(digits)) < 1e-6 * digits) return decimals;
  }
  return DECIMALS_MAX;
}

const DECIMALS_MAX = 12;

const SCALES: readonly (readonly [number, string])[] = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
];
