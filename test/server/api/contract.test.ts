import t from 'tap';
import { ADMIN_KEY, type Answer, Fixture, NOW, UNKNOWN_ID } from './fixture.js';

const fixture = await Fixture.open();
const bucketId = await fixture.createBucket();
const otherId = await fixture.createBucket('Cellar');
const sourceId = await fixture.createSource(bucketId, { t: 'number' });
const foreignSourceId = await fixture.createSource(otherId);

const deletedKey = await fixture.createKey(bucketId, 'write');
const keyList = await fixture.call('GET', `/api/buckets/${bucketId}/keys`, { key: ADMIN_KEY });
const deletedKeyId = keyList.body.apiKeys[0]._id;
await fixture.call('DELETE', `/api/buckets/${bucketId}/keys/${deletedKeyId}`, { key: ADMIN_KEY });

const keys = {
  admin: ADMIN_KEY,
  write: await fixture.createKey(bucketId, 'write'),
  read: await fixture.createKey(bucketId, 'read'),
  otherWrite: await fixture.createKey(otherId, 'write'),
  otherRead: await fixture.createKey(otherId, 'read'),
  none: undefined,
  deleted: deletedKey,
  malformed: 'dakkio_a_short',
  unknown: `dakkio_a_${'b'.repeat(40)}`,
};

type KeyName = keyof typeof keys;

const FORBIDDEN_BUCKET = 'API key does not have access to this bucket';

function error(title: string, message: string, details?: object[]) {
  return details === undefined ? { error: title, message } : { error: title, message, details };
}

/** Method, path, action of the 403, who may. The ids are unknown on purpose: a right shows as a 404 or a 400. */
const routes: [string, string, string, ('admin' | 'write' | 'read')[]][] = [
  ['GET', '/api/buckets?limit=0', 'list buckets', ['admin']],
  ['POST', '/api/buckets', 'create buckets', ['admin']],
  ['GET', `/api/buckets/B`, 'access bucket details', ['admin']],
  ['PATCH', `/api/buckets/B`, 'update buckets', ['admin']],
  ['DELETE', `/api/buckets/B`, 'delete buckets', ['admin']],
  ['GET', `/api/buckets/B/keys`, 'list API keys', ['admin']],
  ['POST', `/api/buckets/B/keys`, 'create API keys', ['admin']],
  ['DELETE', `/api/buckets/B/keys/X`, 'delete API keys', ['admin']],
  ['GET', `/api/buckets/B/sources`, '', ['admin', 'write', 'read']],
  ['GET', `/api/buckets/B/sources/X`, '', ['admin', 'write', 'read']],
  ['POST', `/api/buckets/B/sources`, 'create data sources', ['admin', 'write']],
  ['PATCH', `/api/buckets/B/sources/X`, 'update data sources', ['admin', 'write']],
  ['DELETE', `/api/buckets/B/sources/X`, 'delete data sources', ['admin', 'write']],
  ['POST', '/api/data', 'ingest data', ['admin', 'write']],
  ['POST', '/api/data/batch', 'ingest data', ['admin', 'write']],
  ['POST', '/api/data/query', '', ['admin', 'write', 'read']],
  ['POST', '/api/alerts', 'create alert rules', ['admin', 'write']],
  ['POST', '/api/alerts/test', '', ['admin', 'write', 'read']],
  ['GET', `/api/buckets/B/alerts`, '', ['admin', 'write', 'read']],
  ['GET', `/api/buckets/B/alerts/X`, '', ['admin', 'write', 'read']],
  ['GET', `/api/buckets/B/alerts/X/history`, '', ['admin', 'write', 'read']],
  ['PATCH', `/api/buckets/B/alerts/X`, 'update alert rules', ['admin', 'write']],
  ['DELETE', `/api/buckets/B/alerts/X`, 'delete alert rules', ['admin', 'write']],
];

/** Well formed, of a source that is not there. */
const point = { dataSourceId: UNKNOWN_ID, values: { t: 1 }, name: 'rule', condition: 't > 1' };

