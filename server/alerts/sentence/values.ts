/** What a field is compared with, by its type. */
import type { FieldType } from '../../../engine/batch.js';
import type { Comparator } from '../condition.js';
import { numberAt, readUnit } from './numbers.js';
import type { Sentence } from './sentence.js';
import { BOOLEANS, NUMBER_WORDS, RANGE_WORDS, TESTS, TEXT_ENDS, type Test } from './vocabulary.js';

export interface Measure {
  readonly value: number;
  readonly unit?: string;
}

export interface Range {
  readonly low: number;
  readonly high: number;
  readonly unit?: string;
}

/** Reads a number and its unit. @throws ConditionError */
export function readMeasure(sentence: Sentence): Measure {
  const from = sentence.at;
  const read = numberAt(sentence.tokens, from);
  if (read === undefined) return failWithoutNumber(sentence);
  sentence.at = read.end;
  if (!Number.isFinite(read.number)) {
    sentence.fail(`${sentence.quote(from, read.end)} is too large a number`, from, read.end);
  }
  const unit = readUnit(sentence);
  return unit === undefined ? { value: read.number } : { value: read.number, unit };
}

function failWithoutNumber(sentence: Sentence): never {
  const { tokens, at } = sentence;
  const token = tokens[at];
  const after = at > 0 ? `After ${sentence.quote(at - 1)}` : 'Here';
  if (token.kind === 'end') return sentence.fail(`${after} comes a number; the sentence ends`);
  const isOther = sentence.names.meantBy(token.kind === 'text' ? token.content : token.text).length > 0;
  if (isOther) {
    return sentence.fail(
      `${after} comes a number: fields are not compared with another field, ${sentence.quote(at)}`,
    );
  }
  const hint = sentence.hint(at, [...TESTS.words, ...NUMBER_WORDS.words]);
  const field = sentence.about === undefined ? '' : `"${sentence.about}" is compared with numbers: `;
  return sentence.fail(`${field}${sentence.quote(at)} is not a number${hint}`);
}

/** Reads two numbers, of which the unit of either is that of both. @throws ConditionError */
export function readRange(sentence: Sentence): Range {
  const first = readMeasure(sentence);
  const joint = RANGE_WORDS.at(sentence.tokens, sentence.at);
  if (joint === undefined) {
    sentence.fail(
      `A range has two ends, such as "between 10 and 20": here comes "and" or "to", not ${sentence.quote(sentence.at)}`,
    );
  }
  sentence.at = joint.end;
  const from = sentence.at;
  const second = readMeasure(sentence);
  if (first.unit !== undefined && second.unit !== undefined && first.unit !== second.unit) {
    const reason = `Both ends of a range have one unit, not "${first.unit}" and "${second.unit}"`;
    sentence.fail(reason, from, sentence.at);
  }
  const unit = second.unit ?? first.unit;
  const low = Math.min(first.value, second.value);
  const high = Math.max(first.value, second.value);
  return unit === undefined ? { low, high } : { low, high, unit };
}

/** Reads what a text or a boolean field is to be. @throws ConditionError */
export function readScalar(
  sentence: Sentence,
  field: string,
  type: Exclude<FieldType, 'number'>,
  test: Test,
  from: number,
): { readonly operator: Comparator; readonly value: string | boolean } {
  if (test !== 'eq' && test !== 'ne') {
    const comparison = sentence.quote(from, sentence.at);
    const kind = type === 'string' ? 'a string, and strings are' : 'a boolean, and booleans are';
    const use = type === 'string' ? `is "down"` : 'is true';
    const reason = `"${field}" is ${kind} only equal or not: say ${use} instead of ${comparison}`;
    sentence.fail(reason, from, sentence.at);
  }
  return type === 'string'
    ? { operator: test, value: readText(sentence, field) }
    : { operator: test, value: readBoolean(sentence, field) };
}

function readBoolean(sentence: Sentence, field: string): boolean {
  const match = BOOLEANS.at(sentence.tokens, sentence.at);
  if (match === undefined) {
    const got = sentence.quote(sentence.at);
    return sentence.fail(`"${field}" is a boolean: it is true or false (on or off, yes or no), not ${got}`);
  }
  sentence.at = match.end;
  return match.meaning;
}

function readText(sentence: Sentence, field: string): string {
  const { tokens, at } = sentence;
  const first = tokens[at];
  if (first.kind === 'text') {
    sentence.at++;
    return first.content;
  }
  if (first.kind === 'number') {
    sentence.fail(
      `"${field}" is a string: it is compared with a text such as "${first.text}" in quotation marks`,
    );
  }
  if (first.kind !== 'word') {
    sentence.fail(`"${field}" is a string: here comes a text such as "down", not ${sentence.quote(at)}`);
  }
  do sentence.at++;
  while (!isEndOfText(sentence));
  return sentence.slice(at, sentence.at);
}

function isEndOfText({ tokens, at }: Sentence): boolean {
  const { kind, text } = tokens[at];
  if (kind === 'end' || kind === 'text' || text === ')' || text === ',') return true;
  const isLast = tokens[at + 1].kind === 'end';
  if (isLast && /^[.!?]$/.test(text)) return true;
  return TEXT_ENDS.some(phrases => phrases.at(tokens, at) !== undefined);
}
