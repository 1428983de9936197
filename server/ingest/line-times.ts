/** Timestamps of line protocol: whole numbers of a unit. */
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../engine/base/time.js';
import { TIMESTAMP_MAX } from '../../engine/limits.js';

/** How a number becomes milliseconds: by its digits, because nanoseconds since 1970 are beyond 2^53. */
export interface TimeUnit {
  /** Last digits that are of less than a millisecond. */
  readonly digitsDropped: number;
  /** What each of the rest is. */
  readonly milliseconds: number;
}

const NANOSECOND: TimeUnit = { digitsDropped: 6, milliseconds: 1 };
const MICROSECOND: TimeUnit = { digitsDropped: 3, milliseconds: 1 };
const MILLISECOND: TimeUnit = { digitsDropped: 0, milliseconds: 1 };
const SECOND: TimeUnit = { digitsDropped: 0, milliseconds: SECOND_MS };

/** By the values of `precision`; without one, nanoseconds. */
export const TIME_UNITS_2: ReadonlyMap<string, TimeUnit> = new Map([
  ['', NANOSECOND],
  ['ns', NANOSECOND],
  ['us', MICROSECOND],
  ['ms', MILLISECOND],
  ['s', SECOND],
]);

/** InfluxDB 1.x has names of its own, and longer units. */
export const TIME_UNITS_1: ReadonlyMap<string, TimeUnit> = new Map([
  ...TIME_UNITS_2,
  ['n', NANOSECOND],
  ['u', MICROSECOND],
  ['µ', MICROSECOND],
  ['m', { digitsDropped: 0, milliseconds: MINUTE_MS }],
  ['h', { digitsDropped: 0, milliseconds: HOUR_MS }],
]);

/** Milliseconds since 1970, floor; undefined where a point cannot have that time. @param text digits, perhaps after a minus */
export function readTime(text: string, { digitsDropped, milliseconds }: TimeUnit): number | undefined {
  const isZero = /^-0*$/.test(text);
  if (text.startsWith('-') && !isZero) return undefined;
  const whole = text.slice(isZero ? 1 : 0, digitsDropped === 0 ? undefined : -digitsDropped);
  const time = Number(whole) * milliseconds;
  return time <= TIMESTAMP_MAX ? time : undefined;
}
