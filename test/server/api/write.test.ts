/** Line protocol as clients of InfluxDB send it: who may, where it goes, what is stored, and how it is refused. */
import { createHash } from 'node:crypto';
import t from 'tap';
import { RecordType } from '../../../wal/records.js';
import { type PlainRow, plainRows } from '../../support/rows.js';
import { ADMIN_KEY, type Answer, Fixture, NOW } from './fixture.js';

interface Written {
  readonly name: string;
  readonly time: number;
  readonly values: PlainRow['values'];
}

/** All rows, by source in order of age. */
async function stored({ catalog, storage }: Fixture): Promise<Written[]> {
  const sources = catalog.allSources();
  const names = new Map(sources.map(({ ordinal, name }) => [ordinal, name]));
  const rows = await plainRows(storage, [...names.keys()]);
  return rows.map(({ source, time, values }) => ({ name: names.get(source) as string, time, values }));
}

function write(
  fixture: Fixture,
  body: string,
  target = '/write?db=Greenhouse&precision=ms',
): Promise<Answer> {
  return fixture.call('POST', target, { key: ADMIN_KEY, body, headers: { 'content-type': 'text/plain' } });
}

t.test('measurement and tags are a source, made on first sight and found again', async t => {
  const fixture = await Fixture.open();
  const bucketId = await fixture.createBucket();
  const first = await write(
    fixture,
    'cpu,host=a,region=eu usage=1.5,state="on",up=t 1000\ncpu usage=2i 1000',
  );
  t.match(first, { status: 204, text: '' });
  await write(fixture, 'cpu,region=eu,host=a usage=3 2000\n');
  await fixture.restart();
  await write(fixture, 'cpu,region=eu,host=a usage=4 3000\ncpu,host=a,region=eu usage=5,new="x" 1000');
  const name = 'cpu,host=a,region=eu';
  t.strictSame(await stored(fixture), [
    { name, time: 1000, values: { usage: '1.5', state: 'on', up: true } },
    { name, time: 1000, values: { usage: '5', new: 'x' } },
    { name, time: 2000, values: { usage: '3' } },
    { name, time: 3000, values: { usage: '4' } },
    { name: 'cpu', time: 1000, values: { usage: '2' } },
  ]);
  const { body } = await fixture.call('GET', `/api/buckets/${bucketId}/sources`, { key: ADMIN_KEY });
  t.match(body.dataSources, [
    {
      bucketId,
      name,
      type: 'influx',
      description: null,
      schema: { usage: { type: 'number' }, state: { type: 'string' }, up: { type: 'boolean' } },
      downsampling: true,
      status: 'active',
      measurement: 'cpu',
      tags: { host: 'a', region: 'eu' },
    },
    { name: 'cpu', measurement: 'cpu', tags: {} },
  ]);
  t.equal(body.dataSources.length, 2);
});

t.test('names of tags are told as they are, and a source keeps its series under another name', async t => {
  const fixture = await Fixture.open();
  const bucketId = await fixture.createBucket();
  await write(fixture, String.raw`d\ i\,sk,__proto__=p\=q\,r,é=\ü v=1 1`);
  const [{ id, name }] = fixture.catalog.allSources();
  t.equal(name, String.raw`d\ i\,sk,__proto__=p\=q\,r,é=\ü`);
  const path = `/api/buckets/${bucketId}/sources/${id}`;
  const renamed = await fixture.call('PATCH', path, { key: ADMIN_KEY, body: { name: 'disk' } });
  t.equal(renamed.body.dataSource.measurement, 'd i,sk');
  t.strictSame(Object.entries(renamed.body.dataSource.tags), [
    ['__proto__', 'p=q,r'],
    ['é', '\\ü'],
  ]);
  await write(fixture, String.raw`d\ i\,sk,__proto__=p\=q\,r,é=\ü v=2 2`);
  t.strictSame(
    (await stored(fixture)).map(row => [row.name, row.time]),
    [
      ['disk', 1],
      ['disk', 2],
    ],
  );
});

