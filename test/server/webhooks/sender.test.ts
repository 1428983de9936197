import { Webhook } from 'standardwebhooks';
import t, { type Test } from 'tap';
import { AddressRules, type AllowedAddresses } from '../../../server/webhooks/addresses.js';
import { Destinations, type Resolve } from '../../../server/webhooks/destinations.js';
import type { Delivery } from '../../../server/webhooks/model.js';
import { Sender, type Sent } from '../../../server/webhooks/sender.js';
import { newSecret } from '../../../server/webhooks/signature.js';
import { type Answer, receive, receiveBytes, unusedOrigin } from '../../support/receiver.js';

const LOCAL = ['127.0.0.1/32'];
const SECRET = newSecret();
const PAYLOAD = '{"event":"alert.triggered","data":{"alertName":"Größe 😀"}}';

const DELIVERY: Delivery = {
  id: 'a1'.repeat(12),
  ruleId: 'b1'.repeat(12),
  event: 'alert.triggered',
  url: 'http://127.0.0.1/',
  payload: PAYLOAD,
  createdAt: 0,
  status: 'pending',
  reason: null,
  since: 0,
  attempts: 0,
  nextAttemptAt: 0,
  log: [],
};

interface SendOptions {
  readonly allowed?: AllowedAddresses;
  readonly resolve?: Resolve;
  readonly timeMaxMs?: number;
  readonly closing?: AbortSignal;
}

function send(url: string, options: SendOptions = {}): Promise<Sent> {
  const { allowed = LOCAL, resolve, timeMaxMs } = options;
  const destinations = new Destinations(new AddressRules(allowed), resolve);
  const sender = new Sender({ destinations, clock: { now: () => Date.now() }, timeMaxMs });
  const closing = options.closing ?? new AbortController().signal;
  return sender.send(DELIVERY, { url, secret: SECRET }, closing);
}

t.test('what arrives is what the package of Standard Webhooks takes', async t => {
  const receiver = await receive(t, response => response.end('thanks'));
  const { attempt, retryAfterMs } = await send(`${receiver.origin}/hook?a=b%20c#fragment`);
  t.match(attempt, { status: 200, error: null, answer: 'thanks' });
  t.equal(retryAfterMs, undefined);
  t.ok(attempt.durationMs >= 0);
  t.equal(receiver.received.length, 1);
  const [{ method, url, headers, body }] = receiver.received;
  t.equal(method, 'POST');
  t.equal(url, '/hook?a=b%20c');
  t.equal(body, PAYLOAD);
  t.match(headers, { 'content-type': 'application/json', 'webhook-id': DELIVERY.id, host: /^127\.0\.0\.1:/ });
  t.strictSame(new Webhook(SECRET).verify(body, headers), JSON.parse(PAYLOAD));
});

t.test('each status is what it is', async t => {
  const receiver = await receive(t);
  const cases: [status: number, error: RegExp | null][] = [
    [200, null],
    [202, null],
    [204, null],
    [299, null],
    [300, /answered 300; redirects are not followed/],
    [301, /redirects/],
    [302, /redirects/],
    [304, /redirects/],
    [307, /redirects/],
    [308, /redirects/],
    [400, /answered 400$/],
    [401, /answered 401$/],
    [404, /answered 404$/],
    [410, /answered 410$/],
    [500, /answered 500$/],
    [503, /answered 503$/],
    [599, /answered 599$/],
  ];
  for (const [status, error] of cases) {
    receiver.answer = response => response.writeHead(status, { location: `${receiver.origin}/other` }).end();
    const { attempt } = await send(receiver.origin);
    t.equal(attempt.status, status);
    if (error === null) t.equal(attempt.error, null, `${status}`);
    else t.match(attempt.error, error, `${status}`);
  }
  t.equal(receiver.received.length, cases.length, 'no redirect was followed');
});

t.test('Retry-After is heard with 429 and 503 only', async t => {
  const receiver = await receive(t);
  for (const [status, want] of [
    [429, 7_000],
    [503, 7_000],
    [500, undefined],
    [200, undefined],
  ] as const) {
    receiver.answer = response => response.writeHead(status, { 'retry-after': '7' }).end();
    t.equal((await send(receiver.origin)).retryAfterMs, want, `${status}`);
  }
  receiver.answer = response => response.writeHead(429, ['retry-after', '7', 'retry-after', '9']).end();
  t.equal((await send(receiver.origin)).retryAfterMs, 7_000);
});

