import t from 'tap';
import { BUCKET_RULES_MAX, DRY_RUN_FIRINGS_MAX, SOURCE_RULES_MAX } from '../../../server/limits.js';
import { ADMIN_KEY, Fixture, NOW, UNKNOWN_ID } from './fixture.js';

const ID = /^[0-9a-f]{24}$/;
const NOW_TEXT = '2024-01-15T10:30:00Z';
/** The fixture allows it, and nobody listens there. */
const WEBHOOK_URL = 'http://127.0.0.1:1/hook';

async function open() {
  const fixture = await Fixture.open();
  const bucketId = await fixture.createBucket();
  const dataSourceId = await fixture.createSource(bucketId, { temperature: 'number', humidity: 'number' });
  const call = (method: string, target: string, body?: unknown) =>
    fixture.call(method, target, { key: ADMIN_KEY, body });
  const rules = `/api/buckets/${bucketId}/alerts`;
  const create = async (condition: string, more: object = {}) => {
    const body = { bucketId, dataSourceId, name: 'rule', condition, cooldownMinutes: 0, ...more };
    return (await call('POST', '/api/alerts', body)).body.alertRule;
  };
  const send = (seconds: number, temperature: number) => {
    const timestamp = NOW + seconds * 1_000;
    return call('POST', '/api/data', { bucketId, dataSourceId, timestamp, values: { temperature } });
  };
  const stateOf = async (id: string) => (await call('GET', `${rules}/${id}`)).body.alertRule.state;
  return { fixture, bucketId, dataSourceId, call, rules, create, send, stateOf };
}

function refused(path: string, message: unknown) {
  return {
    status: 400,
    body: {
      error: 'Validation Error',
      message: 'Invalid request parameters',
      details: [{ path: ['body', path], message }],
    },
  };
}

t.test('rules: create, read, change, delete', async t => {
  const { fixture, bucketId, dataSourceId, call, rules } = await open();
  const created = await call('POST', '/api/alerts', {
    bucketId,
    dataSourceId,
    name: 'Too hot',
    condition: 'Temperature exceeds 30°C for 5 minutes',
    webhookUrl: WEBHOOK_URL,
  });
  t.equal(created.status, 201, created.text);
  const { _id, webhookSecret, parsedCondition } = created.body.alertRule;
  t.match(_id, ID);
  t.match(webhookSecret, /^whsec_[A-Za-z0-9+/]{32,}=*$/);
  t.match(parsedCondition, { field: 'temperature', operator: 'gt', value: 30, durationSeconds: 300 });
  const rule = {
    _id,
    bucketId,
    dataSourceId,
    name: 'Too hot',
    condition: 'Temperature exceeds 30°C for 5 minutes',
    parsedCondition,
    webhookUrl: WEBHOOK_URL,
    status: 'active',
    cooldownMinutes: 5,
    createdAt: NOW_TEXT,
  };
  t.strictSame(created.body, {
    message: 'Alert rule created successfully',
    alertRule: { ...rule, webhookSecret },
  });
  const watched = { ...rule, lastTriggeredAt: null, state: 'ok', updatedAt: NOW_TEXT };
  t.strictSame((await call('GET', `${rules}/${_id}`)).body, { alertRule: watched });
  const { bucketId: _bucketId, updatedAt: _updatedAt, ...listed } = watched;
  t.strictSame((await call('GET', rules)).body, { alertRules: [listed] });
  t.strictSame((await call('GET', `${rules}?offset=1`)).body, { alertRules: [] });
  t.equal((await call('GET', `${rules}?limit=0`)).status, 400);
  t.strictSame((await call('GET', `${rules}/${_id}/history`)).body, {
    history: [],
    pagination: { limit: 100, offset: 0, total: 0, hasMore: false },
  });
  t.notOk(JSON.stringify(watched).includes(webhookSecret), 'the secret is shown once');

  fixture.now += 1_000;
  const name = { name: 'Much too hot', cooldownMinutes: 0 };
  const renamed = await call('PATCH', `${rules}/${_id}`, name);
  t.strictSame(renamed.body, {
    message: 'Alert rule updated successfully',
    alertRule: { ...watched, ...name, updatedAt: '2024-01-15T10:30:01Z' },
  });
  const other = await call('PATCH', `${rules}/${_id}`, {
    naturalLanguageQuery: 'humidity is greater than 40',
    webhookUrl: `${WEBHOOK_URL}/other`,
  });
  t.match(other.body.alertRule, {
    condition: 'humidity is greater than 40',
    parsedCondition: { field: 'humidity', operator: 'gt', value: 40 },
    webhookUrl: `${WEBHOOK_URL}/other`,
    webhookSecret: undefined,
  });
  t.equal(fixture.catalog.rule(_id)?.webhook?.secret, webhookSecret, 'another address has the same secret');
  t.equal((await call('PATCH', `${rules}/${_id}`, { webhookUrl: null })).body.alertRule.webhookUrl, null);
  const again = (await call('PATCH', `${rules}/${_id}`, { webhookUrl: WEBHOOK_URL })).body.alertRule;
  t.match(again.webhookSecret, /^whsec_/, 'a first address has a new one, which is shown');
  t.not(again.webhookSecret, webhookSecret);

  const bucket = await call('DELETE', `${rules}/${_id}`);
  t.strictSame(bucket.body, {
    message: 'Alert rule deleted successfully',
    deletedAlertRule: { _id, name: 'Much too hot' },
  });
  for (const [method, path] of [
    ['GET', ''],
    ['GET', '/history'],
    ['PATCH', ''],
    ['DELETE', ''],
  ]) {
    const answer = await call(method, `${rules}/${_id}${path}`, method === 'PATCH' ? {} : undefined);
    t.match(answer, { status: 404, body: { error: 'Not Found', message: 'Alert rule not found' } });
    const malformed = await call(method, `${rules}/x${path}`, method === 'PATCH' ? {} : undefined);
    t.match(malformed, { status: 400, body: { message: 'Invalid alert rule ID format' } });
  }
  t.strictSame(fixture.errors, []);
});