t.test('a series whose key is longer than a name is called by its beginning and a hash', async t => {
  const fixture = await Fixture.open();
  await fixture.createBucket();
  const exact = `m,t=${'🌡'.repeat(96)}`;
  const long = `${exact}a`;
  await write(fixture, `${exact} v=1 1\n${long} v=2 2\n${long}b v=3 3`);
  const names = fixture.catalog.allSources().map(({ name }) => name);
  const hash = createHash('sha256').update(long).digest('hex').slice(0, 16);
  t.equal(names[0], exact);
  t.equal(names[1], `m,t=${'🌡'.repeat(79)}~${hash}`);
  t.not(names[1], names[2]);
  await fixture.restart();
  t.strictSame(
    fixture.catalog.allSources().map(({ name }) => name),
    names,
  );
});

t.test('precisions, and the time of lines without one', async t => {
  const table = [
    ['/write?db=Greenhouse', 1_000_000, 1],
    ['/write?db=Greenhouse&precision=', 1_999_999, 1],
    ['/write?db=Greenhouse&precision=n', 1_000_000, 1],
    ['/write?db=Greenhouse&precision=ns', 1_000_000, 1],
    ['/write?db=Greenhouse&precision=u', 1_000, 1],
    ['/write?db=Greenhouse&precision=%C2%B5', 1_000, 1],
    ['/write?db=Greenhouse&precision=us', 1_000, 1],
    ['/write?db=Greenhouse&precision=ms', 1, 1],
    ['/write?db=Greenhouse&precision=s&rp=x&consistency=one', 1, 1_000],
    ['/write?db=Greenhouse&precision=m', 1, 60_000],
    ['/write?db=Greenhouse&precision=h', 1, 3_600_000],
    ['/api/v2/write?org=o&bucket=Greenhouse', 1_000_000, 1],
    ['/api/v2/write?bucket=Greenhouse&precision=ns', 1_000_000, 1],
    ['/api/v2/write?bucket=Greenhouse&precision=us', 1_000, 1],
    ['/api/v2/write?bucket=Greenhouse&precision=ms', 1, 1],
    ['/api/v2/write?bucket=Greenhouse&precision=s', 1, 1_000],
    ['/write?db=Greenhouse', '', NOW],
  ] as const;
  for (const [target, stamp, want] of table) {
    const fixture = await Fixture.open();
    await fixture.createBucket();
    t.equal((await write(fixture, `cpu v=1 ${stamp}`, target)).status, 204, target);
    t.equal((await stored(fixture))[0].time, want, target);
  }
  const fixture = await Fixture.open();
  await fixture.createBucket();
  t.match(await write(fixture, 'cpu v=1 1', '/write?db=Greenhouse&precision=d'), {
    status: 400,
    body: { error: 'invalid precision "d" (use ns, us, ms, s, n, u, µ, m, h)' },
  });
  t.strictSame((await write(fixture, 'cpu v=1 1', '/api/v2/write?bucket=Greenhouse&precision=h')).body, {
    code: 'invalid',
    message: 'invalid precision "h" (use ns, us, ms, s)',
  });
});

