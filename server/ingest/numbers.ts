/** Numbers of JSON out of bytes, to the last bit. */

/** Where the last number ended: a second result that costs no allocation. */
export let numberEnd = 0;

const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** Powers of ten that are exact. */
export const POWERS = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
/** Digits that always make a whole number below 2^53. */
export const DIGITS_EXACT = 15;

/**
 * The number that begins at `at`, and `numberEnd` behind it; NaN where none does, or one that is not finite.
 *
 * Digits and a power of ten that doubles hold exactly make the nearest double with one division (Clinger, PLDI 1990:
 * at most 15 digits, at most 10^22); everything else is left to `Number`.
 * @param bytes where nothing of a number follows the last byte: reading beyond them gives undefined, which ends it
 */
export function parseNumber(bytes: Uint8Array, at: number): number {
  const start = at;
  const isNegative = bytes[at] === 0x2d;
  if (isNegative) at++;
  const first = at;
  let digits = 0;
  let digit = bytes[at] - 0x30;
  while (digit >= 0 && digit <= 9) {
    digits = digits * 10 + digit;
    digit = bytes[++at] - 0x30;
  }
  const wholeCount = at - first;
  if (wholeCount === 0 || (wholeCount > 1 && bytes[first] === 0x30)) return Number.NaN;
  let fractionCount = 0;
  if (digit === -2) {
    const point = at;
    digit = bytes[++at] - 0x30;
    while (digit >= 0 && digit <= 9) {
      digits = digits * 10 + digit;
      digit = bytes[++at] - 0x30;
    }
    fractionCount = at - point - 1;
    if (fractionCount === 0) return Number.NaN;
  }
  const hasExponent = digit === 0x15 || digit === 0x35;
  if (hasExponent || wholeCount + fractionCount > DIGITS_EXACT) return parseSlowly(bytes, start);
  numberEnd = at;
  const magnitude = fractionCount === 0 ? digits : digits / POWERS[fractionCount];
  return isNegative ? -magnitude : magnitude;
}

function parseSlowly(bytes: Uint8Array, start: number): number {
  let end = start;
  while (end < bytes.length && isOfNumber(bytes[end])) end++;
  // A caller may send a number of a million digits.
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
  if (!JSON_NUMBER.test(text)) return Number.NaN;
  const value = Number(text);
  numberEnd = end;
  return Number.isFinite(value) ? value : Number.NaN;
}

function isOfNumber(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    byte === 0x2d ||
    byte === 0x2b ||
    byte === 0x2e ||
    (byte | 0x20) === 0x65
  );
}
