/** Numbers in sentences, with the unit that follows them. */
import type { Sentence } from './sentence.js';
import type { Token } from './tokens.js';
import { CONNECTIVES, MINUS, MULTIPLIERS, NUMBER_WORDS, TEXT_ENDS, UNIT_SCALES } from './vocabulary.js';

export interface ReadNumber {
  readonly number: number;
  readonly end: number;
}

/** Digits or words; undefined where there is no number. May be infinite. */
export function numberAt(tokens: readonly Token[], at: number): ReadNumber | undefined {
  const minus = MINUS.at(tokens, at);
  if (minus !== undefined) {
    const positive = numberAt(tokens, minus.end);
    return positive && positive.number > 0 ? { ...positive, number: -positive.number } : undefined;
  }
  let { number } = tokens[at];
  let end = at + 1;
  if (tokens[at].kind !== 'number') {
    const word = NUMBER_WORDS.at(tokens, at);
    if (word === undefined) return undefined;
    number = word.meaning;
    end = word.end;
  }
  for (let times = MULTIPLIERS.at(tokens, end); times !== undefined; times = MULTIPLIERS.at(tokens, end)) {
    number *= times.meaning;
    end = times.end;
  }
  return { number, end };
}

/** Signs that are no part of a unit. */
const STRUCTURE = new Set([...'(),.!?<>=≥≤≠≥&|-–—−+*;:"\'{}[]…', '..', '>=', '<=', '==', '!=', '<>']);

/**
 * Reads the unit at the next token: what is written next to the number, or a word that says nothing else. Undefined
 * where there is none.
 */
export function readUnit(sentence: Sentence): string | undefined {
  const first = sentence.peek();
  const isNext = sentence.at > 0 && sentence.tokens[sentence.at - 1].end === first.start;
  if (!isOfUnit(first)) return undefined;
  if (!isNext && isConnective(sentence, first)) return undefined;
  const from = sentence.at;
  if (isNext) refuseOtherNotations(sentence, first);
  skipAdjacent(sentence);
  const words = [sentence.slice(from, sentence.at)];
  const follows = sentence.peek();
  if (/^degrees?$/i.test(words[0]) && UNIT_SCALES.at(sentence.tokens, sentence.at) !== undefined) {
    words.push(follows.text);
    sentence.at++;
  }
  const second = sentence.peek(1);
  if (sentence.peek().key === 'per' && isOfUnit(second) && !CONNECTIVES.has(second.key)) {
    words.push(sentence.peek().text, second.text);
    sentence.at += 2;
  } else if (
    words[0].toLowerCase() === 'per' &&
    isOfUnit(sentence.peek()) &&
    !CONNECTIVES.has(sentence.peek().key)
  ) {
    words.push(sentence.peek().text);
    sentence.at++;
  }
  return words.join(' ');
}

function isOfUnit({ kind, text }: Token): boolean {
  return kind === 'word' || (kind === 'sign' && !STRUCTURE.has(text));
}

function isConnective(sentence: Sentence, token: Token): boolean {
  return CONNECTIVES.has(token.key) || TEXT_ENDS.some(phrases => phrases.at(sentence.tokens, sentence.at));
}

function skipAdjacent(sentence: Sentence): void {
  do sentence.at++;
  while (
    sentence.tokens[sentence.at - 1].end === sentence.peek().start &&
    (isOfUnit(sentence.peek()) || sentence.peek().kind === 'number')
  );
}

/** `0x1F`, `1_000`: nobody's units, and taken for them they would be other numbers. */
function refuseOtherNotations(sentence: Sentence, { text }: Token): void {
  if (/^(?:_|x[0-9a-f]+$)/i.test(text)) {
    const from = sentence.at - 1;
    const written = sentence.quote(from, sentence.at + 1);
    sentence.fail(
      `${written} is no number that is understood here; write it in decimal digits`,
      from,
      sentence.at + 1,
    );
  }
}
