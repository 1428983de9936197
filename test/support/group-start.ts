import { Temporal } from 'temporal-polyfill';
import type { GroupSpec } from '../../engine/query/groups.js';
import type { TimeRange } from '../../engine/storage.js';

const SECONDS_OF = { second: 1, minute: 60, hour: 3_600, day: 86_400, week: 604_800 };
const FIRST_MONDAY = Date.parse('1969-12-29T00:00:00Z');

/** Start of the group that holds an instant, by the definition and by nothing of the engine. */
export function groupStart(time: number, spec: GroupSpec, rangeStart: number): number {
  if (spec.unit === 'all') return rangeStart;
  if (spec.unit === 'slices') return startOfSlice(time, spec);
  const { timezone = 'UTC' } = spec;
  if (timezone !== 'UTC' && ['day', 'week', 'month', 'year'].includes(spec.unit)) {
    const date = localDate(time, timezone).toString();
    const start = groupStart(Date.parse(`${date}T00:00:00Z`), { ...spec, timezone: 'UTC' }, rangeStart);
    return startOfDay(Temporal.PlainDate.from(new Date(start).toISOString().slice(0, -1)), timezone);
  }
  if (spec.unit === 'month' || spec.unit === 'year') {
    const date = new Date(time);
    const yearsSince = date.getUTCFullYear() - 1970;
    if (spec.unit === 'year') return Date.UTC(1970 + floorTo(yearsSince, spec.count), 0);
    return Date.UTC(1970, floorTo(yearsSince * 12 + date.getUTCMonth(), spec.count));
  }
  const origin = spec.unit === 'week' ? FIRST_MONDAY : 0;
  return origin + floorTo(time - origin, SECONDS_OF[spec.unit] * 1_000 * spec.count);
}

/** The first millisecond that a client draws at the pixel of this one. */
function startOfSlice(time: number, { startTime, endTime, count }: TimeRange & { count: number }): number {
  const pixelOf = (instant: number) => Math.floor(((instant - startTime) / (endTime - startTime)) * count);
  let start = time;
  let step = 1;
  for (; pixelOf(start - step) === pixelOf(time); step *= 2) start -= step;
  for (; step >= 1; step /= 2) if (pixelOf(start - step) === pixelOf(time)) start -= step;
  return start;
}

/** Start of the group that comes after the one that starts there. */
export function nextGroupStart(start: number, spec: GroupSpec): number {
  let inside = start;
  let step = 1;
  while (groupStart(inside + step, spec, start) === start) {
    inside += step;
    step *= 2;
  }
  for (; step >= 1; step /= 2) if (groupStart(inside + step, spec, start) === start) inside += step;
  return inside + 1;
}

/** The date on the calendar. Where clocks go back over midnight, the new day has begun and stays. */
function localDate(time: number, timezone: string): Temporal.PlainDate {
  const date = Temporal.Instant.fromEpochMilliseconds(time).toZonedDateTimeISO(timezone).toPlainDate();
  const next = date.add({ days: 1 });
  return startOfDay(next, timezone) <= time ? next : date;
}

/** Asked again and again by tests that walk through time. */
const knownStarts = new Map<string, number>();

function startOfDay(date: Temporal.PlainDate, timezone: string): number {
  const name = `${date} ${timezone}`;
  const start = knownStarts.get(name) ?? date.toZonedDateTime(timezone).epochMilliseconds;
  knownStarts.set(name, start);
  return start;
}

function floorTo(value: number, step: number): number {
  return Math.floor(value / step) * step;
}
