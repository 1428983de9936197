/** What a caller is told of the URL of a webhook that he wants. */
import { ApiError } from '../errors.js';
import type { Destinations } from './destinations.js';
import { WebhookRefusedError } from './refused.js';
import { parseWebhookUrl } from './url.js';

/** How long a caller waits for a resolver. */
const RESOLVE_TIME_MAX_MS = 2_000;

export class WebhookGate {
  readonly #destinations: Destinations;
  readonly #timeMaxMs: number;

  constructor(destinations: Destinations, timeMaxMs = RESOLVE_TIME_MAX_MS) {
    this.#destinations = destinations;
    this.#timeMaxMs = timeMaxMs;
  }

  /**
   * A host that cannot be found now is let through: it may be found when there is something to send, and is checked
   * again each time.
   * @throws (rejects) ApiError with the reason at `webhookUrl`
   */
  async check(text: string): Promise<void> {
    try {
      await this.#resolve(parseWebhookUrl(text));
    } catch (error) {
      if (!(error instanceof WebhookRefusedError)) return;
      const details = [{ path: ['body', 'webhookUrl'], message: error.message }];
      throw new ApiError('INVALID_REQUEST', { details });
    }
  }

  async #resolve(url: URL): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>(resolve => {
      timer = setTimeout(resolve, this.#timeMaxMs);
    });
    try {
      await Promise.race([this.#destinations.addresses(url), late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
