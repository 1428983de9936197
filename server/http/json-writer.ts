/** JSON text, written as the bytes it is sent as: most of a large answer is numbers, and those are plain ASCII. */
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../engine/base/time.js';
import { formatTimestamp } from '../schemas/timestamp.js';
import { startAnswer, withRoom } from './answer-bytes.js';
import { NUMBER_BYTES_MAX, writeDigits, writeNumber, writeNumbers } from './json-numbers.js';

/** Numbers for which room is made at once. */
const CHUNK_NUMBERS = 1_024;

/** A call out of JavaScript costs more than so many characters. */
const SHORT_TEXT_MAX = 64;

/** `"2199-12-31T23:59:59.999Z"`, and room for years that we never have. */
const TIMESTAMP_BYTES_MAX = 40;

const QUOTE = 0x22;
const COMMA = 0x2c;
const POINT = 0x2e;
const ZERO = 0x30;
const COLON = 0x3a;
const SMALL_A = 0x61;
const LARGE_Z = 0x5a;

/** Its methods throw ANSWER_TOO_LARGE where there is no more room. */
export class JsonWriter {
  #bytes: Buffer;
  #length = 0;
  /** Number of the day written last, and its text: rows come in order of time. */
  #day = Number.NaN;
  #dayText = '';

  /** @param expected bytes of the text, about */
  constructor(expected = 0) {
    this.#bytes = startAnswer(expected);
  }

  /** What was written. Nothing may be written after it. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  /** What was written, in memory of its own; what follows begins anew. */
  take(): Uint8Array {
    const taken = new Uint8Array(this.finish());
    this.#length = 0;
    return taken;
  }

  text(text: string): void {
    // A UTF-16 unit is at most three bytes.
    this.#reserve(3 * text.length);
    if (text.length > SHORT_TEXT_MAX || !this.#putAscii(text)) {
      this.#length += this.#bytes.write(text, this.#length);
    }
  }

  /** null where JSON has no such number. */
  number(value: number): void {
    this.#reserve(NUMBER_BYTES_MAX);
    this.#length = writeNumber(this.#bytes, this.#length, value);
  }

  /** What `formatTimestamp` gives, in quotes. */
  timestamp(time: number): void {
    this.#reserve(TIMESTAMP_BYTES_MAX);
    const day = Math.floor(time / DAY_MS);
    if (day !== this.#day) {
      const text = formatTimestamp(time);
      this.#dayText = `"${text.slice(0, text.indexOf('T') + 1)}`;
      this.#day = day;
    }
    this.#putAscii(this.#dayText);
    const bytes = this.#bytes;
    const rest = time - day * DAY_MS;
    let at = writeDigits(bytes, this.#length, Math.floor(rest / HOUR_MS), 2);
    bytes[at++] = COLON;
    at = writeDigits(bytes, at, Math.floor(rest / MINUTE_MS) % 60, 2);
    bytes[at++] = COLON;
    at = writeDigits(bytes, at, Math.floor(rest / SECOND_MS) % 60, 2);
    const milliseconds = rest % SECOND_MS;
    if (milliseconds !== 0) {
      bytes[at++] = POINT;
      at = writeDigits(bytes, at, milliseconds, 3);
    }
    bytes[at++] = LARGE_Z;
    bytes[at++] = QUOTE;
    this.#length = at;
  }

  /** A whole number in so many hexadecimal digits. */
  hexadecimal(value: number, digits: number): void {
    this.#reserve(digits);
    let rest = value;
    for (let at = this.#length + digits - 1; at >= this.#length; at--) {
      const next = Math.floor(rest / 16);
      const digit = rest - next * 16;
      this.#bytes[at] = digit < 10 ? ZERO + digit : SMALL_A + digit - 10;
      rest = next;
    }
    this.#length += digits;
  }

  /** An array of numbers; null where JSON has no number. */
  numbers(values: Float64Array): void {
    this.text('[');
    for (let from = 0; from < values.length; from += CHUNK_NUMBERS) {
      const to = Math.min(values.length, from + CHUNK_NUMBERS);
      this.#reserve((to - from + 1) * NUMBER_BYTES_MAX);
      if (from > 0) this.#bytes[this.#length++] = COMMA;
      this.#length = writeNumbers(this.#bytes, this.#length, values, from, to);
    }
    this.text(']');
  }

  /** An array of texts by number, which are JSON already; null where the number is NaN. */
  choices(values: Float64Array, texts: readonly string[]): void {
    const choices = texts.map(text => Buffer.from(text));
    const none = Buffer.from('null');
    this.text('[');
    for (let index = 0; index < values.length; index++) {
      const choice = Number.isNaN(values[index]) ? none : choices[values[index]];
      this.#reserve(choice.length + 1);
      if (index > 0) this.#bytes[this.#length++] = COMMA;
      this.#bytes.set(choice, this.#length);
      this.#length += choice.length;
    }
    this.text(']');
  }

  /** Where there is room. False, with nothing written, where it is not ASCII. */
  #putAscii(text: string): boolean {
    const bytes = this.#bytes;
    const start = this.#length;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code > 0x7f) return false;
      bytes[start + index] = code;
    }
    this.#length = start + text.length;
    return true;
  }

  #reserve(byteCount: number): void {
    this.#bytes = withRoom(this.#bytes, this.#length, byteCount);
  }
}
