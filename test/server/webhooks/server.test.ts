/** The whole way, with the server as users start it: a point comes in, a rule fires, its receiver is told. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import t from 'tap';
import { Client } from '../../../bench/client.js';
import { ADMIN_KEY, ServerProcess } from '../../../bench/server-process.js';
import { ok, receive } from '../../support/receiver.js';

// biome-ignore lint/suspicious/noExplicitAny: a test looks into any answer
type Body = any;

t.test('a rule fires, the server is killed while it tells so, and tells it after the next start', async t => {
  const directory = mkdtempSync(join(tmpdir(), 'dakkio-test-'));
  const servers: ServerProcess[] = [];
  const clients: Client[] = [];
  t.teardown(async () => {
    for (const client of clients) client.close();
    for (const server of servers) await server.end('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  });
  const start = async () => {
    const server = await ServerProcess.start(directory, [], ['--webhook-allow-private', '127.0.0.1/32']);
    const client = new Client(server.origin, ADMIN_KEY, 1);
    servers.push(server);
    clients.push(client);
    return client;
  };
  let wake: () => void = () => {};
  const receiver = await receive(t, () => wake());
  const received = async (count: number) => {
    while (receiver.received.length < count) {
      await new Promise<void>(resolve => {
        wake = resolve;
      });
    }
  };

  const client = await start();
  const post = (path: string, body: object) => client.json<Body>('POST', path, body);
  const bucketId = (await post('/api/buckets', { name: 'home' })).bucket._id;
  const schema = { temperature: 'number' };
  const dataSourceId = (await post(`/api/buckets/${bucketId}/sources`, { name: 'attic', schema })).dataSource
    ._id;
  const rule = {
    bucketId,
    dataSourceId,
    name: 'Too hot',
    condition: 'temperature exceeds 30°C',
    webhookUrl: `${receiver.origin}/hook`,
  };
  const { alertRule } = await post('/api/alerts', rule);
  await post('/api/data', { bucketId, dataSourceId, values: { temperature: 31.5 } });
  await received(1);
  await servers[0].end('SIGKILL');

  receiver.answer = (response, request) => {
    ok(response, request);
    wake();
  };
  const again = await start();
  await received(2);
  const [first, second] = receiver.received;
  t.equal(second.headers['webhook-id'], first.headers['webhook-id']);
  t.equal(second.body, first.body);
  const message = new Webhook(alertRule.webhookSecret).verify(second.body, second.headers);
  t.match(message, {
    event: 'alert.triggered',
    webhookId: second.headers['webhook-id'],
    bucketId,
    data: {
      alertId: alertRule._id,
      alertName: 'Too hot',
      dataSourceId,
      dataSourceName: 'attic',
      currentValue: 31.5,
      threshold: 30,
      operator: '>',
      dataPoint: { values: { temperature: 31.5 } },
    },
  });
  const path = `/api/buckets/${bucketId}/alerts/${alertRule._id}/deliveries`;
  for (;;) {
    const { deliveries } = await again.json<Body>('GET', path);
    if (deliveries[0].status === 'pending') continue;
    t.match(deliveries, [{ status: 'delivered', attempts: [{ statusCode: 204, error: null }] }]);
    t.equal(deliveries.length, 1);
    break;
  }
  const inside = { ...rule, webhookUrl: 'http://169.254.169.254/latest/meta-data/' };
  const refused = await fetch(`${servers[1].origin}/api/alerts`, {
    method: 'POST',
    headers: { 'X-API-Key': ADMIN_KEY, 'Content-Type': 'application/json' },
    body: JSON.stringify(inside),
  });
  t.equal(refused.status, 400);
  t.match(await refused.json(), { details: [{ path: ['body', 'webhookUrl'], message: /is link-local/ }] });
});
