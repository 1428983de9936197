/** Raw points in a table, on the page and in a file. Nothing here knows of a page. */
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
  { from, to }: View,
  page: { readonly limit: number; readonly offset: number },
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
      ...page,
    },
  };
}

const LINE_END = '\r\n';

/** RFC 4180; times are UTC. @param nameOf a source */
export function csvOfPoints(
  series: readonly PanelSeries[],
  points: readonly RawPoint[],
  nameOf: (dataSourceId: string) => string,
): string {
  const { fields } = tableColumns(series);
  const lines = points.map(({ timestamp, dataSourceId, values }) =>
    [timestamp, cell(nameOf(dataSourceId)), ...fields.map(field => cell(values[field]))].join(','),
  );
  return [['time', 'source', ...fields.map(cell)].join(','), ...lines, ''].join(LINE_END);
}

/** A text that begins as a formula does is told to be none: spreadsheets would run it. */
function cell(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