t.test('what is refused', async t => {
  const { fixture, bucketId, dataSourceId, call } = await open();
  const empty = await fixture.createSource(bucketId);
  const other = await fixture.createBucket();
  const good = { bucketId, dataSourceId, name: 'rule', condition: 'temperature > 30' };
  const cases: [object, object][] = [
    [{ condition: undefined }, refused('condition', 'Required')],
    [{ condition: '' }, refused('condition', 'String must contain at least 1 character(s)')],
    [{ condition: 5 }, refused('condition', 'Expected string, received number')],
    [{ condition: 'colour > 30' }, refused('condition', /colour.*temperature/is)],
    [
      { condition: undefined, naturalLanguageQuery: 'colour > 30' },
      refused('naturalLanguageQuery', /colour/),
    ],
    [{ dataSourceId: empty }, refused('condition', /no fields/i)],
    [{ name: '' }, refused('name', 'String must contain at least 1 character(s)')],
    [{ cooldownMinutes: -1 }, refused('cooldownMinutes', 'Number must be greater than or equal to 0')],
    [{ cooldownMinutes: 10_081 }, refused('cooldownMinutes', 'Number must be less than or equal to 10080')],
    [{ cooldownMinutes: 0.5 }, refused('cooldownMinutes', 'Expected integer, received float')],
    [{ webhookUrl: 'http://10.0.0.1/' }, refused('webhookUrl', /10\.0\.0\.1/)],
    [{ webhookUrl: 'ftp://example.com/' }, refused('webhookUrl', /http/)],
    [{ dataSourceId: 'x' }, { status: 400, body: { message: 'Invalid data source ID format' } }],
    [{ dataSourceId: UNKNOWN_ID }, { status: 404, body: { message: 'Data source not found' } }],
    [{ bucketId: other }, { status: 404, body: { message: 'Data source not found' } }],
    [{ bucketId: 'x' }, { status: 400, body: { message: 'Invalid bucket ID format' } }],
    [{ bucketId: UNKNOWN_ID }, { status: 404, body: { message: 'Bucket not found' } }],
  ];
  const before = fixture.state();
  for (const [change, want] of cases) {
    const answer = await call('POST', '/api/alerts', { ...good, ...change });
    t.match(answer, want, `${JSON.stringify(change)}: ${answer.text}`);
    if ('name' in change || 'webhookUrl' in change) continue;
    t.match(await call('POST', '/api/alerts/test', { ...good, ...change }), want, JSON.stringify(change));
  }
  t.strictSame(fixture.state(), before);
  const silence = { ...good, dataSourceId: empty, condition: 'no data received for 5 minutes' };
  t.equal((await call('POST', '/api/alerts', silence)).status, 201, 'silence needs no fields');
  const path = `/api/buckets/${bucketId}`;
  await call('PATCH', path, { status: 'archived' });
  t.match(await call('POST', '/api/alerts', good), { status: 409, body: { message: 'Bucket is archived' } });
  t.equal((await call('POST', '/api/alerts/test', good)).status, 200, 'a dry run changes nothing');
});

