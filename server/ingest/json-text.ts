/** Pieces of JSON texts as bytes. Positions are −1 where something stands that the fast path leaves to `JSON.parse`. */

export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;
export const OPEN_BRACKET = 0x5b;
export const CLOSE_BRACKET = 0x5d;
const BACKSLASH = 0x5c;
const SPACE = 0x20;

// Bytes that are no UTF-8 are refused, and a byte order mark is a character like any other.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The first byte from `at` on that is no whitespace. */
export function skipSpace(bytes: Uint8Array, at: number): number {
  let byte = bytes[at];
  while (byte === SPACE || byte === 0x0a || byte === 0x0d || byte === 0x09) byte = bytes[++at];
  return at;
}

/** The closing quote of a string that begins at `at`; −1 where it has escapes, or is none. */
export function plainStringEnd(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== QUOTE) return -1;
  for (at++; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH || byte < SPACE) return -1;
  }
  return -1;
}

/** Behind the object that begins at `at`, by its braces alone. */
export function objectEnd(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== OPEN_BRACE) return -1;
  let depth = 0;
  for (; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === OPEN_BRACE) depth++;
    else if (byte === CLOSE_BRACE) {
      depth--;
      if (depth === 0) return at + 1;
    } else if (byte === QUOTE) {
      for (at++; at < bytes.length && bytes[at] !== QUOTE; at++) if (bytes[at] === BACKSLASH) at++;
    }
  }
  return -1;
}

/** Undefined where the bytes are not UTF-8. */
export function decodeText(bytes: Uint8Array, from: number, to: number): string | undefined {
  for (let at = from; at < to; at++) {
    if (bytes[at] < 0x80) continue;
    try {
      return decoder.decode(bytes.subarray(from, to));
    } catch {
      return undefined;
    }
  }
  return latin1(bytes, from, to);
}

/** A text with a character a byte: equal bytes are equal texts. */
export function latin1(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1');
}
