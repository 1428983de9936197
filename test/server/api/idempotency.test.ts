import { pack } from 'msgpackr';
import t from 'tap';
import { ADMIN_KEY, type Answer, Fixture } from './fixture.js';

const HOUR = 3_600_000;

interface Setup {
  readonly fixture: Fixture;
  readonly bucketId: string;
  readonly source: string;
  readonly key: string;
  send(path: string, body: unknown, idempotencyKey: string, options?: object): Promise<Answer>;
  /** Points stored so far. */
  count(): number;
}

async function setup(): Promise<Setup> {
  const fixture = await Fixture.open();
  const bucketId = await fixture.createBucket();
  const source = await fixture.createSource(bucketId, { t: 'number' });
  const key = await fixture.createKey(bucketId, 'write');
  return {
    fixture,
    bucketId,
    source,
    key,
    send: (path, body, idempotencyKey, options) =>
      fixture.call('POST', path, {
        key,
        body,
        headers: { 'content-type': 'application/json', 'idempotency-key': idempotencyKey, ...options },
      }),
    count: () => {
      const { ordinal } = fixture.catalog.source(source)!;
      return fixture.storage.stats(ordinal).rowCount;
    },
  };
}

function pointOf({ bucketId, source }: Setup, values: object = { t: 1.5 }): object {
  return { bucketId, dataSourceId: source, values, metadata: { site: 'ä🌡' } };
}

function batchOf({ bucketId, source }: Setup, count: number, t = 1): object {
  const dataPoints = Array.from({ length: count }, (_, index) => ({
    dataSourceId: source,
    timestamp: index,
    values: { t },
  }));
  return { bucketId, dataPoints };
}

t.test(
  'a repeat is answered as the first was, and stores nothing, whatever the form of the body',
  async t => {
    const made = await setup();
    const { bucketId, source } = made;
    const columns = { dataSourceId: source, timestamps: [1, 2, 3], values: { t: [1, 2, 3] } };
    const packed = { 'content-type': 'application/msgpack' };
    const cases: [name: string, path: string, body: unknown, points: number, headers?: object][] = [
      ['a point', '/api/data', pointOf(made), 1],
      [
        'a point as text, with an escape',
        '/api/data',
        JSON.stringify(pointOf(made)).replace('site', '\\u0073ite'),
        1,
      ],
      ['a packed point', '/api/data', pack(pointOf(made)), 1, packed],
      ['a batch', '/api/data/batch', batchOf(made, 5), 5],
      [
        'a batch with a member that is not documented',
        '/api/data/batch',
        { ...batchOf(made, 2), more: 1 },
        2,
      ],
      ['a packed batch', '/api/data/batch', pack(batchOf(made, 7)), 7, packed],
      ['columns', '/api/data/batch', { bucketId, columns }, 3],
      ['packed columns', '/api/data/batch', pack({ bucketId, columns }), 3, packed],
    ];
    for (const [name, path, body, points, headers] of cases) {
      const before = made.count();
      const first = await made.send(path, body, name.replaceAll(' ', '-'), headers);
      t.equal(first.status, 201, `${name}: ${first.text}`);
      t.equal(first.headers['Idempotent-Replayed'], undefined);
      t.equal(made.count(), before + points, name);
      made.fixture.now += 1_000;
      for (let repeat = 0; repeat < 2; repeat++) {
        const again = await made.send(path, body, name.replaceAll(' ', '-'), headers);
        t.equal(again.status, 201);
        t.equal(again.text, first.text, name);
        t.equal(again.headers['Content-Type'], first.headers['Content-Type']);
        t.equal(again.headers['Idempotent-Replayed'], 'true');
        await made.fixture.restart();
      }
      t.equal(made.count(), before + points, name);
    }
  },
);