t.test('a source and a bucket have so many rules at most', async t => {
  const { fixture, bucketId, dataSourceId, call } = await open();
  const { catalog } = fixture;
  const condition = { field: 'temperature', operator: 'gt', value: 30 } as const;
  const draft = { name: 'r', condition: 't', parsedCondition: condition, webhook: null, cooldownMinutes: 0 };
  const body = { bucketId, dataSourceId, name: 'one more', condition: 'temperature > 30' };
  for (let count = 0; count < SOURCE_RULES_MAX; count++) {
    await catalog.createRule(bucketId, { ...draft, sourceId: dataSourceId });
  }
  t.match(await call('POST', '/api/alerts', body), {
    status: 409,
    body: { error: 'Conflict', message: `A data source has at most ${SOURCE_RULES_MAX} alert rules` },
  });
  for (let count = SOURCE_RULES_MAX; count < BUCKET_RULES_MAX; count += SOURCE_RULES_MAX) {
    const sourceId = await fixture.createSource(bucketId, { temperature: 'number' });
    for (let rule = 0; rule < SOURCE_RULES_MAX; rule++) {
      await catalog.createRule(bucketId, { ...draft, sourceId });
    }
  }
  const another = await fixture.createSource(bucketId, { temperature: 'number' });
  t.match(await call('POST', '/api/alerts', { ...body, dataSourceId: another }), {
    status: 409,
    body: { message: `A bucket has at most ${BUCKET_RULES_MAX} alert rules` },
  });
  const { deletedResources } = (await call('DELETE', `/api/buckets/${bucketId}`)).body;
  t.equal(deletedResources.alertRules, BUCKET_RULES_MAX);
  t.equal(catalog.allRuleCount, 0);
});

t.test('a rule fires, is resolved, and tells so; restarts forget nothing', async t => {
  const { fixture, call, rules, create, send, stateOf } = await open();
  const { _id } = await create('temperature > 30 for 5 minutes', {
    webhookUrl: WEBHOOK_URL,
    cooldownMinutes: 10,
  });
  await send(0, 31);
  t.equal(await stateOf(_id), 'pending');
  await fixture.restart();
  t.equal(await stateOf(_id), 'pending');
  fixture.now += 300_000;
  await send(300, 32);
  t.equal(await stateOf(_id), 'firing');
  await fixture.restart();
  fixture.now += 10_000;
  await send(310, 20);
  t.equal(await stateOf(_id), 'cooldown');
  fixture.now += 590_000 - 1;
  t.equal(await stateOf(_id), 'cooldown');
  fixture.now += 1;
  t.equal(await stateOf(_id), 'ok');
  const { alertRule } = (await call('GET', `${rules}/${_id}`)).body;
  t.equal(alertRule.lastTriggeredAt, '2024-01-15T10:35:00Z');
  const history = [
    {
      event: 'alert.triggered',
      timestamp: '2024-01-15T10:35:00Z',
      value: 32,
      dataPointTimestamp: '2024-01-15T10:35:00Z',
    },
    {
      event: 'alert.resolved',
      timestamp: '2024-01-15T10:35:10Z',
      value: 20,
      dataPointTimestamp: '2024-01-15T10:35:10Z',
    },
  ];
  t.strictSame((await call('GET', `${rules}/${_id}/history`)).body.history, history);
  t.strictSame((await call('GET', `${rules}/${_id}/history?limit=1&offset=0`)).body, {
    history: history.slice(0, 1),
    pagination: { limit: 1, offset: 0, total: 2, hasMore: true },
  });
  const { deliveries } = (await call('GET', `${rules}/${_id}/deliveries`)).body;
  t.match(deliveries, [{ event: 'alert.triggered' }, { event: 'alert.resolved' }]);
  t.equal(deliveries.length, 2);
  t.strictSame(fixture.errors, []);
});

