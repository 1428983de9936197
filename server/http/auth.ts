/** Who calls: the key in `X-API-Key` or `Authorization: Bearer`. */
import { timingSafeEqual } from 'node:crypto';
import type { Catalog } from '../catalog/catalog.js';
import type { ApiKey } from '../catalog/model.js';
import { hashKey, isKey } from '../catalog/secrets.js';
import type { RequestHead } from './application.js';

const BEARER = /^bearer +(\S+)$/i;

/** What a request says is its key. */
export function keyOf(head: RequestHead): string | undefined {
  return head.header('x-api-key') || BEARER.exec(head.header('authorization'))?.[1];
}

/** The key of that text, if it is one of ours. */
export function authenticate(text: string | undefined, catalog: Catalog): ApiKey | undefined {
  if (text === undefined || !isKey(text)) return undefined;
  const hash = hashKey(text);
  const key = catalog.keyByHash(hash);
  // The look-up is by hash, whose bytes a caller cannot choose; the comparison makes sure that no prefix suffices.
  if (key === undefined || !timingSafeEqual(Buffer.from(key.hash), Buffer.from(hash))) return undefined;
  return key;
}
