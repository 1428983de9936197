/** Signatures after Standard Webhooks: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
import { createHmac, randomBytes } from 'node:crypto';
import { HOUR_MS } from '../../engine/base/time.js';
import type { RuleWebhook } from '../catalog/model.js';

const PREFIX = 'whsec_';

/** The specification asks for 24 to 64; the hash has 32. */
const SECRET_BYTES = 32;

/** How long the secret before the last signs too: time for the receiver to learn the new one. */
const OLD_SECRET_MS = 24 * HOUR_MS;

export function newSecret(): string {
  return PREFIX + randomBytes(SECRET_BYTES).toString('base64');
}

type Rotated = RuleWebhook & Required<Pick<RuleWebhook, 'previous'>>;

/** With a new secret; the one before it signs too, for a time. One before that signs no more. */
export function rotated(webhook: RuleWebhook, now: number): Rotated {
  const previous = { secret: webhook.secret, until: now + OLD_SECRET_MS };
  return { ...webhook, secret: newSecret(), previous };
}

export interface SignedMessage {
  readonly id: string;
  readonly body: string;
  /** Of the attempt, milliseconds: receivers refuse what is old, as it may be a copy sent again. */
  readonly at: number;
}

/** The headers that prove where a message is from and that it is whole. */
export function signedHeaders(
  { id, body, at }: SignedMessage,
  { secret, previous }: RuleWebhook,
): Record<string, string> {
  const timestamp = String(Math.floor(at / 1_000));
  const secrets = previous !== undefined && at < previous.until ? [secret, previous.secret] : [secret];
  const signatures = secrets.map(text => signature(text, `${id}.${timestamp}.${body}`));
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  };
}

function signature(secret: string, content: string): string {
  const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
  return `v1,${createHmac('sha256', key).update(content).digest('base64')}`;
}
