/**
 * One line of line protocol, read with care: whatever it looks like, and whatever is wrong with it.
 *
 * A line is a series key, fields, and maybe a timestamp. Texts are Latin-1, a character a byte. A separator is escaped
 * by the backslash before it, even where another backslash stands before that. Messages are those of InfluxDB.
 */
import { isUtf8 } from 'node:buffer';
import { unescapeName } from '../catalog/series.js';
import { SERIES_KEY_BYTES_MAX, VALUE_CHARACTERS_MAX } from '../limits.js';
import { fieldNameProblem } from '../schemas/fields.js';
import { readValue, unescapeString } from './line-values.js';

const SPACE = 0x20;
const TAB = 0x09;
const COMMA = 0x2c;
const EQUALS = 0x3d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LINE_FEED = 0x0a;

export interface LineField {
  readonly name: string;
  /** The name as it stands in the line. */
  readonly spelling: string;
  readonly value: number | string | boolean;
}

/** Read when it is made: then either `problem` is set, or the others are. */
export class LineText {
  problem: string | undefined;
  /** Bytes of the key as it stands in the line, from its beginning. */
  keyLength = 0;
  /** The key with its tags in order. */
  key = '';
  /** In order of first appearance; of a field that comes twice the last value counts. */
  readonly fields = new Map<string, LineField>();
  /** Digits, perhaps after a minus; '' where there is none. */
  time = '';
  readonly #text: string;
  #at = 0;

  /** @param text of one line, without spaces at its beginning, and without its end */
  constructor(text: string) {
    this.#text = text;
    const isRead = this.#readKey() && this.#readFields() && this.#readTime();
    if (!isRead) this.problem ??= 'point is invalid';
  }

  #readKey(): boolean {
    const measurementEnd = this.#find(COMMA, SPACE, SPACE);
    if (measurementEnd === 0) return this.#refuse('missing measurement');
    const starts: number[] = [];
    let at = measurementEnd;
    while (this.#text.charCodeAt(at) === COMMA) {
      starts.push(++at);
      at = this.#tagEnd(at);
      if (at < 0) return false;
    }
    if (at === this.#text.length) return this.#refuse('missing fields');
    if (at > SERIES_KEY_BYTES_MAX) {
      return this.#refuse(`max key length exceeded: ${at} > ${SERIES_KEY_BYTES_MAX}`);
    }
    this.#at = at;
    this.keyLength = at;
    const key = this.#keyInOrder(measurementEnd, starts);
    if (key === undefined) return this.#refuse('duplicate tags');
    if (key.includes('\n')) return this.#refuse('newline in a measurement or tag');
    if (!isText(key)) return this.#refuse('series key is not valid UTF-8');
    this.key = key;
    return true;
  }

  /** Where the tag that begins at `start` ends; −1 where it is none. */
  #tagEnd(start: number): number {
    const nameEnd = this.#find(EQUALS, COMMA, SPACE, start);
    const hasValue = this.#text.charCodeAt(nameEnd) === EQUALS;
    const end = hasValue ? this.#find(COMMA, SPACE, EQUALS, nameEnd + 1) : nameEnd;
    if (nameEnd === start) this.problem = 'missing tag key';
    else if (!hasValue || end === nameEnd + 1) this.problem = 'missing tag value';
    else if (this.#text.charCodeAt(end) === EQUALS) this.problem = 'invalid tag format';
    return this.problem === undefined ? end : -1;
  }

  /** undefined where a tag comes twice. @param starts of the tags */
  #keyInOrder(measurementEnd: number, starts: readonly number[]): string | undefined {
    const tags = starts.map((start, index) => ({
      name: this.#text.slice(start, this.#find(EQUALS, EQUALS, EQUALS, start)),
      text: this.#text.slice(start, index + 1 < starts.length ? starts[index + 1] - 1 : this.keyLength),
    }));
    const isOrdered = tags.every(({ name }, index) => index === 0 || tags[index - 1].name < name);
    if (isOrdered) return this.#text.slice(0, this.keyLength);
    tags.sort((left, right) => (left.name < right.name ? -1 : 1));
    const isTwice = tags.some(({ name }, index) => index > 0 && tags[index - 1].name === name);
    if (isTwice) return undefined;
    return [this.#text.slice(0, measurementEnd), ...tags.map(({ text }) => text)].join(',');
  }

