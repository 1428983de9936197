/** What has been answered, series by series, and what it tells about what is not asked yet. */
import type { View } from './model.js';
import { isAligned, type Plan } from './plan.js';

/** Of one series, ascending by time. Of groups there are `lows`, `highs` and `counts`, of points not. */
export interface Line {
  /** Of groups their starts. */
  readonly times: number[];
  /** Averages or points. */
  readonly values: (number | null)[];
  readonly lows?: (number | null)[];
  readonly highs?: (number | null)[];
  /** Points of the source in each group. */
  readonly counts?: number[];
}

export interface Picture {
  readonly plan: Plan;
  /** All that there is in it is known. */
  readonly range: View;
  /** As the series are. */
  readonly lines: readonly Line[];
  readonly executionTimeMs: number;
  readonly rollupLevel: string | null;
  /** Not all points have come: the plan was no good. */
  readonly isCut: boolean;
}

/** Position of the first time at or after one. */
export function positionOf(times: ArrayLike<number>, time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle] < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How wide a group of a picture is; 0 for points. */
export function widthMs(plan: Plan): number {
  return plan.kind === 'groups' ? plan.interval.milliseconds : 0;
}

/** Positions of a line that belong to a view: from inclusive, to exclusive. */
export function positionsIn({ times }: Line, plan: Plan, { from, to }: View): readonly [number, number] {
  const width = widthMs(plan);
  return [positionOf(times, width === 0 ? from : from - width + 1), positionOf(times, to)];
}

/**
 * Points to expect in a view, of the source that has most: what a picture knows of the part that both have, taken for the
 * whole. Undefined where they have nothing in common.
 */
export function expectedPoints({ lines, plan, range }: Picture, view: View): number | undefined {
  const shared = { from: Math.max(range.from, view.from), to: Math.min(range.to, view.to) };
  if (shared.from >= shared.to) return undefined;
  const part = (shared.to - shared.from) / (view.to - view.from);
  return Math.max(0, ...lines.map(line => pointsIn(line, plan, shared))) / part;
}

/** Groups that are in a view with a part count with that part. */
function pointsIn(line: Line, plan: Plan, view: View): number {
  const [first, end] = positionsIn(line, plan, view);
  const { counts, times } = line;
  if (counts === undefined) return end - first;
  const width = widthMs(plan);
  let points = 0;
  for (let position = first; position < end; position++) {
    const from = Math.max(times[position], view.from);
    const to = Math.min(times[position] + width, view.to);
    points += (counts[position] * Math.max(0, to - from)) / width;
  }
  return points;
}

/** How many points away from a view a line is followed. */
const NEIGHBOURS = 3;

/** A range around a view in which there are points on both sides, as far as a picture knows. */
export function reachOf({ lines, plan }: Picture, view: View): View {
  const { from, to } = view;
  const reach = { from, to };
  for (const line of lines) {
    const { times, counts } = line;
    const before = positionOf(times, from) - 1;
    const after = positionOf(times, to);
    if (counts === undefined) {
      if (before >= 0) reach.from = Math.min(reach.from, times[before]);
      if (after < times.length) reach.to = Math.max(reach.to, times[after] + 1);
      continue;
    }
    const width = widthMs(plan);
    const distance = (position: number) => (NEIGHBOURS * width) / Math.max(1, counts[position]);
    if (before >= 0) {
      const end = Math.min(times[before] + width, from);
      reach.from = Math.min(reach.from, Math.max(times[before], end - distance(before)));
    }
    // The group that the view ends in, or the next.
    const last = after > 0 && times[after - 1] + width > to ? after - 1 : after;
    if (last < times.length) {
      const start = Math.max(times[last], to);
      reach.to = Math.max(reach.to, Math.min(times[last] + width, start + distance(last)));
    }
  }
  return reach;
}

/** A picture with a part of it replaced, or more of it at one end. Both are made by one plan and touch each other. */
export function spliced(picture: Picture, part: Picture): Picture {
  const { from, to } = part.range;
  return {
    ...part,
    plan: picture.plan,
    range: { from: Math.min(picture.range.from, from), to: Math.max(picture.range.to, to) },
    lines: picture.lines.map((line, index) => splicedLine(line, part.lines[index], from, to)),
  };
}

function splicedLine(line: Line, part: Line, from: number, to: number): Line {
  const first = positionOf(line.times, from);
  const end = positionOf(line.times, to);
  const join = <Item>(items: Item[], more: Item[]) => [
    ...items.slice(0, first),
    ...more,
    ...items.slice(end),
  ];
  return {
    times: join(line.times, part.times),
    values: join(line.values, part.values),
    ...(line.counts !== undefined && {
      lows: join(line.lows!, part.lows ?? []),
      highs: join(line.highs!, part.highs ?? []),
      counts: join(line.counts, part.counts ?? []),
    }),
  };
}

/** A picture without what lies far from a view, so that none grows for ever. */
export function trimmed(picture: Picture, { from, to }: View, spans = 4): Picture {
  const span = to - from;
  const { range, plan } = picture;
  const step = plan.kind === 'groups' && isAligned(plan) ? plan.interval.milliseconds : 1;
  const kept = {
    from: Math.max(range.from, Math.floor((from - span * spans) / step) * step),
    to: Math.min(range.to, Math.ceil((to + span * spans) / step) * step),
  };
  if (kept.from === range.from && kept.to === range.to) return picture;
  return {
    ...picture,
    range: kept,
    lines: picture.lines.map(({ times, values, lows, highs, counts }) => {
      const [first, end] = [positionOf(times, kept.from), positionOf(times, kept.to)];
      return {
        times: times.slice(first, end),
        values: values.slice(first, end),
        lows: lows?.slice(first, end),
        highs: highs?.slice(first, end),
        counts: counts?.slice(first, end),
      };
    }),
  };
}
