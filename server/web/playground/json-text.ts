/** JSON as text: where it breaks, where a member stands, and how it looks in lines. Numbers keep every digit. */

export type TokenKind = 'name' | 'string' | 'number' | 'word' | 'sign' | 'space';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

/** Where a text stops being JSON. */
export interface JsonFault {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export interface Range {
  readonly start: number;
  readonly end: number;
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids just these
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const WORD = /true|false|null/y;
const SPACE = /[ \t\n\r]*/y;

type Path = readonly (string | number)[];

class Stop extends Error {
  readonly offset: number;

  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

/** One walk over a text: tells each value with its path to whoever asks. */
class Walk {
  readonly #text: string;
  readonly #onValue: (path: Path, range: Range) => void;
  #offset = 0;

  constructor(text: string, onValue: (path: Path, range: Range) => void) {
    this.#text = text;
    this.#onValue = onValue;
  }

  /** @throws Stop where it is no JSON */
  all(): void {
    this.#value([]);
    this.#take(SPACE);
    if (this.#offset < this.#text.length) throw this.#stop('Nothing may follow the end');
  }

  #value(path: Path): void {
    this.#take(SPACE);
    const start = this.#offset;
    if (this.#text[start] === '{') this.#object(path);
    else if (this.#text[start] === '[') this.#array(path);
    else if (this.#text[start] === '"') this.#string('A text');
    else if (this.#take(NUMBER) === '' && this.#take(WORD) === '') {
      throw this.#stop(
        start === this.#text.length ? 'A value is missing at the end' : 'A value belongs here',
      );
    }
    this.#onValue(path, { start, end: this.#offset });
  }

  #object(path: Path): void {
    this.#offset++;
    if (this.#isNext('}')) return;
    do {
      this.#take(SPACE);
      if (this.#text[this.#offset] !== '"') throw this.#stop('A name in double quotes belongs here');
      const name = JSON.parse(this.#string('A name')) as string;
      if (!this.#isNext(':')) throw this.#stop(`A colon belongs after "${name}"`);
      this.#value([...path, name]);
    } while (this.#isNext(','));
    if (!this.#isNext('}')) throw this.#stop('A comma or } belongs here');
  }

  #array(path: Path): void {
    this.#offset++;
    if (this.#isNext(']')) return;
    let index = 0;
    do this.#value([...path, index++]);
    while (this.#isNext(','));
    if (!this.#isNext(']')) throw this.#stop('A comma or ] belongs here');
  }

  #string(what: string): string {
    const text = this.#take(STRING);
    if (text === '') throw this.#stop(`${what} is not closed on its line, or has a \\ that is none`);
    return text;
  }

  #isNext(sign: string): boolean {
    this.#take(SPACE);
    if (this.#text[this.#offset] !== sign) return false;
    this.#offset++;
    return true;
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#offset;
    const [text] = pattern.exec(this.#text) ?? [''];
    this.#offset += text.length;
    return text;
  }

  #stop(message: string): Stop {
    return new Stop(this.#offset, message);
  }
}

/** Undefined where it is JSON. */
export function jsonFault(text: string): JsonFault | undefined {
  try {
    new Walk(text, () => {}).all();
    return undefined;
  } catch (error) {
    if (!(error instanceof Stop)) return { line: 1, column: 1, message: 'Nested too deep' };
    const before = text.slice(0, error.offset).split('\n');
    return {
      line: before.length,
      column: before[before.length - 1].length + 1,
      message: error.message,
    };
  }
}

/** Where the value at a path stands, or what is nearest outside of it. */
export function rangeAt(text: string, path: Path): Range {
  let found: Range = { start: 0, end: text.length };
  let depth = -1;
  const isOnPath = (part: string | number, index: number) => String(part) === String(path[index]);
  try {
    new Walk(text, (own, range) => {
      if (own.length > depth && own.length <= path.length && own.every(isOnPath)) {
        found = range;
        depth = own.length;
      }
    }).all();
  } catch {
    // What was found until there will do.
  }
  return found;
}

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d[\d.eE+-]*)|(true|false|null)|([{}[\],:])|(\s+)|(.)/gs;

/** Every character of the text, in order. A text that is no JSON gives tokens, too. */
export function jsonTokens(text: string): Token[] {
  const tokens: Token[] = [];
  for (const [whole, string, colon, number, word, , space] of text.matchAll(TOKEN)) {
    if (string !== undefined) {
      tokens.push({ kind: colon === undefined ? 'string' : 'name', text: string });
      if (colon !== undefined) tokens.push({ kind: 'sign', text: colon });
    } else if (number !== undefined) tokens.push({ kind: 'number', text: whole });
    else if (word !== undefined) tokens.push({ kind: 'word', text: whole });
    else tokens.push({ kind: space === undefined ? 'sign' : 'space', text: whole });
  }
  return tokens;
}

/** In lines, two spaces a level; lists of plain values stay in one. */
export function prettyJson(text: string): string {
  const tokens = jsonTokens(text).filter(({ kind }) => kind !== 'space');
  let out = '';
  let level = 0;
  let inline = 0;
  const line = () => `\n${'  '.repeat(level)}`;
  for (const [index, { text: part }] of tokens.entries()) {
    const next = tokens[index + 1]?.text;
    if (part === '{' || part === '[') {
      out += part;
      if (inline > 0 || isPlainList(tokens, index)) inline++;
      else if (next !== '}' && next !== ']') {
        level++;
        out += line();
      }
    } else if (part === '}' || part === ']') {
      const before = tokens[index - 1]?.text;
      if (inline > 0) inline--;
      else if (before !== '{' && before !== '[') {
        level--;
        out += line();
      }
      out += part;
    } else if (part === ',') out += inline > 0 ? ', ' : `,${line()}`;
    else if (part.endsWith(':')) out += ': ';
    else out += part;
  }
  return out;
}

function isPlainList(tokens: readonly Token[], start: number): boolean {
  if (tokens[start].text !== '[') return false;
  for (let index = start + 1; index < tokens.length; index++) {
    const { text } = tokens[index];
    if (text === ']') return index > start + 1;
    if (text === '{' || text === '[') return false;
  }
  return false;
}