  #readFields(): boolean {
    this.#skipSpaces();
    if (this.#at === this.#text.length) return this.#refuse('missing fields');
    let isRead = this.#readField(this.#at);
    while (isRead && this.#text.charCodeAt(this.#at) === COMMA) isRead = this.#readField(this.#at + 1);
    return isRead;
  }

  /** @param start of the name */
  #readField(start: number): boolean {
    const end = this.#find(EQUALS, COMMA, SPACE, start);
    if (this.#text.charCodeAt(end) !== EQUALS) return this.#refuse('invalid field format');
    if (end === start) return this.#refuse('missing field key');
    const spelling = this.#text.slice(start, end);
    const name = this.#decode(unescapeName(spelling));
    const problem = name === undefined ? 'not valid UTF-8' : fieldNameProblem(name);
    if (name === undefined || problem !== undefined) return this.#refuse(`invalid field key: ${problem}`);
    const isString = this.#text.charCodeAt(end + 1) === QUOTE;
    const value = isString ? this.#readString(end + 2) : this.#readPlain(end + 1);
    if (value === undefined) return false;
    this.fields.set(name, { name, spelling, value });
    return true;
  }

  /** @param start behind the quote */
  #readString(start: number): string | undefined {
    const end = stringEnd(this.#text, start);
    const next = this.#text.charCodeAt(end + 1);
    this.#at = end + 1;
    const text = this.#decode(unescapeString(this.#text.slice(start, Math.max(end, start))));
    if (end < 0) this.problem = 'unbalanced quotes';
    else if (end + 1 < this.#text.length && next !== COMMA && !isSpace(next)) {
      this.problem = 'invalid field format';
    } else if (text === undefined) this.problem = 'string is not valid UTF-8';
    else if (text.length > VALUE_CHARACTERS_MAX) {
      this.problem = `string is longer than ${VALUE_CHARACTERS_MAX} characters`;
    }
    return this.problem === undefined ? text : undefined;
  }

  #readPlain(start: number): number | boolean | undefined {
    this.#at = this.#find(COMMA, SPACE, TAB, start);
    const value = readValue(this.#text.slice(start, this.#at));
    if (typeof value !== 'object') return value;
    this.problem = this.#at === start ? 'missing field value' : value.problem;
    return undefined;
  }

  #readTime(): boolean {
    this.#skipSpaces();
    const start = this.#at;
    this.#at = this.#find(SPACE, TAB, TAB, start);
    this.time = this.#text.slice(start, this.#at);
    if (this.time !== '' && !/^-?\d+$/.test(this.time)) return this.#refuse('bad timestamp');
    this.#skipSpaces();
    return this.#at === this.#text.length;
  }

  #refuse(problem: string): false {
    this.problem = problem;
    return false;
  }

  /** First of three characters that no backslash stands before; the end where there is none. */
  #find(first: number, second: number, third: number, from = 0): number {
    const text = this.#text;
    for (let at = from; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code !== first && code !== second && code !== third) continue;
      if (at === from || text.charCodeAt(at - 1) !== BACKSLASH) return at;
    }
    return text.length;
  }

  #skipSpaces(): void {
    while (isSpace(this.#text.charCodeAt(this.#at))) this.#at++;
  }

  #decode(text: string): string | undefined {
    return isText(text) ? decodeText(text) : undefined;
  }
}

/** Whether Latin-1 stands for bytes of UTF-8. */
function isText(text: string): boolean {
  return isPlain(text) || isUtf8(Buffer.from(text, 'latin1'));
}

/** Latin-1 that stands for bytes of UTF-8 → what they say. */
export function decodeText(text: string): string {
  return isPlain(text) ? text : Buffer.from(text, 'latin1').toString();
}

function isPlain(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return false;
  return true;
}

/** The quote that ends the string that begins at `start`; −1 where none does. */
function stringEnd(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at;
    if (code === BACKSLASH && isEscapable(text.charCodeAt(at + 1))) at++;
  }
  return -1;
}

function isEscapable(code: number): boolean {
  return code === QUOTE || code === BACKSLASH;
}

function isSpace(code: number): boolean {
  return code === SPACE || code === TAB;
}

/**
 * Where the line that begins at `start` ends: at a line feed that is in no string, or at the end of the bytes. One that
 * will be refused ends where a good one would: what its strings say must not be taken for lines.
 * @param start of its key
 */
export function lineEnd(bytes: Uint8Array, start: number): number {
  let isKey = true;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === LINE_FEED) return at;
    if (isKey) {
      isKey = byte !== SPACE || bytes[at - 1] === BACKSLASH;
    } else if (byte === QUOTE && bytes[at - 1] === EQUALS && bytes[at - 2] !== BACKSLASH) {
      at++;
      while (at < bytes.length && bytes[at] !== QUOTE) {
        at += bytes[at] === BACKSLASH && isEscapable(bytes[at + 1]) ? 2 : 1;
      }
    }
  }
  return bytes.length;
}
