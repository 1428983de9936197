/** Grouped rows of one source: from the storage's summaries where they say enough, else from the rows. */
import type { FieldSummary, Storage, SummaryChunk, SummaryRequest } from '../storage.js';
import { groupEdges } from './calendar.js';
import { Distributions, needsValues } from './distribution.js';
import { compileFilter } from './filter.js';
import { matchingRows } from './matching.js';
import type { Progress } from './progress.js';
import type { Aggregation, QueryRequest, RowValues, Scalar } from './request.js';
import { summariseByScan } from './summarise.js';
import { scalarOf, setValue } from './values.js';

export interface Group {
  readonly start: number;
  /** Rows that match. */
  readonly rowCount: number;
  readonly values: RowValues;
}

export type GroupedRequest = QueryRequest & Required<Pick<QueryRequest, 'aggregations' | 'groups'>>;

/** Groups of one source, ascending, some at a time. */
export async function* groupsOf(
  storage: Storage,
  request: GroupedRequest,
  source: number,
  progress: Progress,
): AsyncGenerator<Group[]> {
  const { startTime, endTime, fields, groups, aggregations } = request;
  const { signal } = progress;
  const wanted: SummaryRequest = { sources: [source], startTime, endTime, fields, groups, signal };
  const filter = compileFilter(request);
  const distributions = aggregations.some(needsValues)
    ? new Distributions(aggregations, groupEdges(groups, startTime))
    : undefined;
  if (filter === undefined && distributions === undefined) {
    for await (const chunk of storage.summarise(wanted)) {
      await progress.advance(chunk.rowCounts.reduce((sum, count) => sum + count));
      yield groupsOfChunk(chunk, request, undefined);
    }
    return;
  }
  const summaries = summariseByScan(scan => {
    const rows = matchingRows(storage, scan, request, filter, progress);
    return distributions === undefined ? rows : distributions.watch(rows);
  }, wanted);
  for await (const chunk of summaries) yield groupsOfChunk(chunk, request, distributions);
}

function groupsOfChunk(
  chunk: SummaryChunk,
  request: GroupedRequest,
  distributions: Distributions | undefined,
): Group[] {
  return Array.from(chunk.starts, (start, group) => {
    const values: RowValues = {};
    for (const field of chunk.fields) {
      if (field.count[group] === 0) continue;
      const figures = distributions?.take(start, field.name);
      const find = (aggregation: Aggregation) =>
        figures?.get(aggregation) ?? figureOf(field, group, aggregation);
      const value = request.several ? severalOf(request.aggregations, find) : find(request.aggregations[0]);
      if (value !== undefined) setValue(values, field.name, value);
    }
    distributions?.forget(start);
    return { start, rowCount: chunk.rowCounts[group], values };
  });
}

function severalOf(
  aggregations: readonly Aggregation[],
  find: (aggregation: Aggregation) => Scalar | undefined,
): Record<string, Scalar> | undefined {
  const found: Record<string, Scalar> = {};
  for (const aggregation of aggregations) {
    const value = find(aggregation);
    if (value !== undefined) found[aggregation] = value;
  }
  return Object.keys(found).length === 0 ? undefined : found;
}

/** undefined where the type of the field, or its values, have no such figure. */
function figureOf(field: FieldSummary, group: number, aggregation: Aggregation): Scalar | undefined {
  if (aggregation === 'count') return field.count[group];
  if (aggregation === 'first') return scalarOf(field.first[group], field.type, field.dictionary);
  if (aggregation === 'last') return scalarOf(field.last[group], field.type, field.dictionary);
  if (field.type !== 'number') return undefined;
  const figure = numberOf(field, group, aggregation);
  return Number.isNaN(figure) ? undefined : figure;
}

/** NaN where there is none. */
function numberOf(field: FieldSummary, group: number, aggregation: Aggregation): number {
  switch (aggregation) {
    case 'avg':
      return field.sum[group] / field.count[group];
    case 'min':
      return field.min[group];
    case 'max':
      return field.max[group];
    case 'sum':
      return field.sum[group];
    case 'range':
      return field.max[group] - field.min[group];
    case 'rate': {
      const seconds = (field.lastTime[group] - field.firstTime[group]) / 1_000;
      return seconds === 0 ? Number.NaN : (field.last[group] - field.first[group]) / seconds;
    }
    default:
      return Number.NaN;
  }
}
