/**
 * Rows of groups without points, from the group that holds the start of the range to the last that starts before
 * its end. A source without any point that matches has none. Nothing is made before it is asked for, and `linear`
 * looks one group ahead.
 */
import { assert } from '../base/assert.js';
import type { FieldType } from '../batch.js';
import type { Group, GroupedRequest } from './aggregate.js';
import type { GroupEdges } from './calendar.js';
import type { Aggregation, QueryRequest, RowValues, Scalar } from './request.js';
import { setValue } from './values.js';

/** Groups on end without points: at least one. */
export interface Gap {
  /** Start of the first. */
  readonly start: number;
  /** None starts there or later. */
  readonly end: number;
  valuesAt(start: number): RowValues;
}

export type Stretch = Group | Gap;

export function isFilled({ fill = 'none' }: QueryRequest): boolean {
  return fill !== 'none';
}

/**
 * Groups of one source, ascending, with the gaps before, between and after them.
 * @param fields those the source has: only reading the whole range would tell which of them have values in it
 */
export async function* withGaps(
  batches: AsyncIterable<readonly Group[]>,
  request: GroupedRequest,
  fields: ReadonlyMap<string, FieldType>,
  edges: GroupEdges,
): AsyncGenerator<Stretch[]> {
  const { startTime, endTime } = request;
  assert(Number.isFinite(endTime), 'a filled range has an end');
  const filler = new Filler(request, fields);
  let next = edges.startOf(startTime);
  for await (const groups of batches) {
    const stretches: Stretch[] = [];
    for (const group of groups) {
      if (next < group.start) stretches.push(filler.gap(next, group.start, group));
      stretches.push(group);
      filler.pass(group);
      next = edges.endOf(group.start);
    }
    yield stretches;
  }
  if (filler.hasPassed && next < endTime) yield [filler.gap(next, endTime, undefined)];
}

/** Groups of stretches in the order that they are in; those of a gap are made, and its last comes first for `desc`. */
export function* expand(
  stretches: Iterable<Stretch>,
  edges: GroupEdges,
  order: 'asc' | 'desc',
): Generator<Group> {
  for (const stretch of stretches) {
    if (!('valuesAt' in stretch)) {
      yield stretch;
      continue;
    }
    const starts = order === 'asc' ? startsOf(stretch, edges) : startsBackwards(stretch, edges);
    for (const start of starts) yield { start, rowCount: 0, values: stretch.valuesAt(start) };
  }
}

function* startsOf({ start, end }: Gap, edges: GroupEdges): Generator<number> {
  for (let at = start; at < end; at = edges.endOf(at)) yield at;
}

function* startsBackwards({ start, end }: Gap, edges: GroupEdges): Generator<number> {
  for (let at = edges.startOf(end - 1); at >= start; at = edges.startOf(at - 1)) yield at;
}

/** One value of a row. */
interface Figure {
  readonly field: string;
  readonly aggregation: Aggregation;
  readonly isNumber: boolean;
}

class Filler {
  readonly #fill: QueryRequest['fill'];
  readonly #several: boolean;
  readonly #figures: readonly Figure[];
  /** The last known values of figures that are carried on. */
  readonly #carried = new Map<Figure, Scalar>();
  #before: Group | undefined;

  constructor({ fill, several = false, ...request }: GroupedRequest, fields: ReadonlyMap<string, FieldType>) {
    this.#fill = fill;
    this.#several = several;
    this.#figures = figuresOf(request, fields);
  }

  get hasPassed(): boolean {
    return this.#before !== undefined;
  }

  pass(group: Group): void {
    this.#before = group;
    for (const figure of this.#figures) {
      if (!this.#isCarried(figure)) continue;
      const value = this.#valueOf(group, figure);
      if (value !== undefined) this.#carried.set(figure, value);
    }
  }

  /** The gap between the group passed last and the one after it. */
  gap(start: number, end: number, after: Group | undefined): Gap {
    const carried = this.#figures.map(figure => this.#carried.get(figure) ?? null);
    const before = this.#before;
    if (this.#fill !== 'linear' || before === undefined || after === undefined) {
      const values = this.#rowValues(carried);
      return { start, end, valuesAt: () => values };
    }
    const lines = this.#figures.map(figure =>
      this.#isCarried(figure) ? undefined : [this.#valueOf(before, figure), this.#valueOf(after, figure)],
    );
    return {
      start,
      end,
      valuesAt: at => {
        const share = (at - before.start) / (after.start - before.start);
        return this.#rowValues(
          lines.map((line, index) => (line === undefined ? carried[index] : pointOf(line, share))),
        );
      },
    };
  }

  #isCarried({ isNumber }: Figure): boolean {
    return this.#fill === 'previous' || (this.#fill === 'linear' && !isNumber);
  }

  #valueOf({ values }: Group, { field, aggregation }: Figure): Scalar | undefined {
    // A field may have the name of an inherited member.
    if (!Object.hasOwn(values, field)) return undefined;
    const value = values[field];
    return (typeof value === 'object' ? value?.[aggregation] : value) ?? undefined;
  }

  /** @param values of all figures, in their order */
  #rowValues(values: readonly (Scalar | null)[]): RowValues {
    const row: RowValues = {};
    for (const [index, { field, aggregation }] of this.#figures.entries()) {
      if (!this.#several) setValue(row, field, values[index]);
      else if (Object.hasOwn(row, field))
        (row[field] as Record<string, unknown>)[aggregation] = values[index];
      else setValue(row, field, { [aggregation]: values[index] });
    }
    return row;
  }
}

/** Of strings and booleans only these are answered. */
const OF_ALL_TYPES: ReadonlySet<Aggregation> = new Set(['first', 'last', 'count']);

function figuresOf(
  { aggregations, fields: wanted }: Pick<GroupedRequest, 'aggregations' | 'fields'>,
  fields: ReadonlyMap<string, FieldType>,
): Figure[] {
  const figures: Figure[] = [];
  for (const [field, type] of fields) {
    if (wanted?.includes(field) === false) continue;
    for (const aggregation of aggregations) {
      if (type !== 'number' && !OF_ALL_TYPES.has(aggregation)) continue;
      figures.push({ field, aggregation, isNumber: type === 'number' || aggregation === 'count' });
    }
  }
  return figures;
}

/** A point on the line between two numbers; null where one is missing, or where they are opposite infinities. */
function pointOf([from, to]: readonly (Scalar | undefined)[], share: number): number | null {
  if (typeof from !== 'number' || typeof to !== 'number') return null;
  if (from === to) return from;
  // As two shares, because the difference of two large numbers may overflow.
  const value = from * (1 - share) + to * share;
  return Number.isNaN(value) ? null : value;
}