t.test('receivers that fail in every way', async t => {
  const hang: Answer = () => {};
  const cases: [name: string, origin: Promise<string>, error: RegExp][] = [
    ['nobody listens', unusedOrigin(), /ECONNREFUSED/],
    ['no answer', receive(t, hang).then(({ origin }) => origin), /no whole answer within/],
    ['no HTTP, and silent', receiveBytes(t, () => {}), /no whole answer within/],
    ['closes at once', receiveBytes(t, socket => socket.destroy()), /./],
    ['closes after the request', receiveBytes(t, socket => socket.on('data', () => socket.end())), /./],
    ['resets', receiveBytes(t, socket => socket.on('data', () => socket.resetAndDestroy())), /./],
    ['greets as a server of mail', receiveBytes(t, socket => socket.write('220 mail ready\r\n')), /./],
    ['not HTTP', answering(t, 'SSH-2.0-OpenSSH_9.2\r\n'), /HTTP/],
    ['a status that is none', answering(t, 'HTTP/1.1 abc OK\r\n\r\n'), /./],
    ['two lengths', answering(t, 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na'), /./],
    ['half a head', answering(t, 'HTTP/1.1 200 OK\r\nContent-'), /no whole answer/],
    ['headers without end', headersWithoutEnd(t), /./],
    ['informational answers without end', informationWithoutEnd(t), /./],
    ['no body', answering(t, 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'), /no whole answer/],
    ['half a body', answering(t, 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab'), /no whole answer/],
    ['closes in the middle', answering(t, 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab', true), /./],
    ['a broken chunk', answering(t, 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n'), /./],
    ['drips', dripping(t), /no whole answer/],
  ];
  await Promise.all(
    cases.map(async ([name, origin, error]) => {
      const { attempt, retryAfterMs } = await send(await origin, {
        // What must be seen for what it is has time for that on any machine; the others may never answer.
        timeMaxMs: error.source === 'HTTP' ? 20_000 : 400,
      });
      t.match(attempt.error, error, name);
      t.equal(attempt.status, null, name);
      t.equal(retryAfterMs, undefined, name);
      t.ok(attempt.error!.length <= 256, name);
    }),
  );
});

t.test('of an answer without end some is read, and its status counts', async t => {
  const sockets: boolean[] = [];
  const origin = await receiveBytes(t, socket => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      const more = () => {
        while (!socket.destroyed && socket.write('😀'.repeat(1_000)));
      };
      socket.on('drain', more);
      more();
    });
    socket.on('close', () => sockets.push(true));
  });
  const { attempt } = await send(origin);
  t.match(attempt, { status: 200, error: null });
  t.equal(attempt.answer, '😀'.repeat(128));
  while (sockets.length === 0) await new Promise(resolve => setTimeout(resolve, 1));
  t.pass('and its connection is closed');
});

t.test('the connection goes to what was resolved and checked, once', async t => {
  const receiver = await receive(t);
  const { port } = new URL(receiver.origin);
  const asked: string[] = [];
  // A name that is public when it is first asked for, and inside from then on.
  const rebinding: Resolve = async host => {
    asked.push(host);
    return asked.length === 1 ? ['127.0.0.1'] : ['127.0.0.2'];
  };
  const { attempt } = await send(`http://rebound.example.com:${port}/`, { resolve: rebinding });
  t.match(attempt, { status: 204, error: null });
  t.strictSame(asked, ['rebound.example.com'], 'nobody asks again to connect');
  t.equal(receiver.received[0].headers.host, `rebound.example.com:${port}`);
  const again = await send(`http://rebound.example.com:${port}/`, { resolve: rebinding });
  t.match(again.attempt, { status: null, error: /is at 127\.0\.0\.2, which is loopback/ });
  t.equal(receiver.received.length, 1);
});

t.test('the next address of a host is tried where the first does not answer', async t => {
  const receiver = await receive(t);
  const { port } = new URL(receiver.origin);
  const resolve = async () => ['::1', '127.0.0.1'];
  const { attempt } = await send(`http://two.example.com:${port}/`, {
    resolve,
    allowed: ['127.0.0.1', '::1'],
  });
  t.equal(attempt.status, 204);
  const none = await send(`${(await unusedOrigin()).replace('127.0.0.1', 'two.example.com')}/`, {
    resolve,
    allowed: true,
  });
  t.match(none.attempt, { status: null, error: /ECONNREFUSED.*; .*ECONN|ECONNREFUSED|EADDRNOTAVAIL/ });
});

t.test('names that are not found, or never', async t => {
  const missing = async () => {
    throw new Error('getaddrinfo ENOTFOUND a.example.com');
  };
  t.match((await send('http://a.example.com/', { resolve: missing })).attempt, {
    status: null,
    error: /ENOTFOUND/,
  });
  const never = () => new Promise<never>(() => {});
  t.match((await send('http://a.example.com/', { resolve: never, timeMaxMs: 50 })).attempt, {
    status: null,
    error: /no whole answer within 0.05 seconds/,
  });
  t.match((await send('http://user@example.com/')).attempt, { status: null, error: /user name/ });
});

t.test('closing ends what is on its way', async t => {
  const closing = new AbortController();
  const receiver = await receive(t, () => closing.abort());
  t.match((await send(receiver.origin, { closing: closing.signal })).attempt, {
    status: null,
    error: 'The server was closed',
  });
  t.match((await send(receiver.origin, { closing: closing.signal })).attempt.status, null);
  t.equal(receiver.received.length, 1, 'and nothing begins');
});

function answering(t: Test, text: string, closes = false): Promise<string> {
  return receiveBytes(t, socket => {
    socket.once('data', () => (closes ? socket.end(text) : socket.write(text)));
  });
}

function repeating(t: Test, head: string, text: string, waitMs: number): Promise<string> {
  return receiveBytes(t, socket => {
    socket.once('data', () => {
      socket.write(head);
      const timer = setInterval(() => socket.write(text), waitMs);
      socket.on('close', () => clearInterval(timer));
    });
  });
}

const headersWithoutEnd = (t: Test) =>
  repeating(t, 'HTTP/1.1 200 OK\r\n', `X-More: ${'a'.repeat(1_000)}\r\n`, 1);

const informationWithoutEnd = (t: Test) => repeating(t, '', 'HTTP/1.1 103 Early Hints\r\n\r\n', 5);

const dripping = (t: Test) => repeating(t, 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n', 'a', 20);
