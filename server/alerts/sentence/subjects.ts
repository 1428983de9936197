/** What a sentence speaks of: a field, or an aggregation of one over a time. */
import type { WindowAggregation } from '../condition.js';
import { checkDuration, type Duration, durationAt } from './durations.js';
import { SKIPPED_MAX } from './phrases.js';
import { predicateAt } from './predicates.js';
import type { Sentence } from './sentence.js';
import { AGGREGATIONS, ARTICLES, NOUNS, OVER, WITHIN } from './vocabulary.js';

export interface Subject {
  readonly field: string;
  readonly aggregation: WindowAggregation | undefined;
  /** undefined where it is to come after the comparison. */
  readonly windowSeconds: number | undefined;
  /** Where the predicate begins. */
  readonly end: number;
}

/** What follows a name, past nouns such as "level". */
interface Following {
  readonly start: number;
  /** Where the predicate begins, and where its words end. */
  readonly predicate: number;
  readonly end: number;
  readonly window?: Span;
}

/** undefined where a sentence does not go on so after a name that ends there. */
type Follows = (end: number) => Following | undefined;

interface Span extends Duration {
  readonly from: number;
}

interface Found {
  readonly names: readonly string[];
  readonly end: number;
  readonly follows: Following;
}

/** At the next token, past articles; undefined where nothing is spoken of that the source has. @throws ConditionError */
export function readSubject(sentence: Sentence): Subject | undefined {
  const from = sentence.at;
  for (let articles = 0; articles <= SKIPPED_MAX; articles++) {
    const subject = subjectAt(sentence, sentence.at);
    if (subject !== undefined) {
      sentence.at = subject.end;
      sentence.about = subject.field;
      return subject;
    }
    const article = ARTICLES.at(sentence.tokens, sentence.at);
    if (article === undefined) break;
    sentence.at = article.end;
  }
  sentence.at = from;
  return undefined;
}

/** "average temperature over 5 minutes" is that even of a source with an `average_temperature`. */
function subjectAt(sentence: Sentence, at: number): Subject | undefined {
  const aggregated = aggregatedAt(sentence, at);
  if (aggregated?.windowSeconds !== undefined) return aggregated;
  const plain = fieldAt(sentence, at, end => predicateAfter(sentence, end));
  if (plain !== undefined) {
    const field = onlyName(sentence, at, plain);
    return { field, aggregation: undefined, windowSeconds: undefined, end: plain.follows.predicate };
  }
  return aggregated ?? aggregatedAfterAt(sentence, at);
}

/** "average of temperature", with the time before, between or after. */
function aggregatedAt(sentence: Sentence, at: number): Subject | undefined {
  const { tokens } = sentence;
  let window = spanAt(sentence, at);
  let start = window?.end ?? at;
  if (window !== undefined && tokens[start].key === '-') start++;
  const aggregation = AGGREGATIONS.at(tokens, start);
  if (aggregation === undefined) return undefined;
  start = aggregation.end;
  const between = window === undefined ? windowAt(sentence, start) : undefined;
  if (between !== undefined) {
    window = between;
    start = tokens[between.end].key === 'of' ? between.end + 1 : between.end;
  }
  start = ARTICLES.skip(tokens, start);
  const follows = (end: number) =>
    window === undefined
      ? (windowAfter(sentence, end) ?? predicateAfter(sentence, end))
      : predicateAfter(sentence, end);
  const found = fieldAt(sentence, start, follows);
  if (found === undefined) return undefined;
  return {
    field: onlyName(sentence, start, found),
    aggregation: aggregation.meaning,
    windowSeconds: secondsOf(sentence, window ?? found.follows.window),
    end: found.follows.predicate,
  };
}

/** "temperature average over 5 minutes". */
function aggregatedAfterAt(sentence: Sentence, at: number): Subject | undefined {
  let aggregation: WindowAggregation | undefined;
  const found = fieldAt(sentence, at, end => {
    const match = AGGREGATIONS.at(sentence.tokens, end);
    if (match === undefined) return undefined;
    const follows = windowAfter(sentence, match.end) ?? predicateAfter(sentence, match.end);
    if (follows !== undefined) aggregation = match.meaning;
    return follows;
  });
  if (found === undefined) return undefined;
  return {
    field: onlyName(sentence, at, found),
    aggregation,
    windowSeconds: secondsOf(sentence, found.follows.window),
    end: found.follows.predicate,
  };
}

function predicateAfter(sentence: Sentence, at: number): Following | undefined {
  for (let start = at; ; ) {
    const predicate = predicateAt(sentence.tokens, start);
    if (predicate !== undefined) return { start, predicate: start, end: predicate.end };
    const noun = NOUNS.at(sentence.tokens, start);
    if (noun === undefined) return undefined;
    start = noun.end;
  }
}

function windowAfter(sentence: Sentence, at: number): Following | undefined {
  const start = NOUNS.skip(sentence.tokens, at);
  const window = windowAt(sentence, start);
  const follows = window && predicateAfter(sentence, window.end);
  return follows && { ...follows, start, window };
}

function windowAt(sentence: Sentence, at: number): Span | undefined {
  const over = OVER.at(sentence.tokens, at);
  return over && spanAt(sentence, over.end);
}

function spanAt(sentence: Sentence, at: number): Span | undefined {
  const duration = durationAt(sentence.tokens, at);
  return duration && { ...duration, from: at };
}

function secondsOf(sentence: Sentence, span: Span | undefined): number | undefined {
  return span && checkDuration(sentence, span.from, span);
}

/**
 * The field whose name begins at a token: of those after which the sentence goes on as it should, the longest, unless
 * what it has more than a shorter one is only words of that one's comparison: `a is greater than 1` speaks of `a`, even
 * if there is an `a_is`. That one has to be quoted.
 */
function fieldAt(sentence: Sentence, at: number, follows: Follows): Found | undefined {
  const { tokens, names } = sentence;
  if (tokens[at].kind === 'text') {
    const after = follows(at + 1);
    const meant = names.meantBy(tokens[at].content);
    return after !== undefined && meant.length > 0
      ? { names: meant, end: at + 1, follows: after }
      : undefined;
  }
  let found: Found | undefined;
  for (let end = at + 1; end < tokens.length && tokens[end - 1].kind !== 'text'; end++) {
    const text = sentence.slice(at, end);
    if (names.isTooLong(text)) break;
    const meant = names.meantBy(text);
    if (meant.length === 0) continue;
    const after = follows(end);
    const isOnlyPredicate =
      found !== undefined && found.follows.start === found.end && found.follows.end >= end;
    if (after === undefined || isOnlyPredicate) continue;
    found = { names: meant, end, follows: after };
  }
  return found;
}

function onlyName(sentence: Sentence, at: number, { names, end }: Found): string {
  if (names.length === 1) return names[0];
  const listed = names.map(name => `"${name}"`).join(' and ');
  return sentence.fail(
    `${sentence.quote(at, end)} can be ${listed}; write the one that is meant exactly so`,
    at,
    end,
  );
}

/** Reads the time over which something is measured, if it comes next. @throws ConditionError where it is no good time */
export function readWindow(sentence: Sentence): number | undefined {
  const within = WITHIN.at(sentence.tokens, sentence.at);
  const span = within && spanAt(sentence, within.end);
  if (span === undefined) return undefined;
  sentence.at = span.end;
  return secondsOf(sentence, span);
}
