/** Which points a picture is drawn of, by the words of the papers, from all of them at once. */
import type { Downsample, Scalar } from '../../engine/query/request.js';
import type { TimeRange } from '../../engine/storage.js';

export interface DrawnPoint {
  readonly time: number;
  readonly values: ReadonlyMap<string, Scalar>;
}

/** Those chosen of one source's points, which come in order of time and then of arrival. */
export function naiveDownsample<Point extends DrawnPoint>(
  points: readonly Point[],
  { method, points: wanted }: Downsample,
  range: TimeRange,
): Point[] {
  const chosen = new Set<Point>();
  const choose = (some: readonly Point[]) => {
    for (const point of some) chosen.add(point);
  };
  const hasNumbers = fieldsOf(points).length > 0;
  if (method === 'lttb' && hasNumbers) {
    for (const field of fieldsOf(points)) choose(largestTriangles(points, field, wanted));
  } else {
    const columnCount = Math.max(1, Math.floor(wanted / (method === 'm4' ? 4 : 2)));
    for (const column of columnsOf(points, columnCount, range)) {
      if (fieldsOf(column).length === 0) choose([column[0], column[column.length - 1]]);
      for (const field of fieldsOf(column)) {
        const having = column.filter(point => typeof point.values.get(field) === 'number');
        const byValue = [...having].sort((left, right) =>
          compare(numberOf(left, field), numberOf(right, field)),
        );
        const greatest = numberOf(byValue[byValue.length - 1], field);
        choose([byValue[0], byValue.find(point => numberOf(point, field) === greatest) as Point]);
        if (method === 'm4') choose([having[0], having[having.length - 1]]);
      }
    }
  }
  return points.filter(point => chosen.has(point));
}

/** Names of fields that have a number somewhere. */
function fieldsOf(points: readonly DrawnPoint[]): string[] {
  const names = points.flatMap(({ values }) =>
    [...values].filter(([, value]) => typeof value === 'number').map(([name]) => name),
  );
  return [...new Set(names)];
}

function numberOf(point: DrawnPoint, field: string): number {
  return point.values.get(field) as number;
}

function compare(left: number, right: number): number {
  return left < right ? -1 : Number(left > right);
}

function columnsOf<Point extends DrawnPoint>(
  points: readonly Point[],
  count: number,
  { startTime, endTime }: TimeRange,
): Point[][] {
  const columns = new Map<number, Point[]>();
  for (const point of points) {
    const column = Math.floor(((point.time - startTime) / (endTime - startTime)) * count);
    columns.set(column, [...(columns.get(column) ?? []), point]);
  }
  return [...columns.values()];
}

/**
 * Steinarsson 2013, §4.2, as he words it: the first and the last point have buckets of their own, the others are
 * split into buckets as large as each other; of each the point is chosen that makes the largest triangle with the
 * one chosen before and the average of the next bucket.
 */
function largestTriangles<Point extends DrawnPoint>(
  points: readonly Point[],
  field: string,
  count: number,
): Point[] {
  const all = points
    .filter(({ values }) => typeof values.get(field) === 'number')
    .map((point, _, { 0: first }) => ({ point, x: point.time - first.time, y: numberOf(point, field) }));
  if (all.length <= count) return all.map(({ point }) => point);
  if (count === 1) return [all[0].point];
  const edge = (bucket: number) => 1 + Math.floor((bucket * (all.length - 2)) / (count - 2));
  const between = Array.from({ length: count - 2 }, (_, bucket) => all.slice(edge(bucket), edge(bucket + 1)));
  const buckets = [[all[0]], ...between, [all[all.length - 1]]];
  const chosen = [all[0]];
  for (const [index, bucket] of buckets.slice(1, -1).entries()) {
    const a = chosen[chosen.length - 1];
    const c = averageOf(buckets[index + 2]);
    const areas = bucket.map(b => Math.abs((a.x - c.x) * (b.y - a.y) - (a.x - b.x) * (c.y - a.y)));
    const largest = areas.reduce((most, area) => (area > most ? area : most), -1);
    chosen.push(bucket[Math.max(0, areas.indexOf(largest))]);
  }
  return [...chosen, all[all.length - 1]].map(({ point }) => point);
}

function averageOf(points: readonly { x: number; y: number }[]): { x: number; y: number } {
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  return {
    x: sum(points.map(({ x }) => x)) / points.length,
    y: sum(points.map(({ y }) => y)) / points.length,
  };
}
