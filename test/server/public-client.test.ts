/**
 * A client of the hosted service, written from its public reference alone: base URL and key in, paths, members and
 * statuses as they stand there, in the order in which its playground goes. It runs against a real server unchanged.
 */
import t from 'tap';
import { ADMIN_KEY } from '../../bench/server-process.js';
import { runServer } from '../support/running-server.js';

/** What a user of the service has in one file of his own; nothing of it is ours. */
class ServiceClient {
  readonly #baseUrl: string;
  readonly #apiKey: string;

  constructor(baseUrl: string, apiKey: string) {
    this.#baseUrl = baseUrl;
    this.#apiKey = apiKey;
  }

  // biome-ignore lint/suspicious/noExplicitAny: answers are what the service's reference says
  async request(method: string, path: string, body?: unknown): Promise<any> {
    const response = await fetch(this.#baseUrl + path, {
      method,
      headers: { 'Content-Type': 'application/json', 'X-API-Key': this.#apiKey },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    // biome-ignore lint/suspicious/noExplicitAny: as above
    const answer: any = await response.json();
    if (!response.ok) throw Object.assign(new Error(answer.message), { status: response.status, answer });
    return answer;
  }

  get = (path: string) => this.request('GET', path);
  post = (path: string, body: unknown) => this.request('POST', path, body);
}

const HOUR_MS = 3_600_000;

t.test('from a bucket to analytics, as the playground goes', async t => {
  const { server } = await runServer(t);
  const admin = new ServiceClient(`${server.origin}/api`, ADMIN_KEY);

  // 1. Buckets
  const { bucket } = await admin.post('/buckets', { name: 'Greenhouse', description: 'Sensors' });
  t.match(bucket, { _id: /^[0-9a-f]{24}$/, name: 'Greenhouse', organizationId: /^[0-9a-f]{24}$/ });
  t.match(await admin.get('/buckets'), { buckets: [{ _id: bucket._id, name: 'Greenhouse' }] });
  const details = await admin.get(`/buckets/${bucket._id}`);
  t.strictSame(details.bucket.stats, { dataSourceCount: 0, dataPointCount: 0, apiKeyCount: 0 });

  // 2. API keys
  const keyOf = async (type: string) =>
    (await admin.post(`/buckets/${bucket._id}/keys`, { name: `${type} key`, type })).apiKey;
  const [write, read] = [await keyOf('write'), await keyOf('read')];
  t.match(write, { type: 'write', key: /^dakkio_w_/, keyPrefix: /^dakkio_w_.{4}\.\.\.$/ });
  const { apiKeys } = await admin.get(`/buckets/${bucket._id}/keys`);
  t.same(
    apiKeys.map(({ _id }: { _id: string }) => _id),
    [write._id, read._id],
  );
  t.notMatch(JSON.stringify(apiKeys), write.key, 'a key is shown once');
  const writer = new ServiceClient(`${server.origin}/api`, write.key);
  const reader = new ServiceClient(`${server.origin}/api`, read.key);

  // 3. Data sources
  const { dataSource } = await writer.post(`/buckets/${bucket._id}/sources`, {
    name: 'North bed',
    type: 'sensor',
    schema: { temperature: { type: 'number', unit: '°C' }, humidity: { type: 'number', unit: '%' } },
  });
  t.match(dataSource, { bucketId: bucket._id, status: 'active', downsampling: true });
  t.match(await reader.get(`/buckets/${bucket._id}/sources`), { dataSources: [{ _id: dataSource._id }] });

  // 4. Ingestion: one, then many
  const ids = { bucketId: bucket._id, dataSourceId: dataSource._id };
  const hour = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
  const timeOf = (minute: number) => new Date(hour - 2 * HOUR_MS + minute * 60_000).toISOString();
  const { dataPoint } = await writer.post('/data', {
    ...ids,
    timestamp: timeOf(0),
    values: { temperature: 20, humidity: 50 },
    metadata: { firmware: '1.2' },
  });
  t.match(dataPoint, { ...ids, values: { temperature: 20, humidity: 50 }, metadata: { firmware: '1.2' } });
  const dataPoints = Array.from({ length: 59 }, (_, index) => ({
    dataSourceId: dataSource._id,
    timestamp: timeOf(index + 1),
    values: { temperature: 20 + (index + 1) / 10, humidity: 50 },
  }));
  const batch = await writer.post('/data/batch', { bucketId: bucket._id, dataPoints });
  t.equal(batch.inserted, 59);

  // 5. Queries
  const filters = { dataSourceId: dataSource._id, startTime: timeOf(0), endTime: timeOf(60) };
  const raw = await reader.post('/data/query', { bucketId: bucket._id, filters: { ...filters, limit: 10 } });
  t.equal(raw.data.length, 10);
  t.strictSame(raw.data[0].values, { temperature: 20, humidity: 50 });
  const hourly = await reader.post('/data/query', {
    bucketId: bucket._id,
    filters,
    aggregation: 'max',
    groupBy: 'hour',
  });
  t.match(hourly.data, [{ values: { temperature: 25.9, humidity: 50 } }]);
  t.match(hourly.metadata, { count: 1, aggregation: 'max', groupBy: 'hour', downsamplingApplied: false });

  // 6. Alert rules
  const { alertRule } = await writer.post('/alerts', {
    ...ids,
    name: 'Too hot',
    condition: 'temperature is greater than 30',
    cooldownMinutes: 5,
  });
  t.match(alertRule.parsedCondition, { field: 'temperature', operator: 'gt', value: 30 });
  await writer.post('/data', { ...ids, values: { temperature: 31.5 } });
  let rules = [alertRule];
  while (rules[0].lastTriggeredAt == null) {
    rules = (await reader.get(`/buckets/${bucket._id}/alerts`)).alertRules;
  }
  t.match(rules, [{ _id: alertRule._id, status: 'active', webhookUrl: null }]);

  // 7. Analytics
  const { overview } = await admin.get('/analytics/overview');
  t.strictSame(overview.totals, { buckets: 1, dataSources: 1, dataPoints: 61, alertRules: 1, apiKeys: 3 });
  t.ok(overview.usage.apiCallsThisMonth > 10);
  t.equal(overview.recentActivity.alertsTriggeredLast24h, 1);
  const { analytics } = await reader.get(`/analytics/buckets/${bucket._id}?period=24h`);
  t.match(analytics.summary, {
    totalDataPoints: 61,
    dataPointsInPeriod: 61,
    dataSources: 1,
    activeAlerts: 1,
  });
  t.match(analytics.alertActivity, { totalTriggered: 1, byRule: [{ name: 'Too hot', count: 1 }] });
  const stats = analytics.dataSourceStats[0];
  t.strictSame([stats.maxValues.temperature, stats.minValues.temperature], [31.5, 20]);

  // What goes wrong, as its reference has it
  const failing: [string, () => Promise<unknown>, number, string][] = [
    [
      'a wrong key',
      () => new ServiceClient(`${server.origin}/api`, 'dakkio_r_x').get('/buckets'),
      401,
      'Unauthorized',
    ],
    [
      'a read key that writes',
      () => reader.post('/data', { ...ids, values: { temperature: 1 } }),
      403,
      'Forbidden',
    ],
    ['a write key that lists buckets', () => writer.get('/buckets'), 403, 'Forbidden'],
    ['a bucket that is not there', () => admin.get(`/buckets/${'0'.repeat(24)}`), 404, 'Not Found'],
    ['an id that is none', () => admin.get('/buckets/x'), 400, 'Validation Error'],
    ['a point without values', () => writer.post('/data', ids), 400, 'Validation Error'],
  ];
  for (const [name, failed, status, error] of failing) {
    const refusal = await failed().then(
      () => 'none',
      thrown => thrown,
    );
    t.match(refusal, { status, answer: { error } }, name);
  }
});
