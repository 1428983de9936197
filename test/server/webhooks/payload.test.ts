import t from 'tap';
import { payloadOf } from '../../../server/webhooks/payload.js';
import { newNotification } from '../../support/notifications.js';

const BYTES_MAX = 256 * 1024;

const notification = newNotification(7, 'a'.repeat(24), Date.UTC(2024, 0, 15, 10, 30, 0, 250));

t.test('the body is as the contract has it', async t => {
  t.strictSame(JSON.parse(payloadOf(notification)), {
    event: 'alert.triggered',
    timestamp: '2024-01-15T10:30:00.250Z',
    webhookId: '000000000000000000000007',
    bucketId: 'b'.repeat(24),
    data: {
      alertId: 'a'.repeat(24),
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
  });
});

t.test('of a point that is too large first its metadata is left out, then its values', async t => {
  const pointOf = (values: Record<string, string>, metadata: unknown) => {
    const dataPoint = { timestamp: '2024-01-15T00:00:00Z', values, metadata };
    const text = payloadOf({ ...notification, data: { ...notification.data, dataPoint } });
    t.ok(Buffer.byteLength(text) <= BYTES_MAX);
    return JSON.parse(text).data.dataPoint;
  };
  const small = { a: 'b' };
  // Three bytes a character.
  const large = { a: '名'.repeat(BYTES_MAX / 3) };
  const { timestamp } = notification.data.dataPoint!;
  t.strictSame(pointOf(small, small), { timestamp, values: small, metadata: small });
  t.strictSame(pointOf(small, large), { timestamp, values: small, metadata: null });
  t.strictSame(pointOf(large, small), { timestamp, values: {}, metadata: null });
  const none = { ...notification, data: { ...notification.data, dataPoint: null } };
  t.equal(JSON.parse(payloadOf(none)).data.dataPoint, null);
});
