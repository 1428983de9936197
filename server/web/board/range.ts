/** Ranges of time as they are written: `now-24h` to `now`, or ISO 8601. Nothing here knows of a page. */
import { durationText, timeText } from '../base/format.js';
import type { View } from '../chart/model.js';

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

const UNITS_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

const RELATIVE = /^now(?:-(\d{1,9})(s|m|h|d|w))?$/;
const ISO = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)?)?$/i;
const TIME_MAX = Date.UTC(2200, 0, 1);

/** As the server takes it, without a zone in UTC; undefined where it is no time. */
export function parseTime(text: string, now: number): number | undefined {
  const relative = RELATIVE.exec(text);
  if (relative !== null) {
    const [, amount, unit] = relative;
    return amount === undefined ? now : Math.max(0, now - Number(amount) * UNITS_MS[unit]);
  }
  if (/^\d{1,15}$/.test(text) && !/^\d{4}$/.test(text)) return inRange(Number(text));
  if (!ISO.test(text)) return undefined;
  const hasZone = /(?:Z|[+-]\d\d:\d\d)$/i.test(text) && text.length > 10;
  const time = text.replace(' ', 'T');
  return inRange(Date.parse(hasZone || time.length === 10 ? time : `${time}Z`));
}

function inRange(time: number): number | undefined {
  return time >= 0 && time < TIME_MAX ? time : undefined;
}

/** Why a range is none, in words; undefined where it is one. */
export function rangeFault({ from, to }: Range, now: number): string | undefined {
  const start = parseTime(from, now);
  const end = parseTime(to, now);
  if (start === undefined) return `“${from}” is no time: write now-7d or 2024-01-15T10:30:00Z.`;
  if (end === undefined) return `“${to}” is no time: write now or 2024-01-16T10:30:00Z.`;
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

/** `Last 24 hours`, `2024-01-15 10:30:00 – 11:00:00` */
export function rangeText(range: Range, timezone: string): string {
  const [, name] = QUICK_RANGES.find(([span]) => range.to === 'now' && range.from === `now-${span}`) ?? [];
  if (name !== undefined) return name;
  const edge = (text: string) => {
    const time = RELATIVE.test(text) ? undefined : parseTime(text, 0);
    return time === undefined ? text : timeText(time, timezone);
  };
  const from = edge(range.from);
  const to = edge(range.to);
  const isOneDay = from.length > 10 && from.slice(0, 11) === to.slice(0, 11);
  return `${from} – ${isOneDay ? to.slice(11) : to}`;
}
