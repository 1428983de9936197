/** Every answer to a call that is counted against a limit tells how many are left. */
import type { RateLimits } from '../usage/rate-limits.js';
import type { Application, Reply, RequestHead } from './application.js';
import { DecoratedApplication } from './decorated.js';

export class RateHeadersApplication extends DecoratedApplication {
  readonly #limits: RateLimits;

  constructor(inner: Application, limits: RateLimits) {
    super(inner);
    this.#limits = limits;
  }

  protected decorate(reply: Reply, head: RequestHead): Reply {
    const headers = this.#limits.headersOf(head);
    return headers === undefined ? reply : { ...reply, headers: { ...reply.headers, ...headers } };
  }
}
