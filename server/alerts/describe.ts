/** Conditions as sentences. */
import type {
  ChangeTest,
  Comparator,
  Comparison,
  Condition,
  PointCondition,
  RangeTest,
  WindowAggregation,
} from './condition.js';
import { CONNECTIVES, RESERVED_WORDS } from './sentence/vocabulary.js';

const COMPARATORS: Readonly<Record<Comparator, string>> = {
  gt: 'is greater than',
  gte: 'is at least',
  lt: 'is less than',
  lte: 'is at most',
  eq: 'is equal to',
  ne: 'is not equal to',
};

const AGGREGATIONS: Readonly<Record<WindowAggregation, string>> = {
  avg: 'average of',
  min: 'minimum of',
  max: 'maximum of',
  sum: 'sum of',
  count: 'count of',
};

const TIME_UNITS = [
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
] as const;

/** The sentence of a condition, of which `parseCondition` with the source's fields makes the same condition. */
export function describeCondition(condition: Condition): string {
  if (condition.operator === 'no_data') return `no data for ${timeText(condition.durationSeconds)}`;
  const text = pointText(condition);
  const { durationSeconds } = condition;
  return durationSeconds === undefined ? text : `${text} for ${timeText(durationSeconds)}`;
}

function pointText(condition: PointCondition): string {
  if ('conditions' in condition) {
    const parts = condition.conditions.map(part =>
      'conditions' in part ? `(${pointText(part)})` : pointText(part),
    );
    return parts.join(` ${condition.operator} `);
  }
  if ('comparator' in condition) return changeText(condition);
  return `${subjectText(condition)} ${testText(condition)}`;
}

function changeText({ field, operator, comparator, value, unit, windowSeconds }: ChangeTest): string {
  const by = comparator === 'gt' ? 'by more than' : 'by at least';
  return `${nameText(field)} ${operator} ${by} ${measureText(value, unit)} in ${timeText(windowSeconds)}`;
}

function subjectText({ field, aggregation, windowSeconds }: Comparison | RangeTest): string {
  if (aggregation === undefined || windowSeconds === undefined) return nameText(field);
  return `${AGGREGATIONS[aggregation]} ${nameText(field)} over ${timeText(windowSeconds)}`;
}

function testText(condition: Comparison | RangeTest): string {
  if ('low' in condition) {
    const { operator, low, high, unit } = condition;
    return `is ${operator} ${low} ${operator === 'between' ? 'and' : 'to'} ${measureText(high, unit)}`;
  }
  const { operator, value, unit } = condition;
  if (typeof value === 'number') return `${COMPARATORS[operator]} ${measureText(value, unit)}`;
  const verb = operator === 'ne' ? 'is not' : 'is';
  return `${verb} ${typeof value === 'string' ? quoted(value) : value}`;
}

/** A unit that begins with a sign, or with a word that would be taken for one of the sentence, stands at its number. */
function measureText(value: number, unit: string | undefined): string {
  if (unit === undefined) return `${value}`;
  const isWord = /^\p{L}/u.test(unit) && !CONNECTIVES.has(unit.toLowerCase());
  return isWord ? `${value} ${unit}` : `${value}${unit}`;
}

/** In quotation marks where it is not one word that means nothing else. */
function nameText(name: string): string {
  const isWord = /^[\p{L}_][\p{L}\p{N}\p{M}_]*$/u.test(name) && /[\p{L}\p{N}]/u.test(name);
  return isWord && !RESERVED_WORDS.has(name.toLowerCase()) ? name : quoted(name);
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/** In the largest unit of which it is a whole number. */
function timeText(seconds: number): string {
  const [size, unit] = TIME_UNITS.find(([size]) => seconds % size === 0) ?? [1, 'second'];
  const count = seconds / size;
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
