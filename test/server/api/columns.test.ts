import { Unpackr } from 'msgpackr';
import t from 'tap';
import { ADMIN_KEY, Fixture, headOf } from './fixture.js';

const fixture = await Fixture.open();
const bucketId = await fixture.createBucket();
const first = await fixture.createSource(bucketId, { t: 'number' }, 'first');
const second = await fixture.createSource(bucketId, {}, 'second');
const MESSAGE_PACK = 'application/msgpack';

const post = (target: string, body: unknown, headers = {}) =>
  fixture.call('POST', target, { key: ADMIN_KEY, body, headers });
const query = (body: object, accept = 'application/json') =>
  post('/api/data/query', { bucketId, ...body }, { accept });

// JSON.stringify would write -0 as 0.
const points = [
  `{"dataSourceId":"${first}","timestamp":"2024-01-15T10:00:00Z","values":{"t":1,"s":"a"},"metadata":{"room":-0,"toJSON":{"constructor":1}}}`,
  `{"dataSourceId":"${first}","timestamp":"2024-01-15T10:00:30.5Z","values":{"t":-0}}`,
  `{"dataSourceId":"${first}","timestamp":"2024-01-15T10:01:00Z","values":{"toJSON":0.1,"s":"\\"é"}}`,
  `{"dataSourceId":"${second}","timestamp":"2024-01-15T10:00:00Z","values":{"on":true}}`,
  `{"dataSourceId":"${second}","timestamp":"2024-01-15T10:00:00Z","values":{"on":false,"constructor":"c"}}`,
  `{"dataSourceId":"${second}","timestamp":"2024-01-15T10:00:00Z","values":{"__proto__":1e300}}`,
];
await post('/api/data/batch', `{"bucketId":"${bucketId}","dataPoints":[${points}]}`);

const START = Date.UTC(2024, 0, 15, 10);

t.test('raw columns, to the character', async t => {
  const answer = await query({ format: 'columns' });
  t.equal(answer.status, 200);
  t.equal(answer.headers['Content-Type'], 'application/json; charset=utf-8');
  const columns =
    `{"${first}":{"timestamps":[${START},${START + 30_500},${START + 60_000}],` +
    '"values":{"t":[1,-0,null],"s":["a",null,"\\"é"],"toJSON":[null,null,0.1]}},' +
    `"${second}":{"timestamps":[${START},${START},${START}],` +
    '"values":{"on":[true,false,null],"constructor":[null,"c",null],"__proto__":[null,null,1e+300]}}}';
  t.equal(answer.text.slice(0, answer.text.indexOf(',"metadata":{"count"')), `{"columns":${columns}`);
  const { executionTimeMs, ...metadata } = answer.body.metadata;
  t.ok(executionTimeMs >= 0);
  const rows = await query({});
  t.match(rows.body.metadata, metadata, 'the metadata is that of the rows');
});

t.test('pages, projections and sources without rows', async t => {
  const cases: [object, object, object][] = [
    [
      { limit: 2 },
      {
        [first]: { timestamps: [START], values: { t: [1], s: ['a'] } },
        [second]: { timestamps: [START], values: { on: [true] } },
      },
      { count: 2, hasMore: true },
    ],
    [
      { fields: ['t'], offset: 4, limit: 1 },
      { [first]: { timestamps: [START + 30_500], values: { t: [-0] } } },
      { count: 1, hasMore: true },
    ],
    [
      { fields: ['t'], offset: 5 },
      { [first]: { timestamps: [START + 60_000], values: {} } },
      { count: 1, hasMore: false, total: 6 },
    ],
    [
      { dataSourceId: second, fields: ['on'], order: 'desc', limit: 2 },
      { [second]: { timestamps: [START, START], values: { on: [null, false] } } },
      { count: 2, hasMore: true },
    ],
    [{ startTime: '2024-01-16', endTime: '2024-01-17' }, {}, { count: 0, total: 0 }],
  ];
  for (const [filters, columns, metadata] of cases) {
    const { body } = await query({ filters, format: 'columns' });
    t.strictSame(body.columns, columns, JSON.stringify(filters));
    t.match(body.metadata, metadata);
  }
});

t.test('grouped columns', async t => {
  const filters = { dataSourceId: first, fields: ['t', 's'] };
  const one = await query({ format: 'columns', groupBy: 'minute', filters });
  t.strictSame(one.body.columns, {
    [first]: { timestamps: [START, START + 60_000], values: { t: [0.5, null] }, counts: [2, 1] },
  });
  t.match(one.body.metadata, { count: 2, aggregation: 'avg', groupBy: 'minute' });
  const several = await query({
    format: 'columns',
    aggregation: ['min', 'last'],
    groupBy: 'minute',
    filters,
  });
  t.strictSame(several.body.columns, {
    [first]: {
      timestamps: [START, START + 60_000],
      values: { t: { min: [-0, null], last: [-0, null] }, s: { last: ['a', '"é'] } },
      counts: [2, 1],
    },
  });
});

