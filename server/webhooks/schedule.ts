/** When a webhook that was not delivered is sent again, and when no more. */
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../engine/base/time.js';

/** Waits after the first attempts; the last of them is that of all further ones too. */
const WAITS_MS = [
  5 * SECOND_MS,
  30 * SECOND_MS,
  2 * MINUTE_MS,
  10 * MINUTE_MS,
  30 * MINUTE_MS,
  HOUR_MS,
  3 * HOUR_MS,
];

/** How much longer or shorter a wait may become: receivers that come back must not be met by all at once. */
const JITTER = 0.2;

/** For how long it is tried, since it was made or asked for again. */
export const TRIED_FOR_MS = 24 * HOUR_MS;

/** What a receiver may ask us to wait: two of the longest waits, so that a day still has some attempts. */
export const RETRY_AFTER_MAX_MS = 6 * HOUR_MS;

export interface Tried {
  /** Since when it is tried. */
  readonly since: number;
  /** Attempts until now, the last one included; at least one. */
  readonly attempts: number;
  /** What the receiver asks us to wait. */
  readonly retryAfterMs?: number;
}

/**
 * Undefined where it is given up. A receiver may ask us to wait longer than the schedule has it, never shorter: it
 * could have us call it a thousand times a minute.
 * @param random from 0 to 1
 */
export function nextAttemptAt(tried: Tried, now: number, random: number): number | undefined {
  const wait = WAITS_MS[Math.min(tried.attempts, WAITS_MS.length) - 1];
  const jittered = Math.round(wait * (1 - JITTER + 2 * JITTER * random));
  const at = now + Math.max(jittered, Math.min(tried.retryAfterMs ?? 0, RETRY_AFTER_MAX_MS));
  return at <= tried.since + TRIED_FOR_MS ? at : undefined;
}

/** Names of a day, whole or short, begin each of the three forms of a date of HTTP. `Date.parse` alone takes much else. */
const HTTP_DATE = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? .*\d\d:\d\d:\d\d/;

/** Milliseconds to wait. RFC 9110 §10.2.3: seconds, or a date. Undefined where it is neither. */
export function parseRetryAfter(text: string, now: number): number | undefined {
  if (/^\d{1,10}$/.test(text)) return Number(text) * SECOND_MS;
  if (!HTTP_DATE.test(text)) return undefined;
  // The oldest form does not say that it is GMT.
  const date = Date.parse(text.endsWith(' GMT') ? text : `${text} GMT`);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
