/** What is asked of the server for a view: as much as its width can show, and something on each side to pan into. */
import { type Interval, intervalFor } from './intervals.js';
import type { Drawing, View } from './model.js';
import { TIME_MAX } from './zoom.js';

export type Plan =
  | {
      readonly kind: 'groups';
      readonly interval: Interval;
      /** Of days and longer; absent for UTC. */
      readonly timezone?: string;
    }
  /** Points as they are stored. */
  | { readonly kind: 'raw' }
  /** Points that draw the same pixels as all; a slice is as wide as a pixel. */
  | { readonly kind: 'm4'; readonly sliceMs: number };

/** What there is to draw on. */
export interface Screen {
  /** Of the plot, in pixels of CSS. */
  readonly width: number;
  /** Pixels of the screen in one of CSS. */
  readonly pixelRatio: number;
  readonly drawing: Drawing;
  readonly timezone: string;
}

/** So many groups a pixel: a group needs two to be seen as one. */
const GROUPS_PER_PIXEL = 1 / 2;
/** With fewer groups a picture is all corners: where the finest are no finer, points draw it. */
const GROUPS_PER_PIXEL_MIN = 1 / 16;
const POINTS_PER_PIXEL = 1;
/** Raw points stay until there are so many times more of them than would make them appear: no to and fro. */
const RAW_STAYS = 2;
const DAY_MS = 86_400_000;

/** Most rows that are asked for as they are, of one source. */
export function rawPointsMax({ width }: Screen): number {
  return Math.ceil(width * POINTS_PER_PIXEL * 8);
}

/**
 * @param expected points in the view, of the source that has most; undefined where nothing is known
 * @param isRaw whether they are drawn now
 */
export function planFor(view: View, screen: Screen, expected: number | undefined, isRaw: boolean): Plan {
  const { width, drawing, timezone } = screen;
  const span = view.to - view.from;
  const rawMax = width * POINTS_PER_PIXEL * (isRaw ? RAW_STAYS : 1);
  if (expected !== undefined && expected <= rawMax) return { kind: 'raw' };
  const interval = intervalFor(span, width * GROUPS_PER_PIXEL);
  if (drawing === 'm4' || span / interval.milliseconds < width * GROUPS_PER_PIXEL_MIN) {
    return { kind: 'm4', sliceMs: span / (width * screen.pixelRatio) };
  }
  const isOfDays = interval.milliseconds >= DAY_MS && timezone !== 'UTC';
  return { kind: 'groups', interval, ...(isOfDays && { timezone }) };
}

/** Whether a picture made by one plan is what the other one would make. */
export function isSamePlan(made: Plan, wanted: Plan): boolean {
  if (made.kind === 'groups' && wanted.kind === 'groups') {
    return made.interval.name === wanted.interval.name && made.timezone === wanted.timezone;
  }
  // The same scale, but for the rounding to whole milliseconds.
  if (made.kind === 'm4' && wanted.kind === 'm4') return Math.abs(made.sliceMs / wanted.sliceMs - 1) < 0.005;
  return made.kind === wanted.kind;
}

/** Whether groups are aligned to multiples of their width. Weeks, months and days of another zone are not. */
export function isAligned(plan: Plan & { kind: 'groups' }): boolean {
  return plan.timezone === undefined && plan.interval.milliseconds <= 2 * DAY_MS;
}

const MARGIN = 1 / 2;
/** Points are looked at one by one for it: the margin is not for nothing. */
const M4_MARGIN = 1 / 4;

/** @param reach that points beside the view have been seen in, so that the lines to them are drawn */
export function rangeFor(view: View, plan: Plan, reach: View = view): View {
  const span = view.to - view.from;
  if (plan.kind === 'raw') {
    return clipped({
      from: Math.floor(Math.min(view.from - span * MARGIN, reach.from)),
      to: Math.ceil(Math.max(view.to + span * MARGIN, reach.to)),
    });
  }
  if (plan.kind === 'm4') {
    const margin = Math.round((span * M4_MARGIN) / plan.sliceMs) * plan.sliceMs;
    return clipped({ from: Math.round(view.from - margin), to: Math.round(view.to + margin) });
  }
  const step = plan.interval.milliseconds;
  // Groups that are not whole are left out: there must be one more.
  const more = isAligned(plan) ? 0 : step;
  return clipped({
    from: Math.floor((view.from - span * MARGIN) / step) * step - more,
    to: Math.ceil((view.to + span * MARGIN) / step) * step + more,
  });
}

function clipped({ from, to }: View): View {
  return { from: Math.max(0, from), to: Math.min(to, TIME_MAX) };
}

export function covers(range: View, view: View): boolean {
  return range.from <= Math.max(0, view.from) && range.to >= Math.min(view.to, TIME_MAX);
}

/** What is missing of a wanted range on its one side; undefined where too little is there to be of use. */
export function missingOf(there: View, wanted: View): View | undefined {
  if (wanted.from >= there.from && wanted.from < there.to && wanted.to > there.to) {
    return { from: there.to, to: wanted.to };
  }
  if (wanted.to <= there.to && wanted.to > there.from && wanted.from < there.from) {
    return { from: wanted.from, to: there.from };
  }
  return undefined;
}
