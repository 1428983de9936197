import t from 'tap';
import { ADMIN_KEY, type CallOptions, Fixture, NOW } from './fixture.js';

const ID = /^[0-9a-f]{24}$/;
const NOW_TEXT = '2024-01-15T10:30:00Z';
const EMOJI = '\u{1f321}';

/** A name of so many characters, then what is said of it: undefined where it is taken. */
const NAMES: [unknown, string | undefined][] = [
  ['', 'String must contain at least 1 character(s)'],
  ['x', undefined],
  ['x'.repeat(100), undefined],
  [EMOJI.repeat(100), undefined],
  ['名前 "quoted" </script> \\', undefined],
  ['\ud800', 'String must be well-formed Unicode'],
  [undefined, 'Required'],
  [null, 'Expected string, received null'],
  [1, 'Expected string, received number'],
  [['x'], 'Expected string, received array'],
  [{}, 'Expected string, received object'],
];

function invalid(...details: [(string | number)[], string][]) {
  return {
    error: 'Validation Error',
    message: 'Invalid request parameters',
    details: details.map(([path, message]) => ({ path, message })),
  };
}

async function open() {
  const fixture = await Fixture.open();
  const call = (method: string, target: string, body?: unknown, options: CallOptions = {}) =>
    fixture.call(method, target, { key: ADMIN_KEY, body, ...options });
  return { fixture, call };
}

t.test('buckets: create, read, change, delete', async t => {
  const { fixture, call } = await open();
  const created = await call('POST', '/api/buckets', { name: 'Greenhouse', retentionDays: 30, extra: 1 });
  t.equal(created.status, 201);
  t.match(created.headers, { 'Content-Type': 'application/json; charset=utf-8' });
  const { _id, organizationId } = created.body.bucket;
  t.match(_id, ID);
  t.match(organizationId, ID);
  const bucket = {
    _id,
    name: 'Greenhouse',
    description: null,
    organizationId,
    retentionDays: 30,
    status: 'active',
    createdAt: NOW_TEXT,
    updatedAt: NOW_TEXT,
  };
  t.strictSame(created.body, { message: 'Bucket created successfully', bucket });

  const sourceId = await fixture.createSource(_id);
  await fixture.createKey(_id, 'read');
  await call('POST', '/api/data', { bucketId: _id, dataSourceId: sourceId, values: { t: 1 } });
  const stats = { dataSourceCount: 1, dataPointCount: 1, apiKeyCount: 1 };
  t.strictSame((await call('GET', `/api/buckets/${_id}`)).body, { bucket: { ...bucket, stats } });

  fixture.now += 1250;
  const patched = await call('PATCH', `/api/buckets/${_id}`, { description: 'x', retentionDays: null });
  const changed = { ...bucket, description: 'x', retentionDays: null, updatedAt: '2024-01-15T10:30:01.250Z' };
  t.strictSame(patched.body, { message: 'Bucket updated successfully', bucket: changed });
  await fixture.restart();
  t.strictSame((await call('GET', `/api/buckets/${_id}`)).body.bucket.description, 'x');

  const ordinal = fixture.catalog.source(sourceId)!.ordinal;
  t.strictSame((await call('DELETE', `/api/buckets/${_id}`)).body, {
    message: 'Bucket deleted successfully',
    deletedBucket: { _id, name: 'Greenhouse' },
    deletedResources: { dataSources: 1, dataPoints: 1, apiKeys: 1, alertRules: 0 },
  });
  t.equal((await call('GET', `/api/buckets/${_id}`)).status, 404);
  t.equal(fixture.storage.stats(ordinal).rowCount, 0, 'its points are erased');
});

