/** Parts that several schemas share. */

import type { Page } from '../catalog/catalog.js';
import { ApiError, type ErrorDetail, refuseInvalid } from '../errors.js';
import {
  DESCRIPTION_CHARACTERS_MAX,
  LIST_LIMIT_DEFAULT,
  LIST_LIMIT_MAX,
  NAME_CHARACTERS_MAX,
} from '../limits.js';
import Type from './typebox.js';
import { compile, enumMessage } from './validate.js';

const ID = /^[0-9a-f]{24}$/;

export function isId(text: string): boolean {
  return ID.test(text);
}

/** Half of a surrogate pair: no UTF-8 can hold it, so it would come back from the disk as another character. */
const LONE_SURROGATE = /\p{Surrogate}/u;

export const NOT_UNICODE_MESSAGE = 'String must be well-formed Unicode';

export function isWellFormed(text: string): boolean {
  return !LONE_SURROGATE.test(text);
}

/** Text of so many characters at most, which UTF-8 can hold. */
export function textSchema(
  charactersMax: number,
  options: { minLength?: number; [keyword: string]: unknown } = {},
) {
  return Type.Refine(
    Type.String({ ...options, maxLength: charactersMax }),
    isWellFormed,
    () => NOT_UNICODE_MESSAGE,
  );
}

export function nameSchema(options: Record<string, unknown> = {}) {
  return textSchema(NAME_CHARACTERS_MAX, { ...options, minLength: 1 });
}

/** Null clears it. */
export const descriptionSchema = Type.Refine(
  Type.Unsafe<string | null>({ type: ['string', 'null'], maxLength: DESCRIPTION_CHARACTERS_MAX }),
  (text: string | null) => text === null || isWellFormed(text),
  () => NOT_UNICODE_MESSAGE,
);

export const statusSchema = Type.Enum(['active', 'archived']);

const pageSchema = Type.Object({
  limit: Type.Integer({ minimum: 1, maximum: LIST_LIMIT_MAX, default: LIST_LIMIT_DEFAULT }),
  offset: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, default: 0 }),
});

const compiledPage = compile(pageSchema);

/** `limit` and `offset` of a list. @throws ApiError */
export function parsePage(query: URLSearchParams): Page {
  const page = {
    limit: numberOf(query.get('limit'), LIST_LIMIT_DEFAULT),
    offset: numberOf(query.get('offset'), 0),
  };
  const details: ErrorDetail[] = [];
  for (const [name, value] of Object.entries(page)) {
    if (Number.isNaN(value)) {
      details.push({ path: ['query', name], message: 'Expected number, received nan' });
    }
  }
  refuseInvalid(details);
  return compiledPage.parse(page, 'query');
}

/** A parameter that is `true` or `false`; false where it is not there. @throws ApiError */
export function parseFlag(query: URLSearchParams, name: string): boolean {
  const text = query.get(name) ?? 'false';
  if (text !== 'true' && text !== 'false') {
    refuseInvalid([{ path: ['query', name], message: enumMessage("'true' | 'false'", text) }]);
  }
  return text === 'true';
}

/** What an answer says of the page it is. @param count of the items on it @param total of all there are */
export function paginationOf(page: Page, count: number, total: number) {
  return { ...page, total, hasMore: page.offset + count < total };
}

/** Number('') is 0 and Number('0x10') is 16; neither is what a caller means. */
function numberOf(text: string | null, absent: number): number {
  if (text === null) return absent;
  return /^[+-]?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
}

/** @throws ApiError */
export function parseJson(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ApiError('INVALID_UTF8');
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiError('INVALID_JSON');
  }
}
