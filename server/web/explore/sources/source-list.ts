/** The table of sources: what is in a column, and what it is sorted by. */
import { durationText } from '../../base/format.js';
import type { DataSource, Value } from '../../base/types.js';
import type { ListedSource } from '../answers.js';

export const SOURCE_COLUMNS = ['name', 'lastSeen', 'rate', 'points'] as const;

export type SourceColumn = (typeof SOURCE_COLUMNS)[number];

export function sortValue(source: ListedSource, column: SourceColumn): string | number | null {
  const { stats } = source;
  switch (column) {
    case 'name':
      return source.name;
    case 'lastSeen':
      return stats.lastDataPoint === null ? null : Date.parse(stats.lastDataPoint);
    case 'rate':
      return stats.averageIntervalMs === null ? null : 1 / stats.averageIntervalMs;
    case 'points':
      return stats.dataPointCount;
  }
}

/** What a search looks in. */
export function searchTexts({ name, type, schema }: DataSource): string[] {
  return [name, type, ...Object.keys(schema)];
}

/** `every 10 s`, `20 a second` */
export function rateText(averageIntervalMs: number | null): string {
  if (averageIntervalMs === null) return '–';
  if (averageIntervalMs === 0) return 'all at once';
  if (averageIntervalMs >= 1_000) return `every ${durationText(averageIntervalMs)}`;
  return `${Math.round(1_000 / averageIntervalMs)} a second`;
}

/** `22.4 °C` */
export function readingText(value: Value, unit: string | undefined): string {
  const text = typeof value === 'number' ? String(Number(value.toPrecision(6))) : String(value);
  return unit === undefined ? text : `${text} ${unit}`;
}