t.test('buckets: what is refused', async t => {
  const { fixture, call } = await open();
  const bucketId = await fixture.createBucket();
  const before = fixture.state();
  for (const [name, message] of NAMES.filter(([, message]) => message !== undefined)) {
    const answer = await call('POST', '/api/buckets', { name });
    t.strictSame(answer.body, invalid([['body', 'name'], message!]), JSON.stringify(name));
  }
  for (const [method, target] of [
    ['POST', '/api/buckets'],
    ['PATCH', `/api/buckets/${bucketId}`],
  ]) {
    for (const name of ['x'.repeat(101), EMOJI.repeat(101), 'e\u0301'.repeat(100)]) {
      t.strictSame((await call(method, target, { name })).body, {
        error: 'Validation Error',
        message: 'Bucket name must be 100 characters or less',
      });
    }
  }
  const cases: [object, [string[], string][]][] = [
    [{ retentionDays: 0 }, [[['retentionDays'], 'Number must be greater than or equal to 1']]],
    [{ retentionDays: 3651 }, [[['retentionDays'], 'Number must be less than or equal to 3650']]],
    [{ retentionDays: 1.5 }, [[['retentionDays'], 'Expected integer, received float']]],
    [{ retentionDays: '7' }, [[['retentionDays'], 'Expected integer, received string']]],
    [{ description: 7 }, [[['description'], 'Expected string, received number']]],
    [{ description: 'x'.repeat(2001) }, [[['description'], 'String must contain at most 2000 character(s)']]],
    [
      { status: 'gone' },
      [[['status'], "Invalid enum value. Expected 'active' | 'archived', received 'gone'"]],
    ],
    [{ status: null }, [[['status'], "Invalid enum value. Expected 'active' | 'archived', received null"]]],
    [
      { description: 7, retentionDays: 0 },
      [
        [['description'], 'Expected string, received number'],
        [['retentionDays'], 'Number must be greater than or equal to 1'],
      ],
    ],
  ];
  for (const [body, details] of cases) {
    const want = invalid(
      ...details.map(([path, message]): [string[], string] => [['body', ...path], message]),
    );
    t.strictSame((await call('PATCH', `/api/buckets/${bucketId}`, body)).body, want, JSON.stringify(body));
  }
  t.strictSame(fixture.state(), before);
  for (const [name] of NAMES.filter(([, message]) => message === undefined)) {
    t.equal((await call('POST', '/api/buckets', { name })).body.bucket.name, name);
  }
  const taken = [
    { retentionDays: 1 },
    { retentionDays: 3650 },
    { retentionDays: null },
    { description: 'x'.repeat(2000) },
    { description: null },
    { name: 'other', status: 'active' },
  ];
  for (const body of taken) {
    t.match((await call('PATCH', `/api/buckets/${bucketId}`, body)).body.bucket, body);
  }
});

t.test('lists are cut by limit and offset, oldest first', async t => {
  const { fixture, call } = await open();
  const ids: string[] = [];
  for (let index = 0; index < 105; index++) ids.push(await fixture.createBucket(`b${index}`));
  const cases: [string, number, number, object][] = [
    ['', 0, 100, { limit: 100, offset: 0, total: 105, hasMore: true }],
    ['?limit=10&offset=100', 100, 105, { limit: 10, offset: 100, total: 105, hasMore: false }],
    ['?limit=5&offset=100', 100, 105, { limit: 5, offset: 100, total: 105, hasMore: false }],
    ['?offset=4&limit=%31', 4, 5, { limit: 1, offset: 4, total: 105, hasMore: true }],
    ['?limit=1000', 0, 105, { limit: 1000, offset: 0, total: 105, hasMore: false }],
    ['?offset=105', 105, 105, { limit: 100, offset: 105, total: 105, hasMore: false }],
    ['?offset=9007199254740991', 105, 105, { limit: 100, offset: 2 ** 53 - 1, total: 105, hasMore: false }],
    ['?other=1', 0, 100, { limit: 100, offset: 0, total: 105, hasMore: true }],
  ];
  for (const [query, from, to, pagination] of cases) {
    const { body } = await call('GET', `/api/buckets${query}`);
    t.strictSame(body.pagination, pagination, query);
    t.strictSame(
      body.buckets.map((bucket: { _id: string }) => bucket._id),
      ids.slice(from, to),
    );
  }
  t.strictSame(Object.keys((await call('GET', '/api/buckets')).body.buckets[0]), [
    '_id',
    'name',
    'description',
    'createdAt',
    'updatedAt',
    'retentionDays',
    'status',
  ]);
  const refused: [string, string, string][] = [
    ['limit=0', 'limit', 'Number must be greater than or equal to 1'],
    ['limit=-1', 'limit', 'Number must be greater than or equal to 1'],
    ['limit=1001', 'limit', 'Number must be less than or equal to 1000'],
    ['limit=1.5', 'limit', 'Expected integer, received float'],
    ['limit=ten', 'limit', 'Expected number, received nan'],
    ['limit=', 'limit', 'Expected number, received nan'],
    ['limit=0x10', 'limit', 'Expected number, received nan'],
    ['offset=-1', 'offset', 'Number must be greater than or equal to 0'],
    ['offset=1e3', 'offset', 'Expected number, received nan'],
  ];
  for (const list of ['/api/buckets', `/api/buckets/${ids[0]}/keys`, `/api/buckets/${ids[0]}/sources`]) {
    for (const [query, name, message] of refused) {
      const answer = await call('GET', `${list}?${query}`);
      t.equal(answer.status, 400);
      t.strictSame(answer.body, invalid([['query', name], message]), `${list}?${query}`);
    }
  }
});

