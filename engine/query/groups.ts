import type { Slices } from './slices.js';

/** How rows are put together by time. Plain data, so that it can be sent to whoever answers. */
export type GroupSpec =
  /** One group over the whole range; its start is the request's start. */
  | { readonly unit: 'all' }
  /** Groups as wide as each other, of a range that need not be the request's. */
  | ({ readonly unit: 'slices' } & Slices)
  | CalendarGroups;

/** Groups that the calendar has, whatever the range. */
export interface CalendarGroups {
  readonly unit: GroupUnit;
  readonly count: number;
  /** IANA name; UTC where absent. Days and longer units begin at its midnights, shorter ones in UTC all the same. */
  readonly timezone?: string;
}

/** Calendar units. `2 day` counts from 1970-01-01, `2 week` from Monday 1969-12-29, `2 month` and years from 1970-01. */
export type GroupUnit = 'second' | 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year';
