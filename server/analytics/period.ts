/**
 * What there is of some sources in a stretch of time, from windows of the rollup index: points are read only at its ragged
 * ends, and of sources that send less than the finest window holds. Runs where it is called: in any thread.
 */
import { HOUR_MS } from '../../engine/base/time.js';
import { summaryCost } from '../../engine/query/cost.js';
import { spansOf } from '../../engine/query/spans.js';
import { COUNT, MAX, MIN, SUM } from '../../engine/rollup/figures.js';
import type { FieldSummary, Readable, TimeRange } from '../../engine/storage.js';

/** Plain data, so that it can be sent to whoever answers. */
export interface PeriodRequest extends TimeRange {
  /** Ordinals, distinct. */
  readonly sources: readonly number[];
  /** Those of them whose values are wanted, too. */
  readonly detailed: readonly number[];
  /** Whether points are counted by hour, too. */
  readonly byHour: boolean;
}

export interface NumberFigures {
  readonly name: string;
  readonly avg: number;
  readonly min: number;
  readonly max: number;
}

/** Of one source; only those with points in the period. */
export interface SourceFigures {
  readonly source: number;
  readonly count: number;
  readonly lastTime: number;
  /** Number fields that have a value. */
  readonly fields: readonly NumberFigures[];
}

export interface PeriodFigures {
  readonly count: number;
  /** Points of each hour, from that of the start on; empty where they are not counted by hour. */
  readonly hours: Float64Array;
  readonly sources: readonly SourceFigures[];
}

const HOURS = { unit: 'hour', count: 1 } as const;
const ALL = { unit: 'all' } as const;
const VALUES = SUM | MIN | MAX | COUNT;

/** Start of the hour that the first of `hours` is. */
export function firstHour({ startTime }: TimeRange): number {
  return Math.floor(startTime / HOUR_MS) * HOUR_MS;
}

/** @throws (rejects) the signal's reason; what the storage throws. */
export async function periodFigures(
  readable: Readable,
  request: PeriodRequest,
  signal: AbortSignal,
): Promise<PeriodFigures> {
  const counts = new Map<number, number>();
  const hours = await countPoints(readable, request, signal, counts);
  const detailed = request.detailed.filter(source => counts.has(source));
  const fields = await numberFigures(readable, request, detailed, signal);
  const sources: SourceFigures[] = [];
  for (const source of detailed) {
    const lastTime = await lastTimeOf(readable, source, request, signal);
    const count = counts.get(source) as number;
    sources.push({ source, count, lastTime, fields: fields.get(source) ?? [] });
  }
  let count = 0;
  for (const more of counts.values()) count += more;
  return { count, hours, sources };
}

/** What that takes, in microseconds; once it is `enough` it does not matter how much more. */
export function periodCost(readable: Readable, request: PeriodRequest, enough: number): number {
  const { startTime, endTime, byHour } = request;
  const range = { startTime, endTime };
  const sources = uncertainSources(readable, request);
  const groups = byHour ? HOURS : ALL;
  const counting = summaryCost(readable, { ...range, sources, groups, fields: [], figures: 0 }, 0, enough);
  if (counting >= enough || request.detailed.length === 0) return counting;
  const detailed = spansOf(readable, request.detailed, request).map(({ source }) => source);
  if (detailed.length === 0) return counting;
  const fieldCount = readable.fields(detailed[0]).size;
  const values = { ...range, sources: detailed, groups: ALL, figures: VALUES };
  return counting + summaryCost(readable, values, fieldCount, enough - counting);
}

/** Sources with points in the range of which it is not known how many, without a look at their index. */
function uncertainSources(readable: Readable, request: PeriodRequest): number[] {
  const uncertain: number[] = [];
  for (const { source, first, last } of spansOf(readable, request.sources, request)) {
    const { firstTime, lastTime } = readable.stats(source);
    if (request.byHour || first !== firstTime || last !== lastTime) uncertain.push(source);
  }
  return uncertain;
}

/** @param counts is given the points of each source that has any */
async function countPoints(
  readable: Readable,
  request: PeriodRequest,
  signal: AbortSignal,
  counts: Map<number, number>,
): Promise<Float64Array> {
  const { startTime, endTime, byHour } = request;
  const uncertain = uncertainSources(readable, request);
  const known = new Set(uncertain);
  for (const { source } of spansOf(readable, request.sources, request)) {
    if (!known.has(source)) counts.set(source, readable.stats(source).rowCount);
  }
  const origin = firstHour(request);
  const hours = new Float64Array(byHour ? Math.max(0, Math.ceil((endTime - origin) / HOUR_MS)) : 0);
  const summaries = readable.summarise({
    sources: uncertain,
    startTime,
    endTime,
    groups: byHour ? HOURS : ALL,
    fields: [],
    figures: 0,
    signal,
  });
  for await (const { source, starts, rowCounts } of summaries) {
    let count = counts.get(source) ?? 0;
    for (let group = 0; group < rowCounts.length; group++) {
      count += rowCounts[group];
      if (byHour) hours[(starts[group] - origin) / HOUR_MS] += rowCounts[group];
    }
    if (count > 0) counts.set(source, count);
  }
  return hours;
}

async function numberFigures(
  readable: Readable,
  { startTime, endTime }: TimeRange,
  sources: readonly number[],
  signal: AbortSignal,
): Promise<Map<number, NumberFigures[]>> {
  const names = new Set<string>();
  for (const source of sources) {
    for (const [name, type] of readable.fields(source)) if (type === 'number') names.add(name);
  }
  const found = new Map<number, NumberFigures[]>();
  const request = { sources, startTime, endTime, groups: ALL, fields: [...names], figures: VALUES, signal };
  for await (const { source, fields } of readable.summarise(request)) {
    const numbers = fields.filter(({ type, count }) => type === 'number' && count[0] > 0);
    found.set(source, numbers.map(figuresOf));
  }
  return found;
}

function figuresOf({ name, count, sum, min, max }: FieldSummary): NumberFigures {
  return { name, avg: sum[0] / count[0], min: min[0], max: max[0] };
}

/** Of a source that has points in the range. */
async function lastTimeOf(
  readable: Readable,
  source: number,
  { startTime, endTime }: TimeRange,
  signal: AbortSignal,
): Promise<number> {
  const lastTime = readable.stats(source).lastTime as number;
  if (lastTime < endTime) return lastTime;
  // Some of its points are in the future.
  const request = {
    sources: [source],
    startTime,
    endTime,
    fields: [],
    order: 'desc',
    metadata: false,
    signal,
  } as const;
  for await (const { timestamps } of readable.scan(request)) return timestamps[0];
  return startTime;
}
