/** How callers of a route say who they are, and how they are refused: ours, and those of InfluxDB 1.x and 2.x. */
import type { ApiError } from '../errors.js';
import { prefersProblem } from './accept.js';
import type { Reply, RequestHead } from './application.js';
import { keyOf } from './auth.js';
import { errorReply, problemReply, withErrorHeaders } from './json.js';

export interface Dialect {
  /** What a request says is its key. */
  keyOf(head: RequestHead): string | undefined;
  /** @param head of the request that is refused */
  refuse(error: ApiError, head: RequestHead): Reply;
}

export const OUR_DIALECT: Dialect = {
  keyOf,
  refuse: (error, head) =>
    prefersProblem(head.header('accept')) ? problemReply(error, head.id) : errorReply(error),
};

/** Errors are `{"error":"…"}`. A user's password is the key. */
export const INFLUX_1: Dialect = {
  keyOf: keyOfInflux,
  refuse: error => withErrorHeaders(error, { error: error.message }, 'Basic realm="dakkio"'),
};

/** Names of InfluxDB for what a status means. */
const CODES: Readonly<Record<number, string>> = {
  400: 'invalid',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not found',
  409: 'conflict',
  413: 'request too large',
  415: 'invalid',
  429: 'too many requests',
  503: 'unavailable',
};

/** Errors are `{"code":"…","message":"…"}`, with the number of the first line that is refused. */
export const INFLUX_2: Dialect = {
  keyOf: keyOfInflux,
  refuse: error => {
    const code = CODES[error.status] ?? 'internal error';
    return withErrorHeaders(error, { code, message: error.message, line: error.line }, 'Token');
  },
};

/** The forms of ours, a token, a password with whatever user, or both in the query. */
function keyOfInflux(head: RequestHead): string | undefined {
  const ours = keyOf(head);
  if (ours !== undefined) return ours;
  const [, scheme = '', credentials = ''] = /^(\S+) +(\S+)$/.exec(head.header('authorization')) ?? [];
  switch (scheme.toLowerCase()) {
    case 'token':
      return passwordOf(credentials);
    case 'basic':
      return passwordOf(Buffer.from(credentials, 'base64').toString());
    default:
      return new URLSearchParams(head.query).get('p') ?? undefined;
  }
}

/** Of `user:password`; without a user it is all there is. */
function passwordOf(credentials: string): string {
  return credentials.slice(credentials.indexOf(':') + 1);
}