t.test('keys in all forms of InfluxDB; a key of a bucket writes there and nowhere else', async t => {
  const fixture = await Fixture.open();
  const bucketId = await fixture.createBucket();
  await fixture.createBucket('Other');
  const key = await fixture.createKey(bucketId, 'write');
  const reader = await fixture.createKey(bucketId, 'read');
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
  const forms: readonly (readonly [string, Record<string, string>])[] = [
    ['', { 'x-api-key': key }],
    ['', { authorization: `Bearer ${key}` }],
    ['', { authorization: `Token ${key}` }],
    ['', { authorization: `token anybody:${key}` }],
    ['', { authorization: basic(`anybody:${key}`) }],
    [`&u=anybody&p=${key}`, {}],
    [`&p=${key}`, {}],
  ];
  for (const [query, headers] of forms) {
    for (const target of ['/write?db=', '/api/v2/write?bucket=']) {
      for (const [bucket, status] of [
        [bucketId, 204],
        ['Greenhouse', 204],
        ['Other', 403],
        ['nowhere', 403],
        ['', 403],
      ] as const) {
        const answer = await fixture.call('POST', `${target}${bucket}${query}`, { body: 'cpu v=1', headers });
        t.equal(answer.status, status, `${target}${bucket}${query} ${JSON.stringify(headers)}`);
      }
    }
  }
  // These forms are for clients of InfluxDB only.
  for (const authorization of [`Token ${key}`, basic(`u:${key}`)]) {
    t.equal(
      (await fixture.call('GET', `/api/buckets/${bucketId}/sources`, { headers: { authorization } })).status,
      401,
    );
  }
  t.match(await fixture.call('POST', '/write?db=Greenhouse', { body: 'cpu v=1' }), {
    status: 401,
    headers: { 'WWW-Authenticate': 'Basic realm="dakkio"' },
    body: { error: 'Invalid or missing API key' },
  });
  const v2 = '/api/v2/write?bucket=Greenhouse';
  t.match(await fixture.call('POST', v2, { body: 'cpu v=1', headers: { authorization: 'Token nonsense' } }), {
    status: 401,
    body: { code: 'unauthorized', message: 'Invalid or missing API key' },
  });
  t.match(await fixture.call('POST', v2, { body: 'cpu v=1', key: reader }), {
    status: 403,
    body: { code: 'forbidden', message: 'Read keys cannot ingest data' },
  });
});

t.test('buckets that are not there, several, or archived', async t => {
  const fixture = await Fixture.open();
  const bucketId = await fixture.createBucket();
  await fixture.createBucket('Twin');
  const twin = await fixture.createBucket('Twin');
  const table: readonly (readonly [string, number, object])[] = [
    ['/write?db=x"y', 404, { error: 'database not found: "x"y"' }],
    ['/write', 404, { error: 'database is required' }],
    ['/api/v2/write?bucket=x', 404, { code: 'not found', message: 'bucket "x" not found' }],
    ['/api/v2/write', 404, { code: 'not found', message: 'bucket not found' }],
    ['/write?db=Twin', 400, { error: 'Several buckets have that name; name it by its id' }],
  ];
  for (const [target, status, body] of table)
    t.match(await write(fixture, 'cpu v=1', target), { status, body });
  t.equal((await write(fixture, 'cpu v=1', `/write?db=${twin}`)).status, 204);
  const patch = { key: ADMIN_KEY, body: { name: 'Renamed', status: 'archived' } };
  await fixture.call('PATCH', `/api/buckets/${bucketId}`, patch);
  t.equal((await write(fixture, 'cpu v=1', '/write?db=Greenhouse')).status, 404);
  t.match(await write(fixture, 'cpu v=1', '/write?db=Renamed'), {
    status: 409,
    body: { error: 'Bucket is archived' },
  });
  t.match(await write(fixture, 'cpu v=1', '/api/v2/write?bucket=Renamed'), {
    status: 409,
    body: { code: 'conflict', message: 'Bucket is archived' },
  });
  await fixture.call('DELETE', `/api/buckets/${twin}`, { key: ADMIN_KEY });
  t.equal((await write(fixture, 'cpu v=1', '/write?db=Twin')).status, 204);
});

t.test('good lines are stored, and the others told with line and reason', async t => {
  const fixture = await Fixture.open();
  await fixture.createBucket();
  await write(fixture, 'cpu v="text" 1');
  const body = '# of three lines\ncpu v=1 2\nmem free=1 2\nmem free 2\nmem free=f,other=1 3\n';
  const conflict = (field: string, measurement: string, is: string, was: string) =>
    `field type conflict: input field "${field}" on measurement "${measurement}" is type ${is}, already exists as type ${was}`;
  const message =
    `partial write: line 2: ${conflict('v', 'cpu', 'number', 'string')}\n` +
    `line 4: unable to parse 'mem free 2': invalid field format\n` +
    `line 5: ${conflict('free', 'mem', 'boolean', 'number')} dropped=3`;
  const first = await write(fixture, body);
  t.strictSame([first.status, first.body], [400, { error: message }]);
  const second = await write(fixture, body, '/api/v2/write?bucket=Greenhouse&precision=ms');
  t.strictSame([second.status, second.body], [400, { code: 'invalid', message, line: 2 }]);
  const rows = await stored(fixture);
  t.strictSame(
    rows.map(({ name, values }) => [name, values]),
    [
      ['cpu', { v: 'text' }],
      ['mem', { free: '1' }],
      ['mem', { free: '1' }],
    ],
  );
  const none = await write(fixture, 'nothing\nbad v=');
  t.match(none.body.error, /^line 1: unable to parse 'nothing': missing fields\nline 2: .* dropped=2$/s);
  t.equal(fixture.catalog.allSources().length, 2, 'what is refused makes no source');
  const many = await write(fixture, Array.from({ length: 250 }, (_, line) => `bad${line}\n`).join(''));
  t.match(many.body.error, /line 100: .*'bad99'.*\nand 150 more dropped=250$/s);
});

