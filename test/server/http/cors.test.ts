/** What pages of other origins may do, and what every answer has on its way. */
import t from 'tap';
import { type AllowedOrigins, CorsApplication } from '../../../server/http/cors.js';
import { ObservedApplication } from '../../../server/http/observed.js';
import { RequestStatistics } from '../../../server/metrics/requests.js';
import { ADMIN_KEY, type CallOptions, Fixture, headOf } from '../api/fixture.js';

const HERE = 'https://example.org';
const THERE = 'http://localhost:5173';

async function openApplication(origins: AllowedOrigins) {
  const fixture = await Fixture.open();
  const statistics = new RequestStatistics();
  const lines: object[] = [];
  const logger = { debug: (context: object) => lines.push(context) };
  const application = new CorsApplication(
    new ObservedApplication(fixture.application, statistics, logger),
    origins,
  );
  const call = async (method: string, target: string, options: CallOptions = {}) => {
    const body = Buffer.from(options.body === undefined ? '' : JSON.stringify(options.body));
    const decision = application.admit(headOf(method, target, options));
    return 'respond' in decision ? decision.respond(body) : decision;
  };
  return { fixture, application, statistics, lines, call };
}

t.test('any origin may call where all are allowed, and learns of errors too', async t => {
  const { application, call } = await openApplication('*');
  const origin = { origin: HERE };
  const answers = [
    await call('GET', '/api/buckets', { key: ADMIN_KEY, headers: origin }),
    await call('GET', '/api/buckets', { headers: origin }),
    await call('GET', '/nowhere', { headers: origin }),
    await call('POST', '/api/buckets', { key: ADMIN_KEY, body: {}, headers: origin }),
    application.tooLarge(headOf('POST', '/api/data', { headers: origin }), 1),
    application.unreadable(headOf('POST', '/api/data', { headers: origin }), 'gzip'),
    application.overloaded(headOf('POST', '/api/data', { headers: origin })),
  ];
  t.same(
    answers.map(({ status }) => status),
    [200, 401, 404, 400, 413, 400, 503],
  );
  for (const { status, headers } of answers) {
    t.equal(headers?.['Access-Control-Allow-Origin'], '*', `${status}`);
    t.match(headers?.['Access-Control-Expose-Headers'], /Retry-After.*X-RateLimit-Remaining/, `${status}`);
  }
  const own = await call('GET', '/api/buckets', { key: ADMIN_KEY });
  t.notOk(
    'Access-Control-Allow-Origin' in (own.headers ?? {}),
    'nothing for who is no page of another origin',
  );
});

t.test('a preflight needs no key, and says what may be sent', async t => {
  const { call } = await openApplication('*');
  const headers = { origin: HERE, 'access-control-request-method': 'PATCH' };
  const answer = await call('OPTIONS', '/api/buckets/x', { headers });
  t.equal(answer.status, 204);
  t.equal(answer.headers?.['Access-Control-Allow-Methods'], 'DELETE, GET, HEAD, OPTIONS, PATCH');
  t.match(answer.headers?.['Access-Control-Allow-Headers'], /Content-Type.*Idempotency-Key.*X-API-Key/);
  t.equal(answer.headers?.['Access-Control-Allow-Origin'], '*');
});

t.test('only some origins, or none', async t => {
  const some = await openApplication(new Set([HERE]));
  const allowed = (await some.call('GET', '/health', { headers: { origin: HERE } })).headers;
  t.match(allowed, { 'Access-Control-Allow-Origin': HERE, Vary: 'Origin' });
  const refused = (await some.call('GET', '/health', { headers: { origin: THERE } })).headers;
  t.equal(refused?.['Access-Control-Allow-Origin'], undefined);
  t.equal(refused?.Vary, 'Origin', 'a cache must not give this answer to the other');
  const none = await openApplication(new Set());
  const headers = (await none.call('GET', '/health', { headers: { origin: HERE } })).headers;
  t.same(
    Object.keys(headers ?? {}).filter(name => /^(Access|Vary)/.test(name)),
    [],
  );
});

t.test('requests have names, and are counted by what they are for', async t => {
  const { call, statistics, lines } = await openApplication('*');
  const named = await call('GET', '/health', {});
  t.equal(named.headers?.['X-Request-Id'], 'request-1');
  await call('POST', '/api/buckets', { key: ADMIN_KEY, body: { name: 'home' } });
  for (const id of ['a', 'b']) await call('GET', `/api/buckets/${id}`, { key: ADMIN_KEY });
  await call('BREW', '/teapot');
  const samples = statistics
    .metrics()
    .flatMap(({ name, samples }) =>
      [...samples()].map(({ value, labels, suffix = '' }) => ({ name: name + suffix, value, ...labels })),
    );
  const requests = samples.filter(({ name }) => name === 'dakkio_http_requests_total');
  t.strictSame(requests, [
    { name: 'dakkio_http_requests_total', value: 1, method: 'GET', route: '/health', status: '200' },
    { name: 'dakkio_http_requests_total', value: 1, method: 'POST', route: '/api/buckets', status: '201' },
    {
      name: 'dakkio_http_requests_total',
      value: 2,
      method: 'GET',
      route: '/api/buckets/:bucketId',
      status: '400',
    },
    { name: 'dakkio_http_requests_total', value: 1, method: 'other', route: 'notFound', status: '404' },
  ]);
  const counted = samples.filter(({ name, ...labels }) => /_count$/.test(name) && 'method' in labels);
  t.same(
    counted.map(({ value }) => value),
    [1, 1, 2, 1],
  );
  const ends = samples.filter(sample => 'le' in sample && sample.le === '+Inf');
  t.same(
    ends.map(({ value }) => value),
    [1, 1, 2, 1],
  );
  const received = samples.find(({ name }) => name === 'dakkio_http_received_bytes_total');
  t.equal(received?.value, '{"name":"home"}'.length);
  t.equal(lines.length, 5);
  t.notMatch(JSON.stringify(lines), /dakkio_a_/, 'no key is logged');
});
