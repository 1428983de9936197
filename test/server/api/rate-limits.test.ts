import t from 'tap';
import { ADMIN_KEY, Fixture, headOf, NOW, UNKNOWN_ID } from './fixture.js';

const NEXT_MONTH = '2024-02-01T00:00:00Z';
const LIMITED = {
  error: 'Too Many Requests',
  message: `Rate limit exceeded. Resets at ${NEXT_MONTH}`,
};

async function onPlan(plan: 'free' | 'pro'): Promise<Fixture> {
  const fixture = await Fixture.open();
  await fixture.catalog.bootstrap({ plan });
  return fixture;
}

function useUp(fixture: Fixture, calls: number): void {
  for (let call = 0; call < calls; call++) fixture.usage.count('another key');
}

t.test('without a limit there is no word of it, and calls are counted all the same', async t => {
  const fixture = await Fixture.open();
  const answer = await fixture.call('GET', '/api/buckets', { key: ADMIN_KEY });
  t.equal(answer.status, 200);
  t.notOk(Object.keys(answer.headers).some(name => name.startsWith('X-RateLimit')));
  t.equal(fixture.usage.callsThisMonth, 1);
});

t.test('each answer tells what is left, errors too once the key is known', async t => {
  const fixture = await onPlan('pro');
  const bucketId = await fixture.createBucket();
  const readKey = await fixture.createKey(bucketId, 'read');
  const cases: [status: number, method: string, path: string, options: object][] = [
    [200, 'GET', '/api/buckets', {}],
    [201, 'POST', '/api/buckets', { body: { name: 'a' } }],
    [400, 'POST', '/api/buckets', { body: { name: '' } }],
    [400, 'POST', '/api/buckets', { body: '{' }],
    [400, 'GET', '/api/buckets/x', {}],
    [403, 'GET', '/api/buckets', { key: readKey }],
    [404, 'GET', `/api/buckets/${UNKNOWN_ID}`, {}],
    [415, 'POST', '/api/buckets', { headers: { 'content-type': 'text/csv' } }],
    [400, 'GET', '/query?q=DROP', {}],
  ];
  let left = 1_000_000 - fixture.usage.callsThisMonth;
  for (const [status, method, path, options] of cases) {
    const answer = await fixture.call(method, path, { key: ADMIN_KEY, ...options });
    t.equal(answer.status, status, path);
    left--;
    t.match(answer.headers, {
      'X-RateLimit-Limit': '1000000',
      'X-RateLimit-Remaining': String(left),
      'X-RateLimit-Reset': String(Date.parse(NEXT_MONTH) / 1_000),
    });
  }
  const head = headOf('POST', '/api/buckets', { key: ADMIN_KEY, body: {} });
  fixture.limited.admit(head);
  for (const reply of [
    fixture.limited.tooLarge(head, 1),
    fixture.limited.unreadable(head, 'gzip'),
    fixture.limited.overloaded(head),
  ]) {
    t.equal(reply.headers?.['X-RateLimit-Remaining'], String(left - 1));
  }
});

t.test('what needs no key, or has none, is not counted', async t => {
  const fixture = await onPlan('free');
  const before = fixture.usage.callsThisMonth;
  for (const path of ['/health', '/ready', '/ping', '/openapi.json', '/nowhere', '/api/buckets']) {
    const answer = await fixture.call('GET', path);
    t.equal(answer.headers['X-RateLimit-Limit'], undefined, path);
  }
  t.equal((await fixture.call('PUT', '/api/buckets', { key: ADMIN_KEY })).status, 405);
  t.equal(fixture.usage.callsThisMonth, before);
});

t.test('when all calls of the month are made, there is 429 until the next, for all keys', async t => {
  const fixture = await onPlan('free');
  const bucketId = await fixture.createBucket();
  const readKey = await fixture.createKey(bucketId, 'read');
  const list = (key: string) => fixture.call('GET', '/api/buckets', { key });
  useUp(fixture, 9_999 - fixture.usage.callsThisMonth);
  const last = await list(ADMIN_KEY);
  t.equal(last.status, 200);
  t.equal(last.headers['X-RateLimit-Remaining'], '0');
  for (let repeat = 0; repeat < 3; repeat++) {
    const refused = await list(ADMIN_KEY);
    t.equal(refused.status, 429);
    t.same(refused.body, LIMITED);
    t.equal(refused.headers['X-RateLimit-Remaining'], '0');
    t.equal(refused.headers['Retry-After'], String((Date.parse(NEXT_MONTH) - NOW) / 1_000));
  }
  t.equal(fixture.usage.callsThisMonth, 10_000, 'refused calls are none');
  t.equal((await list(readKey)).status, 429, 'before what a key may do');
  t.equal((await list('dakkio_a_unknown')).status, 401, 'after who it is');
  t.equal((await fixture.call('GET', '/api/nowhere', { key: ADMIN_KEY })).status, 404);
  const written = await fixture.call('POST', `/api/v2/write?bucket=${bucketId}`, {
    key: ADMIN_KEY,
    body: 'a v=1',
  });
  t.equal(written.status, 429);
  t.equal(written.body.code, 'too many requests');
  await fixture.usage.commit();
  await fixture.restart();
  t.equal((await list(ADMIN_KEY)).status, 429, 'a restart forgets nothing');
  fixture.now = Date.parse(NEXT_MONTH) - 1;
  t.equal((await list(ADMIN_KEY)).headers['Retry-After'], '1');
  fixture.now++;
  const next = await list(ADMIN_KEY);
  t.equal(next.status, 200);
  t.equal(next.headers['X-RateLimit-Remaining'], '9999');
  t.equal(next.headers['X-RateLimit-Reset'], String(Date.UTC(2024, 2) / 1_000));
});

