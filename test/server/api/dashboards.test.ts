import t from 'tap';
import { BUCKET_DASHBOARDS_MAX, DASHBOARD_PANELS_MAX } from '../../../server/limits.js';
import { ADMIN_KEY, Fixture, UNKNOWN_ID } from './fixture.js';

const fixture = await Fixture.open();
const bucketId = await fixture.createBucket();
const otherId = await fixture.createBucket('Cellar');
const sourceId = await fixture.createSource(bucketId, { t: 'number' });
const keys = {
  write: await fixture.createKey(bucketId, 'write'),
  read: await fixture.createKey(bucketId, 'read'),
  otherWrite: await fixture.createKey(otherId, 'write'),
  otherRead: await fixture.createKey(otherId, 'read'),
};

const call = (method: string, target: string, key: string, body?: object) =>
  fixture.call(method, target, { key, body });
const create = (body: object, key = keys.write) =>
  call('POST', '/api/dashboards', key, { bucketId, ...body });

const chart = {
  id: 'a',
  kind: 'chart',
  title: '<b>température</b>',
  width: 'full',
  height: 'tall',
  drawing: 'm4',
  series: [{ dataSourceId: sourceId, field: 't' }],
};
const stat = {
  id: 'b',
  kind: 'stat',
  title: '',
  width: 'half',
  height: 'small',
  statistic: 'avg',
  series: [],
};

t.test('a dashboard is made, shown, listed, changed and deleted', async t => {
  const created = await create({ name: 'Beds' });
  t.equal(created.status, 201);
  t.equal(created.body.message, 'Dashboard created successfully');
  const { _id, createdAt, ...rest } = created.body.dashboard;
  t.strictSame(rest, {
    bucketId,
    name: 'Beds',
    range: { from: 'now-24h', to: 'now' },
    timezone: null,
    live: true,
    panels: [],
    revision: 1,
    updatedAt: createdAt,
  });
  const target = `/api/dashboards/${_id}`;
  fixture.now += 1_000;
  const patch = {
    name: '名前',
    panels: [chart, stat],
    range: { from: 1_700_000_000_000, to: '2024-01-01T00:00:00+01:00' },
    timezone: 'Europe/Berlin',
    live: false,
  };
  const changed = await call('PATCH', target, keys.write, { ...patch, revision: 1, other: 1 });
  t.match(changed.body, {
    message: 'Dashboard updated successfully',
    dashboard: { _id, ...patch, revision: 2 },
  });
  t.not(changed.body.dashboard.updatedAt, createdAt);
  for (const key of [ADMIN_KEY, keys.write, keys.read]) {
    t.strictSame((await call('GET', target, key)).body, { dashboard: changed.body.dashboard });
  }
  const { updatedAt } = changed.body.dashboard;
  const listed = { _id, bucketId, name: '名前', revision: 2, panelCount: 2, createdAt, updatedAt };
  const list = `/api/dashboards?bucketId=${bucketId}`;
  t.strictSame((await call('GET', list, keys.read)).body, {
    dashboards: [listed],
    pagination: { limit: 100, offset: 0, total: 1, hasMore: false },
  });
  t.strictSame((await call('GET', `${list}&offset=1`, keys.read)).body.dashboards, []);
  await fixture.restart();
  t.strictSame((await call('GET', target, keys.read)).body, { dashboard: changed.body.dashboard });
  t.strictSame((await call('DELETE', target, keys.write)).body, {
    message: 'Dashboard deleted successfully',
    deletedDashboard: { _id, name: '名前' },
  });
  t.equal((await call('GET', target, keys.read)).status, 404);
});

t.test('a change of what was changed meanwhile is refused', async t => {
  const { _id, revision } = (await create({ name: 'Beds' })).body.dashboard;
  const target = `/api/dashboards/${_id}`;
  const [one, two] = await Promise.all([
    call('PATCH', target, keys.write, { name: 'one', revision }),
    call('PATCH', target, keys.write, { name: 'two', revision }),
  ]);
  t.equal(one.status, 200);
  t.equal(two.status, 409);
  t.strictSame(two.body, { error: 'Conflict', message: 'Dashboard was changed by another' });
  t.equal((await call('PATCH', target, keys.write, { name: 'three' })).body.dashboard.revision, 3);
});