t.test('lists of keys and of data sources are cut the same way, without a pagination', async t => {
  const { fixture, call } = await open();
  const bucketId = await fixture.createBucket();
  const keyNames: string[] = [];
  const sourceNames: string[] = [];
  for (let index = 0; index < 102; index++) {
    const name = `n${index}`;
    await call('POST', `/api/buckets/${bucketId}/keys`, { name, type: 'read' });
    await fixture.createSource(bucketId, {}, name);
    keyNames.push(name);
    sourceNames.push(name);
  }
  const cases: [query: string, from: number, to: number][] = [
    ['', 0, 100],
    ['?limit=1000', 0, 102],
    ['?limit=5&offset=99', 99, 102],
    ['?limit=1&offset=50', 50, 51],
    ['?offset=102', 102, 102],
  ];
  for (const [query, from, to] of cases) {
    const keys = (await call('GET', `/api/buckets/${bucketId}/keys${query}`)).body;
    const sources = (await call('GET', `/api/buckets/${bucketId}/sources${query}`)).body;
    const namesOf = (items: { name: string }[]) => items.map(({ name }) => name);
    t.strictSame(namesOf(keys.apiKeys), keyNames.slice(from, to), `keys ${query}`);
    t.strictSame(namesOf(sources.dataSources), sourceNames.slice(from, to), `sources ${query}`);
    t.strictSame([Object.keys(keys), Object.keys(sources)], [['apiKeys'], ['dataSources']]);
  }
});

t.test('with a bucket go its keys and its sources, at once', async t => {
  const { fixture, call } = await open();
  const bucketId = await fixture.createBucket();
  const key = await fixture.createKey(bucketId, 'write');
  const dataSourceId = await fixture.createSource(bucketId);
  const otherId = await fixture.createBucket('Cellar');
  const otherKey = await fixture.createKey(otherId, 'write');
  const { body } = await call('DELETE', `/api/buckets/${bucketId}`);
  t.strictSame(body.deletedResources, { dataSources: 1, dataPoints: 0, apiKeys: 1, alertRules: 0 });
  const sources = `/api/buckets/${bucketId}/sources`;
  const gone: [method: string, target: string, body?: object][] = [
    ['GET', `/api/buckets/${bucketId}`],
    ['DELETE', `/api/buckets/${bucketId}`],
    ['PATCH', `/api/buckets/${bucketId}`, { name: 'x' }],
    ['GET', `/api/buckets/${bucketId}/keys`],
    ['GET', sources],
    ['GET', `${sources}/${dataSourceId}`],
    ['POST', '/api/data', { bucketId, dataSourceId, values: { t: 1 } }],
    ['POST', '/api/data/query', { bucketId }],
  ];
  for (const [method, target, body] of gone) {
    const answer = await call(method, target, body);
    t.match(answer, { status: 404, body: { error: 'Not Found', message: 'Bucket not found' } }, target);
  }
  t.equal((await fixture.call('GET', sources, { key })).status, 401);
  t.equal((await fixture.call('GET', `/api/buckets/${otherId}/sources`, { key: otherKey })).status, 200);
});

