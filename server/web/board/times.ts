/** Times as they are written: `now-24h`, ISO 8601, a count since 1970. Nothing here knows of a page. */

import { fromWall } from '../chart/zones.js';
import { TIME_MAX } from '../chart/zoom.js';

const UNITS_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

const RELATIVE = /^now(?:-(\d{1,9})(s|m|h|d|w))?$/;
const DATE = /^\d{4}-\d\d-\d\d/;
const ISO = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)?)?$/i;
const ZONE = /(?:Z|[+-]\d\d:\d\d)$/i;
/** From 1973 to 5138: as milliseconds they would be of the first years of all. */
const SECONDS = /^\d{9,11}$/;

export function isRelative(text: string): boolean {
  return RELATIVE.test(plain(text));
}

/** `now - 3h` is meant as `now-3h`. */
function plain(text: string): string {
  return /^now\b/i.test(text) ? text.replace(/\s+/g, '').replace(/^now/i, 'now') : text;
}

/** Undefined where it is no time. @param timezone of what names none */
export function parseTime(text: string, now: number, timezone = 'UTC'): number | undefined {
  const relative = RELATIVE.exec(plain(text));
  if (relative !== null) {
    const [, amount, unit] = relative;
    return amount === undefined ? now : Math.max(0, now - Number(amount) * UNITS_MS[unit]);
  }
  if (SECONDS.test(text)) return inRange(Number(text) * 1_000);
  if (/^\d{1,15}$/.test(text) && !/^\d{4}$/.test(text)) return inRange(Number(text));
  if (!ISO.test(text) || !isDate(text.slice(0, 10))) return undefined;
  const time = text.replace(' ', 'T');
  if (text.length > 10 && ZONE.test(text)) return inRange(Date.parse(time));
  const wall = Date.parse(time.length === 10 ? time : `${time}Z`);
  return Number.isNaN(wall) ? undefined : inRange(fromWall(wall, timezone));
}

/** Dates that no month has would be taken for some of the next one. */
function isDate(text: string): boolean {
  const time = Date.parse(text);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

function inRange(time: number): number | undefined {
  return time >= 0 && time <= TIME_MAX ? time : undefined;
}

/** As the server takes it, and as it means the same wherever it is read: relative, or ISO 8601 in UTC. */
export function absoluteTime(text: string, timezone: string): string {
  if (isRelative(text)) return plain(text);
  const time = parseTime(text, 0, timezone);
  return time === undefined ? text : new Date(time).toISOString();
}

const DAYS_OF: Readonly<Record<string, number>> = { M: 30, mo: 30, q: 91, y: 365, Y: 365 };

/** What to write instead of what is no time. @param example of a time that would do */
export function timeFault(text: string, example: string): string {
  const longer = /^now-(\d{1,4})(M|mo|q|y|Y)$/.exec(plain(text));
  const instead =
    longer !== null
      ? `now-${Number(longer[1]) * DAYS_OF[longer[2]]}d`
      : /^now[+]/.test(plain(text))
        ? 'now, or a date: nothing is counted from now on'
        : /^now.*\//.test(plain(text))
          ? 'a date where the day begins, such as 2024-01-15'
          : DATE.test(text) && !isDate(text.slice(0, 10))
            ? 'a day that the month has'
            : example;
  return `“${text}” is no time: write ${instead}.`;
}
