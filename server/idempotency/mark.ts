/** What is remembered of a request that has stored points: it stands in the log with them, in one record. */
import { packList, unpackList } from '../journal/ledger.js';

export interface Mark {
  /** Hash of who sent it, and of its idempotency key. */
  readonly key: string;
  /** Hash of the request. */
  readonly request: string;
  /** When it was answered, in milliseconds. */
  readonly at: number;
  readonly status: number;
  /** Of the answer, in JSON. */
  readonly body: string;
}

/** The members in order, in MessagePack. */
export function packMark({ key, request, at, status, body }: Mark): Uint8Array {
  return packList([key, request, at, status, body]);
}

/** @throws Error where the bytes are no mark. */
export function unpackMark(bytes: Uint8Array): Mark {
  const members = unpackList(bytes);
  const [key, request, at, status, body] = members as [string, string, number, number, string];
  const isMark = typeof key === 'string' && typeof request === 'string' && typeof body === 'string';
  if (members.length !== 5 || !isMark || typeof at !== 'number' || typeof status !== 'number') {
    throw new Error('A mark of points is not that of a request');
  }
  return { key, request, at, status, body };
}
