/** Figures of one source's groups as columns: from the storage's summaries where they say enough, else from the rows. */
import { assert } from '../base/assert.js';
import type { FieldType } from '../batch.js';
import * as figures from '../rollup/figures.js';
import type { FieldSummary, Readable, SummaryChunk, SummaryRequest } from '../storage.js';
import { groupEdges } from './calendar.js';
import { Distributions, needsValues } from './distribution.js';
import { compileFilter } from './filter.js';
import { matchingRows } from './matching.js';
import type { Progress } from './progress.js';
import type { Aggregation, AnswerColumn, QueryRequest, SourceColumns } from './request.js';
import { summariseByScan } from './summarise.js';

export type GroupedRequest = QueryRequest & Required<Pick<QueryRequest, 'aggregations' | 'groups'>>;

/** Whether summaries of the storage say all that is asked for. */
export function isSummarised(request: GroupedRequest): boolean {
  return compileFilter(request) === undefined && !request.aggregations.some(needsValues);
}

/** What the aggregations are made of, beside counts of numbers. */
export function figuresNeeded(aggregations: readonly Aggregation[]): figures.FigureSet {
  return aggregations.reduce((set, aggregation) => set | (FIGURES_NEEDED[aggregation] ?? 0), 0);
}

const FIGURES_NEEDED: Partial<Record<Aggregation, figures.FigureSet>> = {
  avg: figures.SUM,
  count: figures.COUNT,
  sum: figures.SUM,
  min: figures.MIN,
  max: figures.MAX,
  range: figures.MIN | figures.MAX,
  first: figures.FIRST,
  last: figures.LAST,
  rate: figures.FIRST | figures.LAST,
};

/** Groups of one source, ascending, some at a time. */
export async function* groupsOf(
  readable: Readable,
  request: GroupedRequest,
  source: number,
  progress: Progress,
): AsyncGenerator<SourceColumns> {
  const { startTime, endTime, fields, groups, aggregations } = request;
  const { signal } = progress;
  const wanted = { sources: [source], startTime, endTime, fields, groups, signal } satisfies SummaryRequest;
  if (isSummarised(request)) {
    const asked = { ...wanted, figures: figuresNeeded(aggregations) };
    for await (const chunk of readable.summarise(asked)) {
      await progress.advanceBy(chunk);
      yield groupColumns(chunk, request, 0, chunk.starts.length);
    }
    return;
  }
  const filter = compileFilter(request);
  const distributions = aggregations.some(needsValues)
    ? new Distributions(aggregations, groupEdges(groups, startTime))
    : undefined;
  const summaries = summariseByScan(scan => {
    const rows = matchingRows(readable, scan, request, filter, progress);
    return distributions === undefined ? rows : distributions.watch(rows);
  }, wanted);
  for await (const chunk of summaries) {
    yield groupColumns(chunk, request, 0, chunk.starts.length, distributions);
    distributions?.forget(chunk.starts);
  }
}

/** The groups `from … to` (exclusive) of a chunk, which is not to be used after it has given all of them. */
export function groupColumns(
  chunk: SummaryChunk,
  { aggregations, several }: GroupedRequest,
  from: number,
  to: number,
  distributions?: Distributions,
): SourceColumns {
  const columns: AnswerColumn[] = [];
  for (const field of chunk.fields) {
    for (const aggregation of aggregations) {
      const type = typeOfFigure(field.type, aggregation);
      if (type === undefined) continue;
      const values =
        distributions !== undefined && needsValues(aggregation)
          ? distributions.figures(chunk.starts, field.name, aggregation)
          : figureOf(field, aggregation, from, to);
      const dictionary = type === 'string' ? { dictionary: field.dictionary ?? [] } : {};
      columns.push({ name: field.name, type, values, ...dictionary, ...(several && { aggregation }) });
    }
  }
  const { source, starts, rowCounts } = chunk;
  return { source, timestamps: starts.slice(from, to), columns, counts: rowCounts.slice(from, to) };
}

/** undefined where fields of the type have no such figure: of strings and booleans only these are answered. */
export function typeOfFigure(type: FieldType, aggregation: Aggregation): FieldType | undefined {
  if (aggregation === 'count') return 'number';
  if (aggregation === 'first' || aggregation === 'last') return type;
  return type === 'number' ? type : undefined;
}

type OwnFigure = 'first' | 'last' | 'min' | 'max' | 'sum';

const OWN_FIGURES: ReadonlySet<Aggregation> = new Set<OwnFigure>(['first', 'last', 'min', 'max', 'sum']);

/** NaN where a group has no such figure. */
function figureOf(field: FieldSummary, aggregation: Aggregation, from: number, to: number): Float64Array {
  const isWhole = from === 0 && to === field.count.length;
  // The chunk's own array, where it is the figure: nobody else asks for it.
  const own = isWhole && OWN_FIGURES.has(aggregation) ? field[aggregation as OwnFigure] : undefined;
  const values = own ?? new Float64Array(to - from);
  if (own === undefined) fillFigure(values, field, aggregation, from);
  for (let row = 0; row < values.length; row++) {
    if (field.count[from + row] === 0) values[row] = Number.NaN;
  }
  return values;
}

/** Whatever it is where a group has no values. */
function fillFigure(values: Float64Array, field: FieldSummary, aggregation: Aggregation, from: number): void {
  const { length } = values;
  const { count, sum, min, max, first, last, firstTime, lastTime } = field;
  switch (aggregation) {
    case 'count':
    case 'first':
    case 'last':
    case 'min':
    case 'max':
    case 'sum':
      values.set(field[aggregation].subarray(from, from + length));
      break;
    case 'avg':
      for (let row = 0; row < length; row++) values[row] = sum[from + row] / count[from + row];
      break;
    case 'range':
      for (let row = 0; row < length; row++) values[row] = max[from + row] - min[from + row];
      break;
    case 'rate':
      for (let row = 0; row < length; row++) {
        const seconds = (lastTime[from + row] - firstTime[from + row]) / 1_000;
        values[row] = seconds === 0 ? Number.NaN : (last[from + row] - first[from + row]) / seconds;
      }
      break;
    default:
      assert(false, `${aggregation} is made of values, not of summaries`);
  }
}
