/** Instants as callers write them, and as we answer them. Milliseconds since 1970-01-01T00:00:00Z. */
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, WEEK_MS } from '../../engine/base/time.js';
import { TIMESTAMP_MAX, TIMESTAMP_MIN } from '../../engine/limits.js';

/** Date, or date and time; up to 9 digits of a second; `Z`, an offset, or nothing, which means UTC. */
const ISO_8601 =
  /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:Z|([+-])(\d\d):(\d\d))?)?$/i;

const RELATIVE = /^now(?:-(\d{1,9})(s|m|h|d|w))?$/;

const RELATIVE_UNITS_MS: Readonly<Record<string, number>> = {
  s: SECOND_MS,
  m: MINUTE_MS,
  h: HOUR_MS,
  d: DAY_MS,
  w: WEEK_MS,
};

const DAYS_OF_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Why a value is not a timestamp. */
export type TimestampProblem = 'type' | 'fraction' | 'form' | 'range';

const PROBLEM_MESSAGES: Readonly<Record<TimestampProblem, string>> = {
  type: 'Expected ISO 8601 text or integer epoch milliseconds',
  fraction: 'Expected integer, received float',
  form: 'Invalid datetime',
  range: 'Timestamp must be from 1970-01-01T00:00:00Z to 2199-12-31T23:59:59.999Z',
};

export function problemMessage(problem: TimestampProblem): string {
  return PROBLEM_MESSAGES[problem];
}

/** ISO 8601 text, kept to the millisecond (floor), or integer epoch milliseconds. */
export function parseTimestamp(value: unknown): number | TimestampProblem {
  if (typeof value === 'number') return Number.isInteger(value) ? inRange(value) : 'fraction';
  if (typeof value !== 'string') return 'type';
  const match = ISO_8601.exec(value);
  if (match === null) return 'form';
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', sign, ...offset] = match;
  if (!isDate(Number(year), Number(month), Number(day))) return 'form';
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return 'form';
  const milliseconds = Number(fraction.slice(0, 3).padEnd(3, '0'));
  const time = timeOfDay(Number(hour), Number(minute)) + Number(second) * SECOND_MS + milliseconds;
  const utc = Date.UTC(Number(year), Number(month) - 1, Number(day)) + time;
  // Date.UTC takes the years 0 to 99 for 1900 to 1999.
  if (Number(year) < 100) return 'range';
  if (sign === undefined) return inRange(utc);
  const [hours, minutes] = offset.map(Number);
  if (hours > 23 || minutes > 59) return 'form';
  return inRange(sign === '+' ? utc - timeOfDay(hours, minutes) : utc + timeOfDay(hours, minutes));
}

/** As `parseTimestamp`, and `now`, `now-7d`, `now-15m`: units s, m, h, d and w, not before 1970. */
export function parseQueryTime(value: unknown, now: number): number | TimestampProblem {
  const match = typeof value === 'string' ? RELATIVE.exec(value) : null;
  if (match === null) return parseTimestamp(value);
  const [, amount, unit] = match;
  if (amount === undefined) return now;
  return Math.max(TIMESTAMP_MIN, now - Number(amount) * RELATIVE_UNITS_MS[unit]);
}

const TWO_DIGITS = Array.from({ length: 60 }, (_, value) => String(value).padStart(2, '0'));

let lastDay = Number.NaN;
let lastDayText = '';

/** UTC with `Z`; milliseconds only where they are not zero. The last date is kept: rows come in order of time. */
export function formatTimestamp(time: number): string {
  const day = Math.floor(time / DAY_MS);
  if (day !== lastDay) {
    lastDayText = new Date(day * DAY_MS).toISOString().slice(0, 11);
    lastDay = day;
  }
  const rest = time - day * DAY_MS;
  const hour = TWO_DIGITS[Math.floor(rest / HOUR_MS)];
  const minute = TWO_DIGITS[Math.floor(rest / MINUTE_MS) % 60];
  const second = TWO_DIGITS[Math.floor(rest / SECOND_MS) % 60];
  const milliseconds = rest % SECOND_MS;
  const fraction = milliseconds === 0 ? '' : `.${String(milliseconds).padStart(3, '0')}`;
  return `${lastDayText}${hour}:${minute}:${second}${fraction}Z`;
}

/** Null where there is none. */
export function formatTimestampOrNull(time: number | null | undefined): string | null {
  return time == null ? null : formatTimestamp(time);
}

function timeOfDay(hours: number, minutes: number): number {
  return hours * HOUR_MS + minutes * MINUTE_MS;
}

function isDate(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  const isLeapDay = month === 2 && day === 29;
  if (isLeapDay) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return day <= DAYS_OF_MONTH[month - 1];
}

function inRange(time: number): number | TimestampProblem {
  return time >= TIMESTAMP_MIN && time <= TIMESTAMP_MAX ? time + 0 : 'range';
}
