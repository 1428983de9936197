/**
 * The guards of all sources, one after another in one array. A batch brings a row each of a thousand sources, and what
 * takes time then is to fetch what belongs to each: a dozen objects here and there took ten times as long as one stretch
 * of numbers beside that of the source before.
 */
import type { Layout, PackedSource } from '../../engine/batch.js';
import { RULE_AHEAD_MAX_MS } from '../limits.js';

/** Slots of a source: the place of the last row that has passed, and whether one has since its rules were told. */
export const TIME = 0;
export const ROW = 1;
export const HAS_PASSED = 2;
/** By the clock, when it passed. */
export const PASSED_AT = 3;
/** 1 where rows may pass without a look at the rules; 0 where they never may. */
export const IS_OPEN = 4;
/** Rows at these times and later, of points and of the clock, are to be looked at. */
export const TIME_BEFORE = 5;
export const CLOCK_BEFORE = 6;
export const GROUPS = 7;
/** 1 where each of the rules guarded has judged all up to the place: what is before it comes late for all. */
export const IS_LEVEL = 8;
/** Then of each group: column of the field among those of the layout, least and greatest value that passes. */
export const FIRST_GROUP = 9;
export const COLUMN = 0;
export const LOW = 1;
export const HIGH = 2;
export const GROUP_SLOTS = 3;

const SLOTS_AT_FIRST = 1_024;

export class GuardTable {
  /** Replaced where it grows. */
  values = new Float64Array(SLOTS_AT_FIRST);
  /** By ordinal: 0 where there is none. */
  #offsets = new Int32Array(SLOTS_AT_FIRST);
  /** By ordinal: that which the columns are of. */
  readonly #layouts: (Layout | undefined)[] = [];
  /** The first is nobody's: 0 is none. */
  #end = GROUP_SLOTS;
  /** Stretches that are nobody's any more, by the number of their groups. */
  readonly #free = new Map<number, number[]>();

  /** Where the slots of a source begin; 0 where it has none. */
  offsetOf(ordinal: number): number {
    return ordinal < this.#offsets.length ? this.#offsets[ordinal] : 0;
  }

  /** Gives a source slots in the place of those it has. They are closed. */
  allot(ordinal: number, groups: number): void {
    this.release(ordinal);
    if (ordinal >= this.#offsets.length) {
      const grown = new Int32Array(Math.max(ordinal + 1, 2 * this.#offsets.length));
      grown.set(this.#offsets);
      this.#offsets = grown;
    }
    const at = this.#free.get(groups)?.pop() ?? this.#append(FIRST_GROUP + groups * GROUP_SLOTS);
    this.values.fill(0, at, at + FIRST_GROUP + groups * GROUP_SLOTS);
    this.values[at + GROUPS] = groups;
    this.#offsets[ordinal] = at;
    this.#layouts[ordinal] = undefined;
  }

  release(ordinal: number): void {
    const at = this.offsetOf(ordinal);
    if (at === 0) return;
    const groups = this.values[at + GROUPS];
    this.#free.set(groups, [...(this.#free.get(groups) ?? []), at]);
    this.#offsets[ordinal] = 0;
    this.#layouts[ordinal] = undefined;
  }

  /** The columns of a source are those of a layout from now on; undefined where they are of none. */
  setLayout(ordinal: number, layout: Layout | undefined): void {
    this.#layouts[ordinal] = layout;
  }

  layoutOf(ordinal: number): Layout | undefined {
    return this.#layouts[ordinal];
  }

  /** Whether rows leave all rules of their source as they are; they are noted then. The source has slots. */
  passes(source: PackedSource, values: Float64Array, firstRow: number, now: number): boolean {
    const slots = this.values;
    const at = this.#offsets[source.source];
    if (slots[at + IS_OPEN] === 0 || this.#layouts[source.source] !== source.layout) return false;
    const last = this.lastInOrder(at, source, values, firstRow);
    if (Number.isNaN(last)) return this.#passesLate(at, source, values, now);
    if (!(last < slots[at + TIME_BEFORE] && now < slots[at + CLOCK_BEFORE])) return false;
    if (last > now + RULE_AHEAD_MAX_MS) return false;
    const { rowCount, offset } = source;
    const end = at + FIRST_GROUP + slots[at + GROUPS] * GROUP_SLOTS;
    for (let group = at + FIRST_GROUP; group < end; group += GROUP_SLOTS) {
      const low = slots[group + LOW];
      const high = slots[group + HIGH];
      const from = offset + (slots[group + COLUMN] + 1) * rowCount;
      for (let row = from; row < from + rowCount; row++) {
        // Not the other way round: what is not there is NaN.
        if (!(values[row] >= low && values[row] <= high)) return false;
      }
    }
    this.note(at, last, firstRow + rowCount - 1, now);
    return true;
  }

  /** Rows have passed, or been looked at by those they did not. */
  note(at: number, time: number, row: number, now: number): void {
    const slots = this.values;
    slots[at + TIME] = time;
    slots[at + ROW] = row;
    slots[at + HAS_PASSED] = 1;
    slots[at + PASSED_AT] = now;
    slots[at + IS_LEVEL] = 1;
  }

  /** Time of the last of rows that are in order and come after all before; NaN where they are not or do not. */
  lastInOrder(
    at: number,
    { offset, rowCount }: PackedSource,
    values: Float64Array,
    firstRow: number,
  ): number {
    let time = this.values[at + TIME];
    if (values[offset] === time && firstRow <= this.values[at + ROW]) return Number.NaN;
    for (let row = offset; row < offset + rowCount; row++) {
      if (values[row] < time) return Number.NaN;
      time = values[row];
    }
    return time;
  }

  /** Whether all rows come late: of two who send at once one is overtaken now and then. */
  isLate(at: number, { offset, rowCount }: PackedSource, values: Float64Array): boolean {
    const time = this.values[at + TIME];
    if (this.values[at + IS_LEVEL] === 0) return false;
    for (let row = offset; row < offset + rowCount; row++) if (values[row] >= time) return false;
    return true;
  }

  #passesLate(at: number, source: PackedSource, values: Float64Array, now: number): boolean {
    if (!this.isLate(at, source, values)) return false;
    this.values[at + HAS_PASSED] = 1;
    this.values[at + PASSED_AT] = now;
    return true;
  }

  #append(slots: number): number {
    const at = this.#end;
    this.#end += slots;
    if (this.#end > this.values.length) {
      const grown = new Float64Array(Math.max(this.#end, 2 * this.values.length));
      grown.set(this.values);
      this.values = grown;
    }
    return at;
  }
}
