import t from 'tap';
import type { AlertFigures } from '../../../server/analytics/alert-figures.js';
import { ADMIN_KEY, Fixture, NOW, UNKNOWN_ID } from './fixture.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const iso = (time: number) => new Date(time).toISOString().replace('.000Z', 'Z');

async function send(
  fixture: Fixture,
  bucketId: string,
  source: string,
  points: [time: number, values: object][],
) {
  const dataPoints = points.map(([timestamp, values]) => ({ dataSourceId: source, timestamp, values }));
  const body = { bucketId, dataPoints };
  const answer = await fixture.call('POST', '/api/data/batch', { key: ADMIN_KEY, body });
  if (answer.status !== 201) throw new Error(answer.text);
}

const ALERTS: AlertFigures = {
  ruleCount: () => 7,
  activeCount: () => 3,
  lastTriggeredAt: () => NOW - 5_000,
  triggeredSince: time => (time === NOW - DAY ? 4 : -1),
  triggeredByRule: (_, since) =>
    since === NOW - 7 * DAY
      ? [
          { name: 'hot', count: 2 },
          { name: 'cold', count: 1 },
        ]
      : [],
};

t.test('the overview of a new server', async t => {
  const fixture = await Fixture.open();
  const answer = await fixture.call('GET', '/api/analytics/overview', { key: ADMIN_KEY });
  t.equal(answer.status, 200);
  const { id, name } = fixture.catalog.organization;
  t.same(answer.body, {
    overview: {
      organization: { _id: id, name },
      totals: { buckets: 0, dataSources: 0, dataPoints: 0, alertRules: 0, apiKeys: 1 },
      usage: {
        apiCallsThisMonth: 1,
        apiCallsLimit: null,
        apiCallsPercentage: null,
        storageUsedBytes: 52_428_800,
        storageUsedFormatted: '50 MB',
      },
      plan: { name: 'enterprise', maxBuckets: null, maxRetentionDays: null, maxApiCalls: null },
      recentActivity: {
        lastDataIngestion: null,
        lastAlertTriggered: null,
        dataPointsLast24h: 0,
        alertsTriggeredLast24h: 0,
      },
    },
  });
});

t.test('the overview of one that is used', async t => {
  const fixture = await Fixture.open();
  fixture.alertFigures = ALERTS;
  await fixture.restart();
  await fixture.catalog.bootstrap({ plan: 'pro' });
  const bucketId = await fixture.createBucket();
  const other = await fixture.createBucket();
  await fixture.createKey(bucketId, 'write');
  const source = await fixture.createSource(bucketId);
  const second = await fixture.createSource(other);
  await send(fixture, bucketId, source, [
    [NOW - DAY - 1, { t: 1 }],
    [NOW - DAY, { t: 1 }],
    [NOW, { t: 2 }],
    [NOW + 1, { t: 3 }],
  ]);
  await send(fixture, other, second, [[NOW - HOUR, { u: 1 }]]);
  const read = async () => {
    const { body } = await fixture.call('GET', '/api/analytics/overview', { key: ADMIN_KEY });
    return body.overview;
  };
  const overview = await read();
  t.same(overview.totals, { buckets: 2, dataSources: 2, dataPoints: 5, alertRules: 7, apiKeys: 2 });
  t.same(overview.recentActivity, {
    lastDataIngestion: iso(NOW),
    lastAlertTriggered: iso(NOW - 5_000),
    dataPointsLast24h: 3,
    alertsTriggeredLast24h: 4,
  });
  t.same(overview.plan, { name: 'pro', maxBuckets: 25, maxRetentionDays: 365, maxApiCalls: 1_000_000 });
  const calls = fixture.usage.callsThisMonth;
  for (let call = calls; call < 12_499; call++) fixture.usage.count('x');
  fixture.alertFigures = ALERTS;
  t.match((await read()).usage, {
    apiCallsThisMonth: 12_500,
    apiCallsLimit: 1_000_000,
    apiCallsPercentage: 1.3,
  });
  fixture.now += HOUR;
  t.equal(
    (await read()).recentActivity.lastDataIngestion,
    iso(NOW),
    'it is when points came, not their time',
  );
});

t.test('points of before anybody took down when they came', async t => {
  const fixture = await Fixture.open();
  const source = await fixture.createSource(await fixture.createBucket());
  const { ordinal } = fixture.catalog.source(source)!;
  const values = Float64Array.of(1, 2);
  const append = async (time: number) => {
    const fields = [{ name: 't', type: 'number', values }] as const;
    await fixture.storage.append({
      sources: [{ source: ordinal, timestamps: Float64Array.of(5, time), fields }],
    });
    await fixture.restart();
    const { body } = await fixture.call('GET', '/api/analytics/overview', { key: ADMIN_KEY });
    return body.overview.recentActivity.lastDataIngestion;
  };
  t.equal(await append(1_000), '1970-01-01T00:00:01Z');
  t.equal(await append(NOW + DAY), iso(NOW), 'nothing has come in the future');
});