t.test('the same key with another request is refused, and belongs to who sent it', async t => {
  const made = await setup();
  const first = await made.send('/api/data/batch', batchOf(made, 2), 'a');
  for (const [path, body] of [
    ['/api/data/batch', batchOf(made, 3)],
    ['/api/data', pointOf(made)],
    ['/api/data/batch', JSON.stringify(batchOf(made, 2)).replace('{', '{ ')],
  ] as const) {
    const answer = await made.send(path, body, 'a');
    t.equal(answer.status, 409);
    t.same(answer.body, { error: 'Conflict', message: 'Idempotency-Key was used for another request' });
  }
  t.equal(made.count(), 2);
  t.equal((await made.send('/api/data/batch', batchOf(made, 2), 'b')).status, 201);
  t.equal(made.count(), 4, 'another key is another request');
  const other = await made.fixture.call('POST', '/api/data/batch', {
    key: ADMIN_KEY,
    body: batchOf(made, 2),
    headers: { 'content-type': 'application/json', 'idempotency-key': 'a' },
  });
  t.equal(other.status, 201);
  t.equal(other.headers['Idempotent-Replayed'], undefined);
  t.equal(made.count(), 6, "an API key does not see another's");
  t.equal((await made.send('/api/data/batch', batchOf(made, 2), 'a')).text, first.text);
});

t.test('what was refused is not remembered', async t => {
  const made = await setup();
  const refused = await made.send('/api/data', pointOf(made, { t: 'text' }), 'a');
  t.equal(refused.status, 400);
  t.equal((await made.send('/api/data', pointOf(made), 'a')).status, 201, 'even another body may follow');
  t.equal(made.count(), 1);
  t.equal((await made.send('/api/data', pointOf(made, { t: 'text' }), 'a')).status, 409);
});

t.test('repeats while the first is under way wait for it', async t => {
  const made = await setup();
  const body = batchOf(made, 3);
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => made.send('/api/data/batch', body, 'a')),
  );
  t.equal(made.count(), 3);
  t.same(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size, 1);
  t.equal(answers.filter(({ headers }) => headers['Idempotent-Replayed'] === 'true').length, 19);
  const mixed = await Promise.all([
    made.send('/api/data/batch', body, 'b'),
    made.send('/api/data/batch', batchOf(made, 4), 'b'),
  ]);
  t.same(
    mixed.map(({ status }) => status),
    [201, 409],
  );
  const bad = { ...body, bucketId: 'f'.repeat(24) };
  const refused = await Promise.all(Array.from({ length: 5 }, () => made.send('/api/data/batch', bad, 'c')));
  t.same(
    [...new Set(refused.map(({ status }) => status))],
    [403],
    'each that follows a refused one is tried',
  );
  t.equal(made.count(), 6);
});

t.test('a day later the key is new', async t => {
  const made = await setup();
  const body = pointOf(made);
  const first = await made.send('/api/data', body, 'a');
  made.fixture.now += 24 * HOUR - 1;
  t.equal((await made.send('/api/data', body, 'a')).text, first.text);
  t.equal(made.count(), 1);
  made.fixture.now += 1;
  const next = await made.send('/api/data', body, 'a');
  t.equal(next.status, 201);
  t.not(next.text, first.text);
  t.equal(made.count(), 2);
  t.equal((await made.send('/api/data', body, 'a')).text, next.text);
});

t.test('the form of the key', async t => {
  const made = await setup();
  const long = 'k'.repeat(128);
  for (const key of ['!', '~', long, '"quoted"', '0a1b-2c3d']) {
    t.equal((await made.send('/api/data', pointOf(made), key)).status, 201, key);
  }
  for (const key of [`${long}k`, 'two words', 'é', 'a, b', '\t', '\u007f']) {
    const head = { key: made.key, body: pointOf(made), headers: { 'idempotency-key': key } };
    const answer = made.fixture.admit('POST', '/api/data', head);
    t.equal(answer?.status, 400, JSON.stringify(key));
    t.same(answer?.body, {
      error: 'Validation Error',
      message: 'Idempotency-Key must be 1 to 128 visible ASCII characters',
    });
  }
  const count = made.count();
  for (let repeat = 0; repeat < 2; repeat++) await made.send('/api/data', pointOf(made), '');
  t.equal(made.count(), count + 2, 'an empty one is none');
  const query = { key: made.key, body: { bucketId: made.bucketId }, headers: { 'idempotency-key': 'é' } };
  t.equal(
    (await made.fixture.call('POST', '/api/data/query', query)).status,
    200,
    'others do not look at it',
  );
});

t.test('a key that was deleted gets no answer, remembered or not', async t => {
  const made = await setup();
  await made.send('/api/data', pointOf(made), 'a');
  const { id } = made.fixture.catalog.keys(made.bucketId, { limit: 1, offset: 0 })[0];
  await made.fixture.catalog.deleteKey(id);
  t.equal((await made.send('/api/data', pointOf(made), 'a')).status, 401);
});
