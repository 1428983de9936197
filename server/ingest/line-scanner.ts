/**
 * Lines of line protocol that look like those before, from bytes straight to rows: the source that followed last, the
 * fields that followed last, numbers as they are mostly written. Whatever is unusual in a line, right or wrong, is left
 * to `LineText`, which is slower by a hundred times and makes the next line of its kind a usual one.
 */
import { TIMESTAMP_MAX } from '../../engine/limits.js';
import { FIELD_NAME_CHARACTERS_MAX, SOURCE_FIELDS_MAX, VALUE_CHARACTERS_MAX } from '../limits.js';
import type { LineSource, LineSources } from './line-source.js';
import type { TimeUnit } from './line-times.js';
import { decimalOf, FRACTION_DIGITS_MAX, LOW_DIGITS_MAX } from './long-decimals.js';
import { DIGITS_EXACT, numberEnd, POWERS, parseNumber } from './numbers.js';
import type { Path, Step, ValueKind } from './paths.js';
import { Rows } from './rows.js';
import { areEqual } from './token.js';

const SPACE = 0x20;
const COMMA = 0x2c;
const EQUALS = 0x3d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const DELETE = 0x7f;
const LOWER_I = 0x69;
const LOWER_U = 0x75;

/** Digits that every 64-bit integer may have. */
const INTEGER_DIGITS_SAFE = 18;
const TIME_DIGITS_MAX = 20;

export interface LineMeaning {
  readonly sources: LineSources;
  /** Where the paths of lines begin. */
  readonly root: Path;
  readonly unit: TimeUnit;
  /** Time of lines that have none, in milliseconds. */
  readonly now: number;
}

export class LineScanner {
  readonly rows = new Rows();
  /** Where the line begins that follows the one that was read. */
  next = 0;
  #bytes: Buffer = Buffer.alloc(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  #meaning: LineMeaning | undefined;
  /** Of the line before. */
  #source: LineSource | undefined;
  /** Behind the value that was read last. */
  #end = 0;
  /** The end of the line before, from the space on, and the time that it says: lines that come together often say the same. */
  #tailStart = 0;
  #tailLength = 0;
  #tailTime = 0;

