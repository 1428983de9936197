/** One comparison of a sentence: a subject, a predicate and what it is compared with. */
import { CONDITION_PARTS_MAX } from '../../limits.js';
import type { ChangeTest, Comparator, Comparison, RangeTest, WindowAggregation } from '../condition.js';
import { numberAt } from './numbers.js';
import { type Predicate, predicateAt } from './predicates.js';
import type { Sentence } from './sentence.js';
import { silenceAt } from './silence.js';
import { readSubject, readWindow, type Subject } from './subjects.js';
import { readMeasure, readRange, readScalar } from './values.js';
import { ABSENCES, ARTICLES, OR_BEYOND, TESTS, VERBS } from './vocabulary.js';

type Part = Comparison | RangeTest | ChangeTest;

/** Words that an unknown field is not searched beyond. */
const UNKNOWN_WORDS_MAX = 8;

const FIGURES: Readonly<Record<WindowAggregation, string>> = {
  avg: 'An average',
  min: 'A minimum',
  max: 'A maximum',
  sum: 'A sum',
  count: 'A count',
};

/** Reads comparisons, and knows what the last one was of: "temperature is below 10 or above 30" says it once. */
export class Comparisons {
  readonly #sentence: Sentence;
  #last: Omit<Subject, 'end'> | undefined;
  #count = 0;

  constructor(sentence: Sentence) {
    this.#sentence = sentence;
  }

  /** @throws ConditionError */
  read(): Part {
    const sentence = this.#sentence;
    const from = sentence.at;
    const subject = readSubject(sentence) ?? this.#omittedSubject() ?? failWithoutSubject(sentence);
    if (++this.#count > CONDITION_PARTS_MAX) {
      sentence.fail(`A condition has at most ${CONDITION_PARTS_MAX} comparisons`, from);
    }
    sentence.about = subject.field;
    const predicate = predicateAt(sentence.tokens, sentence.at);
    if (predicate === undefined || predicate.kind === 'unfinished') return this.#failUnfinished(predicate);
    const start = sentence.at;
    sentence.at = predicate.end;
    if (predicate.kind === 'change') return this.#change(subject, predicate, start);
    return this.#test(subject, predicate, start);
  }

  /** Where a sentence goes on, or begins, with a predicate. */
  #omittedSubject(): Omit<Subject, 'end'> | undefined {
    const { tokens, at, names } = this.#sentence;
    const predicate = predicateAt(tokens, at);
    if (predicate === undefined || predicate.kind === 'unfinished') return undefined;
    const hasNumber = numberAt(tokens, predicate.end) !== undefined;
    if (this.#last !== undefined) {
      const isText = this.#last.aggregation === undefined && names.types.get(this.#last.field) !== 'number';
      return hasNumber || isText ? this.#last : undefined;
    }
    const numbers = names.ofType('number');
    if (!hasNumber || numbers.length !== 1) return undefined;
    return { field: numbers[0], aggregation: undefined, windowSeconds: undefined };
  }

  #change(
    { field, aggregation }: Omit<Subject, 'end'>,
    { operator, comparator }: Extract<Predicate, { kind: 'change' }>,
    start: number,
  ): ChangeTest {
    const sentence = this.#sentence;
    const said = sentence.quote(start, sentence.at);
    const refuse = (reason: string) => sentence.fail(reason, start, sentence.at);
    if (comparator === undefined) {
      return refuse(`${said} is not understood: a change is "by more than" or "by at least" so much`);
    }
    if (aggregation !== undefined)
      return refuse(`${said} is of the values of a field, not of an aggregation`);
    const type = sentence.names.types.get(field);
    if (type !== 'number') return refuse(`"${field}" is a ${type}: only numbers rise and fall`);
    const from = sentence.at;
    const { value, unit } = readMeasure(sentence);
    if (value <= 0) {
      sentence.fail(
        `A change is more than nothing, not ${sentence.quote(from)}: "falls by 5" is the opposite of "rises by 5"`,
        from,
      );
    }
    const windowSeconds = this.#window('A change takes place within a time');
    this.#last = { field, aggregation: undefined, windowSeconds: undefined };
    return { field, operator, comparator, value, ...(unit !== undefined && { unit }), windowSeconds };
  }

  #test(subject: Omit<Subject, 'end'>, predicate: Extract<Predicate, { kind: 'test' }>, start: number): Part {
    const sentence = this.#sentence;
    const { field } = subject;
    const aggregation = subject.aggregation ?? predicate.aggregation;
    const type = sentence.names.types.get(field);
    if (aggregation === undefined && type !== 'number' && type !== undefined) {
      this.#last = subject;
      return { field, ...readScalar(sentence, field, type, predicate.test, start) };
    }
    if (aggregation !== undefined && aggregation !== 'count' && type !== 'number') {
      const figure = FIGURES[aggregation].toLowerCase();
      sentence.fail(
        `"${field}" is a ${type}: ${figure} is of numbers, only a count is of anything`,
        start,
        sentence.at,
      );
    }
    const tested = this.#tested(predicate);
    if (aggregation === undefined) {
      this.#last = subject;
      return { field, ...tested };
    }
    const windowSeconds =
      subject.windowSeconds ?? this.#window(`${FIGURES[aggregation]} is taken over a time`);
    this.#last = { field, aggregation, windowSeconds };
    return { field, ...tested, aggregation, windowSeconds };
  }

  #tested({ test, isBare }: Extract<Predicate, { kind: 'test' }>) {
    const sentence = this.#sentence;
    if (test === 'between' || test === 'outside') return { operator: test, ...readRange(sentence) };
    const measure = readMeasure(sentence);
    return { operator: this.#beyond(test, isBare), ...measure };
  }

  /** "is 30 or more". */
  #beyond(test: Comparator, isBare: boolean): Comparator {
    const sentence = this.#sentence;
    const beyond = OR_BEYOND.at(sentence.tokens, sentence.at);
    // "is 30 or above 40" is two comparisons.
    if (beyond === undefined || !isBare || numberAt(sentence.tokens, beyond.end) !== undefined) return test;
    if (sentence.tokens[beyond.end].key === 'than') return test;
    const from = sentence.at;
    sentence.at = beyond.end;
    if (test === 'ne')
      sentence.fail(`${sentence.quote(from, beyond.end)} does not go with "not"`, from, beyond.end);
    return beyond.meaning;
  }

  #window(what: string): number {
    const sentence = this.#sentence;
    const window = readWindow(sentence);
    if (window !== undefined) return window;
    return sentence.fail(
      `${what}: go on with one such as "in 10 minutes", not with ${sentence.quote(sentence.at)}`,
    );
  }

  #failUnfinished(predicate: Predicate | undefined): never {
    const sentence = this.#sentence;
    const end = predicate?.end ?? sentence.at;
    const said = predicate === undefined ? `"${sentence.about}"` : sentence.quote(end - 1);
    const hint = sentence.hint(end, [...TESTS.words, 'by']);
    return sentence.fail(
      `After ${said} comes a comparison such as "above", "below" or "by more than", not ${sentence.quote(end)}${hint}`,
      end,
    );
  }
}

