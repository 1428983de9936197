/** Requests of a picture, one a bucket, and their answers. */
import type { Api } from '../base/api.js';
import type { QueryMetadata } from '../base/types.js';
import type { Series, View } from './model.js';
import { type Line, type Picture, widthMs } from './picture.js';
import type { Plan } from './plan.js';

type Numbers = readonly (number | string | boolean | null)[];

export interface SourceColumns {
  readonly timestamps: readonly number[];
  readonly values: Readonly<Record<string, Numbers | Readonly<Record<string, Numbers>>>>;
  readonly counts?: readonly number[];
}

interface Answer {
  readonly columns: Readonly<Record<string, SourceColumns>>;
  readonly metadata: QueryMetadata;
}

const ROWS_MAX = 100_000;

/** @param rowsMax of a source, of raw points */
export async function askPicture(
  api: Api,
  series: readonly Series[],
  plan: Plan,
  range: View,
  rowsMax: number,
  signal: AbortSignal,
): Promise<Picture> {
  const bodies = requestBodies(series, plan, range, rowsMax);
  const answers = await Promise.all(
    bodies.map(body => api.post<Answer>('/api/data/query', body, { signal })),
  );
  return pictureOf(series, plan, range, answers);
}

/** Points of the sources in a range, from the index. */
export async function askCount(
  api: Api,
  series: readonly Series[],
  range: View,
  signal: AbortSignal,
): Promise<number> {
  const answers = await Promise.all(
    buckets(series).map(([bucketId, ids, fields]) =>
      api.post<Answer>(
        '/api/data/query',
        {
          bucketId,
          format: 'columns',
          aggregation: 'count',
          filters: { ...filtersOf(ids, fields, range), limit: ROWS_MAX },
        },
        { signal },
      ),
    ),
  );
  const counts = answers.flatMap(({ columns }) =>
    Object.values(columns).map(({ counts }) => counts?.[0] ?? 0),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

type BucketSeries = readonly [bucketId: string, dataSourceIds: string[], fields: string[]];

function buckets(series: readonly Series[]): BucketSeries[] {
  return [...new Set(series.map(({ bucketId }) => bucketId))].map(bucketId => {
    const own = series.filter(one => one.bucketId === bucketId);
    return [
      bucketId,
      [...new Set(own.map(({ dataSourceId }) => dataSourceId))],
      [...new Set(own.map(({ field }) => field))],
    ];
  });
}

function filtersOf(dataSourceIds: string[], fields: string[], { from, to }: View) {
  return { dataSourceIds, fields, startTime: from, endTime: to };
}

export function requestBodies(series: readonly Series[], plan: Plan, range: View, rowsMax: number): object[] {
  return buckets(series).map(([bucketId, ids, fields]) => {
    const filters = filtersOf(ids, fields, range);
    const body = { bucketId, format: 'columns' };
    if (plan.kind === 'raw') {
      return {
        ...body,
        aggregation: 'none',
        filters: { ...filters, limit: Math.min(rowsMax * ids.length, ROWS_MAX) },
      };
    }
    if (plan.kind === 'm4') {
      const points = Math.max(4, 4 * Math.round((range.to - range.from) / plan.sliceMs));
      return { ...body, downsample: { method: 'm4', points }, filters };
    }
    return {
      ...body,
      aggregation: ['min', 'avg', 'max'],
      groupBy: plan.interval.name,
      ...(plan.timezone !== undefined && { timezone: plan.timezone }),
      filters: { ...filters, limit: ROWS_MAX },
    };
  });
}

export function pictureOf(
  series: readonly Series[],
  plan: Plan,
  range: View,
  answers: readonly Answer[],
): Picture {
  const sources = new Map(answers.flatMap(({ columns }) => Object.entries(columns)));
  const levels = answers.map(({ metadata }) => metadata.rollupLevel).filter(level => level !== null);
  return {
    plan,
    range,
    lines: series.map(({ dataSourceId, field }) => lineOf(sources.get(dataSourceId), field, plan, range)),
    executionTimeMs: answers.reduce((sum, { metadata }) => sum + metadata.executionTimeMs, 0),
    rollupLevel: levels[0] ?? null,
    isCut: answers.some(({ metadata }) => metadata.hasMore),
  };
}

function lineOf(columns: SourceColumns | undefined, field: string, plan: Plan, range: View): Line {
  const figures = columns?.values[field];
  if (plan.kind !== 'groups')
    return pointsOf(columns?.timestamps ?? [], Array.isArray(figures) ? figures : []);
  const { avg = [], min = [], max = [] } = (figures ?? {}) as Record<string, Numbers>;
  const line: Required<Line> = { times: [], values: [], lows: [], highs: [], counts: [] };
  for (const [index, time] of (columns?.timestamps ?? []).entries()) {
    // The first and the last may be there with a part.
    if (time < range.from || time + widthMs(plan) > range.to || typeof avg[index] !== 'number') continue;
    line.times.push(time);
    line.values.push(avg[index]);
    line.lows.push(min[index] as number);
    line.highs.push(max[index] as number);
    line.counts.push(columns?.counts?.[index] ?? 0);
  }
  return line;
}

/** Texts and booleans are not drawn, and points without the field are none of it. */
function pointsOf(timestamps: readonly number[], values: Numbers): Line {
  const line: Line = { times: [], values: [] };
  for (const [index, value] of values.entries()) {
    if (typeof value !== 'number') continue;
    line.times.push(timestamps[index]);
    line.values.push(value);
  }
  return line;
}