t.test('batches, columns and lines are looked at as single points are', async t => {
  const { fixture, bucketId, dataSourceId, call, create } = await open();
  const { _id } = await create('temperature > 30');
  const firingsOf = () => fixture.alerts.record(_id)?.told;
  const at = (seconds: number) => NOW + seconds * 1_000;
  const dataPoints = [31, 20].map((temperature, index) => ({
    dataSourceId,
    timestamp: at(index),
    values: { temperature },
  }));
  t.equal((await call('POST', '/api/data/batch', { bucketId, dataPoints })).status, 201);
  t.equal(firingsOf(), 2);
  fixture.now += 1_000;
  const columns = { dataSourceId, timestamps: [at(2), at(3)], values: { temperature: [31, 20] } };
  t.equal((await call('POST', '/api/data/batch', { bucketId, columns })).status, 201);
  t.equal(firingsOf(), 4);
});

t.test('silence is a state of its own, and pausing another', async t => {
  const { fixture, call, rules, create, send, stateOf } = await open();
  const { _id } = await create('No data received for 30 minutes');
  fixture.now += 30 * 60_000 - 1;
  fixture.alerts.tick();
  t.equal(await stateOf(_id), 'ok');
  fixture.now += 1;
  fixture.alerts.tick();
  t.equal(await stateOf(_id), 'no_data');
  fixture.now += 1;
  await send(0, 20);
  t.equal(await stateOf(_id), 'ok');
  fixture.now += 30 * 60_000;
  fixture.alerts.tick();
  t.equal(await stateOf(_id), 'no_data');
  const paused = await call('PATCH', `${rules}/${_id}`, { status: 'paused' });
  t.match(paused.body.alertRule, { status: 'paused', state: 'paused' });
  const { history } = (await call('GET', `${rules}/${_id}/history`)).body;
  t.match(history.at(-1), {
    event: 'alert.resolved',
    value: null,
    dataPointTimestamp: null,
    reason: 'paused',
  });
  fixture.now += 30 * 60_000;
  fixture.alerts.tick();
  t.equal(await stateOf(_id), 'paused');
  fixture.now += 1;
  await call('PATCH', `${rules}/${_id}`, { status: 'active' });
  t.equal(await stateOf(_id), 'ok');
  t.equal((await call('PATCH', `${rules}/${_id}`, { status: 'gone' })).status, 400);
});

t.test('a rule whose source goes while its webhook is looked up is not made', async t => {
  const { fixture, bucketId, dataSourceId, call } = await open();
  const creating = call('POST', '/api/alerts', {
    bucketId,
    dataSourceId,
    name: 'rule',
    condition: 'temperature > 30',
    webhookUrl: WEBHOOK_URL,
  });
  await call('DELETE', `/api/buckets/${bucketId}/sources/${dataSourceId}`);
  t.match(await creating, { status: 404, body: { message: 'Data source not found' } });
  t.equal(fixture.catalog.allRuleCount, 0);
});

