/** Values of fields in line protocol, as texts. */

const FLOAT = /^-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const INTEGER = /^-?\d+i$/;
const UNSIGNED = /^\d+u$/;

/** Digits that every 64-bit integer may have. */
const INTEGER_DIGITS_SAFE = 18;
/** Digits that some have. */
const INTEGER_DIGITS_MAX = 20;

const INTEGER_MIN = -(2n ** 63n);
const INTEGER_MAX = 2n ** 63n - 1n;
const UNSIGNED_MAX = 2n ** 64n - 1n;

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...['t', 'T', 'true', 'True', 'TRUE'].map(text => [text, true] as const),
  ...['f', 'F', 'false', 'False', 'FALSE'].map(text => [text, false] as const),
]);

/** Why a text is no value. */
export interface ValueProblem {
  readonly problem: string;
}

/**
 * A value that is no string. Integers are 64 bits wide, and become the nearest double: who counts bytes or nanoseconds
 * beyond 2^53 would rather have them rounded than refused, and with them the other fields of the line.
 */
export function readValue(text: string): number | boolean | ValueProblem {
  if (FLOAT.test(text)) {
    const value = Number(text);
    return Number.isFinite(value) ? value : { problem: 'invalid float' };
  }
  if (INTEGER.test(text)) return readInteger(text.slice(0, -1), 'integer', INTEGER_MIN, INTEGER_MAX);
  if (UNSIGNED.test(text)) return readInteger(text.slice(0, -1), 'unsigned', 0n, UNSIGNED_MAX);
  const boolean = BOOLEANS.get(text);
  if (boolean !== undefined) return boolean;
  return { problem: /^[-.\dnN]/.test(text) ? 'invalid number' : 'invalid boolean' };
}

function readInteger(text: string, kind: string, min: bigint, max: bigint): number | ValueProblem {
  // An integer has no negative zero.
  if (text.length <= INTEGER_DIGITS_SAFE) return Number(text) + 0;
  const digits = text.replace(/^(-?)0+(?=\d)/, '$1');
  const isShort = digits.length <= INTEGER_DIGITS_MAX;
  if (!isShort || BigInt(digits) < min || BigInt(digits) > max) {
    return { problem: `unable to parse ${kind}: value out of range` };
  }
  return Number(digits) + 0;
}

/** A string without the quotes around it. */
export function unescapeString(text: string): string {
  return text.includes('\\') ? text.replace(/\\(["\\])/g, '$1') : text;
}
