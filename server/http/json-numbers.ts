/**
 * Numbers as JSON text, byte by byte. Most are decimals with few digits: they are scaled to a whole number, checked by
 * dividing back, and written two digits at a time. All others go the general way. The text is the one JavaScript writes.
 */
import { numberText } from './json.js';

/** `-2.2250738585072014e-308` and a comma. */
export const NUMBER_BYTES_MAX = 25;

/** Below it no two decimals are the same double: the one found is the shortest, which is what JavaScript writes. */
const DIGITS_15 = 1e15;

/** Decimals that are looked for; JavaScript writes numbers with more zeros before the first digit otherwise. */
const SCALES = [1, 10, 100, 1e3, 1e4, 1e5, 1e6];

/** Below it, whole numbers and the rests of their divisions are small integers of the machine. */
const SMALL_MAX = 1e9;

const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;

/** The two digits of 0 to 99. */
const PAIRS = new Uint8Array(200);
for (let pair = 0; pair < 100; pair++) {
  PAIRS[2 * pair] = ZERO + Math.floor(pair / 10);
  PAIRS[2 * pair + 1] = ZERO + (pair % 10);
}

/** Decimals of the last number that needed to be searched for. */
let decimalsFound = 0;

/** The values `from … to` (exclusive) with commas between. Returns the position after them. */
export function writeNumbers(
  bytes: Buffer,
  start: number,
  values: Float64Array,
  from: number,
  to: number,
): number {
  let at = start;
  // A column's numbers have mostly as many decimals as the one before, or fewer.
  let decimals = 0;
  let scale = 1;
  for (let index = from; index < to; index++) {
    if (index > from) bytes[at++] = COMMA;
    const value = values[index];
    const scaled = value * scale;
    if (scaled < SMALL_MAX && scaled > -SMALL_MAX) {
      const whole = (scaled < 0 ? scaled - 0.5 : scaled + 0.5) | 0;
      if (whole !== 0 && (decimals === 0 ? whole === value : whole / scale === value)) {
        at = writeSmallDecimal(bytes, at, whole, decimals);
        continue;
      }
    } else if (decimals === 0 && value > 0 && value < DIGITS_15 && Math.floor(value) === value) {
      // Times: whole numbers that are too large for the machine's small integers.
      at = writeWhole(bytes, at, value);
      continue;
    }
    decimalsFound = 0;
    at = writeNumber(bytes, at, value);
    if (decimalsFound !== decimals) {
      decimals = decimalsFound;
      scale = SCALES[decimals];
    }
  }
  return at;
}

/** Writes what `numberText` gives. Returns the position after it. */
export function writeNumber(bytes: Buffer, start: number, value: number): number {
  let at = start;
  const size = Math.abs(value);
  if (size > 0 && size < DIGITS_15) {
    for (let decimals = 0; decimals < SCALES.length; decimals++) {
      const scaled = Math.round(size * SCALES[decimals]);
      if (scaled >= DIGITS_15) break;
      // Both are whole and exact: the quotient is rounded once, as it is when the text is read again.
      if (scaled / SCALES[decimals] !== size) continue;
      if (value < 0) bytes[at++] = MINUS;
      decimalsFound = decimals;
      return writeDecimal(bytes, at, scaled, decimals);
    }
  }
  const text = numberText(value);
  // For so few characters a call out of JavaScript costs more than they do.
  for (let index = 0; index < text.length; index++) bytes[at + index] = text.charCodeAt(index);
  return at + text.length;
}

/** As many digits as are asked for, zeros in front. Returns the position after them. */
export function writeDigits(bytes: Buffer, at: number, value: number, count: number): number {
  let rest = value | 0;
  let position = at + count;
  while (position >= at + 2) {
    const next = (rest / 100) | 0;
    const pair = 2 * (rest - next * 100);
    bytes[--position] = PAIRS[pair + 1];
    bytes[--position] = PAIRS[pair];
    rest = next;
  }
  if (position > at) bytes[at] = ZERO + (rest % 10);
  return at + count;
}

/** @param whole not 0, within ±SMALL_MAX: the number times 10^decimals */
function writeSmallDecimal(bytes: Buffer, start: number, whole: number, decimals: number): number {
  let at = start;
  let rest = whole;
  if (rest < 0) {
    bytes[at++] = MINUS;
    rest = -rest;
  }
  let left = decimals;
  // The column may have more decimals than this number.
  while (left > 0 && rest % 10 === 0) {
    rest = (rest / 10) | 0;
    left--;
  }
  if (left === 0) return writeDigits(bytes, at, rest, digitCount(rest));
  const scale = SCALES[left];
  const integer = (rest / scale) | 0;
  at = writeDigits(bytes, at, integer, digitCount(integer));
  bytes[at] = POINT;
  return writeDigits(bytes, at + 1, rest - integer * scale, left);
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
  if (value < 100) return value < 10 ? 1 : 2;
  if (value < 10_000) return value < 1_000 ? 3 : 4;
  if (value < 1_000_000) return value < 100_000 ? 5 : 6;
  if (value < 100_000_000) return value < 10_000_000 ? 7 : 8;
  return value < 1_000_000_000 ? 9 : 10;
}