t.test('keys: create, list, use, delete', async t => {
  const { fixture, call } = await open();
  const bucketId = await fixture.createBucket();
  const keysPath = `/api/buckets/${bucketId}/keys`;
  const created = await call('POST', keysPath, { name: 'Sensor', type: 'write' });
  const { _id, key } = created.body.apiKey;
  t.equal(created.status, 201);
  t.match(_id, ID);
  t.match(key, /^dakkio_w_[a-z0-9]{40}$/);
  const keyPrefix = `${key.slice(0, 13)}...`;
  t.strictSame(created.body, {
    message: 'API key created successfully',
    apiKey: { _id, name: 'Sensor', type: 'write', key, keyPrefix, bucketId, createdAt: NOW_TEXT },
  });
  const listed = { _id, name: 'Sensor', type: 'write', keyPrefix, bucketId, createdAt: NOW_TEXT };
  t.strictSame((await call('GET', keysPath)).body, { apiKeys: [{ ...listed, lastUsedAt: null }] });
  fixture.now += 1000;
  t.equal((await fixture.call('GET', `/api/buckets/${bucketId}/sources`, { key })).status, 200);
  t.strictSame((await call('GET', keysPath)).body, {
    apiKeys: [{ ...listed, lastUsedAt: '2024-01-15T10:30:01Z' }],
  });
  t.strictSame((await fixture.call('GET', '/api/key', { key })).body, {
    apiKey: { ...listed, lastUsedAt: '2024-01-15T10:30:01Z' },
    bucket: {
      _id: bucketId,
      name: (await call('GET', `/api/buckets/${bucketId}`)).body.bucket.name,
      status: 'active',
    },
  });
  const { body: admin } = await call('GET', '/api/key');
  t.match(admin, { apiKey: { type: 'admin', bucketId: null }, bucket: null });
  t.match(await fixture.createKey(bucketId, 'read'), /^dakkio_r_/);
  t.strictSame((await call('DELETE', `${keysPath}/${_id}`)).body, {
    message: 'API key deleted successfully',
    deletedKey: { _id, name: 'Sensor', type: 'write' },
  });
  t.equal((await fixture.call('GET', `/api/buckets/${bucketId}/sources`, { key })).status, 401);
  t.equal((await fixture.call('GET', '/api/key', { key })).status, 401);
  t.equal((await call('DELETE', `${keysPath}/${_id}`)).status, 404);

  const typeMessage = "Invalid enum value. Expected 'write' | 'read', received ";
  const before = fixture.state();
  const cases: [object, ReturnType<typeof invalid>][] = [
    [{}, invalid([['body', 'name'], 'Required'], [['body', 'type'], 'Required'])],
    [{ name: 'x', type: 'admin' }, invalid([['body', 'type'], `${typeMessage}'admin'`])],
    [{ name: 'x', type: 1 }, invalid([['body', 'type'], `${typeMessage}number`])],
    [
      { name: 'x'.repeat(101), type: 'read' },
      invalid([['body', 'name'], 'String must contain at most 100 character(s)']),
    ],
    ...NAMES.filter(([, message]) => message !== undefined).map(
      ([name, message]): [object, ReturnType<typeof invalid>] => [
        { name, type: 'read' },
        invalid([['body', 'name'], message!]),
      ],
    ),
  ];
  for (const [body, want] of cases) {
    t.strictSame((await call('POST', keysPath, body)).body, want, JSON.stringify(body));
  }
  t.strictSame(fixture.state(), before);
});

