/** Tests of numbers: of all between two bounds at once, of a column, of one. */
import type { ChangeTest, Comparator, Comparison, RangeTest } from './condition.js';
import { MET, SILENT, UNMET } from './verdicts.js';

/** Whatever the operator, all that counts is where a value lies: below `low`, above `high`, or within, both included. */
export interface NumberTest {
  /** The same as `high` where the operator compares with one number. */
  readonly low: number;
  readonly high: number;
  /** Verdicts. */
  readonly below: number;
  readonly within: number;
  readonly above: number;
}

type Verdicts = Pick<NumberTest, 'below' | 'within' | 'above'>;

const VERDICTS: Readonly<Record<Comparator | 'between' | 'outside', Verdicts>> = {
  gt: { below: UNMET, within: UNMET, above: MET },
  gte: { below: UNMET, within: MET, above: MET },
  lt: { below: MET, within: UNMET, above: UNMET },
  lte: { below: MET, within: MET, above: UNMET },
  eq: { below: UNMET, within: MET, above: UNMET },
  ne: { below: MET, within: UNMET, above: MET },
  between: { below: UNMET, within: MET, above: UNMET },
  outside: { below: MET, within: UNMET, above: MET },
};

/** Of the field's values, of what an aggregation gives, of a change. Booleans are 0 and 1. */
export function numberTestOf(part: Comparison | RangeTest | ChangeTest): NumberTest {
  if ('low' in part) return { ...VERDICTS[part.operator], low: part.low, high: part.high };
  const operator = 'comparator' in part ? part.comparator : part.operator;
  return { ...VERDICTS[operator], low: Number(part.value), high: Number(part.value) };
}

/** The same of the one number `bound`. */
export function equalityTest(operator: 'eq' | 'ne', bound: number): NumberTest {
  return { ...VERDICTS[operator], low: bound, high: bound };
}

/** Verdicts that there can be of values from `least` to `most`, some of them NaN unless they are whole. */
export function possibleVerdicts(test: NumberTest, least: number, most: number, isWhole: boolean): number {
  let possible = isWhole ? 0 : SILENT;
  if (least < test.low) possible |= test.below;
  if (most > test.high) possible |= test.above;
  if (most >= test.low && least <= test.high) possible |= test.within;
  return possible;
}

/** Verdict of one value; NaN has none. */
export function verdictOf(test: NumberTest, value: number): number {
  if (value < test.low) return test.below;
  if (value > test.high) return test.above;
  return Number.isNaN(value) ? SILENT : test.within;
}

/** Verdicts of the rows in `[from, to)`, whose values begin at `values[offset]`. */
export function fillVerdicts(
  { low, high, below, within, above }: NumberTest,
  values: Float64Array,
  offset: number,
  from: number,
  to: number,
  into: Uint8Array,
): void {
  for (let row = from; row < to; row++) {
    const value = values[offset + row];
    if (value < low) into[row] = below;
    else if (value > high) into[row] = above;
    else into[row] = Number.isNaN(value) ? SILENT : within;
  }
}
