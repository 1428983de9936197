import type { GroupSpec } from '../../engine/query/groups.js';

const SECONDS_OF = { second: 1, minute: 60, hour: 3_600, day: 86_400, week: 604_800 };
const FIRST_MONDAY = Date.parse('1969-12-29T00:00:00Z');

/** Start of the group that holds an instant, by the definition and by nothing of the engine. */
export function groupStart(time: number, spec: GroupSpec, rangeStart: number): number {
  if (spec.unit === 'all') return rangeStart;
  if (spec.unit === 'month' || spec.unit === 'year') {
    const date = new Date(time);
    const yearsSince = date.getUTCFullYear() - 1970;
    if (spec.unit === 'year') return Date.UTC(1970 + floorTo(yearsSince, spec.count), 0);
    return Date.UTC(1970, floorTo(yearsSince * 12 + date.getUTCMonth(), spec.count));
  }
  const origin = spec.unit === 'week' ? FIRST_MONDAY : 0;
  return origin + floorTo(time - origin, SECONDS_OF[spec.unit] * 1_000 * spec.count);
}

function floorTo(value: number, step: number): number {
  return Math.floor(value / step) * step;
}
