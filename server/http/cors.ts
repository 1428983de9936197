/** Pages of other origins may call: https://fetch.spec.whatwg.org/#http-cors-protocol. No cookies are ever wanted. */
import type { Application, Reply, RequestHead } from './application.js';
import { DecoratedApplication } from './decorated.js';

/** All origins, none, or these. */
export type AllowedOrigins = '*' | ReadonlySet<string>;

const REQUEST_HEADERS = [
  'Accept',
  'Authorization',
  'Content-Encoding',
  'Content-Type',
  'Idempotency-Key',
  'Last-Event-ID',
  'X-API-Key',
  'X-Request-Id',
].join(', ');

/** What pages may read of an answer beside the few headers that they always may. */
const ANSWER_HEADERS = [
  'Allow',
  'Idempotent-Replayed',
  'Retry-After',
  'X-RateLimit-Limit',
  'X-RateLimit-Remaining',
  'X-RateLimit-Reset',
  'X-Request-Id',
].join(', ');

/** How long a browser need not ask again; more than two hours none of them takes. */
const PREFLIGHT_SECONDS = 7_200;

export class CorsApplication extends DecoratedApplication {
  readonly #origins: AllowedOrigins;

  constructor(inner: Application, origins: AllowedOrigins) {
    super(inner);
    this.#origins = origins;
  }

  protected decorate(reply: Reply, head: RequestHead): Reply {
    const headers = this.#headers(head);
    if (headers === undefined) return reply;
    const isPreflight = head.method === 'OPTIONS' && head.header('access-control-request-method') !== '';
    const ofPreflight = {
      'Access-Control-Allow-Methods': reply.headers?.Allow ?? '',
      'Access-Control-Allow-Headers': REQUEST_HEADERS,
      'Access-Control-Max-Age': String(PREFLIGHT_SECONDS),
    };
    return { ...reply, headers: { ...reply.headers, ...headers, ...(isPreflight && ofPreflight) } };
  }

  /** Undefined where the answer is the same for whoever asks. */
  #headers(head: RequestHead): Record<string, string> | undefined {
    const origin = head.header('origin');
    if (this.#origins === '*') {
      if (origin === '') return undefined;
      return { 'Access-Control-Allow-Origin': '*', 'Access-Control-Expose-Headers': ANSWER_HEADERS };
    }
    if (this.#origins.size === 0) return undefined;
    const vary = { Vary: 'Origin' };
    if (!this.#origins.has(origin)) return vary;
    return {
      ...vary,
      'Access-Control-Allow-Origin': origin,
      'Access-Control-Expose-Headers': ANSWER_HEADERS,
    };
  }
}
