/** Ranges of time, and what they are called. Nothing here knows of a page. */
import { durationText, timeText } from '../base/format.js';
import type { View } from '../chart/model.js';
import { isRelative, parseTime, timeFault } from './times.js';

export interface Range {
  readonly from: string;
  readonly to: string;
}

export const RANGE_DEFAULT: Range = { from: 'now-24h', to: 'now' };

/** `now-` and this. */
export const QUICK_RANGES: readonly (readonly [span: string, name: string])[] = [
  ['5m', 'Last 5 minutes'],
  ['15m', 'Last 15 minutes'],
  ['1h', 'Last hour'],
  ['6h', 'Last 6 hours'],
  ['24h', 'Last 24 hours'],
  ['2d', 'Last 2 days'],
  ['7d', 'Last 7 days'],
  ['30d', 'Last 30 days'],
  ['90d', 'Last 90 days'],
  ['365d', 'Last year'],
];

/** Why a range is none, in words; undefined where it is one. @param timezone of times that name none */
export function rangeFault({ from, to }: Range, now: number, timezone = 'UTC'): string | undefined {
  const start = parseTime(from, now, timezone);
  const end = parseTime(to, now, timezone);
  if (start === undefined) return timeFault(from, 'now-7d or 2024-01-15T10:30:00Z');
  if (end === undefined) return timeFault(to, 'now or 2024-01-16T10:30:00Z');
  return start < end ? undefined : 'The range ends before it begins.';
}

/** The last day where it is none. */
export function viewOf(range: Range, now: number): View {
  const isRange = rangeFault(range, now) === undefined;
  const { from, to } = isRange ? range : RANGE_DEFAULT;
  return { from: parseTime(from, now) as number, to: parseTime(to, now) as number };
}

/** It moves on by itself. */
export function isMoving({ to }: Range): boolean {
  return to === 'now';
}

export function rangeOfView({ from, to }: View): Range {
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}

/** How long it is, where there is little room: the axis says when. */
export function rangeShortText(range: Range, now: number): string {
  const { from, to } = viewOf(range, now);
  return durationText(to - from);
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/**
 * What is drawn, as exact as it is looked at: `Last 24 hours`, `2024-01-15 10:30:00 – 11:00:00`, `2024-01-15 10:30 –
 * 2024-02-15 11:00`.
 */
export function rangeText(range: Range, timezone: string, now: number): string {
  const shown = rangeFault(range, now) === undefined ? range : RANGE_DEFAULT;
  const [, name] = QUICK_RANGES.find(([span]) => shown.to === 'now' && shown.from === `now-${span}`) ?? [];
  if (name !== undefined) return name;
  const view = viewOf(shown, now);
  const span = view.to - view.from;
  const edge = (text: string, time: number) => {
    if (isRelative(text)) return text;
    if (span <= MINUTE_MS) return timeText(time, timezone);
    const whole = timeText(Math.floor(time / 1_000) * 1_000, timezone);
    return span > DAY_MS ? whole.slice(0, -3) : whole;
  };
  const from = edge(shown.from, view.from);
  const to = edge(shown.to, view.to);
  const isOneDay = from.length > 10 && from.slice(0, 11) === to.slice(0, 11);
  return `${from} – ${isOneDay ? to.slice(11) : to}`;
}