t.test('data sources: create, list, read, change, delete', async t => {
  const { fixture, call } = await open();
  const bucketId = await fixture.createBucket();
  const path = `/api/buckets/${bucketId}/sources`;
  const created = await call('POST', path, {
    name: 'bed',
    schema: { t: { type: 'number', unit: '°C', description: 'air', extra: 1 }, ok: 'boolean' },
  });
  t.equal(created.status, 201);
  const { _id } = created.body.dataSource;
  const source = {
    _id,
    bucketId,
    name: 'bed',
    type: 'sensor',
    description: null,
    schema: { t: { type: 'number', unit: '°C', description: 'air' }, ok: { type: 'boolean' } },
    downsampling: true,
    status: 'active',
    createdAt: NOW_TEXT,
    updatedAt: NOW_TEXT,
  };
  t.strictSame(created.body, { message: 'Data source created successfully', dataSource: source });
  t.strictSame((await call('GET', path)).body, { dataSources: [source] });
  const none = { dataPointCount: 0, firstDataPoint: null, lastDataPoint: null, averageIntervalMs: null };
  t.strictSame((await call('GET', `${path}/${_id}`)).body, { dataSource: { ...source, stats: none } });
  const dataPoints = [NOW, NOW + 500, NOW + 3000].map(timestamp => ({
    dataSourceId: _id,
    timestamp,
    values: { t: 1, extra: 'x' },
  }));
  await call('POST', '/api/data/batch', { bucketId, dataPoints });
  t.strictSame((await call('GET', `${path}/${_id}`)).body.dataSource.stats, {
    dataPointCount: 3,
    firstDataPoint: NOW_TEXT,
    lastDataPoint: '2024-01-15T10:30:03Z',
    averageIntervalMs: 1500,
  });
  const [listed] = (await call('GET', `${path}?stats=true`)).body.dataSources;
  t.strictSame(listed, (await call('GET', `${path}/${_id}`)).body.dataSource);
  t.strictSame((await call('GET', `${path}?stats=false`)).body, { dataSources: [source] });
  t.strictSame(
    (await call('GET', `${path}?stats=yes`)).body,
    invalid([['query', 'stats'], "Invalid enum value. Expected 'true' | 'false', received 'yes'"]),
  );

  const patch = { type: 'api', downsampling: false, description: 'd', schema: { n: 'number', t: 'number' } };
  const patched = await call('PATCH', `${path}/${_id}`, patch);
  t.equal(patched.body.message, 'Data source updated successfully');
  t.match(patched.body.dataSource, { type: 'api', downsampling: false, description: 'd', name: 'bed' });
  t.strictSame(patched.body.dataSource.schema, {
    t: { type: 'number' },
    ok: { type: 'boolean' },
    n: { type: 'number' },
  });
  const before = fixture.state();
  const refused = await call('PATCH', `${path}/${_id}`, {
    name: 'not taken',
    schema: { t: 'string', extra: 'number', more: 'string' },
  });
  t.strictSame(
    refused.body,
    invalid(
      [['body', 'schema', 't'], 'The type of a field never changes: it is number, received string'],
      [['body', 'schema', 'extra'], 'The type of a field never changes: it is string, received number'],
    ),
  );
  t.strictSame(fixture.state(), before);
  await fixture.restart();
  t.strictSame((await call('GET', path)).body.dataSources, [patched.body.dataSource]);

  t.strictSame((await call('DELETE', `${path}/${_id}`)).body, {
    message: 'Data source deleted successfully',
    deletedDataSource: { _id, name: 'bed' },
    deletedDataPoints: 3,
  });
  t.equal((await call('GET', `${path}/${_id}`)).status, 404);
  t.strictSame((await call('GET', path)).body, { dataSources: [] });
});

t.test('data sources: a declared type holds after a restart, before the first value', async t => {
  const { fixture, call } = await open();
  const bucketId = await fixture.createBucket();
  const dataSourceId = await fixture.createSource(bucketId, { t: 'boolean' });
  await fixture.storage.close();
  await fixture.restart();
  const answer = await call('POST', '/api/data', { bucketId, dataSourceId, values: { t: 1 } });
  t.strictSame(answer.body, invalid([['body', 'values', 't'], 'Expected boolean, received number']));
});

