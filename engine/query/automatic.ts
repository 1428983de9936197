/** Automatic downsampling: whether a query for raw rows is answered with averages instead, and of what intervals. */
import type { SourceStats, TimeRange } from '../storage.js';
import { groupEdges } from './calendar.js';
import type { CalendarGroups, GroupUnit } from './groups.js';

/** Points of a source beyond which averages are answered, and the most groups of a source that there are then. */
const POINTS_MAX = 500;

const COUNTS: readonly (readonly [GroupUnit, readonly number[]])[] = [
  ['second', [1, 2, 5, 10, 15, 30]],
  ['minute', [1, 2, 5, 10, 15, 20, 30]],
  ['hour', [1, 2, 3, 6, 12]],
  ['day', [1, 2]],
  ['week', [1]],
];

/** Finest first, up to a week. */
const INTERVALS: readonly CalendarGroups[] = COUNTS.flatMap(([unit, counts]) =>
  counts.map(count => ({ unit, count })),
);

const LONGEST: CalendarGroups = { unit: 'month', count: 1 };

/** A source asked for. */
export interface AutomaticSource extends SourceStats {
  /** Its own setting. */
  readonly downsampling: boolean;
}

/**
 * The finest interval that gives each source at most 500 groups, where a source is expected to have more than 500
 * points in the range; undefined where rows are to be answered as they are. Months where no interval is long enough.
 *
 * Points are expected, and groups counted, only between a source's first and last point: a range that goes far
 * beyond them has no more to draw. Sources without points in the range have no say. One of the others that has
 * downsampling off keeps all rows raw: an answer has rows of one kind, and raw rows are what that source promises.
 * @param timezone as of a group; UTC where absent
 */
export function automaticInterval(
  sources: readonly AutomaticSource[],
  range: TimeRange,
  timezone?: string,
): CalendarGroups | undefined {
  const spans = sources.map(source => spanOf(source, range)).filter(span => span !== undefined);
  if (!spans.every(({ downsampling }) => downsampling)) return undefined;
  if (!spans.some(({ expectedPoints }) => expectedPoints > POINTS_MAX)) return undefined;
  const few = INTERVALS.find(interval => spans.every(span => hasFewGroups(interval, span, timezone)));
  return { ...(few ?? LONGEST), ...(timezone !== undefined && { timezone }) };
}

/** What a source has in a range. */
interface Span {
  readonly first: number;
  readonly last: number;
  readonly expectedPoints: number;
  readonly downsampling: boolean;
}

function spanOf(
  { rowCount, firstTime, lastTime, downsampling }: AutomaticSource,
  range: TimeRange,
): Span | undefined {
  if (firstTime === undefined || lastTime === undefined) return undefined;
  const first = Math.max(firstTime, range.startTime);
  const last = Math.min(lastTime, range.endTime - 1);
  if (first > last) return undefined;
  // Of points at one time the interval is 0, or there is none.
  const averageInterval = (lastTime - firstTime) / (rowCount - 1);
  const expectedPoints = averageInterval > 0 ? (last + 1 - first) / averageInterval : rowCount;
  return { first, last, expectedPoints, downsampling };
}

function hasFewGroups(
  interval: CalendarGroups,
  { first, last }: Span,
  timezone: string | undefined,
): boolean {
  const { startOf } = groupEdges({ ...interval, timezone }, first);
  // Clocks that go forward or back make a group an hour shorter or longer, and never one more or less.
  return Math.round((startOf(last) - startOf(first)) / widthOf(interval)) < POINTS_MAX;
}

/** Of intervals of one length in UTC. */
function widthOf(interval: CalendarGroups): number {
  const { startOf, endOf } = groupEdges(interval, 0);
  const start = startOf(0);
  return endOf(start) - start;
}