t.test('who may do what, and what a stranger learns', async t => {
  const { _id } = (await create({ name: 'Beds' })).body.dashboard;
  const before = fixture.state();
  const own = `/api/dashboards/${_id}`;
  const unknown = `/api/dashboards/${UNKNOWN_ID}`;
  const notFound = { error: 'Not Found', message: 'Dashboard not found' };
  for (const key of [keys.otherRead, keys.otherWrite, ADMIN_KEY]) {
    t.strictSame((await call('GET', unknown, key)).body, notFound);
    if (key !== ADMIN_KEY) t.strictSame((await call('GET', own, key)).body, notFound);
  }
  for (const method of ['PATCH', 'DELETE']) {
    for (const target of [own, unknown]) {
      t.strictSame((await call(method, target, keys.otherWrite, {})).body, notFound, method);
      const verb = method === 'PATCH' ? 'update' : 'delete';
      t.strictSame((await call(method, target, keys.read, {})).body, {
        error: 'Forbidden',
        message: `Read keys cannot ${verb} dashboards`,
      });
    }
  }
  t.match((await create({ name: 'x' }, keys.read)).body.message, 'Read keys cannot create dashboards');
  for (const id of [bucketId, UNKNOWN_ID]) {
    const list = await call('GET', `/api/dashboards?bucketId=${id}`, keys.otherRead);
    t.equal(list.status, 403);
    t.equal((await create({ bucketId: id, name: 'x' }, keys.otherWrite)).status, 403);
  }
  t.equal((await call('GET', '/api/dashboards', keys.read)).body.details[0].path[1], 'bucketId');
  t.equal(
    (await call('GET', '/api/dashboards/XYZ', keys.otherRead)).body.message,
    'Invalid dashboard ID format',
  );
  t.equal((await fixture.call('GET', '/api/dashboards/XYZ')).status, 401);
  t.strictSame(fixture.state(), before);
});

t.test('what does not fit is refused, by its place', async t => {
  const { _id } = (await create({ name: 'Beds' })).body.dashboard;
  const before = fixture.state();
  const panel = (change: object) => ({ panels: [stat, { ...chart, ...change }] });
  const cases: [body: object, path: (string | number)[], message: string | RegExp][] = [
    [{ name: '' }, ['name'], 'String must contain at least 1 character(s)'],
    [{ name: 'x'.repeat(101) }, ['name'], 'String must contain at most 100 character(s)'],
    [{ range: { from: 'now' } }, ['range', 'to'], 'Required'],
    [{ range: { from: 'yesterday', to: 'now' } }, ['range', 'from'], 'Invalid datetime'],
    [{ range: { from: 'now', to: 1.5 } }, ['range', 'to'], 'Expected integer, received float'],
    [{ range: { from: 'now', to: null } }, ['range', 'to'], 'Expected string, received null'],
    [{ timezone: 'Moon/Base' }, ['timezone'], 'Expected the IANA name of a time zone'],
    [{ live: 'yes' }, ['live'], 'Expected boolean, received string'],
    [panel({ id: 'b' }), ['panels', 1, 'id'], 'Ids must be distinct'],
    [panel({ id: '' }), ['panels', 1, 'id'], 'String must contain at least 1 character(s)'],
    [panel({ kind: 'pie' }), ['panels', 1, 'kind'], /Expected 'chart' \| 'stat' \| 'table'/],
    [panel({ title: 'x'.repeat(101) }), ['panels', 1, 'title'], /at most 100/],
    [panel({ width: 1 }), ['panels', 1, 'width'], /'half' \| 'full'/],
    [panel({ height: 'huge' }), ['panels', 1, 'height'], /'small' \| 'normal' \| 'tall'/],
    [panel({ drawing: 'bars' }), ['panels', 1, 'drawing'], /'band' \| 'm4'/],
    [panel({ statistic: 'p99' }), ['panels', 1, 'statistic'], /'last'/],
    [
      panel({ series: [{ dataSourceId: 'x', field: 't' }] }),
      ['panels', 1, 'series', 0, 'dataSourceId'],
      'Invalid data source ID format',
    ],
    [
      panel({ series: [{ dataSourceId: sourceId, field: 'a\nb' }] }),
      ['panels', 1, 'series', 0, 'field'],
      'Field name must not contain control characters',
    ],
    [panel({ series: Array(21).fill(chart.series[0]) }), ['panels', 1, 'series'], /at most 20 element/],
    [
      { panels: Array.from({ length: DASHBOARD_PANELS_MAX + 1 }, (_, id) => ({ ...stat, id: `${id}` })) },
      ['panels'],
      /at most 50 element/,
    ],
  ];
  for (const [body, path, message] of cases) {
    const asks = [create({ name: 'x', ...body }), call('PATCH', `/api/dashboards/${_id}`, keys.write, body)];
    for (const answer of await Promise.all(asks)) {
      const label = JSON.stringify(body).slice(0, 80);
      t.equal(answer.status, 400, label);
      t.match(answer.body.details, [{ path: ['body', ...path], message }], label);
    }
  }
  t.equal((await create({})).body.details[0].message, 'Required');
  t.equal((await create({ bucketId: 'x', name: 'x' })).body.message, 'Invalid bucket ID format');
  const refused = await call('POST', '/api/dashboards', ADMIN_KEY, {
    bucketId: UNKNOWN_ID,
    name: 'x',
    ...panel({ id: 'b' }),
  });
  t.equal(refused.body.details[0].message, 'Ids must be distinct', 'the form comes before the bucket');
  t.strictSame(fixture.state(), before);
});