t.test('the analytics of a bucket', async t => {
  const fixture = await Fixture.open();
  fixture.alertFigures = ALERTS;
  await fixture.restart();
  const bucketId = await fixture.createBucket('Greenhouse');
  const bed = await fixture.createSource(bucketId, {}, 'bed');
  const silent = await fixture.createSource(bucketId, {}, 'silent');
  const elsewhere = await fixture.createBucket();
  await send(fixture, elsewhere, await fixture.createSource(elsewhere), [[NOW, { t: 1e6 }]]);
  const start = NOW - 7 * DAY;
  await send(fixture, bucketId, bed, [
    [start - 1, { t: 1_000 }],
    [start, { t: 10, state: 'on' }],
    [start + 1, { t: 20.5 }],
    [NOW - HOUR, { t: -3, u: 0.5 }],
    [NOW, { open: true, ['__proto__']: 8 }],
    [NOW + 1, { t: 2_000 }],
  ]);
  const analytics = async (query = '', key = ADMIN_KEY) =>
    fixture.call('GET', `/api/analytics/buckets/${bucketId}${query}`, { key });
  const want = {
    bucket: { _id: bucketId, name: 'Greenhouse' },
    period: '7d',
    summary: {
      totalDataPoints: 6,
      dataPointsInPeriod: 4,
      avgDataPointsPerDay: 1,
      dataSources: 2,
      activeAlerts: 3,
    },
    dataSourceStats: [
      {
        _id: bed,
        name: 'bed',
        dataPointCount: 4,
        lastDataPoint: iso(NOW),
        avgValues: { t: 27.5 / 3, u: 0.5, ['__proto__']: 8 },
        minValues: { t: -3, u: 0.5, ['__proto__']: 8 },
        maxValues: { t: 20.5, u: 0.5, ['__proto__']: 8 },
      },
      {
        _id: silent,
        name: 'silent',
        dataPointCount: 0,
        lastDataPoint: null,
        avgValues: {},
        minValues: {},
        maxValues: {},
      },
    ],
    ingestionRate: {
      dataPointsPerHour: [
        { hour: '2024-01-08T10:00:00Z', count: 2 },
        { hour: '2024-01-15T09:00:00Z', count: 1 },
        { hour: '2024-01-15T10:00:00Z', count: 1 },
      ],
    },
    alertActivity: {
      totalTriggered: 3,
      byRule: [
        { name: 'hot', count: 2 },
        { name: 'cold', count: 1 },
      ],
    },
  };
  const answer = await analytics();
  t.equal(answer.status, 200);
  t.same(answer.body.analytics, want);
  t.same((await analytics('?period=7d', await fixture.createKey(bucketId, 'read'))).body.analytics, want);

  const day = (await analytics('?period=24h')).body.analytics;
  t.match(day, { period: '24h', summary: { dataPointsInPeriod: 2, avgDataPointsPerDay: 2 } });
  t.same(day.dataSourceStats[0].avgValues, { t: -3, u: 0.5, ['__proto__']: 8 });
  t.match((await analytics('?period=30d')).body.analytics.summary, {
    dataPointsInPeriod: 5,
    avgDataPointsPerDay: 0,
  });
  t.match((await analytics('?period=90d')).body.analytics, {
    period: '90d',
    summary: { dataPointsInPeriod: 5 },
  });
  await fixture.catalog.updateBucket(fixture.catalog.bucket(bucketId)!, { retentionDays: 1 });
  t.equal(
    (await analytics('?period=30d')).body.analytics.summary.dataPointsInPeriod,
    2,
    'what is too old is gone',
  );
});

t.test('who may ask, and how', async t => {
  const fixture = await Fixture.open();
  const bucketId = await fixture.createBucket();
  const path = `/api/analytics/buckets/${bucketId}`;
  const own = await fixture.createKey(bucketId, 'read');
  const other = await fixture.createKey(await fixture.createBucket(), 'write');
  const statusOf = async (target: string, key: string) => (await fixture.call('GET', target, { key })).status;
  t.equal(await statusOf(path, own), 200);
  t.equal(await statusOf(path, other), 403);
  t.equal(await statusOf(`/api/analytics/buckets/${UNKNOWN_ID}`, other), 403);
  t.equal(await statusOf(`/api/analytics/buckets/${UNKNOWN_ID}`, ADMIN_KEY), 404);
  t.equal(await statusOf('/api/analytics/buckets/x', ADMIN_KEY), 400);
  const overview = await fixture.call('GET', '/api/analytics/overview', { key: own });
  t.equal(overview.status, 403);
  t.equal(overview.body.message, 'Only Admin keys can access organization analytics');
  for (const period of ['', '1d', '7D', '24', 'toString']) {
    const answer = await fixture.call('GET', `${path}?period=${period}`, { key: own });
    t.equal(answer.status, 400, period);
    t.same(answer.body.details[0].path, ['query', 'period']);
  }
});

t.test('of many data sources the oldest are shown, and all count', async t => {
  const fixture = await Fixture.open();
  const bucketId = await fixture.createBucket();
  const lines = Array.from({ length: 1_005 }, (_, at) => `m,n=${at} v=1 ${NOW}`).join('\n');
  const target = `/api/v2/write?bucket=${bucketId}&precision=ms`;
  t.equal((await fixture.call('POST', target, { key: ADMIN_KEY, body: lines })).status, 204);
  const { body } = await fixture.call('GET', `/api/analytics/buckets/${bucketId}`, { key: ADMIN_KEY });
  t.equal(body.analytics.dataSourceStats.length, 1_000);
  t.equal(body.analytics.dataSourceStats[999].name, 'm,n=999');
  t.match(body.analytics.summary, { dataPointsInPeriod: 1_005, dataSources: 1_005 });
  t.same(body.analytics.ingestionRate.dataPointsPerHour, [{ hour: '2024-01-15T10:00:00Z', count: 1_005 }]);
});
