/** What a sentence says of its field, up to the value: "is not greater than", "drops by at least". */
import type { WindowAggregation } from '../condition.js';
import { numberAt } from './numbers.js';
import type { Token } from './tokens.js';
import {
  ADVERBS,
  AGGREGATING_VERBS,
  CHANGES,
  COPULAS,
  NEGATED_COPULAS,
  NEGATED_VERBS,
  NEGATIONS,
  OPPOSITES,
  TESTS,
  type Test,
  VERBS,
} from './vocabulary.js';

interface TestPredicate {
  readonly kind: 'test';
  readonly test: Test;
  /** Of a verb such as "averages". */
  readonly aggregation: WindowAggregation | undefined;
  /** Only "is", so that any text may follow. */
  readonly isBare: boolean;
  readonly end: number;
}

interface ChangePredicate {
  readonly kind: 'change';
  readonly operator: 'rises' | 'falls';
  /** undefined where it is said in a way that changes are not tested by. */
  readonly comparator: 'gt' | 'gte' | undefined;
  readonly end: number;
}

/** A verb after which nothing is compared: "goes", "drops". */
interface UnfinishedPredicate {
  readonly kind: 'unfinished';
  readonly end: number;
}

export type Predicate = TestPredicate | ChangePredicate | UnfinishedPredicate;

interface Verbs {
  readonly hasVerb: boolean;
  readonly isCopula: boolean;
  readonly isNegated: boolean;
  readonly aggregation: WindowAggregation | undefined;
  readonly end: number;
}

/** The longest at a token; undefined where none begins. */
export function predicateAt(tokens: readonly Token[], at: number): Predicate | undefined {
  const verbs = verbsAt(tokens, at);
  const { end, isNegated, aggregation } = verbs;
  const test = TESTS.at(tokens, end);
  if (test !== undefined) return testOf(verbs, test.meaning, test.end);
  const change = CHANGES.at(tokens, end);
  if (change !== undefined) {
    const predicate = changeAt(tokens, change.end, change.meaning);
    const isPlain = !isNegated && aggregation === undefined;
    if (predicate !== undefined && (predicate.kind === 'test' || isPlain)) {
      return predicate.kind === 'test' ? testOf(verbs, predicate.test, predicate.end) : predicate;
    }
    if (!verbs.isCopula) return { kind: 'unfinished', end: change.end };
  }
  if (verbs.isCopula) return { ...testOf(verbs, 'eq', end), isBare: true };
  return verbs.hasVerb ? { kind: 'unfinished', end } : undefined;
}

function testOf({ isNegated, aggregation }: Verbs, test: Test, end: number): TestPredicate {
  return { kind: 'test', test: isNegated ? OPPOSITES[test] : test, aggregation, isBare: false, end };
}

function verbsAt(tokens: readonly Token[], at: number): Verbs {
  let hasVerb = false;
  let isCopula = false;
  let isNegated = false;
  let aggregation: WindowAggregation | undefined;
  let end = at;
  for (;;) {
    const copula = COPULAS.at(tokens, end) ?? NEGATED_COPULAS.at(tokens, end);
    const verb = VERBS.at(tokens, end) ?? NEGATED_VERBS.at(tokens, end);
    const negation = NEGATIONS.at(tokens, end);
    const aggregating = AGGREGATING_VERBS.at(tokens, end);
    const match =
      CHANGES.at(tokens, end) === undefined ? (copula ?? verb ?? negation ?? aggregating) : copula;
    if (match === undefined) {
      const adverb = ADVERBS.at(tokens, end);
      if (adverb === undefined) return { hasVerb, isCopula, isNegated, aggregation, end };
      end = adverb.end;
      continue;
    }
    if (negation !== undefined || isNegatedVerb(tokens, end)) isNegated = !isNegated;
    // "battery not 0" needs no verb.
    if (copula !== undefined || (negation !== undefined && !hasVerb)) isCopula = true;
    hasVerb ||= negation === undefined;
    if (aggregating !== undefined) aggregation = aggregating.meaning;
    end = match.end;
  }
}

function isNegatedVerb(tokens: readonly Token[], at: number): boolean {
  return NEGATED_COPULAS.at(tokens, at) !== undefined || NEGATED_VERBS.at(tokens, at) !== undefined;
}

/** After "rises": "by more than", "more than", a number; or "to", "above", which only say where it has got to. */
function changeAt(tokens: readonly Token[], at: number, operator: 'rises' | 'falls'): Predicate | undefined {
  const { key } = tokens[at];
  if (key === 'to') return testOf(NO_VERBS, operator === 'rises' ? 'gte' : 'lte', at + 1);
  if (key === 'by') {
    const test = TESTS.at(tokens, at + 1);
    if (test === undefined) return { kind: 'change', operator, comparator: 'gte', end: at + 1 };
    return { kind: 'change', operator, comparator: comparatorOf(test.meaning), end: test.end };
  }
  if (numberAt(tokens, at) !== undefined) return { kind: 'change', operator, comparator: 'gte', end: at };
  const test = TESTS.at(tokens, at);
  if (test === undefined) return undefined;
  if (key === 'more' || (key === 'at' && test.meaning === 'gte' && tokens[at + 1].key === 'least')) {
    return { kind: 'change', operator, comparator: comparatorOf(test.meaning), end: test.end };
  }
  return testOf(NO_VERBS, test.meaning, test.end);
}

const NO_VERBS: Verbs = { hasVerb: false, isCopula: false, isNegated: false, aggregation: undefined, end: 0 };

function comparatorOf(test: Test): 'gt' | 'gte' | undefined {
  return test === 'gt' || test === 'gte' ? test : undefined;
}
