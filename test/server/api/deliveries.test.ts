import { Webhook } from 'standardwebhooks';
import t, { type Test } from 'tap';
import { newSecret } from '../../../server/webhooks/signature.js';
import { newNotification } from '../../support/notifications.js';
import { receive } from '../../support/receiver.js';
import { ADMIN_KEY, type Answer, Fixture, UNKNOWN_ID } from './fixture.js';

interface World {
  readonly fixture: Fixture;
  readonly bucketId: string;
  readonly ruleId: string;
  /** `/api/buckets/…/alerts/…` of the rule. */
  readonly path: string;
}

/** A bucket, a source and a rule with a webhook. */
async function setUp(t: Test, url: string | null): Promise<World> {
  const fixture = await Fixture.open();
  t.teardown(() => fixture.webhooks.close());
  const bucketId = await fixture.createBucket();
  const sourceId = await fixture.createSource(bucketId, { t: 'number' });
  const webhook = url === null ? null : { url, secret: newSecret() };
  const { id: ruleId } = await fixture.createRule(bucketId, sourceId, webhook);
  return { fixture, bucketId, ruleId, path: `/api/buckets/${bucketId}/alerts/${ruleId}` };
}

function put({ fixture, ruleId }: World, ...numbers: number[]): Promise<void> {
  return fixture.webhooks.outbox.put(
    numbers.map(number => newNotification(number, ruleId, fixture.now + number)),
  );
}

function idOf(number: number): string {
  return newNotification(number, '', 0).id;
}

/** The deliveries of the rule once all are settled, or wait for another attempt. */
async function tried({ fixture, path }: World): Promise<Answer['body']> {
  for (;;) {
    const { body } = await fixture.call('GET', `${path}/deliveries`, { key: ADMIN_KEY });
    const isTried = (one: Answer['body']) => one.status !== 'pending' || one.attempts.length > 0;
    if (body.deliveries.every(isTried)) return body;
    await new Promise(resolve => setTimeout(resolve, 2));
  }
}

t.test('deliveries of a rule, oldest first, with their attempts', async t => {
  const receiver = await receive(t, (response, { headers }) => {
    const isSecond = headers['webhook-id'] === idOf(2);
    response.writeHead(isSecond ? 500 : 200).end(isSecond ? 'no place' : 'thanks');
  });
  const world = await setUp(t, `${receiver.origin}/hook`);
  const { fixture, path } = world;
  await put(world, 1, 2);
  const call = (query: string) => fixture.call('GET', `${path}/deliveries${query}`, { key: ADMIN_KEY });
  t.match((await call('')).body.deliveries, [
    { status: 'pending', attempts: [], nextAttemptAt: '2024-01-15T10:30:00.001Z' },
    { status: 'pending', attempts: [] },
  ]);
  fixture.now += 1_000;
  fixture.webhooks.deliver();
  const { deliveries, pagination } = await tried(world);
  t.strictSame(pagination, { limit: 100, offset: 0, total: 2, hasMore: false });
  const [first, second] = deliveries;
  t.type(first.attempts[0].durationMs, 'number');
  first.attempts[0].durationMs = 0;
  t.strictSame(first, {
    _id: idOf(1),
    event: 'alert.triggered',
    webhookUrl: `${receiver.origin}/hook`,
    status: 'delivered',
    reason: null,
    createdAt: '2024-01-15T10:30:00.001Z',
    nextAttemptAt: null,
    attempts: [
      { timestamp: '2024-01-15T10:30:01Z', durationMs: 0, statusCode: 200, error: null, answer: 'thanks' },
    ],
  });
  t.match(second, {
    _id: idOf(2),
    status: 'pending',
    nextAttemptAt: /^2024-01-15T10:30:0[567]/,
    attempts: [{ statusCode: 500, error: 'The receiver answered 500', answer: 'no place' }],
  });
  const page = (await call('?limit=1&offset=1')).body;
  t.equal(page.deliveries[0]._id, idOf(2));
  t.strictSame(page.pagination, { limit: 1, offset: 1, total: 2, hasMore: false });
  t.equal((await call('?limit=1')).body.pagination.hasMore, true);
  t.equal((await call('?limit=0')).status, 400);
});

t.test('a replay sends the same again, and enables a webhook whose receiver was gone', async t => {
  const receiver = await receive(t, response => response.writeHead(410).end());
  const world = await setUp(t, receiver.origin);
  const { fixture, path, ruleId } = world;
  await put(world, 1);
  fixture.now += 1_000;
  fixture.webhooks.deliver();
  t.match((await tried(world)).deliveries, [{ status: 'failed', reason: /answered 410/ }]);
  t.equal(fixture.catalog.rule(ruleId)!.webhook!.isGone, true);
  receiver.answer = response => response.end();
  const replay = () => fixture.call('POST', `${path}/deliveries/${idOf(1)}/replay`, { key: ADMIN_KEY });
  t.match(await replay(), {
    status: 202,
    body: { message: 'Webhook delivery will be sent again', delivery: { _id: idOf(1), status: 'pending' } },
  });
  while (receiver.received.length < 2) await new Promise(resolve => setTimeout(resolve, 2));
  while (fixture.webhooks.outbox.pendingCount > 0) await new Promise(resolve => setTimeout(resolve, 2));
  t.equal(fixture.catalog.rule(ruleId)!.webhook!.isGone, false);
  t.match((await tried(world)).deliveries, [
    { status: 'delivered', attempts: [{ statusCode: 410 }, { statusCode: 200 }] },
  ]);
  const [before, after] = receiver.received;
  t.equal(after.body, before.body);
  t.equal(after.headers['webhook-id'], before.headers['webhook-id']);
});

