import { CompensatedSum } from '../base/sum.js';
import type { FieldType } from '../batch.js';

/** What a block holds; the sum is compensated. Of other types than numbers only `count` means something. */
export interface BlockSummary {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  readonly first: number;
  readonly last: number;
}

/** Summary of the values of one block; NaN is no value. */
export function summaryOf(values: Float64Array, type: FieldType): BlockSummary {
  let count = 0;
  let min = Infinity;
  let max = -Infinity;
  let first = Number.NaN;
  let last = Number.NaN;
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (Number.isNaN(value)) continue;
    if (count === 0) first = value;
    count++;
    last = value;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  if (type !== 'number' || count === 0) {
    return { count, sum: Number.NaN, min: Number.NaN, max: Number.NaN, first: Number.NaN, last: Number.NaN };
  }
  const sum = new CompensatedSum();
  sum.addAll(values, 0, values.length);
  return { count, sum: sum.value, min, max, first, last };
}
