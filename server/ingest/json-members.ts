/** Members of documented objects, and names of fields, as they stand in the bytes of a JSON text. */
import { isId } from '../schemas/common.js';
import { fieldNameProblem } from '../schemas/fields.js';
import { COLON, decodeText, latin1, QUOTE, skipSpace } from './json-text.js';
import { Token } from './token.js';

const ID_CHARACTERS = 24;

/** `JSON.parse` gives members whose names are numbers before all others, whatever their order. */
const INTEGER_NAME = /^\d+$/;

const encoder = new TextEncoder();

/** A name in its quotes. */
export function memberToken(name: string): Token {
  return new Token(encoder.encode(`"${name}"`));
}

/** Where the value of the member `token` begins, whose name is at `at`; −1 where another name is. */
export function memberAt(bytes: Uint8Array, view: DataView, at: number, token: Token): number {
  if (!token.isAt(view, at)) return -1;
  at += token.length;
  if (bytes[at] !== COLON) {
    at = skipSpace(bytes, at);
    if (bytes[at] !== COLON) return -1;
  }
  return skipSpace(bytes, at + 1);
}

/** Behind an id in quotes that begins at `at`; −1 where there is none, whatever its characters. */
export function idEnd(bytes: Uint8Array, at: number): number {
  const end = at + 1 + ID_CHARACTERS;
  return bytes[at] === QUOTE && bytes[end] === QUOTE ? end + 1 : -1;
}

/** The id in quotes between `from` and `to`; undefined where it has not the form of one. */
export function idBetween(bytes: Uint8Array, from: number, to: number): string | undefined {
  const id = latin1(bytes, from + 1, to - 1);
  return isId(id) ? id : undefined;
}

/** The name of a field between quotes; undefined where it cannot be one, or where its place among others is unusual. */
export function usualName(bytes: Uint8Array, from: number, to: number): string | undefined {
  const name = decodeText(bytes, from, to);
  if (name === undefined || name === '__proto__' || INTEGER_NAME.test(name)) return undefined;
  return fieldNameProblem(name) === undefined ? name : undefined;
}