t.test('a dry run says when a condition would have fired', async t => {
  const { fixture, bucketId, dataSourceId, call, send } = await open();
  const values = [20, 31, 32, 20, 33, 34, 35, 36, 20, 40];
  for (const [minute, temperature] of values.entries()) await send(minute * 60, temperature);
  fixture.now += 3_600_000;
  const run = async (condition: string, more: object = {}) => {
    const body = { bucketId, dataSourceId, condition, cooldownMinutes: 0, ...more };
    const answer = await call('POST', '/api/alerts/test', body);
    t.equal(answer.status, 200, answer.text);
    return answer.body;
  };
  const minute = (count: number) => `2024-01-15T10:${30 + count}:00Z`;
  const firing = (from: number, to: number | null, value: number | null) => ({
    triggeredAt: minute(from),
    resolvedAt: to === null ? null : minute(to),
    value,
  });
  const plain = await run('temperature > 30');
  t.strictSame(plain, {
    firings: [firing(1, 3, 31), firing(4, 8, 33), firing(9, null, 40)],
    parsedCondition: plain.parsedCondition,
    metadata: {
      count: 3,
      hasMore: false,
      startTime: NOW_TEXT,
      endTime: '2024-01-15T11:30:00Z',
      pointsScanned: 10,
    },
  });
  t.strictSame((await run('temperature > 30 for 2 minutes')).firings, [firing(6, 8, 35)]);
  t.strictSame((await run('temperature > 30', { cooldownMinutes: 4 })).firings, [
    firing(1, 3, 31),
    firing(5, 8, 34),
    firing(9, null, 40),
  ]);
  const range = { startTime: minute(2), endTime: minute(4) };
  t.strictSame((await run('temperature > 30', range)).firings, [firing(2, 3, 32), firing(4, null, 33)]);
  t.strictSame((await run('average temperature over 3 minutes exceeds 30', range)).firings, []);
  const later = { startTime: minute(5), endTime: minute(7) };
  t.strictSame(
    (await run('average temperature over 3 minutes exceeds 30', later)).firings,
    [firing(6, null, 34)],
    'its window has the points before the range',
  );
  t.strictSame((await run('temperature > 100')).firings, []);
  t.strictSame((await run('no data received for 30 minutes')).firings, [
    { triggeredAt: '2024-01-15T11:09:00Z', resolvedAt: null, value: null },
  ]);
  t.strictSame((await run('no data received for 30 minutes', { endTime: 'now-30m' })).firings, []);
  for (const [bad, path] of [
    [{ startTime: 'yesterday' }, 'startTime'],
    [{ endTime: 1.5 }, 'endTime'],
    [{ startTime: minute(4), endTime: minute(2) }, 'endTime'],
  ] as const) {
    const body = { bucketId, dataSourceId, condition: 'temperature > 30', ...bad };
    t.match(await call('POST', '/api/alerts/test', body), {
      status: 400,
      body: { details: [{ path: ['body', path] }] },
    });
  }
  t.equal(fixture.catalog.allRuleCount, 0);
});

t.test('a dry run ends where it has found many, and reads no more points than a query may', async t => {
  const { fixture, bucketId, dataSourceId, call } = await open();
  const count = 2 * (DRY_RUN_FIRINGS_MAX + 100);
  const columns = {
    dataSourceId,
    timestamps: Array.from({ length: count }, (_, index) => NOW - count + index),
    values: { temperature: Array.from({ length: count }, (_, index) => (index % 2 === 0 ? 31 : 20)) },
  };
  await call('POST', '/api/data/batch', { bucketId, columns });
  const body = { bucketId, dataSourceId, condition: 'temperature > 30', cooldownMinutes: 0 };
  const { firings, metadata } = (await call('POST', '/api/alerts/test', body)).body;
  t.equal(firings.length, DRY_RUN_FIRINGS_MAX);
  t.match(metadata, { count: DRY_RUN_FIRINGS_MAX, hasMore: true });
  t.ok(metadata.pointsScanned < count);
  fixture.queryLimits = { timeMaxMs: 30_000, pointsMax: 100 };
  await fixture.restart();
  const refusal = await call('POST', '/api/alerts/test', { ...body, condition: 'temperature > 100' });
  t.match(refusal, { status: 400, body: { message: /more than 100 points/ } });
  const controller = new AbortController();
  const left = fixture.call('POST', '/api/alerts/test', { key: ADMIN_KEY, body, signal: controller.signal });
  controller.abort(new Error('gone'));
  t.equal((await left).status, 500, 'nobody waits for it');
});