  /** From here on rows are of these bytes. */
  begin(bytes: Buffer, meaning: LineMeaning): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#meaning = meaning;
    this.#source = undefined;
    this.#tailLength = 0;
    this.rows.begin();
  }

  /**
   * Adds the row of a line, and sets `next`.
   * @param at where it begins; somewhere behind is a line feed
   * @returns false where it is not usual; then nothing has been added
   */
  read(at: number): boolean {
    const source = this.#sourceAt(at);
    if (source === undefined) return false;
    const { rows } = this;
    const { root } = this.#meaning!;
    rows.reserve(SOURCE_FIELDS_MAX);
    const { cells } = rows;
    let cell = rows.cellCount;
    let path = root;
    let step = source.first;
    const bytes = this.#bytes;
    // However its tags are ordered, a key is as long.
    at += source.keyLength + 1;
    for (;;) {
      if (step === undefined || !step.token.isAt(this.#view, at)) {
        step = this.#stepAt(path, at);
        if (step === undefined) return false;
      }
      const value = this.#value(step.kind, at + step.token.length);
      if (Number.isNaN(value)) return false;
      cells[cell++] = value;
      if (path === root) source.first = step;
      else if (path.next !== step) path.next = step;
      path = step.to;
      at = this.#end;
      if (bytes[at] !== COMMA) break;
      step = path.next;
    }
    const time = this.#isTail(at) ? this.#tailTime : this.#time(at);
    if (time < 0) return false;
    rows.add(source, time, path, -1);
    this.follow(source);
    return true;
  }

  /** Makes a source the one before the next line's. */
  follow(source: LineSource): void {
    if (this.#source === undefined) this.#meaning!.sources.first = source;
    else this.#source.next = source;
    this.#source = source;
  }

  #sourceAt(at: number): LineSource | undefined {
    const { sources } = this.#meaning!;
    const expected = this.#source === undefined ? sources.first : this.#source.next;
    if (expected !== undefined && this.#isKey(expected, at)) return expected;
    const bytes = this.#bytes;
    let end = at;
    while (bytes[end] !== LINE_FEED && (bytes[end] !== SPACE || bytes[end - 1] === BACKSLASH)) end++;
    return bytes[end] === SPACE ? sources.find(bytes.toString('latin1', at, end)) : undefined;
  }

  /** Whether the key of a source stands there, and a space behind it. */
  #isKey({ keyView, keyStart, keyLength }: LineSource, at: number): boolean {
    const view = this.#view;
    const end = at + keyLength;
    if (end >= view.byteLength || view.getUint8(end) !== SPACE) return false;
    return areEqual(view, at, keyView, keyStart, keyLength);
  }

  /** The step of a field that was not expected. */
  #stepAt(path: Path, start: number): Step | undefined {
    const bytes = this.#bytes;
    const nameStart = path === this.#meaning!.root ? start : start + 1;
    let at = nameStart;
    while (bytes[at] !== EQUALS) {
      const byte = bytes[at++];
      if (byte <= SPACE || byte >= DELETE || byte === COMMA || byte === BACKSLASH) return undefined;
    }
    if (at === nameStart || at - nameStart > FIELD_NAME_CHARACTERS_MAX) return undefined;
    const kind = kindOf(bytes[at + 1]);
    const tokenEnd = kind === 'string' ? at + 2 : at + 1;
    return path.step(bytes.toString('latin1', nameStart, at), kind, bytes.subarray(start, tokenEnd));
  }

  /** The value that begins at `at`, as a cell, and `#end` behind it; NaN where it is not usual. */
  #value(kind: ValueKind, at: number): number {
    if (kind === 'number') return this.#number(at);
    return kind === 'string' ? this.#string(at) : this.#boolean(at);
  }

  #number(start: number): number {
    const bytes = this.#bytes;
    let at = start;
    const isNegative = bytes[at] === 0x2d;
    if (isNegative) at++;
    const first = at;
    let digits = 0;
    let digit = bytes[at] - 0x30;
    while (digit >= 0 && digit <= 9) {
      digits = digits * 10 + digit;
      digit = bytes[++at] - 0x30;
    }
    let count = at - first;
    if (count === 0) return Number.NaN;
    let byte = bytes[at];
    if (byte === LOWER_I || (byte === LOWER_U && !isNegative)) {
      this.#end = at + 1;
      if (count > INTEGER_DIGITS_SAFE) return Number.NaN;
      if (count > DIGITS_EXACT) digits = Number(bytes.toString('latin1', first, at));
      // An integer has no negative zero.
      return isNegative ? 0 - digits : digits;
    }
    let fraction = 0;
    if (byte === 0x2e) {
      const point = at;
      digit = bytes[++at] - 0x30;
      while (digit >= 0 && digit <= 9) {
        digits = digits * 10 + digit;
        digit = bytes[++at] - 0x30;
      }
      fraction = at - point - 1;
      count += fraction;
      byte = bytes[at];
    }
    if (!isEnd(byte)) return this.#exponential(start);
    this.#end = at;
    let magnitude = fraction === 0 ? digits : digits / POWERS[fraction];
    if (count > DIGITS_EXACT) magnitude = this.#longDecimal(first, at, count, fraction);
    return isNegative ? -magnitude : magnitude;
  }

  /** @param count of digits between `first` and `end`, at most one of which is a point instead */
  #longDecimal(first: number, end: number, count: number, fraction: number): number {
    const bytes = this.#bytes;
    if (count <= DIGITS_EXACT + LOW_DIGITS_MAX && fraction <= FRACTION_DIGITS_MAX) {
      let high = 0;
      let low = 0;
      let left = DIGITS_EXACT;
      for (let at = first; at < end; at++) {
        const digit = bytes[at] - 0x30;
        if (digit < 0) continue;
        if (left-- > 0) high = high * 10 + digit;
        else low = low * 10 + digit;
      }
      const value = decimalOf(high, low, count - DIGITS_EXACT, fraction);
      if (!Number.isNaN(value)) return value;
    }
    const value = Number(bytes.toString('latin1', first, end));
    return Number.isFinite(value) ? value : Number.NaN;
  }

  #exponential(start: number): number {
    const value = parseNumber(this.#bytes, start);
    if (Number.isNaN(value)) return value;
    this.#end = numberEnd;
    return isEnd(this.#bytes[numberEnd]) ? value : Number.NaN;
  }

  /** Index of a text without escapes, in ASCII and on one line. @param start behind the quote */
  #string(start: number): number {
    const bytes = this.#bytes;
    let at = start;
    while (bytes[at] !== QUOTE) {
      if (bytes[at] >= DELETE || bytes[at] === BACKSLASH || bytes[at] === LINE_FEED) return Number.NaN;
      at++;
    }
    if (at - start > VALUE_CHARACTERS_MAX) return Number.NaN;
    this.#end = at + 1;
    return this.rows.textIndex(bytes.toString('latin1', start, at));
  }

  /** `t`, `f`, `true` and `false`. */
  #boolean(at: number): number {
    const bytes = this.#bytes;
    const isTrue = bytes[at] === 0x74;
    if (!isTrue && bytes[at] !== 0x66) return Number.NaN;
    const rest = isTrue ? 'rue' : 'alse';
    let matched = 0;
    while (matched < rest.length && bytes[at + 1 + matched] === rest.charCodeAt(matched)) matched++;
    if (matched !== 0 && matched !== rest.length) return Number.NaN;
    this.#end = at + 1 + matched;
    return isTrue ? 1 : 0;
  }

  /** Whether a line ends as the one before; sets `next`. */
  #isTail(at: number): boolean {
    const view = this.#view;
    const length = this.#tailLength;
    if (length === 0 || at + length > view.byteLength) return false;
    if (!areEqual(view, at, view, this.#tailStart, length)) return false;
    this.next = at + length;
    return true;
  }

  /** The time at the end of a line, and `next`; −1 where it is not usual. @param at behind the last field */
  #time(at: number): number {
    const bytes = this.#bytes;
    const { unit, now } = this.#meaning!;
    let end = at;
    let time = now;
    if (bytes[at] === SPACE) {
      do end++;
      while (bytes[end] >= 0x30 && bytes[end] <= 0x39);
      if (end === at + 1 || end - at > TIME_DIGITS_MAX) return -1;
      let whole = 0;
      const wholeEnd = end - unit.digitsDropped;
      for (let index = at + 1; index < wholeEnd; index++) whole = whole * 10 + bytes[index] - 0x30;
      time = whole * unit.milliseconds;
      if (time > TIMESTAMP_MAX) return -1;
    }
    if (bytes[end] === CARRIAGE_RETURN) end++;
    if (bytes[end] !== LINE_FEED) return -1;
    this.next = end + 1;
    this.#tailStart = at;
    this.#tailLength = this.next - at;
    this.#tailTime = time;
    return time;
  }
}

/** What a value is, by its first byte. */
function kindOf(byte: number): ValueKind {
  if (byte === QUOTE) return 'string';
  return byte === 0x2d || byte === 0x2e || (byte >= 0x30 && byte <= 0x39) ? 'number' : 'boolean';
}

/** Whether a value may end before the byte. */
function isEnd(byte: number): boolean {
  return byte === COMMA || byte === SPACE || byte === LINE_FEED || byte === CARRIAGE_RETURN;
}
