/** Time zones: their names, and their midnights as plain numbers. */
import { Temporal } from 'temporal-polyfill';
import { DAY_MS } from '../base/time.js';
import { TIMESTAMP_MAX } from '../limits.js';

/** Longer than any name there is: a text of megabytes is not worth looking up. */
const NAME_PATTERN = /^[A-Za-z][A-Za-z0-9_+\-/]{0,63}$/;

/** An IANA name as it is spelled; undefined where there is no such zone. An offset such as `+01:00` is none. */
export function timezoneName(text: string): string | undefined {
  if (!NAME_PATTERN.test(text)) return undefined;
  try {
    return new Temporal.ZonedDateTime(0n, text).timeZoneId;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Tables held, each of up to 84,000 days and 656 KiB: what the users of one server live in. */
const TABLES_MAX = 16;

const tables = new Map<string, Midnights>();

export function midnightsOf(timezone: string): Midnights {
  const table = tables.get(timezone) ?? new Midnights(timezone);
  // Put last again, so that the first is the one not used for longest.
  tables.delete(timezone);
  tables.set(timezone, table);
  for (const oldest of tables.keys()) {
    if (tables.size <= TABLES_MAX) break;
    tables.delete(oldest);
  }
  return table;
}

/** The first week begins before 1970. */
const FIRST_DAY = -7;
const LAST_DAY = Math.ceil(TIMESTAMP_MAX / DAY_MS) + 1;

/** Asking the zone costs as much as summing thousands of rows: each day is asked for once, whatever the query. */
export class Midnights {
  readonly #timezone: string;
  readonly #known = new Float64Array(LAST_DAY - FIRST_DAY + 1).fill(Number.NaN);

  constructor(timezone: string) {
    this.#timezone = timezone;
  }

  /**
   * First instant, in milliseconds, of a local date, given as days since 1970-01-01. That is not 00:00 where the
   * clocks leave it out, and the next day's where they leave out the whole day.
   * @throws RangeError where there is no such zone.
   */
  of(day: number): number {
    // The end of 10,000 years is beyond the table.
    if (day < FIRST_DAY || day > LAST_DAY) return this.#ask(day);
    const place = day - FIRST_DAY;
    if (Number.isNaN(this.#known[place])) this.#known[place] = this.#ask(day);
    return this.#known[place];
  }

  #ask(day: number): number {
    const date = new Date(day * DAY_MS);
    const local = new Temporal.PlainDate(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate());
    return local.toZonedDateTime(this.#timezone).epochMilliseconds;
  }
}
