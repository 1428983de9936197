import type { Webhooks } from '../webhooks/webhooks.js';
import { counter, gauge, type Metric } from './metrics.js';

export function webhookMetrics({ outbox, deliverer: { counts } }: Webhooks): Metric[] {
  return [
    gauge('dakkio_webhooks_pending', 'Webhooks that wait to be delivered.', () => outbox.pendingCount),
    counter('dakkio_webhook_attempts_total', 'Attempts to deliver a webhook.', () => counts.attempts),
    counter(
      'dakkio_webhooks_delivered_total',
      'Webhooks that their receivers have taken.',
      () => counts.delivered,
    ),
    counter('dakkio_webhooks_failed_total', 'Webhooks that were given up.', () => counts.failed),
  ];
}
