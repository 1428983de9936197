/** URLs of webhooks, by their form alone; `Destinations` tells where they lead. */
import { WEBHOOK_URL_CHARACTERS_MAX } from '../limits.js';
import { WebhookRefusedError } from './refused.js';

/** `new URL` leaves white space out, so that what is shown of a URL would not be what is called. */
const NOT_OF_URLS = /[\s\p{Control}]/u;

/** @throws WebhookRefusedError */
export function parseWebhookUrl(text: string): URL {
  if (text.length > WEBHOOK_URL_CHARACTERS_MAX) {
    throw new WebhookRefusedError(`The URL must have at most ${WEBHOOK_URL_CHARACTERS_MAX} characters`);
  }
  if (NOT_OF_URLS.test(text) || !URL.canParse(text)) throw new WebhookRefusedError('Invalid url');
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new WebhookRefusedError('The URL must begin with https:// or http://');
  }
  // They would be shown to everyone who may see the rule.
  if (url.username !== '' || url.password !== '') {
    throw new WebhookRefusedError('The URL must not have a user name or a password');
  }
  return url;
}
