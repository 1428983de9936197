/** Timestamps of the usual form out of bytes. They come in runs: the same one again, or another of the same day. */
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../engine/base/time.js';
import { parseTimestamp } from '../schemas/timestamp.js';
import { decodeText, plainStringEnd, QUOTE } from './json-text.js';
import { areEqual, Token } from './token.js';

/** `"2024-01-15T` */
const DATE_BYTES = 12;
const NOTHING = new Token(new Uint8Array(0));

export class IsoTimes {
  /** Behind the last timestamp. */
  end = 0;
  #date = NOTHING;
  #dateTime = 0;
  /** Where the last timestamp of this body stands, with its quotes: points of many sources have it in common. */
  #lastAt = 0;
  #lastLength = 0;
  #lastTime = 0;

  /** To be called before the first timestamp of a body. */
  begin(): void {
    this.#lastLength = 0;
  }

  /** The timestamp in quotes that begins at `at`; NaN where it is none, or has to be looked at by others. */
  parse(bytes: Uint8Array, view: DataView, at: number): number {
    const length = this.#lastLength;
    const isThere = length > 0 && at + length <= view.byteLength;
    if (isThere && areEqual(view, this.#lastAt, view, at, length)) {
      this.end = at + length;
      return this.#lastTime;
    }
    let time = this.#date.length > 0 && this.#date.isAt(view, at) ? this.#timeOfDay(bytes, at) : Number.NaN;
    if (Number.isNaN(time)) time = this.#parseSlowly(bytes, at);
    this.#lastAt = at;
    this.#lastLength = Number.isNaN(time) ? 0 : this.end - at;
    this.#lastTime = time;
    return time;
  }

  /** `10:30:00Z"` or `10:30:00.250Z"` behind the date; NaN for anything else. */
  #timeOfDay(bytes: Uint8Array, start: number): number {
    let at = start + DATE_BYTES;
    const hour = twoDigits(bytes, at);
    const minute = twoDigits(bytes, at + 3);
    const second = twoDigits(bytes, at + 6);
    if (!(hour < 24 && minute < 60 && second < 60) || bytes[at + 2] !== 0x3a || bytes[at + 5] !== 0x3a) {
      return Number.NaN;
    }
    at += 8;
    let milliseconds = 0;
    if (bytes[at] === 0x2e) {
      let digits = 0;
      for (at++; bytes[at] >= 0x30 && bytes[at] <= 0x39; at++, digits++) {
        if (digits < 3) milliseconds = milliseconds * 10 + bytes[at] - 0x30;
      }
      if (digits === 0 || digits > 9) return Number.NaN;
      for (; digits < 3; digits++) milliseconds *= 10;
    }
    if (bytes[at] !== 0x5a || bytes[at + 1] !== QUOTE) return Number.NaN;
    this.end = at + 2;
    return this.#dateTime + hour * HOUR_MS + minute * MINUTE_MS + second * SECOND_MS + milliseconds;
  }

  /** Any timestamp; its date is what the next ones are expected to have. */
  #parseSlowly(bytes: Uint8Array, at: number): number {
    const close = plainStringEnd(bytes, at);
    const text = close < 0 ? undefined : decodeText(bytes, at + 1, close);
    const time = text === undefined ? 'form' : parseTimestamp(text);
    if (typeof time !== 'number') return Number.NaN;
    this.end = close + 1;
    if (/^.{10}T.*Z$/.test(text as string)) {
      this.#date = new Token(bytes.subarray(at, at + DATE_BYTES));
      this.#dateTime = Math.floor(time / DAY_MS) * DAY_MS;
    }
    return time;
  }
}

/** NaN, or a number that is too large, where there are no two digits. */
function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = bytes[at] - 0x30;
  const ones = bytes[at + 1] - 0x30;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : 99;
}
