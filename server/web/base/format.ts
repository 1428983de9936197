/** Figures and times as people read them. Nothing here knows of a page. */

const SIZES = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** `1.4 MiB` */
export function bytesText(bytes: number): string {
  let size = bytes;
  let unit = 0;
  while (size >= 1_024 && unit < SIZES.length - 1) {
    size /= 1_024;
    unit++;
  }
  return `${unit === 0 || size >= 100 ? Math.round(size) : size.toFixed(1)} ${SIZES[unit]}`;
}

/** `412`, `2.6 M`, `1.1 G`: how many there are of something. */
export function countText(count: number): string {
  if (count < 10_000) return String(Math.round(count));
  if (count < 999_500) return `${(count / 1e3).toPrecision(3)} k`;
  if (count < 999_500_000) return `${(count / 1e6).toPrecision(3)} M`;
  return `${(count / 1e9).toPrecision(3)} G`;
}

/** A reading: six significant digits, none of them made up. */
export function valueText(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  return String(Number(value.toPrecision(6)));
}

/** `0.8 ms`, `12 ms`, `1.3 s` */
export function millisecondsText(milliseconds: number): string {
  if (milliseconds >= 1_000) return `${(milliseconds / 1_000).toFixed(1)} s`;
  return `${milliseconds < 10 ? Number(milliseconds.toFixed(1)) : Math.round(milliseconds)} ms`;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `just now`, `12 s ago`, `3 d ago` */
export function agoText(time: number, now: number): string {
  const passed = now - time;
  if (passed < SECOND) return 'just now';
  return `${durationText(passed)} ago`;
}

/** `45 s`, `3 min`, `5 h`, `12 d`: the largest unit that fits. */
export function durationText(milliseconds: number): string {
  // Rounded first: there are no 60 s beside 1 min.
  const count = (unit: number) => Math.round(milliseconds / unit);
  if (count(1) < SECOND) return `${count(1)} ms`;
  if (count(SECOND) < 60) return `${count(SECOND)} s`;
  if (count(MINUTE) < 60) return `${count(MINUTE)} min`;
  if (count(HOUR) < 48) return `${count(HOUR)} h`;
  return `${Math.round(milliseconds / DAY)} d`;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * `2024-01-15 10:30:00`, with milliseconds where they are not zero.
 * @param timezone an IANA name
 */
export function timeText(time: number, timezone: string): string {
  let format = formats.get(timezone);
  if (format === undefined) {
    // Swedish writes dates as ISO 8601 does.
    format = new Intl.DateTimeFormat('sv-SE', {
      dateStyle: 'short',
      timeStyle: 'medium',
      timeZone: timezone,
    });
    formats.set(timezone, format);
  }
  const milliseconds = ((time % SECOND) + SECOND) % SECOND;
  const fraction = milliseconds === 0 ? '' : `.${String(milliseconds).padStart(3, '0')}`;
  return format.format(time) + fraction;
}