t.test('who may call what', async t => {
  const before = fixture.state();
  for (const [method, path, action, allowed] of routes) {
    const target = (bucket: string) => path.replace('/B', `/${bucket}`).replace('/X', `/${UNKNOWN_ID}`);
    const namesBucket = path.includes('/B') || path.includes('/data') || path.startsWith('/api/alerts');
    const call = (name: KeyName, bucket: string) =>
      fixture.call(method, target(bucket), {
        key: keys[name],
        body: { ...point, bucketId: bucket, dataPoints: [point], limit: 0 },
      });
    for (const name of ['none', 'deleted', 'malformed', 'unknown'] as const) {
      const answer = await call(name, bucketId);
      t.equal(answer.status, 401, `${method} ${path} ${name}`);
      t.strictSame(answer.body, error('Unauthorized', 'Invalid or missing API key'));
      t.equal(answer.headers['WWW-Authenticate'], 'Bearer');
    }
    for (const name of ['write', 'read', 'otherWrite', 'otherRead'] as const) {
      const type = name.toLowerCase().includes('write') ? 'write' : 'read';
      // Unknown buckets and those of others look the same.
      for (const bucket of [bucketId, otherId, UNKNOWN_ID]) {
        const isOwn = bucket === (name.startsWith('other') ? otherId : bucketId);
        const answer = await call(name, bucket);
        const label = `${method} ${path} ${name} ${bucket}`;
        if (!allowed.includes(type)) {
          const isAdminOnly = !allowed.includes('write');
          const message = isAdminOnly ? `Only Admin keys can ${action}` : `Read keys cannot ${action}`;
          t.strictSame(answer.body, error('Forbidden', message), label);
        } else if (namesBucket && !isOwn) {
          t.equal(answer.status, 403, label);
          t.strictSame(answer.body, error('Forbidden', FORBIDDEN_BUCKET), label);
        } else {
          t.notOk([401, 403].includes(answer.status), label);
        }
      }
    }
    if (path.includes('/B')) {
      const answer = await call('admin', UNKNOWN_ID);
      t.strictSame(answer.body, error('Not Found', 'Bucket not found'), `${method} ${path}`);
    }
  }
  const admin = await fixture.call('GET', `/api/buckets`, {
    headers: { authorization: `bearer ${ADMIN_KEY}` },
  });
  t.equal(admin.status, 200, 'a key may come as a bearer token');
  const both = await fixture.call('GET', `/api/buckets`, {
    key: 'x',
    headers: { authorization: `Bearer ${ADMIN_KEY}` },
  });
  t.equal(both.status, 401, 'X-API-Key comes first');
  t.strictSame({ ...before, records: 0 }, { ...fixture.state(), records: 0 });
});

t.test('order of checks', async t => {
  const malformed = 'XYZ';
  const cases: [string, string, string, KeyName, unknown, number, string][] = [
    ['an unknown route before the key', 'GET', '/api/nothing', 'none', undefined, 404, 'Route not found'],
    [
      'the method before the key',
      'PUT',
      '/api/buckets',
      'none',
      undefined,
      405,
      'Method not allowed for this route',
    ],
    [
      'the key before the form of ids',
      'GET',
      `/api/buckets/${malformed}`,
      'none',
      undefined,
      401,
      'Invalid or missing API key',
    ],
    [
      'the type before the form',
      'GET',
      `/api/buckets/${malformed}`,
      'write',
      undefined,
      403,
      'Only Admin keys can access bucket details',
    ],
    [
      'the form before the bucket',
      'GET',
      `/api/buckets/${malformed}/sources`,
      'write',
      undefined,
      400,
      'Invalid bucket ID format',
    ],
    [
      'the form of all ids before the bucket',
      'GET',
      `/api/buckets/${otherId}/sources/${malformed}`,
      'write',
      undefined,
      400,
      'Invalid data source ID format',
    ],
    [
      'the form of key ids',
      'DELETE',
      `/api/buckets/${bucketId}/keys/${malformed}`,
      'admin',
      undefined,
      400,
      'Invalid API key ID format',
    ],
    [
      'the bucket before existence',
      'GET',
      `/api/buckets/${UNKNOWN_ID}/sources`,
      'write',
      undefined,
      403,
      FORBIDDEN_BUCKET,
    ],
    [
      'the bucket before its source',
      'GET',
      `/api/buckets/${UNKNOWN_ID}/sources/${UNKNOWN_ID}`,
      'admin',
      undefined,
      404,
      'Bucket not found',
    ],
    [
      'existence before the body',
      'POST',
      `/api/buckets/${UNKNOWN_ID}/keys`,
      'admin',
      '{',
      404,
      'Bucket not found',
    ],
    [
      'a source is its bucket’s',
      'GET',
      `/api/buckets/${bucketId}/sources/${foreignSourceId}`,
      'admin',
      undefined,
      404,
      'Data source not found',
    ],
    [
      'a key is its bucket’s',
      'DELETE',
      `/api/buckets/${otherId}/keys/${deletedKeyId}`,
      'admin',
      undefined,
      404,
      'API key not found',
    ],
    [
      'in a body: the form',
      'POST',
      '/api/data',
      'write',
      { bucketId: malformed },
      400,
      'Invalid bucket ID format',
    ],
    [
      'in a body: all of the form before the bucket',
      'POST',
      '/api/data/batch',
      'write',
      { bucketId: otherId, dataPoints: [{ ...point, timestamp: 'soon' }] },
      400,
      'Invalid request parameters',
    ],
    [
      'in a body: its source’s form before the bucket',
      'POST',
      '/api/data',
      'write',
      { ...point, bucketId: otherId, dataSourceId: malformed },
      400,
      'Invalid data source ID format',
    ],
    [
      'in a query: all of the form before the bucket',
      'POST',
      '/api/data/query',
      'read',
      { bucketId: otherId, filters: { startTime: 'soon' } },
      400,
      'Invalid request parameters',
    ],
    [
      'in a body: the bucket',
      'POST',
      '/api/data',
      'write',
      { ...point, bucketId: otherId },
      403,
      FORBIDDEN_BUCKET,
    ],
    [
      'in a body: existence',
      'POST',
      '/api/data/batch',
      'admin',
      { bucketId: UNKNOWN_ID, dataPoints: [point] },
      404,
      'Bucket not found',
    ],
    [
      'in a body: the rest',
      'POST',
      '/api/data',
      'admin',
      { bucketId, dataSourceId: UNKNOWN_ID },
      400,
      'Invalid request parameters',
    ],
    [
      'the source before its types',
      'POST',
      '/api/data',
      'admin',
      { bucketId, dataSourceId: foreignSourceId, values: { t: '1' } },
      404,
      'Data source not found',
    ],
    [
      'the types last',
      'POST',
      '/api/data',
      'admin',
      { bucketId, dataSourceId: sourceId, values: { t: '1' } },
      400,
      'Invalid request parameters',
    ],
  ];
  const before = fixture.state();
  for (const [name, method, target, key, body, status, message] of cases) {
    const answer = await fixture.call(method, target, { key: keys[key], body });
    t.match(answer, { status, body: { message } }, name);
    if (status !== 400) t.notOk('details' in answer.body, name);
  }
  t.strictSame(fixture.state(), before, 'nothing has changed');
});

