/** One attempt to deliver: where to, what is sent, and what is to be told of it. */
import type { Clock } from '../../engine/base/time.js';
import type { RuleWebhook } from '../catalog/model.js';
import { WEBHOOK_TIME_MAX_MS } from '../limits.js';
import type { Destinations } from './destinations.js';
import type { Attempt, Delivery } from './model.js';
import { type PostAnswer, post, shortened } from './post.js';
import { parseRetryAfter } from './schedule.js';
import { signedHeaders } from './signature.js';
import { parseWebhookUrl } from './url.js';

export interface SenderOptions {
  readonly destinations: Destinations;
  readonly clock: Clock;
  readonly timeMaxMs?: number;
}

export interface Sent {
  readonly attempt: Attempt;
  /** What the receiver asks us to wait. */
  readonly retryAfterMs?: number;
}

/** Statuses with which receivers may say when to come again. */
const WAIT_STATUSES: ReadonlySet<number> = new Set([429, 503]);

export class Sender {
  readonly #destinations: Destinations;
  readonly #clock: Clock;
  readonly #timeMaxMs: number;

  constructor(options: SenderOptions) {
    this.#destinations = options.destinations;
    this.#clock = options.clock;
    this.#timeMaxMs = options.timeMaxMs ?? WEBHOOK_TIME_MAX_MS;
  }

  /**
   * Never rejects: whatever goes wrong is the receiver's, or the network's.
   * @param webhook of the rule as it is now, which may be another than when the delivery was made
   * @param closing ends the attempt; nothing is to be told of it then
   */
  async send(delivery: Delivery, webhook: RuleWebhook, closing: AbortSignal): Promise<Sent> {
    const at = this.#clock.now();
    const start = performance.now();
    const attemptOf = (result: Pick<Attempt, 'status' | 'error' | 'answer'>): Attempt => ({
      at,
      durationMs: Math.round(performance.now() - start),
      ...result,
    });
    try {
      const answer = await this.#post(delivery, webhook, at, closing);
      const { status, retryAfter, text } = answer;
      const retryAfterMs = WAIT_STATUSES.has(status)
        ? parseRetryAfter(retryAfter, this.#clock.now())
        : undefined;
      return { attempt: attemptOf({ status, error: problemOf(status), answer: text }), retryAfterMs };
    } catch (error) {
      return { attempt: attemptOf({ status: null, error: reasonOf(error), answer: '' }) };
    }
  }

  async #post(
    { id, payload }: Delivery,
    webhook: RuleWebhook,
    at: number,
    closing: AbortSignal,
  ): Promise<PostAnswer> {
    const parsed = parseWebhookUrl(webhook.url);
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'dakkio',
      ...signedHeaders({ id, body: payload, at }, webhook),
    };
    return within(this.#timeMaxMs, closing, async signal => {
      const addresses = await this.#destinations.addresses(parsed);
      signal.throwIfAborted();
      return post({ url: parsed, addresses, headers, body: payload, signal });
    });
  }
}

/** Runs work that may take so long, also where it does not heed the signal: a resolver of names does not. */
async function within<T>(
  timeMaxMs: number,
  closing: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const { signal } = controller;
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  const close = () => controller.abort(new Error('The server was closed'));
  closing.addEventListener('abort', close, { once: true });
  const timer = setTimeout(() => {
    controller.abort(new Error(`There was no whole answer within ${timeMaxMs / 1_000} seconds`));
  }, timeMaxMs);
  try {
    closing.throwIfAborted();
    return await Promise.race([work(signal), aborted]);
  } finally {
    clearTimeout(timer);
    closing.removeEventListener('abort', close);
  }
}

/** Why an answer is no success; null where it is one. */
function problemOf(status: number): string | null {
  if (status >= 200 && status < 300) return null;
  if (status >= 300 && status < 400) return `The receiver answered ${status}; redirects are not followed`;
  return `The receiver answered ${status}`;
}

function reasonOf(error: unknown): string {
  // What is said of several addresses is in the errors of each.
  if (error instanceof AggregateError) return shortened(error.errors.map(reasonOf).join('; '));
  const { message, code } = error as { message?: string; code?: string };
  return shortened(message || code || 'Unknown');
}
