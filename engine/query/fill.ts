/**
 * Rows of groups without points, from the group that holds the start of the range to the last that starts before
 * its end. A source without any point that matches has none. Nothing is made before it is asked for, and `linear`
 * looks one group ahead.
 */
import { assert } from '../base/assert.js';
import type { FieldType } from '../batch.js';
import { type GroupedRequest, typeOfFigure } from './aggregate.js';
import type { GroupEdges } from './calendar.js';
import type { Aggregation, AnswerColumn, QueryRequest, SourceColumns } from './request.js';
import { reverseRows, sliceRows } from './source-columns.js';

/** Groups with points, `from … to` (exclusive) of a batch. */
interface GroupRun {
  readonly batch: SourceColumns;
  readonly from: number;
  readonly to: number;
}

/** Groups on end without points: at least one. */
interface Gap {
  /** Start of the first. */
  readonly start: number;
  /** None starts there or later. */
  readonly end: number;
  columnsAt(starts: Float64Array): AnswerColumn[];
}

export type Stretch = GroupRun | Gap;

export function isFilled({ fill = 'none' }: QueryRequest): boolean {
  return fill !== 'none';
}

/** Rows that a stretch has at least. */
export function rowsOfStretch(stretch: Stretch): number {
  return 'batch' in stretch ? stretch.to - stretch.from : 1;
}

/** Groups of one source, ascending, with the gaps before, between and after them. */
export async function* withGaps(
  batches: AsyncIterable<SourceColumns>,
  request: GroupedRequest,
  fields: ReadonlyMap<string, FieldType>,
  edges: GroupEdges,
): AsyncGenerator<Stretch[]> {
  const gaps = new GapFinder(request, fields, edges);
  for await (const batch of batches) yield gaps.add(batch);
  yield gaps.finish();
}

/** Rows made at once of a gap: too many where few are wanted. */
const GAP_ROWS_MAX = 256;

/** Rows of stretches in the order that they are in; those of a gap are made, and its last comes first for `desc`. */
export function* expand(
  stretches: Iterable<Stretch>,
  source: number,
  edges: GroupEdges,
  order: 'asc' | 'desc',
): Generator<SourceColumns> {
  for (const stretch of stretches) {
    if ('batch' in stretch) {
      const run = sliceRows(stretch.batch, stretch.from, stretch.to);
      yield order === 'asc' ? run : reverseRows(run);
      continue;
    }
    for (const timestamps of startsOf(stretch, edges, order)) {
      const columns = stretch.columnsAt(timestamps);
      yield { source, timestamps, columns, counts: new Float64Array(timestamps.length) };
    }
  }
}

function* startsOf({ start, end }: Gap, edges: GroupEdges, order: 'asc' | 'desc'): Generator<Float64Array> {
  const starts = new Float64Array(GAP_ROWS_MAX);
  let length = 0;
  const isUp = order === 'asc';
  for (let at = isUp ? start : edges.startOf(end - 1); isUp ? at < end : at >= start; ) {
    starts[length++] = at;
    if (length === starts.length) {
      yield starts.slice();
      length = 0;
    }
    at = isUp ? edges.endOf(at) : edges.startOf(at - 1);
  }
  if (length > 0) yield starts.slice(0, length);
}

/** Takes a source's groups, ascending, and finds the gaps before, between and after them. */
export class GapFinder {
  readonly #edges: GroupEdges;
  readonly #endTime: number;
  readonly #filler: Filler;
  #next: number;

  /** @param fields those the source has: only reading the whole range would tell which of them have values in it */
  constructor(request: GroupedRequest, fields: ReadonlyMap<string, FieldType>, edges: GroupEdges) {
    assert(Number.isFinite(request.endTime), 'a filled range has an end');
    this.#edges = edges;
    this.#endTime = request.endTime;
    this.#filler = new Filler(request, fields);
    this.#next = edges.startOf(request.startTime);
  }

