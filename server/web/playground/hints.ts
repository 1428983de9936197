/** What to check after an error, in words. Nothing here knows of a page. */
import type { Detail } from '../base/api.js';
import type { KeyType } from '../base/types.js';
import type { KeyNeed, Operation } from './document.js';
import { MAKERS } from './ids.js';

/** Of an answer that is an error. */
export interface Refusal {
  /** 0 where there was none. */
  readonly status: number;
  readonly message: string;
  readonly details: readonly Detail[];
  /** Of the Retry-After header; '' where there is none. */
  readonly retryAfter: string;
}

export interface Asked {
  readonly operation: Operation;
  /** '' where none was sent. */
  readonly key: string;
  readonly keyType: KeyType | undefined;
  /** Names of ids that the body has in braces. */
  readonly missing: readonly string[];
}

export interface Hint {
  readonly text: string;
  /** Request that helps: `GET /api/buckets`. */
  readonly route?: string;
}

export const NEEDS: Readonly<Record<KeyNeed, string>> = {
  admin: 'Admin key',
  writers: 'Write or Admin key',
  readers: 'Read, Write or Admin key',
  anyone: 'no key',
};

const NAMES: Readonly<Record<KeyType, string>> = { admin: 'an Admin', write: 'a Write', read: 'a Read' };

export function keyName(type: KeyType | undefined): string {
  return type === undefined ? 'a' : NAMES[type];
}

/** Whether a key of that type may call it, its bucket aside. */
export function mayCall(need: KeyNeed, type: KeyType | undefined): boolean {
  if (need === 'anyone') return true;
  if (type === undefined) return false;
  if (need === 'readers' || type === 'admin') return true;
  return need === 'writers' && type === 'write';
}

export function hintsFor(refusal: Refusal, asked: Asked): Hint[] {
  switch (refusal.status) {
    case 0:
      return [{ text: 'Is the server running, and is this page from it? Reload the page to see.' }];
    case 400:
      return badRequestHints(refusal, asked);
    case 401:
      return [unauthorizedHint(asked)];
    case 403:
      return [forbiddenHint(refusal, asked)];
    case 404:
      return [notFoundHint(refusal)];
    case 405:
      return [{ text: 'The path is known, the method is not: see the Allow header of the answer.' }];
    case 409:
      return [conflictHint(refusal)];
    case 413:
      return [{ text: 'The body is too large: send it in parts, or as columns, which have a larger limit.' }];
    case 415:
      return [
        { text: `The Content-Type must be one of the document's: here ${asked.operation.body?.type}.` },
      ];
    case 429:
      return [{ text: `The month's calls of the plan are used up.${again(refusal)}` }];
    case 503:
      return [{ text: `The server sheds load, is starting, or cannot write to its disk.${again(refusal)}` }];
    default:
      return refusal.status >= 500
        ? [{ text: "This is the server's own fault: its log has the cause, under the time of this request." }]
        : [];
  }
}

function again({ retryAfter }: Refusal): string {
  return retryAfter === '' ? '' : ` Try again in ${retryAfter} s.`;
}

function badRequestHints({ message, details }: Refusal, { missing, operation }: Asked): Hint[] {
  const hints: Hint[] = missing.map(name => ({
    text: `The body still says {${name}}: put an id in its place, or make one first.`,
    route: MAKERS[name],
  }));
  const places = new Set(details.map(({ path }) => path[0]));
  if (places.has('body')) hints.push({ text: 'Each line below leads to its place in the body.' });
  if (places.has('query'))
    hints.push({ text: 'The query parameters above do not fit: their kinds are beside them.' });
  if (places.has('params')) hints.push({ text: 'The ids in the path do not fit.' });
  if (/ID format/.test(message)) {
    hints.push({
      text: 'Ids are 24 characters from 0 to 9 and a to f, as the answers above gave them in _id.',
    });
  }
  if (hints.length > 0) return hints;
  if (/JSON/.test(message)) return [{ text: 'The body is no JSON: the line under the editor says where.' }];
  return [
    {
      text: `Compare it with an example: ${operation.body === undefined ? 'the placeholders of the fields' : 'choose one above the editor'}.`,
    },
  ];
}

function unauthorizedHint({ key, keyType }: Asked): Hint {
  if (key === '') return { text: 'No key was sent. Give one at the top of the page.' };
  if (keyType === undefined) {
    return { text: 'That is no key: keys begin with dakkio_a_, dakkio_w_ or dakkio_r_.' };
  }
  return {
    text: 'The server does not know this key: it was deleted, lacks a character, or is of another server.',
  };
}

function forbiddenHint({ message }: Refusal, { operation, keyType }: Asked): Hint {
  if (/access to this bucket/.test(message)) {
    return {
      text: 'The key is of another bucket than the one that is named. Use a key of that bucket, or an Admin key.',
      route: 'GET /api/key',
    };
  }
  if (!mayCall(operation.key, keyType)) {
    return {
      text: `This needs a${operation.key === 'admin' ? 'n' : ''} ${NEEDS[operation.key]}; ${keyName(keyType)} key was sent.`,
    };
  }
  if (/plan/i.test(message))
    return {
      text: 'The plan has a limit of its own: see what is used.',
      route: 'GET /api/analytics/overview',
    };
  return { text: 'The key may not do that.', route: 'GET /api/key' };
}

const LISTS: readonly (readonly [RegExp, string, string])[] = [
  [/^Bucket/, 'bucketId', 'GET /api/buckets'],
  [/^API key/, 'keyId', 'GET /api/buckets/{bucketId}/keys'],
  [/^Data source/, 'dataSourceId', 'GET /api/buckets/{bucketId}/sources'],
  [/^Alert rule/, 'alertId', 'GET /api/buckets/{bucketId}/alerts'],
  [/^Dashboard/, 'dashboardId', 'GET /api/dashboards'],
  [/deliver/, 'deliveryId', 'GET /api/buckets/{bucketId}/alerts/{alertId}/deliveries'],
];

function notFoundHint({ message }: Refusal): Hint {
  const list = LISTS.find(([pattern]) => pattern.test(message));
  if (list === undefined)
    return { text: 'There is no such path: this server may be older than the document.' };
  const [, name, route] = list;
  return { text: `Nothing has this ${name}: it was deleted, or is of another bucket. What there is:`, route };
}

function conflictHint({ message }: Refusal): Hint {
  if (/Bucket is archived/.test(message)) {
    return {
      text: 'Give the bucket "status": "active" to write to it again.',
      route: 'PATCH /api/buckets/{bucketId}',
    };
  }
  if (/source is archived/.test(message)) {
    return {
      text: 'Give the data source "status": "active" to write to it again.',
      route: 'PATCH /api/buckets/{bucketId}/sources/{dataSourceId}',
    };
  }
  if (/Idempotency/.test(message)) return { text: 'Choose another Idempotency-Key for another request.' };
  if (/no webhook/.test(message)) {
    return {
      text: 'Give the rule a webhookUrl first.',
      route: 'PATCH /api/buckets/{bucketId}/alerts/{alertId}',
    };
  }
  return { text: 'It conflicts with what is there.' };
}
