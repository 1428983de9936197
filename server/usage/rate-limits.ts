/** Who may call now: so many calls a month by plan, and so many a second by key where the operator wants it. */
import type { Clock } from '../../engine/base/time.js';
import type { Catalog } from '../catalog/catalog.js';
import type { ApiKey } from '../catalog/model.js';
import { PLANS } from '../catalog/plans.js';
import { ApiError } from '../errors.js';
import type { RequestHead } from '../http/application.js';
import { formatTimestamp } from '../schemas/timestamp.js';
import { TokenBuckets } from './token-buckets.js';
import type { Usage } from './usage.js';

export interface RateLimitsOptions {
  readonly catalog: Catalog;
  readonly usage: Usage;
  readonly clock: Clock;
  /** Calls a second of one key, on average and at once; 0 for any number. */
  readonly burstMax: number;
}

export class RateLimits {
  readonly #options: RateLimitsOptions;
  readonly #bursts: TokenBuckets | undefined;
  readonly #headers = new WeakMap<RequestHead, Readonly<Record<string, string>>>();

  constructor(options: RateLimitsOptions) {
    this.#options = options;
    this.#bursts = options.burstMax === 0 ? undefined : new TokenBuckets(options.burstMax);
  }

  /** Counts a call. @throws ApiError where it is one too many: it is not counted then */
  admit(key: ApiKey, head: RequestHead): void {
    const { usage, clock, catalog } = this.#options;
    const { callsMax } = PLANS[catalog.organization.plan];
    if (callsMax !== null) this.#refuseBeyond(callsMax, head);
    if (this.#bursts !== undefined) {
      const now = clock.now();
      const freeAt = this.#bursts.take(key.id, now);
      if (freeAt !== undefined) throw tooMany(freeAt, now);
    }
    usage.count(key.id);
    if (callsMax !== null) this.#tell(callsMax, head);
  }

  /** What an answer to a request has to say of limits; undefined where there is none, or nobody knows who asked. */
  headersOf(head: RequestHead): Readonly<Record<string, string>> | undefined {
    return this.#headers.get(head);
  }

  #refuseBeyond(callsMax: number, head: RequestHead): void {
    const { usage, clock } = this.#options;
    this.#tell(callsMax, head);
    if (usage.callsThisMonth >= callsMax) throw tooMany(usage.monthEnd, clock.now());
  }

  #tell(callsMax: number, head: RequestHead): void {
    const { usage } = this.#options;
    this.#headers.set(head, {
      'X-RateLimit-Limit': String(callsMax),
      'X-RateLimit-Remaining': String(Math.max(0, callsMax - usage.callsThisMonth)),
      'X-RateLimit-Reset': String(usage.monthEnd / 1_000),
    });
  }
}

function tooMany(freeAt: number, now: number): ApiError {
  return new ApiError('TOO_MANY_REQUESTS', {
    message: `Rate limit exceeded. Resets at ${formatTimestamp(freeAt)}`,
    headers: { 'Retry-After': String(Math.max(1, Math.ceil((freeAt - now) / 1_000))) },
  });
}