t.test('a source takes 1,024 fields, an archived one none, and a deleted one is made anew', async t => {
  const fixture = await Fixture.open();
  const bucketId = await fixture.createBucket();
  const fields = (count: number, prefix: string) =>
    Array.from({ length: count }, (_, index) => `${prefix}${index}=1`).join(',');
  t.match((await write(fixture, `cpu ${fields(1_025, 'a')} 1`)).body.error, /at most 1024 fields/);
  t.equal(fixture.catalog.allSources().length, 0);
  t.equal((await write(fixture, `cpu ${fields(1_024, 'a')} 1`)).status, 204);
  t.match(
    (await write(fixture, `mem ${fields(600, 'a')} 1\nmem ${fields(600, 'b')} 2\nmem a1=1 3`)).body.error,
    /^partial write: line 2: A data source has at most 1024 fields dropped=1$/,
  );
  const source = fixture.catalog.allSources()[0];
  const path = `/api/buckets/${bucketId}/sources/${source.id}`;
  await fixture.call('PATCH', path, { key: ADMIN_KEY, body: { status: 'archived' } });
  t.match((await write(fixture, 'cpu a1=1 5\nmem a1=1 5')).body.error, /^partial write: line 1: .*archived/);
  await fixture.call('DELETE', path, { key: ADMIN_KEY });
  t.equal((await write(fixture, 'cpu a1="text" 6')).status, 204, 'fields of the old one are gone');
  const found = fixture.catalog.allSources().filter(({ name }) => name === 'cpu');
  t.equal(found.length, 1);
  t.not(found[0].ordinal, source.ordinal);
});

t.test('new series of a body are one record of the log, before their points', async t => {
  const fixture = await Fixture.open();
  await fixture.createBucket();
  const records: string[] = [];
  const { append } = fixture.log;
  fixture.log.append = function (type, parts, onDurable) {
    records.push(type === RecordType.catalog ? 'series' : 'other');
    return append.call(this, type, parts, onDurable);
  };
  const { append: store } = fixture.storage;
  fixture.storage.append = function (batch) {
    records.push('points');
    return store.call(this, batch);
  };
  const lines = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => `cpu,host=h${from + index} a=1,b=2 1\n`).join('');
  t.equal((await write(fixture, lines(0, 5_000))).status, 204);
  t.equal((await write(fixture, lines(0, 5_000))).status, 204);
  t.strictSame(records, ['series', 'points', 'points']);
  // Longer bodies are several records, as much as they are several batches.
  t.equal((await write(fixture, lines(0, 20_001))).status, 204);
  t.strictSame(records.slice(3), ['series', 'points', 'series', 'points', 'series', 'points']);
  await fixture.restart();
  const sources = fixture.catalog.allSources();
  t.equal(sources.length, 20_001);
  t.equal(new Set(sources.map(({ fields }) => fields)).size, 1, 'they share one list of fields');
  const counts = new Set(sources.map(({ ordinal }) => fixture.storage.stats(ordinal).rowCount));
  t.strictSame(counts, new Set([3, 1]));
});

