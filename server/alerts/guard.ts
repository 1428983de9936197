/**
 * Which values of the fields of a source leave its rules as they are: a rule that rests does not fire at them, one that
 * fires is not resolved by them, one that is pending goes on and has not lasted long enough. A source with many rules is
 * mostly decided by one look at each field, without any look at a rule: there are ten thousand, and to fetch one from
 * memory takes longer than to judge a row.
 */
import type { FieldType, Layout, PackedSource } from '../../engine/batch.js';
import type { PointCondition } from './condition.js';
import {
  CLOCK_BEFORE,
  COLUMN,
  FIRST_GROUP,
  GROUP_SLOTS,
  type GuardTable,
  HIGH,
  LOW,
  TIME_BEFORE,
} from './guard-table.js';
import { type NumberTest, numberTestOf } from './number-test.js';
import type { PointWatch, StoredRows } from './point-watch.js';
import type { Told } from './told.js';
import { MET, UNMET } from './verdicts.js';

/** Values from `low` to `high`, both included; none where `low` is more. */
interface Stretch {
  readonly low: number;
  readonly high: number;
}

const NONE: Stretch = { low: Infinity, high: -Infinity };

/** Of a rule that looks at the numbers, or booleans, of one field. */
export interface Stretches {
  readonly field: string;
  readonly type: FieldType;
  /** Values that meet the condition; some of them where they are not one stretch. */
  readonly met: Stretch;
  readonly unmet: Stretch;
}

/** Undefined where a condition looks at more than the value of one field. */
export function stretchesOf(condition: PointCondition): Stretches | undefined {
  if ('conditions' in condition || 'comparator' in condition || condition.aggregation !== undefined) {
    return undefined;
  }
  if ('value' in condition && typeof condition.value === 'string') return undefined;
  const isBoolean = 'value' in condition && typeof condition.value === 'boolean';
  const test = numberTestOf(condition);
  // There is no number next to them.
  if (!Number.isFinite(test.low) || !Number.isFinite(test.high)) return undefined;
  const stretches = { met: stretchOf(test, MET), unmet: stretchOf(test, UNMET) };
  const { field } = condition;
  if (!isBoolean) return { field, type: 'number', ...stretches };
  // There are two values only: what is not the one is the other.
  const other = { low: 1 - test.low, high: 1 - test.low };
  const isEqual = condition.operator === 'eq';
  return { field, type: 'boolean', ...stretches, ...(isEqual ? { unmet: other } : { met: other }) };
}

/** Where a test has one verdict; none where that is on both sides of where it has not. */
function stretchOf({ below, within, above, low, high }: NumberTest, verdict: number): Stretch {
  if (within === verdict) {
    return { low: below === verdict ? -Infinity : low, high: above === verdict ? Infinity : high };
  }
  if (below === above) return NONE;
  if (below === verdict) return { low: -Infinity, high: nextBelow(low) };
  return { low: -nextBelow(-high), high: Infinity };
}

const bits = new DataView(new ArrayBuffer(8));

/** The greatest number less than a finite one. */
function nextBelow(value: number): number {
  if (value === 0) return -Number.MIN_VALUE;
  bits.setFloat64(0, value);
  bits.setBigInt64(0, bits.getBigInt64(0) + (value > 0 ? -1n : 1n));
  return bits.getFloat64(0);
}

/** Rules of one field. */
interface Group {
  readonly field: string;
  readonly type: FieldType;
  readonly points: PointWatch[];
}

/** `someMove`: those of some fields only, which are `moved`. */
export type Look = 'allRest' | 'someMove' | 'unknown';

export class Guard {
  readonly #table: GuardTable;
  readonly #ordinal: number;
  readonly #groups: readonly Group[];
  /** Of each group: rows at these times and later, of points and of the clock, are to be looked at. */
  readonly #timesBefore: Float64Array;
  readonly #clocksBefore: Float64Array;
  /** Groups that the last look found to move. */
  readonly #moved: number[] = [];

