/** Sentences cut into words, numbers, quoted texts and signs. */

export interface Token {
  readonly kind: 'word' | 'number' | 'text' | 'sign' | 'end';
  /** As written. */
  readonly text: string;
  /** What it is compared with the vocabulary by: lower case. A quoted text has none, it is never a word of the grammar. */
  readonly key: string;
  /** Of the sentence, in units of UTF-16. */
  readonly start: number;
  readonly end: number;
  /** Of a number; may be infinite. */
  readonly number: number;
  /** Of a quoted text, without its quotation marks. */
  readonly content: string;
}

/** A quotation mark that is opened only. */
export class UnclosedQuoteError extends Error {
  readonly start: number;

  constructor(start: number) {
    super('A quotation mark is not closed');
    this.start = start;
  }
}

const SPACE = /\s+/y;
const NUMBER =
  /([+\-−]?)((?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+)(e[+-]\d+|e\d+(?![\p{L}\p{N}\p{M}_]))?/iuy;
/** Apostrophes between letters belong to the word: isn't. */
const WORD = /[\p{L}\p{N}\p{M}_]+(?:['’]\p{L}+)*/uy;
const SIGN = />=|<=|=>|=<|===?|!==?|<>|&&|\|\||\.\.\.?|./suy;

const CLOSING: Readonly<Record<string, string>> = { '"': '"', "'": "'", '“': '”', '‘': '’', '`': '`' };

/** What a sign or a point may follow to begin a number: in `10-20` and `pm2.5` they do not. */
const BEFORE_NUMBER = /[\s(<>=!≥≤≠,]/;

/** @throws UnclosedQuoteError */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const space = matchAt(SPACE, text, at);
    if (space !== undefined) {
      at += space[0].length;
      continue;
    }
    const token = quotedAt(text, at) ?? numberAt(text, at) ?? wordAt(text, at) ?? signAt(text, at);
    tokens.push(token);
    at = token.end;
  }
  tokens.push(tokenOf('end', '', '', text.length));
  return tokens;
}

function tokenOf(
  kind: Token['kind'],
  text: string,
  key: string,
  start: number,
  { number = Number.NaN, content = '' } = {},
): Token {
  return { kind, text, key, start, end: start + text.length, number, content };
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

/** A backslash takes the meaning from a quotation mark and from a backslash, and is itself before anything else. */
function quotedAt(text: string, start: number): Token | undefined {
  const closing = CLOSING[text[start]];
  if (closing === undefined) return undefined;
  let content = '';
  for (let at = start + 1; at < text.length; at++) {
    const next = text[at + 1];
    if (text[at] === '\\' && (next === closing || next === '\\')) {
      content += next;
      at++;
    } else if (text[at] === closing) {
      return tokenOf('text', text.slice(start, at + 1), '', start, { content });
    } else content += text[at];
  }
  throw new UnclosedQuoteError(start);
}

function numberAt(text: string, start: number): Token | undefined {
  const isLead = start === 0 || BEFORE_NUMBER.test(text[start - 1]);
  if (!isLead && !isDigit(text[start])) return undefined;
  const match = matchAt(NUMBER, text, start);
  if (match === undefined) return undefined;
  const [written, sign, digits, exponent = ''] = match;
  const size = Number(digits.replaceAll(',', '') + exponent);
  // Zero has no sign here: nobody means to tell them apart.
  const number = size === 0 || sign === '' || sign === '+' ? size : -size;
  return tokenOf('number', written, written, start, { number });
}

function isDigit(character: string): boolean {
  return character >= '0' && character <= '9';
}

function wordAt(text: string, start: number): Token | undefined {
  const match = matchAt(WORD, text, start);
  return match && tokenOf('word', match[0], match[0].toLowerCase().replaceAll('’', "'"), start);
}

function signAt(text: string, start: number): Token {
  // The last alternative takes any character.
  const [sign] = matchAt(SIGN, text, start) as RegExpExecArray;
  return tokenOf('sign', sign, sign, start);
}