t.test('a failing disk refuses lines, and what they would have made', async t => {
  const fixture = await Fixture.open();
  await fixture.createBucket();
  const { append } = fixture.storage;
  fixture.storage.append = async () => {
    throw Object.assign(new Error('full'), { code: 'STORAGE_UNAVAILABLE' });
  };
  const answer = await write(fixture, 'cpu v=1 1');
  t.match(answer, { status: 503, headers: { 'Retry-After': '5' }, body: { error: /disk/ } });
  fixture.storage.append = append;
  t.equal((await write(fixture, 'cpu v=1 1')).status, 204);
  fixture.log.fail();
  t.match(await write(fixture, 'new v=1 1', '/api/v2/write?bucket=Greenhouse'), {
    status: 503,
    body: { code: 'unavailable' },
  });
  const head = {
    id: 'one',
    method: 'POST',
    path: '/api/v2/write',
    query: '',
    header: () => '',
    signal: AbortSignal.any([]),
  };
  t.equal(
    fixture.application.tooLarge(head, 5).body,
    '{"code":"request too large","message":"Request body must be at most 5 bytes"}',
  );
  t.match(fixture.application.overloaded({ ...head, path: '/write' }), {
    status: 503,
    headers: { 'Retry-After': '5' },
    body: '{"error":"The server is busy; try again later"}',
  });
  t.match(fixture.application.unreadable({ ...head, path: '/write' }, 'gzip'), {
    status: 400,
    body: '{"error":"Request body is not valid gzip"}',
  });
});

t.test('a field that gets its type while the lines wait is refused after all', async t => {
  const fixture = await Fixture.open();
  await fixture.createBucket();
  await write(fixture, 'cpu v=1 1\nmem v=1 1');
  const [{ ordinal }] = fixture.catalog.allSources();
  const { append } = fixture.storage;
  fixture.storage.append = async function (batch) {
    fixture.storage.append = append;
    fixture.storage.declare(ordinal, new Map([['late', 'boolean']]));
    return append.call(this, batch);
  };
  const answer = await write(fixture, 'cpu late=1 2\nmem late=1 2\nnew late=1 2');
  t.match(answer.body.error, /^partial write: line 1: field type conflict: .* as type boolean dropped=1$/);
  t.strictSame(
    (await stored(fixture)).map(({ name, time }) => [name, time]),
    [
      ['cpu', 1],
      ['mem', 1],
      ['mem', 2],
      ['new', 2],
    ],
  );
});

t.test('what clients ask before they write', async t => {
  const fixture = await Fixture.open();
  const bucketId = await fixture.createBucket();
  const key = await fixture.createKey(bucketId, 'write');
  for (const method of ['GET', 'HEAD']) {
    t.match(await fixture.call(method, '/ping'), {
      status: 204,
      headers: { 'X-Influxdb-Version': 'dakkio' },
    });
  }
  const ask = (q: string, as = ADMIN_KEY) =>
    fixture.call('POST', `/query?db=&q=${encodeURIComponent(q)}`, {
      headers: { authorization: `Token u:${as}` },
    });
  const databases = async (as?: string) =>
    (await ask('SHOW DATABASES;', as)).body.results[0].series[0].values.flat();
  t.strictSame((await ask('CREATE DATABASE "my \\"db\\""')).body, { results: [{ statement_id: 0 }] });
  t.equal((await ask('create database telegraf;')).status, 200);
  t.equal((await ask('create database telegraf')).status, 200, 'it is there already');
  t.strictSame(await databases(), ['Greenhouse', 'my "db"', 'telegraf']);
  t.strictSame(await databases(key), ['Greenhouse']);
  t.equal((await ask('CREATE DATABASE Greenhouse', key)).status, 200);
  t.match(await ask('CREATE DATABASE other', key), { status: 403, body: { error: /Only Admin keys/ } });
  t.match(await ask(`CREATE DATABASE ${'x'.repeat(101)}`), { status: 400, body: { error: /100/ } });
  t.match(await ask('SELECT * FROM cpu'), { status: 400, body: { error: /^unsupported statement: SELECT/ } });
  t.match(await ask(''), { status: 400, body: { error: 'missing required parameter "q"' } });
  const form = { key: ADMIN_KEY, body: 'q=CREATE+DATABASE+form' };
  t.equal((await fixture.call('POST', '/query', form)).status, 200);
  t.ok((await databases()).includes('form'));
  t.match(await fixture.call('GET', '/query?q=SHOW+DATABASES'), { status: 401, body: { error: /key/ } });
});