t.test('a rotated secret is shown once, and the old one signs too for a day', async t => {
  const receiver = await receive(t);
  const world = await setUp(t, receiver.origin);
  const { fixture, path, ruleId } = world;
  // The package refuses what is not of this hour.
  fixture.now = Date.now();
  const old = fixture.catalog.rule(ruleId)!.webhook!.secret;
  const { status, body } = await fixture.call('POST', `${path}/webhook/rotate`, { key: ADMIN_KEY });
  t.equal(status, 200);
  t.strictSame(Object.keys(body), ['message', 'webhookSecret', 'previousSecretValidUntil']);
  t.equal(Date.parse(body.previousSecretValidUntil), fixture.now + 24 * 3_600_000);
  await put(world, 1);
  fixture.now += 1_000;
  fixture.webhooks.deliver();
  const { deliveries } = await tried(world);
  t.equal(deliveries[0].status, 'delivered');
  const [received] = receiver.received;
  for (const secret of [old, body.webhookSecret]) {
    t.ok(new Webhook(secret).verify(received.body, received.headers));
  }
  const listed = await fixture.call('GET', `${path}/deliveries`, { key: ADMIN_KEY });
  t.notMatch(listed.text, 'whsec_');
  t.strictSame(fixture.errors, []);
});

t.test('what is refused', async t => {
  const world = await setUp(t, 'http://127.0.0.1:1/');
  const { fixture, bucketId, path } = world;
  await put(world, 1);
  const other = await fixture.createRule(bucketId, fixture.catalog.allSources()[0].id, null);
  const otherPath = path.replace(world.ruleId, other.id);
  const elsewhere = await fixture.createBucket('Attic');
  const [write, read, foreign] = [
    await fixture.createKey(bucketId, 'write'),
    await fixture.createKey(bucketId, 'read'),
    await fixture.createKey(elsewhere, 'write'),
  ];
  const replay = `deliveries/${idOf(1)}/replay`;
  const cases: [method: string, path: string, key: string, status: number, message: RegExp][] = [
    ['GET', `${path}/deliveries`, 'none', 401, /Invalid or missing API key/],
    ['GET', `${path}/deliveries`, foreign, 403, /does not have access to this bucket/],
    ['POST', `${path}/${replay}`, read, 403, /^Read keys cannot replay webhook deliveries$/],
    ['POST', `${path}/webhook/rotate`, read, 403, /^Read keys cannot rotate webhook secrets$/],
    ['GET', `${path}x/deliveries`, read, 400, /^Invalid alert rule ID format$/],
    ['POST', `${path}/deliveries/1/replay`, write, 400, /^Invalid webhook delivery ID format$/],
    ['POST', `${path}/deliveries/1/replay`, foreign, 400, /^Invalid webhook delivery ID format$/],
    ['GET', `/api/buckets/${bucketId}/alerts/${UNKNOWN_ID}/deliveries`, read, 404, /^Alert rule not found$/],
    ['GET', path.replace(bucketId, elsewhere) + '/deliveries', foreign, 404, /^Alert rule not found$/],
    ['POST', `${path}/deliveries/${UNKNOWN_ID}/replay`, write, 404, /^Webhook delivery not found$/],
    ['POST', `${otherPath}/${replay}`, write, 404, /^Webhook delivery not found$/],
    ['POST', `${otherPath}/webhook/rotate`, write, 409, /^Alert rule has no webhook$/],
    ['DELETE', `${path}/deliveries`, write, 405, /./],
  ];
  for (const [method, target, key, status, message] of cases) {
    const answer = await fixture.call(method, target, { key });
    t.match(answer, { status, body: { message } }, `${method} ${target}`);
  }
  t.equal((await fixture.call('GET', `${path}/deliveries`, { key: read })).status, 200);
  t.equal((await fixture.call('POST', `${path}/${replay}`, { key: write })).status, 202);
});

t.test('deliveries outlive a restart, and those of rules that are gone do not', async t => {
  const world = await setUp(t, 'http://127.0.0.1:1/');
  const { fixture, path, ruleId } = world;
  await put(world, 1, 2);
  const read = () => fixture.call('GET', `${path}/deliveries`, { key: ADMIN_KEY });
  const before = await read();
  await fixture.restart();
  t.strictSame((await read()).body, before.body);
  await fixture.catalog.deleteRule(ruleId);
  await fixture.restart();
  t.equal(fixture.webhooks.outbox.pendingCount, 0);
});
