/**
 * Figures of the groups of one field, as columns, filled from whole windows, block summaries and rows alike. Places
 * (segments and heads) are folded in one after another in the order of their row numbers, each in time order.
 */
import type { FieldType } from '../batch.js';
import { ALL_FIGURES, FIRST, type FigureSet, LAST, MAX, MIN, SUM } from '../rollup/figures.js';
import type { FieldSummary } from '../storage.js';
import {
  addCounts,
  addSum,
  addSums,
  countPresent,
  takeMax,
  takeMaxes,
  takeMin,
  takeMins,
} from './kernels.js';

/** Rows of one column that lie in one group. */
export interface Stretch {
  readonly group: number;
  readonly from: number;
  readonly to: number;
}

/** What windows or block summaries say of one field: a number each, NaN where there is no value. */
export interface FigureColumns {
  readonly sum?: Float64Array;
  readonly min?: Float64Array;
  readonly max?: Float64Array;
  readonly first?: Float64Array;
  readonly last?: Float64Array;
  readonly dictionary?: readonly string[];
}

/** A figure that nobody wants. */
const NOTHING = new Float64Array(0);

export class FieldAccumulator {
  readonly name: string;
  readonly type: FieldType;
  readonly figures: FigureSet;
  readonly counts: Float64Array;
  readonly #sums: Float64Array = NOTHING;
  readonly #compensations: Float64Array = NOTHING;
  readonly #mins: Float64Array = NOTHING;
  readonly #maxes: Float64Array = NOTHING;
  readonly #firsts: Float64Array = NOTHING;
  readonly #lasts: Float64Array = NOTHING;
  readonly #firstTimes: Float64Array = NOTHING;
  readonly #lastTimes: Float64Array = NOTHING;
  /** Texts by number, where `firsts` and `lasts` are such numbers. */
  readonly #texts: string[] = [];
  readonly #textNumbers = new Map<string, number>();
  /** Which place the first and the last value are of, where that is to be known. */
  readonly #firstPlaces: Int32Array | undefined;
  readonly #lastPlaces: Int32Array | undefined;
  #place = 0;

  /**
   * @param figures of number fields; of others only FIRST and LAST mean something
   * @param hasTies whether places may have rows of one time whose row numbers do not tell by the order of places
   */
  constructor(name: string, type: FieldType, figures: FigureSet, groupCount: number, hasTies: boolean) {
    this.name = name;
    this.type = type;
    this.figures = figures & (type === 'number' ? ALL_FIGURES : FIRST | LAST);
    this.counts = new Float64Array(groupCount);
    if (this.figures & SUM) {
      this.#sums = new Float64Array(groupCount);
      this.#compensations = new Float64Array(groupCount);
    }
    if (this.figures & MIN) this.#mins = new Float64Array(groupCount).fill(Infinity);
    if (this.figures & MAX) this.#maxes = new Float64Array(groupCount).fill(-Infinity);
    if (this.figures & FIRST) {
      this.#firsts = new Float64Array(groupCount).fill(Number.NaN);
      this.#firstTimes = new Float64Array(groupCount).fill(Infinity);
      if (hasTies) this.#firstPlaces = new Int32Array(groupCount);
    }
    if (this.figures & LAST) {
      this.#lasts = new Float64Array(groupCount).fill(Number.NaN);
      this.#lastTimes = new Float64Array(groupCount).fill(-Infinity);
      if (hasTies) this.#lastPlaces = new Int32Array(groupCount);
    }
  }

  /** What follows is of another place: numbered from 1 on. */
  turnTo(place: number): void {
    this.#place = place;
  }

