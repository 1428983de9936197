/** The groups of one source that are being summed up: some stretch of them, field by field. */

import { lowerBound } from '../base/search.js';
import type { FieldType } from '../batch.js';
import { COUNT, FIRST, type FigureSet, LAST } from '../rollup/figures.js';
import type { FieldSummary, SummaryChunk } from '../storage.js';
import { FieldAccumulator, pick, type Stretch } from './accumulator.js';

export class GroupFold {
  readonly source: number;
  /** Where groups begin, and where the last one ends: one more than there are groups. */
  readonly edges: Float64Array;
  readonly figures: FigureSet;
  /** Rows of each group, whatever fields they have. */
  readonly rowCounts: Float64Array;
  readonly #fields: ReadonlySet<string> | undefined;
  readonly #hasTies: boolean;
  readonly #accumulators = new Map<string, FieldAccumulator>();
  #place = 0;
  /** Rows that were looked at one by one. */
  rowsRead = 0;
  /** Width of the coarsest windows that took part; 0 where none did. */
  levelMs = 0;

  /**
   * @param fields the wanted ones; all where undefined
   * @param hasTies as of a FieldAccumulator
   */
  constructor(
    source: number,
    edges: Float64Array,
    fields: ReadonlySet<string> | undefined,
    figures: FigureSet,
    hasTies: boolean,
  ) {
    this.source = source;
    this.edges = edges;
    this.figures = figures;
    this.rowCounts = new Float64Array(edges.length - 1);
    this.#fields = fields;
    this.#hasTies = hasTies;
  }

  get groupCount(): number {
    return this.edges.length - 1;
  }

  /** What follows is of another place. */
  turnToNextPlace(): void {
    this.#place++;
    for (const accumulator of this.#accumulators.values()) accumulator.turnTo(this.#place);
  }

  /** undefined where nothing of the field is wanted. */
  field(name: string, type: FieldType): FieldAccumulator | undefined {
    const known = this.#accumulators.get(name);
    if (known !== undefined) return known;
    if (this.#fields !== undefined && !this.#fields.has(name)) return undefined;
    if (type !== 'number' && (this.figures & (COUNT | FIRST | LAST)) === 0) return undefined;
    const accumulator = new FieldAccumulator(name, type, this.figures, this.groupCount, this.#hasTies);
    accumulator.turnTo(this.#place);
    this.#accumulators.set(name, accumulator);
    return accumulator;
  }

  /** Group of a time that lies in one of them. */
  groupOf(time: number): number {
    const { edges } = this;
    const at = lowerBound(edges, time);
    return edges[at] === time ? at : at - 1;
  }

  /** Groups of ascending times `from … to` (exclusive), into `groups` at the same positions. */
  groupsOf(times: Float64Array, from: number, to: number, groups: Int32Array): void {
    const { edges } = this;
    if (from >= to) return;
    let group = this.groupOf(times[from]);
    for (let index = from; index < to; index++) {
      while (times[index] >= edges[group + 1]) group++;
      groups[index] = group;
    }
  }

  /** Cuts rows `from … to` (exclusive), of ascending times, where groups begin, and counts them. */
  stretches(times: Float64Array, from: number, to: number): Stretch[] {
    const { edges } = this;
    const stretches: Stretch[] = [];
    let group = from < to ? this.groupOf(times[from]) : 0;
    for (let at = from; at < to; ) {
      while (times[at] >= edges[group + 1]) group++;
      const end = times[to - 1] < edges[group + 1] ? to : lowerBound(times, edges[group + 1], at + 1, to);
      stretches.push({ group, from: at, to: end });
      this.rowCounts[group] += end - at;
      at = end;
    }
    return stretches;
  }

  accumulators(): IterableIterator<FieldAccumulator> {
    return this.#accumulators.values();
  }

  /** Groups with rows; undefined where there is none. Nothing may be added after it. */
  finish(starts: Float64Array): SummaryChunk | undefined {
    let count = 0;
    for (let group = 0; group < this.groupCount; group++) if (this.rowCounts[group] > 0) count++;
    if (count === 0) return undefined;
    const groups = count === this.groupCount ? undefined : this.#filledGroups(count);
    const unknown = unknownFigures(count);
    const fields: FieldSummary[] = [];
    for (const accumulator of this.#accumulators.values()) {
      if (accumulator.hasValues()) fields.push(accumulator.finish(groups, unknown));
    }
    return {
      source: this.source,
      starts: pick(starts, groups),
      rowCounts: pick(this.rowCounts, groups),
      fields,
      rowsRead: this.rowsRead,
      levelMs: this.levelMs,
    };
  }

  #filledGroups(count: number): Int32Array {
    const groups = new Int32Array(count);
    let at = 0;
    for (let group = 0; group < this.groupCount; group++) if (this.rowCounts[group] > 0) groups[at++] = group;
    return groups;
  }
}

let unknown = new Float64Array(1_024).fill(Number.NaN);

/** Shared by all fields that have nothing to say. */
function unknownFigures(length: number): Float64Array {
  if (unknown.length < length) unknown = new Float64Array(2 * length).fill(Number.NaN);
  return unknown.subarray(0, length);
}