t.test('what the head decides is refused before the body is read', async t => {
  const refused: [string, string, KeyName, number][] = [
    ['POST', '/nothing', 'admin', 404],
    ['PUT', '/api/data', 'admin', 405],
    ['POST', '/api/data', 'none', 401],
    ['POST', '/api/data', 'read', 403],
    ['POST', `/api/buckets/x/sources`, 'write', 400],
    ['POST', `/api/buckets/${otherId}/sources`, 'write', 403],
    ['POST', `/api/buckets/${UNKNOWN_ID}/sources`, 'admin', 404],
  ];
  for (const [method, target, key, status] of refused) {
    t.equal(fixture.admit(method, target, { key: keys[key], body: {} })?.status, status, target);
  }
  const types: [string, number | undefined][] = [
    ['application/json', undefined],
    ['Application/JSON; charset=UTF-8', undefined],
    ['application/json; charset="utf-8"', undefined],
    ['', undefined],
    ['application/json; charset=latin1', 415],
    ['text/plain', 415],
    ['application/msgpack', undefined],
    ['application/vnd.msgpack', undefined],
    ['application/cbor', 415],
    ['application/x-www-form-urlencoded', 415],
  ];
  for (const [type, status] of types) {
    const headers = { 'content-type': type };
    t.equal(fixture.admit('POST', '/api/data', { key: ADMIN_KEY, headers })?.status, status, type);
  }
});

