/** Conditions judged point by point, from the list of all points so far: slow, and plain to see. */
import type { PointCondition } from '../../../server/alerts/condition.js';
import { MET, SILENT, UNMET } from '../../../server/alerts/verdicts.js';
import type { Point } from '../../support/columns.js';
import { exactSum } from '../../support/exact-sum.js';

type Scalar = number | string | boolean;

interface Judged {
  readonly verdict: number;
  /** What is tested; undefined where it is several, or nothing. */
  readonly value?: Scalar;
}

/** Of the last point, after those before it. */
export function judge(condition: PointCondition, points: readonly Point[]): Judged {
  if ('conditions' in condition) {
    const verdicts = condition.conditions.map(part => judge(part, points).verdict);
    const decisive = condition.operator === 'and' ? UNMET : MET;
    if (verdicts.includes(decisive)) return { verdict: decisive };
    return { verdict: verdicts.includes(SILENT) ? SILENT : verdicts[0] };
  }
  const last = points[points.length - 1];
  const own = last.values[condition.field];
  if (own === undefined) return { verdict: SILENT };
  const value = measured(condition, points, own);
  if (typeof value === 'number' && Number.isNaN(value)) return { verdict: SILENT };
  return { verdict: holds(condition, value) ? MET : UNMET, value };
}

function measured(
  condition: Exclude<PointCondition, { readonly operator: 'and' | 'or' }>,
  points: readonly Point[],
  own: Scalar,
): Scalar {
  const { time } = points[points.length - 1];
  if ('comparator' in condition) {
    const start = time - condition.windowSeconds * 1_000;
    const values = numbersOf(points, condition.field, at => at >= start);
    const from = condition.operator === 'rises' ? least(values) : -least(values.map(value => -value));
    if (own === from) return 0;
    return condition.operator === 'rises' ? Number(own) - from : from - Number(own);
  }
  if (condition.aggregation === undefined || condition.windowSeconds === undefined) return own;
  const start = time - condition.windowSeconds * 1_000;
  const values = numbersOf(points, condition.field, at => at > start);
  switch (condition.aggregation) {
    case 'count':
      return values.length;
    case 'min':
      return least(values);
    case 'max':
      return -least(values.map(value => -value));
    case 'sum':
      return exactSum(values);
    case 'avg':
      return exactSum(values) / values.length;
  }
}

function numbersOf(points: readonly Point[], field: string, isIn: (time: number) => boolean): number[] {
  return points
    .filter(({ time, values }) => isIn(time) && values[field] !== undefined)
    .map(({ values }) => Number(values[field]));
}

function least(values: readonly number[]): number {
  return values.reduce((left, right) => (right < left ? right : left));
}

function holds(
  condition: Exclude<PointCondition, { readonly operator: 'and' | 'or' }>,
  value: Scalar,
): boolean {
  if ('low' in condition) {
    const isWithin = Number(value) >= condition.low && Number(value) <= condition.high;
    return condition.operator === 'between' ? isWithin : !isWithin;
  }
  const bound = condition.value;
  switch ('comparator' in condition ? condition.comparator : condition.operator) {
    case 'gt':
      return value > bound;
    case 'gte':
      return value >= bound;
    case 'lt':
      return value < bound;
    case 'lte':
      return value <= bound;
    case 'eq':
      return value === bound;
    case 'ne':
      return value !== bound;
  }
}
