/** What the tiles show. Nothing here knows of a page. */
import { countText, valueText } from '../base/format.js';
import type { Value } from '../base/types.js';
import type { View } from '../chart/model.js';
import type { PanelSeries, Statistic } from './panel.js';

export const STATISTIC_WORDS: Readonly<Record<Statistic, string>> = {
  last: 'last',
  min: 'least',
  max: 'greatest',
  avg: 'average',
  count: 'points',
};

export interface Figure {
  readonly value: Value | undefined;
  /** Against the begin of the range for last values, against the range before for others. */
  readonly change: number | undefined;
}

export interface AggregateAnswer {
  readonly data: readonly {
    readonly dataSourceId: string;
    readonly values: Readonly<Record<string, unknown>>;
  }[];
}

/** What to ask, of all series at once. */
export function statisticQuery(
  bucketId: string,
  series: readonly PanelSeries[],
  statistic: Statistic,
  view: View,
) {
  return {
    bucketId,
    aggregation: statistic === 'last' ? ['first', 'last'] : [statistic],
    filters: {
      dataSourceIds: [...new Set(series.map(({ dataSourceId }) => dataSourceId))],
      fields: [...new Set(series.map(({ field }) => field))],
      startTime: view.from,
      endTime: view.to,
    },
  };
}

/** The range of the same length before. */
export function before({ from, to }: View): View {
  return { from: Math.max(0, from - (to - from)), to: from };
}

/** @param earlier of the range before; undefined for last values */
export function figureOf(
  { dataSourceId, field }: PanelSeries,
  statistic: Statistic,
  answer: AggregateAnswer,
  earlier: AggregateAnswer | undefined,
): Figure {
  const value = valueIn(answer, dataSourceId, field, statistic);
  const base =
    earlier === undefined
      ? valueIn(answer, dataSourceId, field, 'first')
      : valueIn(earlier, dataSourceId, field, statistic);
  const change = typeof value === 'number' && typeof base === 'number' ? value - base : undefined;
  return { value, change };
}

function valueIn(
  { data }: AggregateAnswer,
  dataSourceId: string,
  field: string,
  aggregation: string,
): Value | undefined {
  const row = data.find(row => row.dataSourceId === dataSourceId);
  const values = row?.values[field] as Readonly<Record<string, Value>> | undefined;
  return values?.[aggregation] ?? (aggregation === 'count' ? 0 : undefined);
}

export function figureText(value: Value | undefined, statistic: Statistic): string {
  if (value === undefined) return '–';
  if (typeof value !== 'number') return String(value);
  return statistic === 'count' ? countText(value) : valueText(Number(value.toPrecision(5)));
}

/** `▲0.3`, `▼12`, `±0` */
export function changeText(change: number, statistic: Statistic): string {
  const size = Math.abs(change);
  const text = statistic === 'count' ? countText(size) : valueText(Number(size.toPrecision(3)));
  if (change === 0) return '±0';
  return `${change > 0 ? '▲' : '▼'}${text}`;
}
