/**
 * Whole sentences, by recursive descent:
 *
 *     sentence    = [ lead ] ( silence | alternative [ "for" time ] ) [ trailer ] [ "." ]
 *     alternative = conjunction { "or" conjunction }
 *     conjunction = primary { "and" primary }
 *     primary     = "(" alternative ")" | comparison
 *
 * "and" binds tighter. A time after "for" is of the whole: `a > 1 and b < 2 for 5 minutes` has to be met as a whole for
 * so long. Parts have none: whether they were met for as long at different times is not what anybody asks.
 */
import { CONDITION_DEPTH_MAX } from '../../limits.js';
import type { Combination, Condition, PointCondition } from '../condition.js';
import { Comparisons } from './comparisons.js';
import { durationAt, readDuration } from './durations.js';
import { nearest } from './nearest.js';
import { SKIPPED_MAX } from './phrases.js';
import type { Sentence } from './sentence.js';
import { readSilence, silenceAt } from './silence.js';
import { readSubject } from './subjects.js';
import { AND, ARTICLES, FOR, LEADS, OR, TRAILERS, WITHIN } from './vocabulary.js';

/** @throws ConditionError */
export function readSentence(sentence: Sentence): Condition {
  skipLeads(sentence);
  if (sentence.peek().kind === 'end') {
    sentence.fail(
      sentence.tokens.length === 1
        ? 'The condition is empty'
        : 'After that comes a condition; the sentence ends',
    );
  }
  const condition = readSilent(sentence) ?? readLasting(sentence);
  skipTrailers(sentence);
  if (sentence.peek().kind !== 'end') failWithRest(sentence, condition);
  return condition;
}

/** A source may have fields named as the words with which sentences begin. */
function skipLeads(sentence: Sentence): void {
  for (let leads = 0; leads < SKIPPED_MAX; leads++) {
    const lead = LEADS.at(sentence.tokens, sentence.at);
    if (lead === undefined || startsWithField(sentence)) return;
    sentence.at = sentence.tokens[lead.end].text === ',' ? lead.end + 1 : lead.end;
  }
}

function startsWithField(sentence: Sentence): boolean {
  const { at } = sentence;
  const subject = readSubject(sentence);
  sentence.at = at;
  return subject !== undefined;
}

function readSilent(sentence: Sentence): Condition | undefined {
  const from = ARTICLES.skip(sentence.tokens, sentence.at);
  const end = silenceAt(sentence.tokens, from);
  if (end === undefined || startsWithField(sentence)) return undefined;
  sentence.at = from;
  return { operator: 'no_data', durationSeconds: readSilence(sentence, end) };
}

function readLasting(sentence: Sentence): PointCondition {
  const condition = readAlternative(sentence, new Comparisons(sentence), 0);
  const lasting = FOR.at(sentence.tokens, afterComma(sentence));
  if (lasting === undefined) return condition;
  sentence.at = lasting.end;
  return { ...condition, durationSeconds: readDuration(sentence) };
}

function readAlternative(sentence: Sentence, comparisons: Comparisons, depth: number): PointCondition {
  return readCombination(sentence, 'or', () =>
    readCombination(sentence, 'and', () => readPrimary(sentence, comparisons, depth)),
  );
}

function readCombination(
  sentence: Sentence,
  operator: Combination['operator'],
  readPart: () => PointCondition,
): PointCondition {
  const joint = operator === 'and' ? AND : OR;
  const first = readPart();
  const conditions = partsOf(first, operator);
  let count = 1;
  for (;;) {
    const match = joint.at(sentence.tokens, afterComma(sentence));
    if (match === undefined) break;
    sentence.at = match.end;
    conditions.push(...partsOf(readPart(), operator));
    count++;
  }
  return count === 1 ? first : { operator, conditions };
}

/** `(a and b) and c` is one combination of three. */
function partsOf(condition: PointCondition, operator: Combination['operator']): PointCondition[] {
  return 'conditions' in condition && condition.operator === operator
    ? [...condition.conditions]
    : [condition];
}

function readPrimary(sentence: Sentence, comparisons: Comparisons, depth: number): PointCondition {
  if (sentence.peek().text !== '(' || startsWithField(sentence)) return comparisons.read();
  if (depth === CONDITION_DEPTH_MAX) {
    sentence.fail(`Parentheses are at most ${CONDITION_DEPTH_MAX} in each other`);
  }
  const from = sentence.at++;
  const condition = readAlternative(sentence, comparisons, depth + 1);
  if (sentence.peek().text === ')') {
    sentence.at++;
    return condition;
  }
  if (sentence.peek().kind === 'end') sentence.fail('This parenthesis is not closed', from);
  return failWithRest(sentence, condition);
}

/** A comma before a word that joins changes nothing. */
function afterComma(sentence: Sentence): number {
  return sentence.peek().text === ',' ? sentence.at + 1 : sentence.at;
}

function skipTrailers(sentence: Sentence): void {
  const { tokens } = sentence;
  const start = afterComma(sentence);
  const end = TRAILERS.skip(tokens, start);
  if (end > start) sentence.at = end;
  if (/^[.!?]$/.test(sentence.peek().text) && sentence.peek(1).kind === 'end') sentence.at++;
}

/** @throws ConditionError */
function failWithRest(sentence: Sentence, condition: Condition): never {
  const { tokens, at } = sentence;
  const rest = sentence.quote(at);
  if (tokens[at].text === ')') return sentence.fail('This parenthesis was not opened');
  if (condition.operator === 'no_data') {
    return sentence.fail(`${rest} is too much: silence of the source stands alone in a condition`);
  }
  if (FOR.at(tokens, at) !== undefined || condition.durationSeconds !== undefined) {
    return sentence.fail(
      `${rest} is not understood: a time is of the whole condition, and stands at its end`,
    );
  }
  const within = WITHIN.at(tokens, at);
  if (within !== undefined && durationAt(tokens, within.end) !== undefined) {
    return sentence.fail(
      `${rest} is not understood: say "for" where a comparison has to last, or "average … over" to compare an average`,
    );
  }
  const unit = tokens[at - 1];
  const isUnit = unit.kind === 'word' && tokens[at - 2]?.kind === 'number' && tokens[at - 2].end < unit.start;
  // What was taken for a unit was a word mistyped.
  const ahead = isUnit ? nearest(unit.key, JOINTS) : undefined;
  if (ahead !== undefined) {
    return sentence.fail(`${sentence.quote(at - 1)} is not understood; did you mean "${ahead}"?`, at - 1);
  }
  const hint = sentence.hint(at, JOINTS);
  return sentence.fail(
    `${rest} is not understood: a condition ends, or goes on with "and", "or" or "for 5 minutes"${hint}`,
  );
}

const JOINTS = ['for', 'and', 'or', 'in', 'over'];
