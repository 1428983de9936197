/** Raw points in a table, on the page and in a file. Nothing here knows of a page. */
import { csvText } from '../base/csv.js';
import type { RawPoint } from '../base/types.js';
import type { View } from '../chart/model.js';
import type { PanelSeries } from './panel.js';

export function tableColumns(series: readonly PanelSeries[]) {
  return {
    fields: [...new Set(series.map(({ field }) => field))],
    hasManySources: new Set(series.map(({ dataSourceId }) => dataSourceId)).size > 1,
  };
}

export function pointsQuery(
  bucketId: string,
  series: readonly PanelSeries[],
  { view: { from, to }, limit }: Page,
) {
  return {
    bucketId,
    aggregation: 'none',
    filters: {
      dataSourceIds: [...new Set(series.map(({ dataSourceId }) => dataSourceId))],
      fields: tableColumns(series).fields,
      startTime: from,
      endTime: to,
      order: 'desc',
      limit,
    },
  };
}

export interface Page {
  readonly view: View;
  readonly limit: number;
}

/**
 * The page behind points that are there, newest first: from the last one's time on, so that points which are stored
 * meanwhile shift nothing. Those of that very time come again, and are not to be counted.
 */
export function pageAfter(points: readonly RawPoint[], view: View, rows: number): Page {
  const last = points.at(-1);
  if (last === undefined) return { view, limit: rows };
  const again = points.filter(({ timestamp }) => timestamp === last.timestamp).length;
  return { view: { from: view.from, to: Date.parse(last.timestamp) + 1 }, limit: rows + again };
}

/** Each once, newest first; those of one time as they come. */
export function newestFirst(...lists: readonly (readonly RawPoint[])[]): RawPoint[] {
  const byId = new Map<string, RawPoint>();
  for (const point of lists.flat()) if (!byId.has(point._id)) byId.set(point._id, point);
  const timed = [...byId.values()].map(point => ({ point, time: Date.parse(point.timestamp) }));
  return timed.sort((left, right) => right.time - left.time).map(({ point }) => point);
}

/** What comes live while nobody scrolls: behind it the points are read again when somebody does. */
const LIVE_ROWS_MAX = 500;

export interface Rows {
  readonly points: readonly RawPoint[];
  /** As many as were scrolled to: they stay in reach. */
  readonly readCount: number;
  readonly hasMore: boolean;
}

/** With what came live; without what has left the range, or is behind as many as anybody scrolled to. */
export function withLive(rows: Rows, fresh: readonly RawPoint[], from: number): Rows {
  const inRange = rowsFrom(newestFirst(fresh, rows.points), from);
  const points = inRange.slice(0, rows.readCount + LIVE_ROWS_MAX);
  return { ...rows, points, hasMore: rows.hasMore || points.length < inRange.length };
}

/** Newest first; what is ahead of this clock stays, the range comes to it. */
export function rowsFrom(points: readonly RawPoint[], from: number): readonly RawPoint[] {
  const end = points.findIndex(({ timestamp }) => Date.parse(timestamp) < from);
  return end < 0 ? points : points.slice(0, end);
}

/** Times are UTC. @param nameOf a source */
export function csvOfPoints(
  series: readonly PanelSeries[],
  points: readonly RawPoint[],
  nameOf: (dataSourceId: string) => string,
): string {
  const { fields } = tableColumns(series);
  const rows = points.map(({ timestamp, dataSourceId, values }) => [
    timestamp,
    nameOf(dataSourceId),
    ...fields.map(field => values[field]),
  ]);
  return csvText([['time', 'source', ...fields], ...rows]);
}
