/** Edges of groups: where the group starts that holds an instant, and where it ends. */
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, WEEK_MS } from '../base/time.js';
import type { CalendarGroups, GroupSpec, GroupUnit } from './groups.js';
import { type Slices, sliceOf, sliceStart } from './slices.js';
import { type Midnights, midnightsOf } from './zones.js';

const GROUP_COUNT_MAX = 10_000;

/** Units of one length. */
const UNIT_MS: Partial<Record<GroupUnit, number>> = {
  second: SECOND_MS,
  minute: MINUTE_MS,
  hour: HOUR_MS,
  day: DAY_MS,
  week: WEEK_MS,
};

/** Units that begin at midnight of a time zone. */
const LOCAL_UNITS: ReadonlySet<GroupUnit> = new Set(['day', 'week', 'month', 'year']);

/** The Monday before the epoch, from which weeks count. */
const FIRST_MONDAY_MS = -3 * DAY_MS;

const UNITS: Readonly<Record<string, GroupUnit>> = {
  s: 'second',
  m: 'minute',
  h: 'hour',
  d: 'day',
  w: 'week',
  mo: 'month',
  y: 'year',
};

/** `hour`, or a count and a suffix such as `15m`, `2mo`; undefined where it is neither. */
export function parseGroupBy(text: string): CalendarGroups | undefined {
  const named = Object.values(UNITS).find(unit => unit === text);
  if (named !== undefined) return { unit: named, count: 1 };
  const match = /^(\d{1,5})(s|m|h|d|w|mo|y)$/.exec(text);
  if (match === null) return undefined;
  const count = Number(match[1]);
  return count >= 1 && count <= GROUP_COUNT_MAX ? { unit: UNITS[match[2]], count } : undefined;
}

/** The text that `parseGroupBy` reads; whole units by their name. */
export function formatGroupBy(spec: CalendarGroups): string {
  if (spec.count === 1) return spec.unit;
  const suffix = Object.keys(UNITS).find(key => UNITS[key] === spec.unit);
  return `${spec.count}${suffix}`;
}

export interface GroupEdges {
  /** Start of the group that holds a time, in milliseconds. */
  startOf(time: number): number;
  /** End, exclusive, of the group that starts at `start`. */
  endOf(start: number): number;
}

/**
 * The edges of an unknown time zone throw RangeErrors.
 * @param rangeStart the start of the one group of unit `all`
 */
export function groupEdges(spec: GroupSpec, rangeStart: number): GroupEdges {
  if (spec.unit === 'all') return { startOf: () => rangeStart, endOf: () => Infinity };
  if (spec.unit === 'slices') return edgesOfSlices(spec);
  const calendar = calendarOf(spec.unit, spec.count);
  const { timezone = 'UTC' } = spec;
  return timezone === 'UTC' || !LOCAL_UNITS.has(spec.unit)
    ? edgesInUtc(calendar)
    : edgesAtMidnights(calendar, midnightsOf(timezone));
}

function edgesOfSlices(slices: Slices): GroupEdges {
  return {
    startOf: time => sliceStart(sliceOf(time, slices), slices),
    endOf: start => sliceStart(sliceOf(start, slices) + 1, slices),
  };
}

/** Groups by number, as clocks without a zone have them. */
interface Calendar {
  indexOf(time: number): number;
  startAt(index: number): number;
}

function calendarOf(unit: GroupUnit, count: number): Calendar {
  const unitMs = UNIT_MS[unit];
  if (unitMs === undefined) return calendarOfMonths(unit === 'year' ? count * 12 : count);
  const widthMs = unitMs * count;
  const originMs = unit === 'week' ? FIRST_MONDAY_MS : 0;
  return {
    indexOf: time => Math.floor((time - originMs) / widthMs),
    startAt: index => index * widthMs + originMs,
  };
}

function calendarOfMonths(count: number): Calendar {
  return {
    indexOf: time => {
      const date = new Date(time);
      return Math.floor(((date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth()) / count);
    },
    startAt: index => Date.UTC(1970, index * count, 1),
  };
}

function edgesInUtc({ indexOf, startAt }: Calendar): GroupEdges {
  return {
    startOf: time => startAt(indexOf(time)),
    endOf: start => startAt(indexOf(start) + 1),
  };
}

function edgesAtMidnights(calendar: Calendar, midnights: Midnights): GroupEdges {
  const startAt = (index: number) => midnights.of(calendar.startAt(index) / DAY_MS);
  // UTC is never further than a group away. A day that the clocks leave out ends where it starts, and holds nothing.
  const indexOf = (time: number) => {
    let index = calendar.indexOf(time);
    while (startAt(index) > time) index--;
    while (startAt(index + 1) <= time) index++;
    return index;
  };
  return {
    startOf: time => startAt(indexOf(time)),
    endOf: start => startAt(indexOf(start) + 1),
  };
}
