/** Times of a clock on the wall, in any zone. */

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timezone: string): Intl.DateTimeFormat {
  let format = formats.get(timezone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: timezone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(timezone, format);
  }
  return format;
}

const QUARTER_MS = 900_000;
const OFFSETS_MAX = 2_000;
const offsets = new Map<string, number>();

/** What a clock is ahead of UTC, in milliseconds. It changes at whole quarters of an hour only. */
export function offsetMs(time: number, timezone: string): number {
  if (timezone === 'UTC') return 0;
  const quarter = Math.floor(time / QUARTER_MS) * QUARTER_MS;
  const key = `${quarter} ${timezone}`;
  let offset = offsets.get(key);
  if (offset === undefined) {
    offset = wallOf(quarter, timezone) - quarter;
    if (offsets.size >= OFFSETS_MAX) offsets.clear();
    offsets.set(key, offset);
  }
  return offset;
}

function wallOf(time: number, timezone: string): number {
  const parts = formatOf(timezone).formatToParts(time);
  const part = (wanted: string) => Number(parts.find(({ type }) => type === wanted)?.value);
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
}

/** What the clock shows, as if it were UTC. */
export function toWall(time: number, timezone: string): number {
  return time + offsetMs(time, timezone);
}

/** When the clock shows something: of two times the earlier one, of none the one that it would be without the change. */
export function fromWall(wall: number, timezone: string): number {
  const before = wall - offsetMs(wall - 86_400_000, timezone);
  const after = wall - offsetMs(wall + 86_400_000, timezone);
  const found = [before, after].filter(time => toWall(time, timezone) === wall);
  return found.length > 0 ? Math.min(...found) : before;
}
