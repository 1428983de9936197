/** Phrases of the vocabulary, each with what it means. */
import type { Token } from './tokens.js';

export interface Match<Meaning> {
  readonly meaning: Meaning;
  /** Position of the token after it. */
  readonly end: number;
}

interface Phrase<Meaning> {
  readonly words: readonly string[];
  readonly meaning: Meaning;
}

/** Articles before a field, introductions of a sentence: "alert me if the average of the current value of …" has five. */
export const SKIPPED_MAX = 8;

export class Phrases<Meaning> {
  /** By first word, the longest first. */
  readonly #phrases = new Map<string, Phrase<Meaning>[]>();
  readonly words: ReadonlySet<string>;

  /** Phrases of one meaning are separated by commas. */
  constructor(meanings: readonly (readonly [Meaning, string])[]) {
    const all = new Set<string>();
    for (const [meaning, texts] of meanings) {
      for (const text of texts.split(',')) {
        const words = text.trim().split(/\s+/);
        for (const word of words) all.add(word);
        const alike = this.#phrases.get(words[0]) ?? [];
        alike.push({ words, meaning });
        this.#phrases.set(words[0], alike);
      }
    }
    for (const alike of this.#phrases.values())
      alike.sort((left, right) => right.words.length - left.words.length);
    this.words = all;
  }

  /** The longest that begins at a token. */
  at(tokens: readonly Token[], at: number): Match<Meaning> | undefined {
    for (const { words, meaning } of this.#phrases.get(tokens[at].key) ?? []) {
      // The last token has no word, so that none is looked at beyond it.
      if (words.every((word, index) => tokens[at + index]?.key === word))
        return { meaning, end: at + words.length };
    }
    return undefined;
  }

  /** Of a phrase of one word. */
  meaningOf(word: string): Meaning | undefined {
    return this.#phrases.get(word)?.find(({ words }) => words.length === 1)?.meaning;
  }

  /** The token after a few of them: nobody says more, and a look ahead from each word has to have an end. */
  skip(tokens: readonly Token[], at: number): number {
    let end = at;
    for (let count = 0; count < SKIPPED_MAX; count++) {
      const match = this.at(tokens, end);
      if (match === undefined) break;
      end = match.end;
    }
    return end;
  }
}

/** Words that are only passed over. */
export function wordsOf(...texts: readonly string[]): Phrases<true> {
  return new Phrases(texts.map(text => [true, text]));
}