t.test('what a panel shows may be deleted', async t => {
  const gone = await fixture.createSource(bucketId, {}, 'gone');
  const panels = [{ ...chart, series: [{ dataSourceId: gone, field: 't' }] }];
  const { _id } = (await create({ name: 'Beds', panels })).body.dashboard;
  await call('DELETE', `/api/buckets/${bucketId}/sources/${gone}`, keys.write);
  const target = `/api/dashboards/${_id}`;
  t.strictSame((await call('GET', target, keys.read)).body.dashboard.panels, panels);
  t.equal((await call('PATCH', target, keys.write, { panels })).status, 200);
});

t.test('an archived bucket keeps its dashboards as they are, and a deleted one none', async t => {
  const id = await fixture.createBucket('Old');
  const { _id } = (await create({ bucketId: id, name: 'x' }, ADMIN_KEY)).body.dashboard;
  const target = `/api/dashboards/${_id}`;
  await call('PATCH', `/api/buckets/${id}`, ADMIN_KEY, { status: 'archived' });
  for (const answer of [
    await create({ bucketId: id, name: 'y' }, ADMIN_KEY),
    await call('PATCH', target, ADMIN_KEY, { name: 'y' }),
    await call('DELETE', target, ADMIN_KEY),
  ]) {
    t.equal(answer.status, 409);
    t.equal(answer.body.message, 'Bucket is archived');
  }
  t.equal((await call('GET', target, ADMIN_KEY)).body.dashboard.name, 'x');
  await call('DELETE', `/api/buckets/${id}`, ADMIN_KEY);
  t.equal((await call('GET', target, ADMIN_KEY)).status, 404);
});

t.test('a bucket has so many dashboards', async t => {
  const id = await fixture.createBucket('Many');
  for (let number = 0; number < BUCKET_DASHBOARDS_MAX; number++) {
    await create({ bucketId: id, name: `${number}` }, ADMIN_KEY);
  }
  const refused = await create({ bucketId: id, name: 'x' }, ADMIN_KEY);
  t.equal(refused.status, 409);
  t.equal(refused.body.message, `A bucket has at most ${BUCKET_DASHBOARDS_MAX} dashboards`);
  const { pagination } = (await call('GET', `/api/dashboards?bucketId=${id}&limit=10`, ADMIN_KEY)).body;
  t.strictSame(pagination, { limit: 10, offset: 0, total: BUCKET_DASHBOARDS_MAX, hasMore: true });
});