t.test('paths and methods', async t => {
  const notFound = [
    '/',
    '/api',
    '/api/buckets/',
    '/api//buckets',
    '/api/buckets/a/b/c/d',
    '/API/buckets',
    '/api/alert',
    '/health/',
  ];
  for (const path of notFound) {
    const answer = await fixture.call('GET', path, { key: ADMIN_KEY });
    t.match(answer, { status: 404, body: error('Not Found', 'Route not found') }, path);
  }
  const allow: [string, string][] = [
    ['/health', 'GET, HEAD, OPTIONS'],
    ['/api/buckets', 'GET, HEAD, OPTIONS, POST'],
    [`/api/buckets/${bucketId}`, 'DELETE, GET, HEAD, OPTIONS, PATCH'],
    ['/api/data', 'OPTIONS, POST'],
    [`/api/buckets/${bucketId}/keys/${UNKNOWN_ID}`, 'DELETE, OPTIONS'],
  ];
  for (const [path, methods] of allow) {
    const answer = await fixture.call('PUT', path);
    t.equal(answer.status, 405, path);
    t.equal(answer.body.error, 'Method Not Allowed');
    t.equal(answer.headers.Allow, methods);
    const options = await fixture.call('OPTIONS', path);
    t.strictSame([options.status, options.headers, options.text], [204, { Allow: methods }, '']);
  }
  t.equal((await fixture.call('HEAD', '/api/buckets', { key: ADMIN_KEY })).status, 200);
  t.equal(
    (
      await fixture.call(
        'GET',
        `/api/%62uckets/%${bucketId.charCodeAt(0).toString(16)}${bucketId.slice(1)}`,
        {
          key: ADMIN_KEY,
        },
      )
    ).status,
    200,
    'percent-encoding means the same path',
  );
  for (const id of [
    '%',
    '%zz',
    '%ff',
    '%00',
    '..',
    '%2e%2e',
    bucketId.toUpperCase() + 'A',
    `${bucketId}%20`,
  ]) {
    const answer = await fixture.call('GET', `/api/buckets/${id}`, { key: ADMIN_KEY });
    t.match(answer, { status: 400, body: error('Validation Error', 'Invalid bucket ID format') }, id);
  }
});

t.test('bodies that are no JSON object', async t => {
  const before = fixture.state();
  const cases: [unknown, object][] = [
    ['', error('Validation Error', 'Request body is not valid JSON')],
    ['{"name":', error('Validation Error', 'Request body is not valid JSON')],
    ['{"name":NaN}', error('Validation Error', 'Request body is not valid JSON')],
    ['[1,]', error('Validation Error', 'Request body is not valid JSON')],
    [Uint8Array.of(0x22, 0xff, 0x22), error('Validation Error', 'Request body is not valid UTF-8')],
    ...[
      ['null', 'null'],
      ['[]', 'array'],
      ['"x"', 'string'],
      ['1', 'number'],
      ['true', 'boolean'],
    ].map(([body, type]): [unknown, object] => [
      body,
      error('Validation Error', 'Invalid request parameters', [
        { path: ['body'], message: `Expected object, received ${type}` },
      ]),
    ]),
    ['['.repeat(1_000_000), error('Validation Error', 'Request body is not valid JSON')],
  ];
  const targets = [
    '/api/buckets',
    '/api/data',
    '/api/data/batch',
    '/api/data/query',
    `/api/buckets/${bucketId}/keys`,
    `/api/buckets/${bucketId}/sources`,
  ];
  for (const target of targets) {
    for (const [body, want] of cases) {
      const answer = await fixture.call('POST', target, { key: ADMIN_KEY, body });
      t.equal(answer.status, 400, target);
      t.strictSame(answer.body, want, `${target} ${String(body).slice(0, 20)}`);
    }
  }
  t.strictSame(fixture.state(), before);
});

t.test('health and readiness need no key', async t => {
  t.match(await fixture.call('GET', '/health'), { status: 200, body: { status: 'ok' } });
  t.match(await fixture.call('GET', '/ready'), { status: 200, body: { status: 'ready' } });
  fixture.isReady = false;
  const starting = error('Service Unavailable', 'The server is starting');
  t.equal((await fixture.call('GET', '/health')).status, 200);
  for (const path of ['/ready', '/api/buckets']) {
    const answer = await fixture.call('GET', path, { key: ADMIN_KEY });
    t.match(answer, { status: 503, body: starting, headers: { 'Retry-After': '5' } }, path);
  }
  fixture.isReady = true;
});

t.test('errors are problems of RFC 9457 for whoever asks for them', async t => {
  const accept = 'application/problem+json';
  const cases: [accept: string, want: string][] = [
    [accept, 'application/problem+json'],
    [`${accept}, application/json`, 'application/problem+json'],
    [`${accept};q=0.5, application/json`, 'application/json; charset=utf-8'],
    ['application/json', 'application/json; charset=utf-8'],
    ['*/*', 'application/json; charset=utf-8'],
  ];
  for (const [value, want] of cases) {
    const answer = await fixture.call('GET', '/api/buckets', { headers: { accept: value } });
    t.equal(answer.headers['Content-Type'], want, value);
  }
  const body = { name: '' };
  const options = { key: ADMIN_KEY, body, headers: { accept } };
  const { status, body: problem } = await fixture.call('POST', '/api/buckets', options);
  t.equal(status, 400);
  t.strictSame(problem, {
    type: 'urn:dakkio:error:invalid-request',
    title: 'Validation Error',
    status: 400,
    detail: 'Invalid request parameters',
    instance: 'urn:dakkio:request:request-1',
    details: [{ path: ['body', 'name'], message: 'String must contain at least 1 character(s)' }],
  });
  const lost = await fixture.call('GET', '/api/buckets', { headers: { accept } });
  t.equal(lost.headers['WWW-Authenticate'], 'Bearer');
});