  /**
   * Rows of stretches, in time order.
   * @param times of the rows; needed only where first or last values are wanted
   * @param isDense whether every row is known to have a value
   */
  addRows(
    values: Float64Array,
    times: Float64Array | undefined,
    stretches: readonly Stretch[],
    isDense: boolean,
    dictionary: readonly string[] | undefined,
  ): void {
    for (let index = 0; index < stretches.length; index++) {
      const { group, from, to } = stretches[index];
      const count = isDense ? to - from : countPresent(values, from, to);
      if (count === 0) continue;
      this.counts[group] += count;
      if (this.figures & SUM) {
        addSum(this.#sums, this.#compensations, group, values, from, to, count === to - from);
      }
      if (this.figures & MIN) takeMin(this.#mins, group, values, from, to);
      if (this.figures & MAX) takeMax(this.#maxes, group, values, from, to);
      if (times !== undefined && this.figures & (FIRST | LAST)) {
        this.#takeEnds(group, values, times, from, to, dictionary);
      }
    }
  }

  /** Rows in no order: each with its group, or −1 where it is not wanted. */
  addScattered(
    values: Float64Array,
    times: Float64Array,
    groups: Int32Array,
    dictionary: readonly string[] | undefined,
  ): void {
    for (let row = 0; row < values.length; row++) {
      const group = groups[row];
      const value = values[row];
      if (group < 0 || Number.isNaN(value)) continue;
      this.counts[group]++;
      if (this.figures & SUM) addSum(this.#sums, this.#compensations, group, values, row, row + 1, true);
      if (this.figures & MIN && value < this.#mins[group]) this.#mins[group] = value;
      if (this.figures & MAX && value > this.#maxes[group]) this.#maxes[group] = value;
      if (this.figures & FIRST) this.#offerFirst(group, value, times[row], dictionary);
      if (this.figures & LAST) this.#offerLast(group, value, times[row], dictionary);
    }
  }

  /**
   * Windows or blocks `from … to` (exclusive), in time order, each with its group.
   * @param count values in each
   * @param firstTimes of the first value of each, as `lastTimes` of the last
   */
  addFigures(
    figures: FigureColumns,
    count: Float64Array,
    firstTimes: Float64Array,
    lastTimes: Float64Array,
    groups: Int32Array,
    from: number,
    to: number,
  ): void {
    addCounts(this.counts, count, groups, from, to);
    const { sum, min, max, first, last, dictionary } = figures;
    if (this.figures & SUM && sum !== undefined) {
      addSums(this.#sums, this.#compensations, sum, count, groups, from, to);
    }
    if (this.figures & MIN && min !== undefined) takeMins(this.#mins, min, groups, from, to);
    if (this.figures & MAX && max !== undefined) takeMaxes(this.#maxes, max, groups, from, to);
    if (this.figures & FIRST && first !== undefined) {
      for (let index = from, taken = -1; index < to; index++) {
        if (groups[index] === taken || count[index] === 0) continue;
        taken = groups[index];
        this.#offerFirst(taken, first[index], firstTimes[index], dictionary);
      }
    }
    if (this.figures & LAST && last !== undefined) {
      for (let index = to - 1, taken = -1; index >= from; index--) {
        if (groups[index] === taken || count[index] === 0) continue;
        taken = groups[index];
        this.#offerLast(taken, last[index], lastTimes[index], dictionary);
      }
    }
  }

  /** Whether some group has a value. */
  hasValues(): boolean {
    for (let group = 0; group < this.counts.length; group++) if (this.counts[group] > 0) return true;
    return false;
  }

  /** Time of a group's last value, −Infinity where there is none; only where that is wanted. */
  lastTimeOf(group: number): number {
    return this.#lastTimes[group];
  }

  /** Groups whose first or last value is of a time that two places have: only their rows tell which it is. */
  ties(): { group: number; end: typeof FIRST | typeof LAST; time: number }[] {
    const ties: { group: number; end: typeof FIRST | typeof LAST; time: number }[] = [];
    for (let group = 0; group < this.counts.length; group++) {
      if (this.#firstPlaces !== undefined && this.#firstPlaces[group] < 0)
        ties.push({ group, end: FIRST, time: this.#firstTimes[group] });
      if (this.#lastPlaces !== undefined && this.#lastPlaces[group] < 0)
        ties.push({ group, end: LAST, time: this.#lastTimes[group] });
    }
    return ties;
  }

  /** Settles a tie. */
  setEnd(
    group: number,
    end: typeof FIRST | typeof LAST,
    value: number,
    dictionary?: readonly string[],
  ): void {
    (end === FIRST ? this.#firsts : this.#lasts)[group] = this.#numberOf(value, dictionary);
  }

  /**
   * Only the groups named, all where undefined. Nothing may be added after it.
   * @param unknown what stands for figures that are not wanted, as long as the groups are many; never written to
   */
  finish(groups: Int32Array | undefined, unknown: Float64Array): FieldSummary {
    const { figures } = this;
    for (let group = 0; group < this.#sums.length; group++) {
      // Once a sum is infinite its compensation is NaN, and the sum itself is right.
      if (Number.isFinite(this.#sums[group])) this.#sums[group] += this.#compensations[group];
    }
    const first = figures & FIRST ? pick(this.#firsts, groups) : unknown;
    const last = figures & LAST ? pick(this.#lasts, groups) : unknown;
    const dictionary = this.type === 'string' ? this.#usedTexts(first, last) : undefined;
    return {
      name: this.name,
      type: this.type,
      ...(dictionary && { dictionary }),
      count: pick(this.counts, groups),
      sum: figures & SUM ? pick(this.#sums, groups) : unknown,
      min: figures & MIN ? pick(this.#mins, groups) : unknown,
      max: figures & MAX ? pick(this.#maxes, groups) : unknown,
      first,
      last,
      firstTime: figures & FIRST ? pick(this.#firstTimes, groups) : unknown,
      lastTime: figures & LAST ? pick(this.#lastTimes, groups) : unknown,
    };
  }

  /** Only texts that groups begin or end with: those between may be as many as rows. Numbers them anew. */
  #usedTexts(...columns: readonly Float64Array[]): string[] {
    const numbers = new Map<number, number>();
    const texts: string[] = [];
    for (const column of columns) {
      for (let index = 0; index < column.length; index++) {
        const known = column[index];
        if (Number.isNaN(known)) continue;
        let number = numbers.get(known);
        if (number === undefined) {
          number = texts.push(this.#texts[known]) - 1;
          numbers.set(known, number);
        }
        column[index] = number;
      }
    }
    return texts;
  }

  #takeEnds(
    group: number,
    values: Float64Array,
    times: Float64Array,
    from: number,
    to: number,
    dictionary: readonly string[] | undefined,
  ): void {
    if (this.figures & FIRST) {
      let first = from;
      while (first < to && Number.isNaN(values[first])) first++;
      if (first < to) this.#offerFirst(group, values[first], times[first], dictionary);
    }
    if (this.figures & LAST) {
      let last = to - 1;
      while (last >= from && Number.isNaN(values[last])) last--;
      if (last >= from) this.#offerLast(group, values[last], times[last], dictionary);
    }
  }

  #offerFirst(group: number, value: number, time: number, dictionary: readonly string[] | undefined): void {
    const known = this.#firstTimes[group];
    if (time > known) return;
    if (time === known) {
      const places = this.#firstPlaces;
      if (places !== undefined && places[group] !== this.#place) places[group] = -1;
      return;
    }
    this.#firstTimes[group] = time;
    this.#firsts[group] = this.#numberOf(value, dictionary);
    if (this.#firstPlaces !== undefined) this.#firstPlaces[group] = this.#place;
  }

  #offerLast(group: number, value: number, time: number, dictionary: readonly string[] | undefined): void {
    const known = this.#lastTimes[group];
    if (time < known) return;
    const places = this.#lastPlaces;
    if (places !== undefined) {
      const isTie = time === known && places[group] !== this.#place;
      places[group] = isTie ? -1 : this.#place;
    }
    this.#lastTimes[group] = time;
    this.#lasts[group] = this.#numberOf(value, dictionary);
  }

  /** A value as it is kept: of texts their number here, for each place has its own. */
  #numberOf(value: number, dictionary: readonly string[] | undefined): number {
    if (dictionary === undefined) return value;
    const text = dictionary[value];
    let number = this.#textNumbers.get(text);
    if (number === undefined) {
      number = this.#texts.push(text) - 1;
      this.#textNumbers.set(text, number);
    }
    return number;
  }
}

/** The values of some groups; of all where undefined, not copied. */
export function pick(values: Float64Array, groups: Int32Array | undefined): Float64Array {
  if (groups === undefined) return values;
  const picked = new Float64Array(groups.length);
  for (let index = 0; index < groups.length; index++) picked[index] = values[groups[index]];
  return picked;
}