/** The numbers of a binary; NaN as null, for it is what JSON has there. */
function numbersOf(bytes: unknown): unknown {
  if (!(bytes instanceof Uint8Array)) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / 8 }, (_, row) => {
    const value = view.getFloat64(8 * row, true);
    return Number.isNaN(value) ? null : value;
  });
}

/** Objects of maps: a name such as `__proto__` is a member like any other. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return numbersOf(value);
  if (Array.isArray(value)) return value.map(plain);
  if (!(value instanceof Map)) return value;
  const members = Array.from(value, ([name, member]) => [name, plain(member)] as const);
  return Object.fromEntries(members);
}

/** JSON that tells -0 from 0, and not how long the query took. */
function exactText(value: unknown): string {
  return JSON.stringify(value, (name, member) => {
    if (name === 'executionTimeMs') return undefined;
    return Object.is(member, -0) ? '-0' : member;
  });
}

async function packed(body: object): Promise<Map<string, Map<string, unknown>>> {
  const options = { key: ADMIN_KEY, body: {}, headers: { accept: MESSAGE_PACK } };
  const decision = fixture.application.admit(headOf('POST', '/api/data/query', options));
  if (!('respond' in decision)) throw new Error('The query is refused');
  const reply = await decision.respond(Buffer.from(JSON.stringify({ bucketId, ...body })));
  t.equal(reply.headers?.['Content-Type'], MESSAGE_PACK);
  return new Unpackr({ useRecords: false, mapsAsObjects: false }).unpack(reply.body as Uint8Array);
}

t.test('MessagePack says what JSON says', async t => {
  const bodies: object[] = [
    {},
    { filters: { limit: 2, order: 'desc' } },
    { groupBy: 'minute' },
    { aggregation: ['min', 'last', 'p90'], filters: { dataSourceId: first } },
    { filters: { startTime: '2024-01-16', endTime: '2024-01-17' } },
  ];
  for (const part of bodies) {
    for (const format of ['rows', 'columns']) {
      const body = { ...part, format };
      t.equal(
        exactText(plain(await packed(body))),
        exactText((await query(body)).body),
        JSON.stringify(body),
      );
    }
  }
});

t.test('which columns are binary', async t => {
  const { columns } = (await query({ format: 'columns' }, MESSAGE_PACK)).body;
  const isBinary = (value: unknown) => value instanceof Uint8Array;
  const { timestamps, values } = columns[first];
  t.strictSame([timestamps, values.t, values.s].map(isBinary), [true, true, false]);
  t.strictSame(values.s, ['a', null, '"é']);
  t.strictSame(columns[second].values.on, [true, false, null]);
  const grouped = (await query({ format: 'columns', groupBy: 'hour' }, MESSAGE_PACK)).body.columns[first];
  t.ok(isBinary(grouped.counts));
  t.strictSame(numbersOf(grouped.counts), [3]);
});

t.test('every bit of a number comes back', async t => {
  const columns = (await packed({ format: 'columns' })).get('columns') as Map<string, Map<string, unknown>>;
  const values = columns.get(first)!.get('values') as Map<string, Uint8Array>;
  t.strictSame(numbersOf(values.get('t')), [1, -0, null]);
});

t.test('what the caller accepts', async t => {
  const cases: [string, boolean][] = [
    ['', false],
    ['*/*', false],
    ['application/*', false],
    ['application/json', false],
    ['application/msgpack', true],
    ['Application/MsgPack', true],
    ['application/msgpack, application/json;q=0.5', true],
    ['application/json, application/msgpack', true],
    ['application/json, application/msgpack;q=0.9, */*;q=0.1', false],
    ['application/msgpack;q=0', false],
    ['application/msgpack;q=x', false],
    ['text/html, application/msgpack ; v=1 ; q=0.3', true],
    ['application/msgpackish', false],
  ];
  for (const [accept, isPacked] of cases) {
    const { headers } = await query({}, accept);
    t.equal(headers['Content-Type'] === MESSAGE_PACK, isPacked, accept);
  }
  const refused = await query({ filters: { limit: 0 } }, MESSAGE_PACK);
  t.strictSame([refused.status, refused.body.error], [400, 'Validation Error'], 'errors are JSON');
});