t.test('so many calls a second with one key, where the operator wants it', async t => {
  const fixture = await Fixture.open();
  fixture.burstMax = 2;
  await fixture.restart();
  const bucketId = await fixture.createBucket();
  const key = await fixture.createKey(bucketId, 'read');
  const call = async () => fixture.call('GET', `/api/buckets/${bucketId}/sources`, { key });
  const statuses = [await call(), await call(), await call()].map(({ status }) => status);
  t.same(statuses, [200, 200, 429]);
  const refused = await call();
  t.same(refused.body, { ...LIMITED, message: 'Rate limit exceeded. Resets at 2024-01-15T10:30:00.500Z' });
  t.equal(refused.headers['Retry-After'], '1');
  t.equal(refused.headers['X-RateLimit-Limit'], undefined, 'they tell of the month');
  t.equal(fixture.usage.callsThisMonth, 4, 'refused calls are none');
  fixture.now += 500;
  t.equal((await call()).status, 200);
});

t.test('limits of the plan', async t => {
  const fixture = await onPlan('free');
  const create = (body: object) => fixture.call('POST', '/api/buckets', { key: ADMIN_KEY, body });
  const kept = await create({ name: 'a' });
  t.equal(kept.body.bucket.retentionDays, 30, 'without a word as long as the plan allows');
  t.equal((await create({ name: 'b', retentionDays: null })).body.bucket.retentionDays, 30);
  const beyond = await create({ name: 'c', retentionDays: 31 });
  t.equal(beyond.status, 403);
  t.match(beyond.body, { error: 'Forbidden', message: /^The free plan keeps points for at most 30 days: / });
  t.equal((await create({ name: 'c', retentionDays: 30 })).status, 201);
  const fourth = await create({ name: 'd' });
  t.equal(fourth.status, 403);
  t.match(fourth.body, {
    error: 'Forbidden',
    message: /^The free plan has at most 3 buckets: .*DAKKIO_PLAN/,
  });
  t.equal((await create({ name: '' })).status, 400, 'a body that does not fit comes first');

  const id = kept.body.bucket._id;
  const patch = (body: object) => fixture.call('PATCH', `/api/buckets/${id}`, { key: ADMIN_KEY, body });
  t.equal((await patch({ retentionDays: 7 })).body.bucket.retentionDays, 7);
  t.equal((await patch({ retentionDays: null })).body.bucket.retentionDays, 30);
  t.equal((await patch({ retentionDays: 365 })).status, 403);

  const other = fixture.catalog.buckets({ limit: 1, offset: 1 })[0].id;
  for (let source = 0; source < 4; source++) await fixture.createSource(source % 2 === 0 ? id : other);
  const lines = Array.from({ length: 9 }, (_, at) => `m,n=${at} v=1 ${at + 1}`).join('\n');
  const write = (body: string) =>
    fixture.call('POST', `/api/v2/write?bucket=${id}`, { key: ADMIN_KEY, body });
  const partly = await write(lines);
  t.equal(partly.status, 400);
  t.match(partly.body.message, /^partial write: .*The free plan has at most 10 data sources.* dropped=3$/s);
  t.equal(fixture.catalog.sourceTotal, 10);
  t.equal((await write('m,n=0 v=2 10')).status, 204, 'series that are there go on');
  const eleventh = await fixture.call('POST', `/api/buckets/${other}/sources`, {
    key: ADMIN_KEY,
    body: { name: 'x', schema: {} },
  });
  t.equal(eleventh.status, 403);
  t.match(eleventh.body.message, /^The free plan has at most 10 data sources: delete one, or /);
  await fixture.catalog.deleteSource(fixture.catalog.sources(other)[0].id);
  await fixture.createSource(other);
  t.equal(fixture.catalog.sourceTotal, 10);
});

t.test('a plan is what the last start says, and takes nothing away', async t => {
  const fixture = await Fixture.open();
  for (let bucket = 0; bucket < 5; bucket++) await fixture.createBucket();
  const records = fixture.log.records.length;
  await fixture.catalog.bootstrap({ plan: 'enterprise' });
  t.equal(fixture.log.records.length, records, 'the same again is no change');
  await fixture.catalog.bootstrap({ plan: 'free' });
  t.equal(fixture.log.records.length, records + 1);
  t.equal(fixture.catalog.bucketCount, 5);
  t.equal(fixture.catalog.buckets({ limit: 1, offset: 0 })[0].retentionDays, null);
  await fixture.restart();
  t.equal(fixture.catalog.organization.plan, 'free');
  const { id } = fixture.catalog.organization;
  await fixture.catalog.bootstrap({ plan: 'pro' });
  await fixture.catalog.bootstrap();
  t.match(fixture.catalog.organization, { id, plan: 'pro' });
  t.equal(
    (await fixture.call('GET', '/api/buckets', { key: ADMIN_KEY })).headers['X-RateLimit-Limit'],
    '1000000',
  );
});
