/** JSON text, written as the bytes it is sent as: most of a large answer is numbers, and those are plain ASCII. */
import { startAnswer, withRoom } from './answer-bytes.js';
import { numberText } from './json.js';

/** Numbers for which room is made at once. */
const CHUNK_NUMBERS = 1_024;

/** `-2.2250738585072014e-308` and a comma. */
const NUMBER_BYTES_MAX = 25;

/** Below it no two decimals are the same double: the one found is the shortest, which is what JavaScript writes. */
const DIGITS_15 = 1e15;

/** Decimals that are looked for; JavaScript writes numbers with more zeros before the first digit otherwise. */
const SCALES = [1, 10, 100, 1e3, 1e4, 1e5, 1e6];

const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;

/** Its methods throw ANSWER_TOO_LARGE where there is no more room. */
export class JsonWriter {
  #bytes = startAnswer();
  #length = 0;

  /** What was written. Nothing may be written after it. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  text(text: string): void {
    // A UTF-16 unit is at most three bytes.
    this.#reserve(3 * text.length);
    this.#length += this.#bytes.write(text, this.#length);
  }

  /** An array of numbers; null where JSON has no number. */
  numbers(values: Float64Array): void {
    this.text('[');
    for (let from = 0; from < values.length; from += CHUNK_NUMBERS) {
      const to = Math.min(values.length, from + CHUNK_NUMBERS);
      this.#reserve((to - from) * NUMBER_BYTES_MAX);
      const bytes = this.#bytes;
      let at = this.#length;
      for (let index = from; index < to; index++) {
        if (index > 0) bytes[at++] = COMMA;
        at = writeNumber(bytes, at, values[index]);
      }
      this.#length = at;
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

  #reserve(byteCount: number): void {
    this.#bytes = withRoom(this.#bytes, this.#length, byteCount);
  }
}

/** Writes what `numberText` gives. Returns the position after it. */
function writeNumber(bytes: Buffer, at: number, value: number): number {
  const size = Math.abs(value);
  if (size > 0 && size < DIGITS_15) {
    for (let decimals = 0; decimals < SCALES.length; decimals++) {
      const scaled = Math.round(size * SCALES[decimals]);
      if (scaled >= DIGITS_15) break;
      // Both are whole and exact: the quotient is rounded once, as it is when the text is read again.
      if (scaled / SCALES[decimals] !== size) continue;
      if (value < 0) bytes[at++] = MINUS;
      return writeDecimal(bytes, at, scaled, decimals);
    }
  }
  const text = numberText(value);
  // For so few characters a call out of JavaScript costs more than they do.
  for (let index = 0; index < text.length; index++) bytes[at + index] = text.charCodeAt(index);
  return at + text.length;
}

function writeDecimal(bytes: Buffer, at: number, scaled: number, decimals: number): number {
  if (decimals === 0) return writeWhole(bytes, at, scaled);
  const whole = Math.floor(scaled / SCALES[decimals]);
  const next = writeWhole(bytes, at, whole);
  bytes[next] = POINT;
  return writeDigits(bytes, next + 1, scaled - whole * SCALES[decimals], decimals);
}

/** @param value whole, from 0 up to 15 digits */
function writeWhole(bytes: Buffer, at: number, value: number): number {
  if (value < 1e8) return writeDigits(bytes, at, value, digitCount(value));
  // Divisions of small integers are much cheaper than those of doubles.
  const high = Math.floor(value / 1e8);
  return writeDigits(bytes, writeDigits(bytes, at, high, digitCount(high)), value - high * 1e8, 8);
}

function digitCount(value: number): number {
  let count = 1;
  for (let bound = 10; value >= bound; bound *= 10) count++;
  return count;
}

function writeDigits(bytes: Buffer, at: number, value: number, count: number): number {
  let rest = value | 0;
  for (let position = at + count - 1; position >= at; position--) {
    const next = (rest / 10) | 0;
    bytes[position] = ZERO + rest - next * 10;
    rest = next;
  }
  return at + count;
}
