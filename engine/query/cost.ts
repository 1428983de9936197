/**
 * What a query costs, before it is run: its plan in microseconds. Enough to tell what can be answered at once from what
 * has to wait its turn, and what `explain` prints.
 */
import type { PlanRequest, Readable } from '../storage.js';
import { figuresNeeded, type GroupedRequest, isSummarised } from './aggregate.js';
import { groupEdges } from './calendar.js';
import { isFilled } from './fill.js';
import type { GroupSpec } from './groups.js';
import { type SourcePlan, TABLE_GROUPS_MAX } from './plan.js';
import type { QueryRequest } from './request.js';
import { type SourceSpan, spansOf } from './spans.js';

/** Microseconds: only their order of magnitude matters. Parts of segments may have to be decoded first. */
const PLACE_COST = 4;
const PLACE_FIELD_COST = 1;
const WINDOW_FIELD_COST = 0.01;
const ROW_READ_COST = 0.004;
const VALUE_READ_COST = 0.006;
const ROW_ANSWERED_COST = 0.25;
const VALUE_ANSWERED_COST = 0.08;

/** Sources that are planned at a time. */
const SOURCES_STEP = 64;

export interface QueryPlan {
  /** Whether the storage sums up groups, or gives rows that are looked at one by one. */
  readonly reads: 'summaries' | 'rows';
  /** Sources that have rows in the range; some may not have been planned. */
  readonly sourceCount: number;
  readonly sources: readonly SourcePlan[];
  /** Expected, all in all. */
  readonly microseconds: number;
}

/** Whether the storage sums up groups for a query, or gives rows that are looked at one by one. */
export function readsOf(request: QueryRequest): QueryPlan['reads'] {
  const grouped = groupedOf(request);
  return grouped !== undefined && isSummarised(grouped) ? 'summaries' : 'rows';
}

/**
 * @param enough microseconds from which on it does not matter how much more it is: further sources are not planned
 */
export function planQuery(readable: Readable, request: QueryRequest, enough: number): QueryPlan {
  const spans = spansOf(readable, request.sources, request);
  const grouped = groupedOf(request);
  const isSummed = grouped !== undefined && isSummarised(grouped);
  const fieldCount = spans.length === 0 ? 0 : fieldCountOf(readable, request, spans[0].source);
  const groupCount = grouped === undefined ? 0 : groupCountOf(grouped, spans);
  const rowsWanted = request.offset + request.limit;
  const reads = {
    sources: spans.map(({ source }) => source),
    startTime: request.startTime,
    endTime: request.endTime,
    ...(isSummed && { groups: grouped.groups, figures: figuresNeeded(grouped.aggregations) }),
  };
  const { sources, rowCount, microseconds: reading } = planReading(readable, reads, fieldCount, enough);
  const share = isSummed
    ? // A plan is of the first groups of a source; a limit ends the reading of more.
      Math.max(1, Math.min(groupCount, rowsWanted) / Math.max(1, spans.length) / TABLE_GROUPS_MAX)
    : rowsReadShare(request, grouped, rowCount);
  const answered = grouped === undefined ? rowCount : groupCount;
  return {
    reads: isSummed ? 'summaries' : 'rows',
    sourceCount: spans.length,
    sources,
    microseconds: reading * share + answerCost(request, Math.min(answered, request.limit), fieldCount),
  };
}

/**
 * What it takes to sum up groups of sources that have rows in the range, in microseconds.
 * @param enough as of `planQuery`
 */
export function summaryCost(
  readable: Readable,
  request: PlanRequest & { readonly groups: GroupSpec },
  fieldCount: number,
  enough: number,
): number {
  const { groups, startTime, endTime } = request;
  const { microseconds } = planReading(readable, request, fieldCount, enough);
  if (groups.unit === 'all') return microseconds;
  // A plan is of the first groups of a source.
  const edges = groupEdges(groups, startTime);
  const widthMs = edges.endOf(edges.startOf(startTime)) - edges.startOf(startTime);
  return microseconds * Math.max(1, (endTime - startTime) / widthMs / TABLE_GROUPS_MAX);
}

/** Plans of the sources, as many as come to `enough` microseconds, and what they take together. */
function planReading(readable: Readable, request: PlanRequest, fieldCount: number, enough: number) {
  const sources: SourcePlan[] = [];
  let rowCount = 0;
  let microseconds = 0;
  for (let from = 0; from < request.sources.length && microseconds < enough; from += SOURCES_STEP) {
    const some = request.sources.slice(from, from + SOURCES_STEP);
    const plans = readable.plan({ ...request, sources: some });
    for (const plan of plans) {
      const reading = readingOf(plan, fieldCount);
      rowCount += reading.rows;
      microseconds += reading.microseconds;
    }
    sources.push(...plans);
  }
  return { sources, rowCount, microseconds };
}

function groupedOf(request: QueryRequest): GroupedRequest | undefined {
  const { aggregations, groups } = request;
  return aggregations && groups && { ...request, aggregations, groups };
}

function fieldCountOf(readable: Readable, { fields, values }: QueryRequest, source: number): number {
  if (fields === undefined) return readable.fields(source).size;
  return new Set([...fields, ...Object.keys(values ?? {})]).size;
}

/** A limit ends the reading of rows that are answered as they are. */
function rowsReadShare(
  { offset, limit, values, metadata, downsample }: QueryRequest,
  grouped: GroupedRequest | undefined,
  rowCount: number,
): number {
  const readsAll = grouped !== undefined || values !== undefined || metadata !== undefined;
  return readsAll || downsample !== undefined ? 1 : Math.min(1, (offset + limit) / Math.max(1, rowCount));
}

function readingOf({ places }: SourcePlan, fieldCount: number): { rows: number; microseconds: number } {
  let rows = 0;
  let microseconds = 0;
  for (const { steps } of places) {
    microseconds += PLACE_COST + fieldCount * PLACE_FIELD_COST;
    for (const { windows = 0, rowsRead = 0 } of steps) {
      rows += rowsRead;
      microseconds += windows * fieldCount * WINDOW_FIELD_COST;
      microseconds += rowsRead * (ROW_READ_COST + fieldCount * VALUE_READ_COST);
    }
  }
  return { rows, microseconds };
}

function answerCost({ aggregations = [] }: QueryRequest, rows: number, fieldCount: number): number {
  const values = fieldCount * Math.max(1, aggregations.length);
  return rows * (ROW_ANSWERED_COST + values * VALUE_ANSWERED_COST);
}

/** Groups of all sources, if all have as many as the one with the longest span. */
function groupCountOf(request: GroupedRequest, spans: readonly SourceSpan[]): number {
  let spanMs = 0;
  for (const { first, last } of spans) spanMs = Math.max(spanMs, last + 1 - first);
  const edges = groupEdges(request.groups, request.startTime);
  const start = edges.startOf(request.startTime);
  const groupedMs = isFilled(request) ? request.endTime - start : spanMs;
  return spans.length * Math.max(1, Math.ceil(groupedMs / (edges.endOf(start) - start)));
}
