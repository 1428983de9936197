/** A sentence that is being read: its tokens, the fields it may speak of, and how it is refused. */
import { CONDITION_CHARACTERS_MAX, ECHO_CHARACTERS_MAX } from '../../limits.js';
import { ConditionError } from '../condition-error.js';
import { exampleSentences } from './examples.js';
import type { FieldNames } from './field-names.js';
import { nearest } from './nearest.js';
import { type Token, tokensOf, UnclosedQuoteError } from './tokens.js';
import { RESERVED_WORDS } from './vocabulary.js';

/** Fields that a refusal names. */
const NAMED_FIELDS_MAX = 20;

export class Sentence {
  readonly text: string;
  readonly names: FieldNames;
  readonly tokens: readonly Token[];
  /** Position of the next token. */
  at = 0;
  /** The field that was read last. */
  about: string | undefined;

  /** @throws ConditionError where it is too long, or has no end of a quotation */
  constructor(text: string, names: FieldNames) {
    this.text = text;
    this.names = names;
    if (text.length > CONDITION_CHARACTERS_MAX) {
      const reason = `A condition has at most ${CONDITION_CHARACTERS_MAX} characters, this one has ${text.length}`;
      throw this.#error(reason, CONDITION_CHARACTERS_MAX, text.length);
    }
    this.tokens = this.#cut();
  }

  /** The token to be read next, or one so many after it. */
  peek(ahead = 0): Token {
    return this.tokens[Math.min(this.at + ahead, this.tokens.length - 1)];
  }

  /** Text of the tokens in `[from, to)`, as written. */
  slice(from: number, to: number): string {
    return to > from ? this.text.slice(this.tokens[from].start, this.tokens[to - 1].end) : '';
  }

  /** The same for a message: short, and in quotation marks. */
  quote(from: number, to = from + 1): string {
    const text = this.slice(from, to);
    if (text === '') return 'the end of the sentence';
    if (text[0] === '"' && text.length <= ECHO_CHARACTERS_MAX) return text;
    return `"${text.length > ECHO_CHARACTERS_MAX ? `${text.slice(0, ECHO_CHARACTERS_MAX)}…` : text}"`;
  }

  /** What may have been meant by a token, to be added to a refusal; nothing where it is a word of the grammar. */
  hint(at: number, candidates: Iterable<string>): string {
    const { kind, key } = this.tokens[at];
    const meant = kind === 'word' && !RESERVED_WORDS.has(key) ? nearest(key, candidates) : undefined;
    return meant === undefined ? '' : `; did you mean "${meant}"?`;
  }

  /** Refuses the tokens in `[from, to)`. @throws ConditionError */
  fail(reason: string, from = this.at, to = from + 1): never {
    const end = Math.max(from, Math.min(to, this.tokens.length) - 1);
    throw this.#error(reason, this.tokens[from].start, this.tokens[end].end);
  }

  #error(reason: string, start: number, end: number): ConditionError {
    const word = this.text.slice(start, Math.min(end, start + ECHO_CHARACTERS_MAX));
    // A character may take two units of UTF-16.
    const position = Array.from(this.text.slice(0, start)).length + 1;
    return new ConditionError(
      reason,
      word,
      position,
      fieldsText(this.names),
      exampleSentences(this.names, this.about),
    );
  }

  #cut(): readonly Token[] {
    try {
      return tokensOf(this.text);
    } catch (error) {
      if (!(error instanceof UnclosedQuoteError)) throw error;
      const reason = `The quotation that begins at character ${error.start + 1} has no end`;
      throw this.#error(reason, error.start, this.text.length);
    }
  }
}

function fieldsText({ types }: FieldNames): string {
  if (types.size === 0) return 'The source has no fields yet';
  const named = Array.from(types, ([name, type]) => `${name} (${type})`).slice(0, NAMED_FIELDS_MAX);
  const more = types.size - named.length;
  return `The source has the fields ${named.join(', ')}${more > 0 ? `, and ${more} more` : ''}`;
}
