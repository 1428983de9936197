import type { Notification, NotificationData } from '../alerts/notification.js';
import { WEBHOOK_PAYLOAD_BYTES_MAX } from '../limits.js';
import { formatTimestamp } from '../schemas/timestamp.js';

/** The body of a webhook. Where it would be too large the point goes without its metadata, then without its values. */
export function payloadOf(notification: Notification): string {
  const { data } = notification;
  const whole = textOf(notification, data);
  if (fits(whole) || data.dataPoint === null) return whole;
  const withoutMetadata = { ...data.dataPoint, metadata: null };
  const shorter = textOf(notification, { ...data, dataPoint: withoutMetadata });
  if (fits(shorter)) return shorter;
  return textOf(notification, { ...data, dataPoint: { ...withoutMetadata, values: {} } });
}

function textOf({ id, event, bucketId, at }: Notification, data: NotificationData): string {
  return JSON.stringify({ event, timestamp: formatTimestamp(at), webhookId: id, bucketId, data });
}

function fits(text: string): boolean {
  return Buffer.byteLength(text) <= WEBHOOK_PAYLOAD_BYTES_MAX;
}