t.test('the answers that the transport asks for', async t => {
  const { application } = fixture;
  const head = {
    id: 'one',
    method: 'POST',
    path: '/api/data',
    query: '',
    header: () => '',
    signal: new AbortController().signal,
  };
  const texts = (reply: { status: number; body?: unknown }) => [reply.status, JSON.parse(String(reply.body))];
  t.strictSame(texts(application.tooLarge(head, 100)), [
    413,
    error('Payload Too Large', 'Request body must be at most 100 bytes'),
  ]);
  t.equal(application.unreadable(head, 'encoding').status, 415);
  t.equal(application.unreadable(head, 'gzip').status, 400);
  t.match(application.overloaded(head), { status: 503, headers: { 'Retry-After': '5' } });
});

t.test('a key, a bucket or a source deleted while the body arrives', async t => {
  const fixture = await Fixture.open();
  const bucketId = await fixture.createBucket();
  const key = await fixture.createKey(bucketId, 'write');
  const sourceId = await fixture.createSource(bucketId);
  const point = Buffer.from(JSON.stringify({ bucketId, dataSourceId: sourceId, values: { t: 1 } }));
  const begin = (method: string, path: string, with_: string) => {
    const headers: Record<string, string> = { 'x-api-key': with_ };
    const signal = new AbortController().signal;
    const head = {
      id: 'one',
      method,
      path,
      query: '',
      header: (name: string) => headers[name] ?? '',
      signal,
    };
    const decision = fixture.application.admit(head);
    if (!('respond' in decision)) throw new Error(`refused: ${decision.status}`);
    return decision;
  };
  const byKey = begin('POST', '/api/data', key);
  const byAdmin = begin('POST', '/api/data', ADMIN_KEY);
  const patch = begin('PATCH', `/api/buckets/${bucketId}/sources/${sourceId}`, ADMIN_KEY);
  await fixture.call('DELETE', `/api/buckets/${bucketId}`, { key: ADMIN_KEY });
  t.equal((await byKey.respond(point)).status, 401);
  t.equal((await byAdmin.respond(point)).status, 404);
  t.equal((await patch.respond(Buffer.from('{}'))).status, 404);
});

t.test('a disk that refuses: reads go on, writes get 503', async t => {
  const fixture = await Fixture.open();
  const bucketId = await fixture.createBucket();
  await fixture.createSource(bucketId);
  const lost = fixture.call('POST', '/api/buckets', { key: ADMIN_KEY, body: { name: 'lost' } });
  fixture.log.fail();
  const unavailable = error(
    'Service Unavailable',
    'The disk can no longer be written; reads go on, writes are refused',
  );
  const answers: Answer[] = [await lost];
  answers.push(await fixture.call('GET', '/ready'));
  answers.push(await fixture.call('DELETE', `/api/buckets/${bucketId}`, { key: ADMIN_KEY }));
  for (const answer of answers) {
    t.match(answer, { status: 503, body: unavailable, headers: { 'Retry-After': '5' } });
  }
  t.equal(fixture.admit('POST', '/api/data', { key: ADMIN_KEY, body: {} })?.status, 503);
  t.equal((await fixture.call('GET', `/api/buckets/${bucketId}`, { key: ADMIN_KEY })).status, 200);
  const query = { key: ADMIN_KEY, body: { bucketId } };
  t.equal((await fixture.call('POST', '/api/data/query', query)).status, 200);
  t.equal((await fixture.call('GET', '/health')).status, 200);
});

t.test('an unexpected error says nothing, and is logged', async t => {
  const fixture = await Fixture.open();
  const bucketId = await fixture.createBucket();
  const bug = new Error('secret /etc/path');
  fixture.storage.stats = () => {
    throw bug;
  };
  await fixture.createSource(bucketId);
  const answer = await fixture.call('GET', `/api/buckets/${bucketId}`, { key: ADMIN_KEY });
  t.equal(answer.status, 500);
  t.strictSame(answer.body, error('Internal Server Error', 'Something went wrong'));
  t.match(fixture.errors, [{ err: bug, method: 'GET', path: `/api/buckets/${bucketId}` }]);
  t.equal(fixture.now, NOW);
});
