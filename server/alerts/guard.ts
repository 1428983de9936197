/**
 * Which values of some fields leave rules as they are: those that a rule which rests does not fire at, and one that
 * fires is not resolved by. A source with many rules is mostly decided by one look at each field, without any look at
 * a rule: there are ten thousand, and to fetch one from memory takes longer than to judge a row.
 */
import type { FieldType, Layout, PackedSource } from '../../engine/batch.js';
import type { PointCondition } from './condition.js';
import type { Phase } from './machine.js';
import { type NumberTest, numberTestOf } from './number-test.js';
import { MET, UNMET } from './verdicts.js';

/** Values from `low` to `high`, both included, of a field of that type. */
export interface Quiet {
  readonly field: string;
  readonly type: FieldType;
  readonly low: number;
  readonly high: number;
}

/** What leaves a rule in a phase as it is; undefined where that is not one stretch of the values of one field. */
export function quietOf(condition: PointCondition, phase: Phase): Quiet | undefined {
  if (phase === 'pending' || 'conditions' in condition || 'comparator' in condition) return undefined;
  if (condition.aggregation !== undefined) return undefined;
  if ('value' in condition && typeof condition.value === 'string') return undefined;
  const bounds = stretchOf(numberTestOf(condition), phase === 'firing' ? MET : UNMET);
  if (bounds === undefined) return undefined;
  const type = 'value' in condition && typeof condition.value === 'boolean' ? 'boolean' : 'number';
  return { field: condition.field, type, ...bounds };
}

/** Where a test has one verdict. */
function stretchOf(test: NumberTest, verdict: number): Pick<Quiet, 'low' | 'high'> | undefined {
  const { below, within, above, low, high } = test;
  if (within !== verdict) {
    if (below === verdict && above === verdict) return undefined;
    if (below === verdict) return { low: -Infinity, high: nextBelow(low) };
    return above === verdict ? { low: -nextBelow(-high), high: Infinity } : undefined;
  }
  return { low: below === verdict ? -Infinity : low, high: above === verdict ? Infinity : high };
}

const bits = new DataView(new ArrayBuffer(8));

/** The greatest number less than a finite one. */
function nextBelow(value: number): number {
  if (value === 0) return -Number.MIN_VALUE;
  bits.setFloat64(0, value);
  bits.setBigInt64(0, bits.getBigInt64(0) + (value > 0 ? -1n : 1n));
  return bits.getFloat64(0);
}

export class Guard {
  readonly #fields: readonly Pick<Quiet, 'field' | 'type'>[];
  /** Low and high of each field. */
  readonly #bounds: Float64Array;
  /** Of each field among those of the layout. */
  readonly #columns: Int32Array;
  #layout: Layout | undefined;
  #hasAll = false;

  /** @param quiets of rules: those of one field are to hold together */
  constructor(quiets: readonly Quiet[]) {
    const byField = new Map<string, Quiet>();
    for (const quiet of quiets) {
      // Of two types of one field one is not the source's: both are looked for, and the guard never holds.
      const key = `${quiet.type} ${quiet.field}`;
      const { low, high } = byField.get(key) ?? quiet;
      byField.set(key, { ...quiet, low: Math.max(low, quiet.low), high: Math.min(high, quiet.high) });
    }
    this.#fields = [...byField.values()];
    this.#bounds = Float64Array.from([...byField.values()].flatMap(({ low, high }) => [low, high]));
    this.#columns = new Int32Array(this.#fields.length);
  }

  /** Whether each row has all the fields, and values that leave the rules as they are. */
  holds({ layout, rowCount, offset }: PackedSource, values: Float64Array): boolean {
    if (layout !== this.#layout) this.#locate(layout);
    if (!this.#hasAll) return false;
    const bounds = this.#bounds;
    const columns = this.#columns;
    for (let index = 0; index < columns.length; index++) {
      const low = bounds[2 * index];
      const high = bounds[2 * index + 1];
      const from = offset + (columns[index] + 1) * rowCount;
      for (let at = from; at < from + rowCount; at++) {
        // Not the other way round: what is not there is NaN.
        if (!(values[at] >= low && values[at] <= high)) return false;
      }
    }
    return true;
  }

  #locate(layout: Layout): void {
    this.#layout = layout;
    this.#hasAll = true;
    for (const [index, { field, type }] of this.#fields.entries()) {
      const column = layout.fields.findIndex(other => other.name === field && other.type === type);
      this.#columns[index] = column;
      if (column < 0) this.#hasAll = false;
    }
  }
}