t.test('data sources: what is refused beside the schema', async t => {
  const { fixture, call } = await open();
  const bucketId = await fixture.createBucket();
  const path = `/api/buckets/${bucketId}/sources`;
  const dataSourceId = await fixture.createSource(bucketId);
  const before = fixture.state();
  const cases: [body: object, at: string, message: string][] = [
    ...NAMES.filter(([name, message]) => message !== undefined && name !== undefined).map(
      ([name, message]): [object, string, string] => [{ name }, 'name', message!],
    ),
    [{ name: 'x'.repeat(101) }, 'name', 'String must contain at most 100 character(s)'],
    [{ type: '' }, 'type', 'String must contain at least 1 character(s)'],
    [{ type: 'x'.repeat(101) }, 'type', 'String must contain at most 100 character(s)'],
    [{ type: null }, 'type', 'Expected string, received null'],
    [{ description: 1 }, 'description', 'Expected string, received number'],
    [{ description: 'x'.repeat(2001) }, 'description', 'String must contain at most 2000 character(s)'],
    [{ downsampling: 'yes' }, 'downsampling', 'Expected boolean, received string'],
    [{ downsampling: null }, 'downsampling', 'Expected boolean, received null'],
    [{ schema: null }, 'schema', 'Expected object, received null'],
  ];
  for (const [body, at, message] of cases) {
    const want = invalid([['body', at], message]);
    const full = { name: 'x', schema: {}, ...body };
    t.strictSame((await call('POST', path, full)).body, want, `POST ${JSON.stringify(body)}`);
    t.strictSame(
      (await call('PATCH', `${path}/${dataSourceId}`, body)).body,
      want,
      `PATCH ${JSON.stringify(body)}`,
    );
  }
  const status = { status: 'gone' };
  const statusMessage = "Invalid enum value. Expected 'active' | 'archived', received 'gone'";
  t.strictSame(
    (await call('PATCH', `${path}/${dataSourceId}`, status)).body,
    invalid([['body', 'status'], statusMessage]),
  );
  t.strictSame(
    (await call('POST', path, {})).body,
    invalid([['body', 'name'], 'Required'], [['body', 'schema'], 'Required']),
  );
  t.strictSame(fixture.state(), before);
});

