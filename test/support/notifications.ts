import type { Notification } from '../../server/alerts/notification.js';

/** @param number tells it from others, and is its id */
export function newNotification(number: number, ruleId: string, at: number): Notification {
  return {
    id: number.toString(16).padStart(24, '0'),
    event: 'alert.triggered',
    ruleId,
    bucketId: 'b'.repeat(24),
    url: `https://${ruleId}.example.com/`,
    at,
    data: {
      alertId: ruleId,
      alertName: 'Too hot',
      dataSourceId: 'd'.repeat(24),
      dataSourceName: 'Attic',
      condition: 'temperature > 30',
      currentValue: 31.5,
      threshold: 30,
      operator: '>',
      triggeredAt: '2024-01-15T00:00:00Z',
      dataPoint: { timestamp: '2024-01-15T00:00:00Z', values: { temperature: 31.5 }, metadata: null },
    },
  };
}
