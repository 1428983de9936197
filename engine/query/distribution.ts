/**
 * Percentiles and deviations of groups: what no summary can give. All values of a group are held until it ends,
 * and of those only one group's at a time.
 */
import type { ScanChunk } from '../storage.js';
import type { GroupEdges } from './calendar.js';
import type { Aggregation } from './request.js';
import { groupRuns } from './runs.js';

/** Percentile of an aggregation, or undefined where it is none. */
function percentileOf(aggregation: Aggregation): number | undefined {
  if (aggregation === 'median') return 50;
  return /^p\d{1,2}$/.test(aggregation) ? Number(aggregation.slice(1)) : undefined;
}

export function needsValues(aggregation: Aggregation): boolean {
  return aggregation === 'stddev' || percentileOf(aggregation) !== undefined;
}

type Figures = ReadonlyMap<Aggregation, number>;

export class Distributions {
  readonly #aggregations: readonly Aggregation[];
  readonly #edges: GroupEdges;
  /** Figures of the groups that have ended, by start and name of field. */
  readonly #ended = new Map<number, Map<string, Figures>>();
  #start: number | undefined;
  #parts = new Map<string, Float64Array[]>();

  constructor(aggregations: readonly Aggregation[], edges: GroupEdges) {
    this.#aggregations = aggregations.filter(needsValues);
    this.#edges = edges;
  }

  /** Passes the chunks of one source on, in time order, and looks at them on the way. */
  async *watch(chunks: AsyncIterable<ScanChunk>): AsyncGenerator<ScanChunk> {
    for await (const chunk of chunks) {
      for (const { start, from, to } of groupRuns(chunk.timestamps, this.#edges)) {
        if (start !== this.#start) this.#end();
        this.#start = start;
        this.#keep(chunk, from, to);
      }
      yield chunk;
    }
    this.#end();
  }

  /** Figures of a field in groups that have ended, NaN where there is none. */
  figures(starts: Float64Array, field: string, aggregation: Aggregation): Float64Array {
    return starts.map(start => this.#ended.get(start)?.get(field)?.get(aggregation) ?? Number.NaN);
  }

  forget(starts: Float64Array): void {
    for (const start of starts) this.#ended.delete(start);
  }

  #keep(chunk: ScanChunk, from: number, to: number): void {
    for (const { name, type, values } of chunk.fields) {
      if (type !== 'number') continue;
      const parts = this.#parts.get(name);
      if (parts === undefined) this.#parts.set(name, [values.slice(from, to)]);
      else parts.push(values.slice(from, to));
    }
  }

  #end(): void {
    if (this.#start === undefined) return;
    const figures = new Map<string, Figures>();
    for (const [name, parts] of this.#parts) {
      const sorted = sortedValues(parts);
      if (sorted.length > 0) figures.set(name, this.#figuresOf(sorted));
    }
    this.#ended.set(this.#start, figures);
    this.#start = undefined;
    this.#parts = new Map();
  }

  #figuresOf(sorted: Float64Array): Figures {
    const figures = new Map<Aggregation, number>();
    for (const aggregation of this.#aggregations) {
      const percentile = percentileOf(aggregation);
      const figure = percentile === undefined ? deviationOf(sorted) : interpolate(sorted, percentile);
      // Infinite values have none: it is left out like any other.
      if (!Number.isNaN(figure)) figures.set(aggregation, figure);
    }
    return figures;
  }
}

/** All values of the parts but NaN, ascending. */
function sortedValues(parts: readonly Float64Array[]): Float64Array {
  let count = 0;
  for (const part of parts) for (const value of part) if (!Number.isNaN(value)) count++;
  const values = new Float64Array(count);
  let at = 0;
  for (const part of parts) for (const value of part) if (!Number.isNaN(value)) values[at++] = value;
  return values.sort();
}

/** Linear interpolation between closest ranks: rank = percentile ÷ 100 × (count − 1). */
function interpolate(sorted: Float64Array, percentile: number): number {
  // Multiplied first: 0.55 × 20 is more than 11, and a share of the next value, however small, may be large.
  const rank = (percentile * (sorted.length - 1)) / 100;
  const low = sorted[Math.floor(rank)];
  const high = sorted[Math.ceil(rank)];
  const part = rank - Math.floor(rank);
  // Equal neighbours, infinite ones too, need no arithmetic.
  return low === high || part === 0 ? low : low * (1 - part) + high * part;
}

/** Population standard deviation, after Welford (1962): no difference of large sums. */
function deviationOf(values: Float64Array): number {
  let mean = 0;
  let squares = 0;
  for (let index = 0; index < values.length; index++) {
    const delta = values[index] - mean;
    mean += delta / (index + 1);
    squares += delta * (values[index] - mean);
  }
  return Math.sqrt(squares / values.length);
}
