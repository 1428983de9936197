/** Edges of groups in UTC: where the group starts that holds an instant, and where it ends. */
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, WEEK_MS } from '../base/time.js';
import type { GroupSpec, GroupUnit } from './groups.js';

const GROUP_COUNT_MAX = 10_000;

/** Units of one length. */
const UNIT_MS: Partial<Record<GroupUnit, number>> = {
  second: SECOND_MS,
  minute: MINUTE_MS,
  hour: HOUR_MS,
  day: DAY_MS,
  week: WEEK_MS,
};

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
export function parseGroupBy(text: string): GroupSpec | undefined {
  const named = Object.values(UNITS).find(unit => unit === text);
  if (named !== undefined) return { unit: named, count: 1 };
  const match = /^(\d{1,5})(s|m|h|d|w|mo|y)$/.exec(text);
  if (match === null) return undefined;
  const count = Number(match[1]);
  return count >= 1 && count <= GROUP_COUNT_MAX ? { unit: UNITS[match[2]], count } : undefined;
}

/** The text that `parseGroupBy` reads; whole units by their name. */
export function formatGroupBy(spec: Exclude<GroupSpec, { unit: 'all' }>): string {
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

/** `rangeStart` is the start of the one group of unit `all`. */
export function groupEdges(spec: GroupSpec, rangeStart: number): GroupEdges {
  if (spec.unit === 'all') return { startOf: () => rangeStart, endOf: () => Infinity };
  const unitMs = UNIT_MS[spec.unit];
  if (unitMs !== undefined) {
    return fixedEdges(unitMs * spec.count, spec.unit === 'week' ? FIRST_MONDAY_MS : 0);
  }
  return monthEdges(spec.unit === 'year' ? spec.count * 12 : spec.count);
}

function fixedEdges(widthMs: number, originMs: number): GroupEdges {
  return {
    startOf: time => Math.floor((time - originMs) / widthMs) * widthMs + originMs,
    endOf: start => start + widthMs,
  };
}

function monthEdges(count: number): GroupEdges {
  const startOfMonths = (months: number) => Date.UTC(1970, months, 1);
  const monthsOf = (time: number) => {
    const date = new Date(time);
    return (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth();
  };
  return {
    startOf: time => startOfMonths(Math.floor(monthsOf(time) / count) * count),
    endOf: start => startOfMonths(monthsOf(start) + count),
  };
}
