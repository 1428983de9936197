/** Every request has a name, is counted, and can be seen in the log. */
import type { RequestStatistics } from '../metrics/requests.js';
import type { Admission, Application, Reply, RequestHead } from './application.js';
import { DecoratedApplication } from './decorated.js';

/** pino's has it. */
export interface RequestLogger {
  debug(context: object, message: string): void;
}

/** Methods that are told apart; a caller may invent others without end. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PATCH', 'PUT', 'DELETE', 'OPTIONS']);

/** Names what a request is for, such as `/api/buckets/:bucketId`: one of a few, whatever is sent. */
export interface Routed {
  routeOf(head: RequestHead): string;
}

export class ObservedApplication extends DecoratedApplication {
  readonly #routed: Routed;
  readonly #statistics: RequestStatistics;
  readonly #logger: RequestLogger;
  /** When the head of each request that is under way came. */
  readonly #begun = new WeakMap<RequestHead, number>();

  constructor(inner: Application & Routed, statistics: RequestStatistics, logger: RequestLogger) {
    super(inner);
    this.#routed = inner;
    this.#statistics = statistics;
    this.#logger = logger;
  }

  override admit(head: RequestHead): Reply | Admission {
    this.#begun.set(head, performance.now());
    return super.admit(head);
  }

  protected decorate(reply: Reply, head: RequestHead, received: number): Reply {
    const { status } = reply;
    const milliseconds = performance.now() - (this.#begun.get(head) ?? performance.now());
    const method = METHODS.has(head.method) ? head.method : 'other';
    const sent = typeof reply.body === 'string' ? Buffer.byteLength(reply.body) : (reply.body?.length ?? 0);
    const seconds = milliseconds / 1_000;
    this.#statistics.observe(`${method} ${this.#routed.routeOf(head)}`, { status, seconds, received, sent });
    const { id: requestId, path } = head;
    this.#logger.debug(
      { requestId, method: head.method, path, status, milliseconds, received, sent },
      'request',
    );
    return { ...reply, headers: { ...reply.headers, 'X-Request-Id': requestId } };
  }
}
