import type { AlertRule, RuleWebhook } from '../catalog/model.js';
import { ApiError } from '../errors.js';
import { jsonReply } from '../http/json.js';
import { paginationOf, parsePage } from '../schemas/common.js';
import { formatTimestamp, formatTimestampOrNull } from '../schemas/timestamp.js';
import type { Attempt, Delivery } from '../webhooks/model.js';
import { rotated } from '../webhooks/signature.js';
import { defineRoute, type Route } from './route.js';

export const deliveryRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/api/buckets/:bucketId/alerts/:alertId/deliveries',
    access: { who: 'readers' },
    handle: ({ services: { webhooks }, rule, query }) => {
      const page = parsePage(query);
      const all = webhooks.outbox.deliveriesOf(rule.id);
      const deliveries = all.slice(page.offset, page.offset + page.limit).map(deliveryView);
      return jsonReply(200, { deliveries, pagination: paginationOf(page, deliveries.length, all.length) });
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/api/buckets/:bucketId/alerts/:alertId/deliveries/:deliveryId/replay',
    access: { who: 'writers', action: 'replay webhook deliveries' },
    writes: true,
    handle: async ({ services: { webhooks, catalog }, rule, delivery }) => {
      const webhook = webhookOf(rule);
      if (delivery.payload === '') throw new ApiError('DELIVERY_DISCARDED');
      const replayed = webhooks.outbox.replay(delivery.id);
      const enabled =
        webhook.isGone === true && catalog.updateRule(rule, { webhook: { ...webhook, isGone: false } });
      await Promise.all([replayed, enabled]);
      return jsonReply(202, {
        message: 'Webhook delivery will be sent again',
        delivery: deliveryView(webhooks.outbox.delivery(delivery.id) ?? delivery),
      });
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/api/buckets/:bucketId/alerts/:alertId/webhook/rotate',
    access: { who: 'writers', action: 'rotate webhook secrets' },
    writes: true,
    handle: async ({ services: { catalog, clock }, rule }) => {
      const webhook = rotated(webhookOf(rule), clock.now());
      await catalog.updateRule(rule, { webhook });
      return jsonReply(200, {
        message: 'Webhook secret rotated successfully',
        webhookSecret: webhook.secret,
        previousSecretValidUntil: formatTimestamp(webhook.previous.until),
      });
    },
  }),
];

/** @throws ApiError */
function webhookOf({ webhook }: AlertRule): RuleWebhook {
  if (webhook === null) throw new ApiError('WEBHOOK_NOT_SET');
  return webhook;
}

function deliveryView(delivery: Delivery) {
  return {
    _id: delivery.id,
    event: delivery.event,
    webhookUrl: delivery.url,
    status: delivery.status,
    reason: delivery.reason,
    createdAt: formatTimestamp(delivery.createdAt),
    nextAttemptAt: formatTimestampOrNull(delivery.nextAttemptAt),
    attempts: delivery.log.map(attemptView),
  };
}

function attemptView({ at, durationMs, status, error, answer }: Attempt) {
  return { timestamp: formatTimestamp(at), durationMs, statusCode: status, error, answer };
}