/** @throws ConditionError */
function failWithoutSubject(sentence: Sentence): never {
  const { tokens, names } = sentence;
  const from = ARTICLES.skip(tokens, sentence.at);
  const { kind } = tokens[from];
  if (kind === 'end') {
    return sentence.fail('Here comes a comparison such as "is above 30"; the sentence ends', from);
  }
  if (silenceAt(tokens, from) !== undefined) {
    return sentence.fail(
      `${sentence.quote(from)}: silence is of the whole source, and stands alone in a condition`,
      from,
    );
  }
  if (kind === 'number') {
    return sentence.fail(
      `A comparison begins with a field, not with the number ${sentence.quote(from)}`,
      from,
    );
  }
  const predicate = predicateAt(tokens, from);
  if (predicate !== undefined && numberAt(tokens, predicate.end) !== undefined) {
    const said = sentence.quote(from, predicate.end);
    return sentence.fail(`Of which field? Before ${said} comes the name of one`, from, predicate.end);
  }
  const absence = ABSENCES.at(tokens, from);
  if (absence !== undefined && tokens[absence.end].kind !== 'end') {
    const said = sentence.quote(absence.end);
    return sentence.fail(
      `No ${said} is not understood: silence is of the whole source, as in "no data for 30 minutes"`,
      absence.end,
    );
  }
  return failUnknown(sentence, from, names.types.size === 0);
}

function failUnknown(sentence: Sentence, from: number, isEmpty: boolean): never {
  const { tokens, names } = sentence;
  const first = tokens[from];
  // A known field without a comparison after it.
  const known = longestKnown(sentence, from);
  if (known !== undefined) {
    sentence.about = names.meantBy(first.kind === 'text' ? first.content : sentence.slice(from, known))[0];
    const hint = sentence.hint(known, [...TESTS.words, ...VERBS.words, 'is']);
    return sentence.fail(
      `After the field ${sentence.quote(from, known)} comes a comparison such as "is above", not ${sentence.quote(known)}${hint}`,
      known,
    );
  }
  let to = from + 1;
  while (to < tokens.length - 1 && to - from < UNKNOWN_WORDS_MAX && predicateAt(tokens, to) === undefined)
    to++;
  // Without a comparison there is no telling where the name would end.
  if (predicateAt(tokens, to) === undefined) to = from + 1;
  const word = sentence.slice(from, to);
  const meant = names.nearestTo(first.kind === 'text' ? first.content : word);
  const hint = meant === undefined ? '' : `; did you mean "${meant}"?`;
  if (meant !== undefined) sentence.about = meant;
  const reason = isEmpty
    ? `${sentence.quote(from, to)} is not a field: the source has none before its first point, or its schema`
    : `${sentence.quote(from, to)} is not a field of this source${hint}`;
  return sentence.fail(reason, from, to);
}

/** Position after the longest name of a field at a token. */
function longestKnown(sentence: Sentence, from: number): number | undefined {
  const { tokens, names } = sentence;
  if (tokens[from].kind === 'text')
    return names.meantBy(tokens[from].content).length > 0 ? from + 1 : undefined;
  let known: number | undefined;
  for (let end = from + 1; end < tokens.length && !names.isTooLong(sentence.slice(from, end)); end++) {
    if (names.meantBy(sentence.slice(from, end)).length > 0) known = end;
  }
  return known;
}
