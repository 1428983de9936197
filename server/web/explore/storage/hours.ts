/** Points by hour as bars: hours without points, and sums of many. Nothing here knows of a page. */
import type { HourCount, Period } from '../answers.js';

export interface Bar {
  /** Its first millisecond. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

const HOUR = 3_600_000;

/** What a bar stands for, so that there are at most 90. */
const HOURS_OF_BAR: Readonly<Record<Period, number>> = { '24h': 1, '7d': 3, '30d': 12, '90d': 24 };
const HOURS: Readonly<Record<Period, number>> = { '24h': 24, '7d': 168, '30d': 720, '90d': 2_160 };

/** Bars of the period that ends now, also where nothing came. */
export function barsOf(hours: readonly HourCount[], period: Period, now: number): Bar[] {
  const length = HOURS_OF_BAR[period] * HOUR;
  const last = Math.floor(now / length) * length;
  const first = last - (HOURS[period] / HOURS_OF_BAR[period] - 1) * length;
  const bars = Array.from({ length: (last - first) / length + 1 }, (_, index) => ({
    from: first + index * length,
    to: first + (index + 1) * length,
    count: 0,
  }));
  for (const { hour, count } of hours) {
    // The period begins within a bar that is not shown: its points are told by the sums.
    const bar = bars[Math.floor((Date.parse(hour) - first) / length)];
    if (bar !== undefined) bar.count += count;
  }
  return bars;
}

/** `hour`, `3 hours`, `day` */
export function barText(period: Period): string {
  const hours = HOURS_OF_BAR[period];
  if (hours === 1) return 'hour';
  return hours === 24 ? 'day' : `${hours} hours`;
}

const MARKS = 3;

/** Bars where the axis says when they begin; the last one ends now. */
export function markedBars(bars: readonly Bar[]): number[] {
  const marks = Array.from({ length: MARKS }, (_, index) => Math.round((bars.length * index) / MARKS));
  return [...new Set(marks)];
}

/** The least of 1, 2, 5, 10, 20, 50 … that is not below. */
export function niceCeiling(count: number): number {
  if (count <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(count));
  return [1, 2, 5, 10].map(step => step * power).find(step => step >= count) as number;
}
