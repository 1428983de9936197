/** Where the time axis is marked, and what it says there: from milliseconds to decades, in any zone. */
import { fromWall, toWall } from './zones.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MONTH = 30.44 * DAY;
const YEAR = 365.25 * DAY;

/** The calendar's steps count months, for which milliseconds are only about right. */
export interface Step {
  readonly milliseconds: number;
  readonly months?: number;
}

const CLOCK_STEPS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map(count => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map(count => count * MINUTE),
  ...[1, 2, 3, 6, 12].map(count => count * HOUR),
  ...[1, 2, 7, 14].map(count => count * DAY),
];
const STEPS: readonly Step[] = [
  ...CLOCK_STEPS.map(milliseconds => ({ milliseconds })),
  ...[1, 2, 3, 6].map(months => ({ milliseconds: months * MONTH, months })),
  ...[1, 2, 5, 10, 20, 50, 100].map(years => ({ milliseconds: years * YEAR, months: years * 12 })),
];

/** The finest with no more than so many in a span. */
export function stepFor(spanMs: number, ticksMax: number): Step {
  return STEPS.find(({ milliseconds }) => spanMs / milliseconds <= ticksMax) ?? STEPS.at(-1)!;
}

const TICK_SPACE = 88;
/** Days without a clock are short. */
const DAY_SPACE = 64;
/** Where there is more room, fewer marks are quieter. */
const NARROW_WIDTH = 480;

/** The finest whose texts have room on an axis that is so many pixels wide. */
export function stepOn(spanMs: number, width: number): Step {
  const step = stepFor(spanMs, Math.max(1, Math.floor(width / TICK_SPACE)));
  if (width >= NARROW_WIDTH) return step;
  const finer = stepFor(spanMs, Math.max(1, Math.floor(width / DAY_SPACE)));
  return finer.milliseconds >= DAY ? finer : step;
}

/** Times that are whole steps of the zone's clock, ascending. */
export function tickTimes(from: number, to: number, step: Step, timezone: string): number[] {
  const ticks: number[] = [];
  const add = (wall: number) => {
    const time = fromWall(wall, timezone);
    if (time >= from && time <= to && time !== ticks.at(-1)) ticks.push(time);
  };
  const [first, last] = [toWall(from, timezone) - HOUR, toWall(to, timezone) + HOUR];
  const { milliseconds, months } = step;
  if (months !== undefined) {
    let month = Math.floor(monthOf(first) / months) * months;
    for (; month <= monthOf(last); month += months) add(Date.UTC(YEAR_ZERO, month));
    return ticks;
  }
  // Weeks begin on Monday; 1970 began on a Thursday.
  const shift = milliseconds >= 7 * DAY ? 4 * DAY : 0;
  // Within an hour the clock of no zone is far from that of UTC: it is asked once.
  if (milliseconds <= 15 * MINUTE) {
    for (let time = Math.ceil(from / milliseconds) * milliseconds; time <= to; time += milliseconds)
      ticks.push(time);
    return ticks;
  }
  for (
    let wall = Math.floor((first - shift) / milliseconds) * milliseconds + shift;
    wall <= last;
    wall += milliseconds
  ) {
    add(wall);
  }
  return ticks;
}

const YEAR_ZERO = 1970;

/** Since the first one that may be asked for. */
function monthOf(wall: number): number {
  const date = new Date(wall);
  return (date.getUTCFullYear() - YEAR_ZERO) * 12 + date.getUTCMonth();
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * Two lines a tick: what differs from one to the next, and below what they have in common, where it begins. The second
 * one is missing where it says nothing new.
 */
export function tickTexts(times: readonly number[], step: Step, timezone: string): string[] {
  let common = '';
  return times.map(time => {
    const date = new Date(toWall(time, timezone));
    const [text, below] = textsOf(date, step);
    const isNew = below !== common;
    common = below;
    return isNew && below !== '' ? `${text}\n${below}` : text;
  });
}

/** Texts that there is no room for are left out, and what they have in common with the next is said there. */
export function fittingTexts(
  times: readonly number[],
  textsOf: (times: readonly number[]) => readonly string[],
  isCut: (time: number, text: string) => boolean,
): string[] {
  const texts = textsOf(times);
  const first = times.findIndex((time, index) => !isCut(time, texts[index]));
  const fitting = first < 0 ? [] : times.slice(first);
  const shown = textsOf(fitting).map((text, index) => {
    const [line] = text.split('\n');
    return [text, line].find(shorter => !isCut(fitting[index], shorter)) ?? '';
  });
  return [...times.slice(fitting.length).map(() => ''), ...shown];
}

function textsOf(date: Date, { milliseconds, months }: Step): readonly [string, string] {
  const year = String(date.getUTCFullYear());
  const month = MONTHS[date.getUTCMonth()];
  if (months !== undefined) return months >= 12 ? [year, ''] : [month, year];
  const day = `${date.getUTCDate()} ${month}`;
  if (milliseconds >= DAY) return [day, year];
  const clock = date.toISOString().slice(11, 23);
  const length = milliseconds < SECOND ? 12 : milliseconds < MINUTE ? 8 : 5;
  return [clock.slice(0, length), `${day} ${year}`];
}
