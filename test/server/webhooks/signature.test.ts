import { Webhook } from 'standardwebhooks';
import t from 'tap';
import { newSecret, rotated, signedHeaders } from '../../../server/webhooks/signature.js';

const HOUR_MS = 3_600_000;
const BODY = '{"event":"alert.triggered","data":{"alertName":"Größe 名前 \\" 😀"}}';

t.test('secrets are what the specification asks for, and never the same', async t => {
  const secrets = Array.from({ length: 50 }, newSecret);
  t.equal(new Set(secrets).size, 50);
  for (const secret of secrets) {
    t.match(secret, /^whsec_[A-Za-z0-9+/]+=*$/);
    const { length } = Buffer.from(secret.slice('whsec_'.length), 'base64');
    t.ok(length >= 24 && length <= 64, `${length} bytes`);
  }
});

t.test('the example of the specification', async t => {
  // https://github.com/standard-webhooks/standard-webhooks: the test vector of its libraries.
  const headers = signedHeaders(
    { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', body: '{"test": 2432232314}', at: 1_614_265_330_999 },
    { url: '', secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' },
  );
  t.strictSame(headers, {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

t.test('the package of Standard Webhooks takes them, and nothing that was changed', async t => {
  const webhook = { url: '', secret: newSecret() };
  const message = { id: 'a1'.repeat(12), body: BODY, at: Date.now() };
  const headers = signedHeaders(message, webhook);
  const receiver = new Webhook(webhook.secret);
  t.strictSame(receiver.verify(BODY, headers), JSON.parse(BODY));
  t.throws(() => receiver.verify(`${BODY} `, headers));
  t.throws(() => receiver.verify(BODY, { ...headers, 'webhook-id': 'b1'.repeat(12) }));
  const later = String(Number(headers['webhook-timestamp']) + 1);
  t.throws(() => receiver.verify(BODY, { ...headers, 'webhook-timestamp': later }));
  t.throws(() => new Webhook(newSecret()).verify(BODY, headers));
});

t.test('after a rotation both secrets sign for a day, and the one before the last no more', async t => {
  const now = Date.now();
  const first = { url: 'https://example.com/', secret: newSecret() };
  const second = rotated(first, now - 24 * HOUR_MS + 1);
  t.equal(second.url, first.url);
  t.not(second.secret, first.secret);
  const taken = (at: number, webhook: typeof second) => {
    const headers = signedHeaders({ id: 'a', body: BODY, at }, webhook);
    return [first.secret, second.secret, third.secret].map(secret => {
      const receiver = new Webhook(secret);
      const same = receiver.sign('a', new Date(at), BODY);
      return headers['webhook-signature'].split(' ').includes(same);
    });
  };
  const third = rotated(second, now);
  t.strictSame(taken(now, second), [true, true, false]);
  t.strictSame(taken(now + 1, second), [false, true, false], 'a day is over');
  t.strictSame(taken(now, third), [false, true, true]);
  t.strictSame(taken(now + 24 * HOUR_MS, third), [false, false, true]);
  const headers = signedHeaders({ id: 'a', body: BODY, at: now }, third);
  for (const { secret } of [second, third]) t.ok(new Webhook(secret).verify(BODY, headers));
});