t.test('data sources: what a schema may be', async t => {
  const { fixture, call } = await open();
  const bucketId = await fixture.createBucket();
  const path = `/api/buckets/${bucketId}/sources`;
  const typeMessage = "Invalid enum value. Expected 'number' | 'string' | 'boolean', received ";
  const before = fixture.state();
  const cases: [unknown, [string[], string][]][] = [
    [undefined, [[[], 'Required']]],
    [null, [[[], 'Expected object, received null']]],
    [['t'], [[[], 'Expected object, received array']]],
    ['number', [[[], 'Expected object, received string']]],
    [{ t: 'int' }, [[['t'], `${typeMessage}'int'`]]],
    [{ t: 1 }, [[['t'], 'Expected object, received number']]],
    [{ t: null }, [[['t'], 'Expected object, received null']]],
    [{ t: {} }, [[['t', 'type'], 'Required']]],
    [{ t: { type: 'int' } }, [[['t', 'type'], `${typeMessage}'int'`]]],
    [{ t: { type: 'number', unit: 5 } }, [[['t', 'unit'], 'Expected string, received number']]],
    [{ '': 'number' }, [[[''], 'String must contain at least 1 character(s)']]],
    [
      { ['x'.repeat(129)]: 'number' },
      [[[`${'x'.repeat(128)}…`], 'String must contain at most 128 character(s)']],
    ],
    [{ 'a\nb': 'number' }, [[['a\nb'], 'Field name must not contain control characters']]],
    [{ 'a\u0085b': 'number' }, [[['a\u0085b'], 'Field name must not contain control characters']]],
    [{ '\udc00': 'number' }, [[['\udc00'], 'String must be well-formed Unicode']]],
    [
      { a: 'x', b: 'number', c: {} },
      [
        [['a'], `${typeMessage}'x'`],
        [['c', 'type'], 'Required'],
      ],
    ],
    [
      Object.fromEntries(Array.from({ length: 1025 }, (_, index) => [`f${index}`, 'number'])),
      [[[], 'A data source has at most 1024 fields']],
    ],
  ];
  for (const [schema, details] of cases) {
    const want = invalid(
      ...details.map(([at, message]): [string[], string] => [['body', 'schema', ...at], message]),
    );
    t.strictSame(
      (await call('POST', path, { name: 'x', schema })).body,
      want,
      JSON.stringify(schema)?.slice(0, 80),
    );
  }
  const many = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`f${index}`, 0]));
  t.equal((await call('POST', path, { name: 'x', schema: many })).body.details.length, 100);
  t.strictSame(fixture.state(), before);

  const odd =
    '{"__proto__":"number","constructor":{"type":"string"},"toString":"boolean","名":"number","1":"number"}';
  const created = await call('POST', path, `{"name":"odd","schema":${odd}}`);
  t.equal(created.status, 201);
  t.strictSame(
    Object.entries(created.body.dataSource.schema).sort(),
    [
      ['__proto__', { type: 'number' }],
      ['constructor', { type: 'string' }],
      ['toString', { type: 'boolean' }],
      ['名', { type: 'number' }],
      ['1', { type: 'number' }],
    ].sort(),
  );
  const full = Object.fromEntries(Array.from({ length: 1024 }, (_, index) => [`f${index}`, 'number']));
  const wide = await call('POST', path, { name: 'wide', schema: full });
  t.equal(wide.status, 201);
  const more = await call('PATCH', `${path}/${wide.body.dataSource._id}`, { schema: { g: 'number' } });
  t.strictSame(more.body, invalid([['body', 'schema'], 'A data source has at most 1024 fields']));
});

t.test('an archived bucket is read, not written', async t => {
  const { fixture, call } = await open();
  const bucketId = await fixture.createBucket();
  const dataSourceId = await fixture.createSource(bucketId);
  await call('PATCH', `/api/buckets/${bucketId}`, { status: 'archived' });
  const archived = { error: 'Conflict', message: 'Bucket is archived' };
  const sources = `/api/buckets/${bucketId}/sources`;
  const body = { bucketId, dataSourceId, values: { t: 1 } };
  const before = fixture.state();
  const writes: [string, string, object][] = [
    ['POST', sources, { name: 'x', schema: {} }],
    ['PATCH', `${sources}/${dataSourceId}`, { name: 'x' }],
    ['DELETE', `${sources}/${dataSourceId}`, {}],
    ['POST', '/api/data', body],
    ['POST', '/api/data/batch', { bucketId, dataPoints: [body] }],
  ];
  for (const [method, target, body] of writes) {
    t.match(await call(method, target, body), { status: 409, body: archived }, `${method} ${target}`);
  }
  t.strictSame(fixture.state(), before);
  t.equal(fixture.admit('POST', sources, { key: ADMIN_KEY })?.status, 409, 'before the body is read');
  t.equal((await call('GET', `/api/buckets/${bucketId}`)).body.bucket.status, 'archived');
  t.equal((await call('GET', `${sources}/${dataSourceId}`)).status, 200);
  t.equal((await call('POST', '/api/data/query', { bucketId })).status, 200);
  t.equal((await call('PATCH', `/api/buckets/${bucketId}`, { status: 'active' })).status, 200);
  t.equal((await call('POST', '/api/data', body)).status, 201);
  await call('PATCH', `${sources}/${dataSourceId}`, { status: 'archived' });
  t.match(await call('POST', '/api/data', body), {
    status: 409,
    body: { error: 'Conflict', message: 'Data source is archived' },
  });
  t.equal((await call('DELETE', `/api/buckets/${bucketId}`)).status, 200);
});
