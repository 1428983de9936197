import type { FieldType } from '../batch.js';
import { countPresent } from '../codec/presence.js';
import { WindowFold } from '../rollup/fold.js';

/** What a block holds; the sum is compensated. Of other types than numbers only `count` means something. */
export interface BlockSummary {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  readonly first: number;
  readonly last: number;
}

const fold = new WindowFold(1);

export const NO_SUMMARY: BlockSummary = {
  count: 0,
  sum: Number.NaN,
  min: Number.NaN,
  max: Number.NaN,
  first: Number.NaN,
  last: Number.NaN,
};

/** Summary of the values of one block; NaN is no value. */
export function summaryOf(values: Float64Array, type: FieldType): BlockSummary {
  const count = countPresent(values);
  if (type !== 'number' || count === 0) return { ...NO_SUMMARY, count };
  fold.clear();
  fold.add(0, values, 0, values.length, 0, undefined);
  return {
    count,
    sum: fold.total(0),
    min: fold.min[0],
    max: fold.max[0],
    first: fold.first[0],
    last: fold.last[0],
  };
}