  /** @param points that have stretches */
  constructor(table: GuardTable, ordinal: number, points: readonly PointWatch[], now: number) {
    const groups = new Map<string, Group>();
    for (const point of points) {
      const { field, type } = point.stretches!;
      // Of two types of one field one is not the source's: both are looked for, and the guard never knows.
      const key = `${type} ${field}`;
      const group = groups.get(key) ?? { field, type, points: [] };
      group.points.push(point);
      groups.set(key, group);
    }
    this.#table = table;
    this.#ordinal = ordinal;
    this.#groups = [...groups.values()];
    this.#timesBefore = new Float64Array(this.#groups.length);
    this.#clocksBefore = new Float64Array(this.#groups.length);
    table.allot(ordinal, this.#groups.length);
    this.rebind(now);
  }

  get at(): number {
    return this.#table.offsetOf(this.#ordinal);
  }

  /**
   * Unknown where a row does not have all the fields.
   * @param last time of the rows
   */
  look({ layout, rowCount, offset }: PackedSource, values: Float64Array, last: number, now: number): Look {
    if (layout !== this.#table.layoutOf(this.#ordinal) && !this.#locate(layout)) return 'unknown';
    const slots = this.#table.values;
    this.#moved.length = 0;
    let slot = this.#slotOf(0);
    for (let group = 0; group < this.#groups.length; group++, slot += GROUP_SLOTS) {
      const from = offset + (slots[slot + COLUMN] + 1) * rowCount;
      let rests = last < this.#timesBefore[group] && now < this.#clocksBefore[group];
      for (let at = from; at < from + rowCount; at++) {
        const value = values[at];
        if (value >= slots[slot + LOW] && value <= slots[slot + HIGH]) continue;
        if (Number.isNaN(value)) return 'unknown';
        rests = false;
      }
      if (!rests) this.#moved.push(group);
    }
    return this.#moved.length === 0 ? 'allRest' : 'someMove';
  }

  /** Has the rules judge that the last look found to move. */
  judgeMoved(stored: StoredRows, now: number, told: Told): void {
    for (const group of this.#moved) {
      const column = this.#table.values[this.#slotOf(group) + COLUMN];
      const { points } = this.#groups[group];
      for (let index = 0; index < points.length; index++) {
        points[index].judgeColumn(stored, column, now, told);
      }
      this.#bind(group, now);
    }
    this.#setTimes();
  }

  /** After rules may have moved. */
  rebind(now: number): void {
    for (let group = 0; group < this.#groups.length; group++) this.#bind(group, now);
    this.#setTimes();
  }

  #slotOf(group: number): number {
    return this.at + FIRST_GROUP + group * GROUP_SLOTS;
  }

  #bind(group: number, now: number): void {
    let low = -Infinity;
    let high = Infinity;
    let timeBefore = Infinity;
    let clockBefore = Infinity;
    const { points } = this.#groups[group];
    for (let index = 0; index < points.length; index++) {
      const { record, stretches, durationMs } = points[index];
      const { phase, since, cooldownUntil } = record.machine;
      const { met, unmet } = stretches!;
      const stretch = phase === 'ok' ? unmet : met;
      low = Math.max(low, stretch.low);
      high = Math.min(high, stretch.high);
      if (phase !== 'pending') continue;
      // It cannot fire while either is too early: one of them is enough to know.
      if (now < cooldownUntil) clockBefore = Math.min(clockBefore, cooldownUntil);
      else timeBefore = Math.min(timeBefore, since + durationMs);
    }
    const slot = this.#slotOf(group);
    this.#table.values[slot + LOW] = low;
    this.#table.values[slot + HIGH] = high;
    this.#timesBefore[group] = timeBefore;
    this.#clocksBefore[group] = clockBefore;
  }

  #setTimes(): void {
    const { values } = this.#table;
    const { at } = this;
    values[at + TIME_BEFORE] = Infinity;
    values[at + CLOCK_BEFORE] = Infinity;
    for (let group = 0; group < this.#groups.length; group++) {
      if (this.#timesBefore[group] < values[at + TIME_BEFORE]) {
        values[at + TIME_BEFORE] = this.#timesBefore[group];
      }
      if (this.#clocksBefore[group] < values[at + CLOCK_BEFORE]) {
        values[at + CLOCK_BEFORE] = this.#clocksBefore[group];
      }
    }
  }

  /** @returns whether the layout has all the fields */
  #locate(layout: Layout): boolean {
    // What the table knows of another layout is written over.
    this.#table.setLayout(this.#ordinal, undefined);
    for (const [group, { field, type }] of this.#groups.entries()) {
      const column = layout.fields.findIndex(other => other.name === field && other.type === type);
      if (column < 0) return false;
      this.#table.values[this.#slotOf(group) + COLUMN] = column;
    }
    this.#table.setLayout(this.#ordinal, layout);
    return true;
  }
}