  add(groups: SourceColumns): Stretch[] {
    const batch = this.#filler.withAllFigures(groups);
    const { timestamps } = batch;
    const stretches: Stretch[] = [];
    let from = 0;
    const endRun = (to: number) => {
      if (from === to) return;
      stretches.push({ batch, from, to });
      this.#filler.pass(batch, from, to);
      from = to;
    };
    for (let row = 0; row < timestamps.length; row++) {
      const start = timestamps[row];
      if (this.#next < start) {
        endRun(row);
        stretches.push(this.#filler.gap(this.#next, start, { batch, row }));
      }
      this.#next = this.#edges.endOf(start);
    }
    endRun(timestamps.length);
    return stretches;
  }

  finish(): Stretch[] {
    const isOpen = this.#filler.hasPassed && this.#next < this.#endTime;
    return isOpen ? [this.#filler.gap(this.#next, this.#endTime, undefined)] : [];
  }
}

/** One value of a row. */
interface Figure {
  readonly name: string;
  readonly type: FieldType;
  readonly aggregation: Aggregation;
  /** Whether the last known value goes on. */
  readonly isCarried: boolean;
}

interface Place {
  readonly batch: SourceColumns;
  readonly row: number;
}

/** A value of a column; NaN where there is none. */
interface Known {
  readonly value: number;
  /** Present for strings. */
  readonly text?: string;
}

const UNKNOWN: Known = { value: Number.NaN };

class Filler {
  readonly #isLinear: boolean;
  readonly #several: boolean;
  readonly #figures: readonly Figure[];
  /** The last known values of figures that are carried on, in their order. */
  readonly #carried: Known[];
  #before: Place | undefined;

  constructor(request: GroupedRequest, fields: ReadonlyMap<string, FieldType>) {
    this.#isLinear = request.fill === 'linear';
    this.#several = request.several ?? false;
    this.#figures = figuresOf(request, fields);
    this.#carried = this.#figures.map(() => UNKNOWN);
  }

  get hasPassed(): boolean {
    return this.#before !== undefined;
  }

  /** The batch with a column for each figure, in their order. */
  withAllFigures(batch: SourceColumns): SourceColumns {
    const { length } = batch.timestamps;
    const columns = this.#figures.map(
      figure =>
        batch.columns.find(
          ({ name, aggregation }) =>
            name === figure.name && (!this.#several || aggregation === figure.aggregation),
        ) ?? this.#column(figure, new Float64Array(length).fill(Number.NaN), undefined),
    );
    return { ...batch, columns };
  }

  pass(batch: SourceColumns, from: number, to: number): void {
    this.#before = { batch, row: to - 1 };
    for (let figure = 0; figure < this.#figures.length; figure++) {
      if (!this.#figures[figure].isCarried) continue;
      const { values, dictionary } = batch.columns[figure];
      let row = to - 1;
      while (row >= from && Number.isNaN(values[row])) row--;
      if (row >= from) this.#carried[figure] = { value: values[row], text: dictionary?.[values[row]] };
    }
  }

  /** The gap between the groups passed last and the one after it. */
  gap(start: number, end: number, after: Place | undefined): Gap {
    const carried = [...this.#carried];
    const before = this.#before;
    const isOnLine = this.#isLinear && before !== undefined && after !== undefined;
    const lines = this.#figures.map((figure, index) =>
      isOnLine && !figure.isCarried ? lineOf(before, after, index) : undefined,
    );
    return {
      start,
      end,
      columnsAt: starts =>
        this.#figures.map((figure, index) => {
          const { value, text } = carried[index];
          const line = lines[index];
          const values = line === undefined ? new Float64Array(starts.length).fill(value) : starts.map(line);
          return this.#column(figure, text === undefined ? values : values.fill(0), text);
        }),
    };
  }

  #column({ name, type, aggregation }: Figure, values: Float64Array, text: string | undefined): AnswerColumn {
    return {
      name,
      type,
      values,
      ...(type === 'string' && { dictionary: text === undefined ? [] : [text] }),
      ...(this.#several && { aggregation }),
    };
  }
}

function figuresOf(
  { aggregations, fields: wanted, fill }: GroupedRequest,
  fields: ReadonlyMap<string, FieldType>,
): Figure[] {
  const figures: Figure[] = [];
  for (const [name, fieldType] of fields) {
    if (wanted?.includes(name) === false) continue;
    for (const aggregation of aggregations) {
      const type = typeOfFigure(fieldType, aggregation);
      if (type === undefined) continue;
      const isCarried = fill === 'previous' || (fill === 'linear' && type !== 'number');
      figures.push({ name, type, aggregation, isCarried });
    }
  }
  return figures;
}

/** Points by time on the line between a figure's values before and after: NaN where one is missing. */
function lineOf(before: Place, after: Place, figure: number): (time: number) => number {
  const from = before.batch.columns[figure].values[before.row];
  const to = after.batch.columns[figure].values[after.row];
  const start = before.batch.timestamps[before.row];
  const end = after.batch.timestamps[after.row];
  if (from === to) return () => from;
  return time => {
    const share = (time - start) / (end - start);
    // As two shares, because the difference of two large numbers may overflow. Opposite infinities have no line.
    return from * (1 - share) + to * share;
  };
}
