import t from 'tap';
import { PictureTooLargeError } from '../../../engine/query/downsample/triangles.js';
import type { Aggregation, AnswerColumn } from '../../../engine/query/request.js';
import { toApiError } from '../../../server/errors.js';
import { JsonWriter } from '../../../server/http/json-writer.js';
import { writeRows } from '../../../server/http/rows.js';
import { type ParsedQuery, parseQuery, type QueryBody } from '../../../server/schemas/query.js';
import { ADMIN_KEY, Fixture, NOW, UNKNOWN_ID } from './fixture.js';

const fixture = await Fixture.open();
const bucketId = await fixture.createBucket();
const first = await fixture.createSource(bucketId, { t: 'number' }, 'first');
const second = await fixture.createSource(bucketId, {}, 'second');
const otherBucketId = await fixture.createBucket('other');
const foreign = await fixture.createSource(otherBucketId);

const post = (target: string, body: unknown) => fixture.call('POST', target, { key: ADMIN_KEY, body });
const query = (body: object) => post('/api/data/query', { bucketId, ...body });

// JSON.stringify would write -0 as 0.
const points = [
  `{"dataSourceId":"${first}","timestamp":"2024-01-15T10:00:00Z","values":{"t":1,"s":"a"},"metadata":{"room":1}}`,
  `{"dataSourceId":"${first}","timestamp":"2024-01-15T10:00:30.5Z","values":{"t":-0}}`,
  `{"dataSourceId":"${first}","timestamp":"2024-01-15T10:01:00Z","values":{"t":5,"s":"b"}}`,
  `{"dataSourceId":"${second}","timestamp":"2024-01-15T10:00:00Z","values":{"on":true}}`,
];
await post('/api/data/batch', `{"bucketId":"${bucketId}","dataPoints":[${points}]}`);

function invalid(...details: [(string | number)[], string][]) {
  return {
    error: 'Validation Error',
    message: 'Invalid request parameters',
    details: details.map(([path, message]) => ({ path: ['body', ...path], message })),
  };
}

const rawMetadata = {
  count: 4,
  total: 4,
  hasMore: false,
  startTime: '2024-01-15T10:00:00Z',
  endTime: '2024-01-15T10:30:00.001Z',
  aggregation: null,
  groupBy: null,
  downsamplingApplied: false,
  pointsScanned: 4,
  rollupLevel: null,
};

t.test('raw rows, to the character', async t => {
  const answer = await query({});
  t.equal(answer.status, 200);
  const id = (sourceId: string, row: number) =>
    fixture.catalog.source(sourceId)!.ordinal.toString(16).padStart(8, '0') + String(row).padStart(16, '0');
  const rows = [
    `{"_id":"${id(first, 0)}","dataSourceId":"${first}","timestamp":"2024-01-15T10:00:00Z","values":{"t":1,"s":"a"},"metadata":{"room":1}}`,
    `{"_id":"${id(second, 0)}","dataSourceId":"${second}","timestamp":"2024-01-15T10:00:00Z","values":{"on":true}}`,
    `{"_id":"${id(first, 1)}","dataSourceId":"${first}","timestamp":"2024-01-15T10:00:30.500Z","values":{"t":-0}}`,
    `{"_id":"${id(first, 2)}","dataSourceId":"${first}","timestamp":"2024-01-15T10:01:00Z","values":{"t":5,"s":"b"}}`,
  ];
  t.equal(answer.text.slice(0, answer.text.indexOf(',"metadata":{"count"')), `{"data":[${rows.join(',')}]`);
  const { executionTimeMs, ...metadata } = answer.body.metadata;
  t.ok(executionTimeMs >= 0);
  t.strictSame(metadata, rawMetadata);
});

t.test('grouped rows and their metadata', async t => {
  const minutes = await query({ groupBy: 'minute', filters: { dataSourceId: first, fields: ['t'] } });
  t.strictSame(minutes.body.data, [
    { dataSourceId: first, timestamp: '2024-01-15T10:00:00Z', values: { t: 0.5 }, count: 2 },
    { dataSourceId: first, timestamp: '2024-01-15T10:01:00Z', values: { t: 5 }, count: 1 },
  ]);
  t.match(minutes.body.metadata, {
    count: 2,
    aggregation: 'avg',
    groupBy: 'minute',
    downsamplingApplied: false,
  });
  const all = await query({ aggregation: ['min', 'last'], filters: { dataSourceIds: [first, first] } });
  t.strictSame(all.body.data, [
    {
      dataSourceId: first,
      timestamp: '2024-01-15T10:00:00Z',
      values: { t: { min: -0, last: 5 }, s: { last: 'b' } },
      count: 3,
    },
  ]);
  t.match(all.body.metadata, { aggregation: ['min', 'last'], groupBy: null });
  t.ok(all.text.includes('"min":-0'));
});

t.test('where aggregation and groupBy stand', async t => {
  const cases: [object, unknown, unknown][] = [
    [{}, null, null],
    [{ aggregation: 'none' }, null, null],
    [{ aggregation: 'max' }, 'max', null],
    [{ filters: { aggregation: 'max', groupBy: 'hour' } }, 'max', 'hour'],
    [{ aggregation: 'min', filters: { aggregation: 'max', groupBy: '15m' } }, 'min', '15m'],
    [{ groupBy: '60m', filters: { groupBy: 'hour' } }, 'avg', '60m'],
    [{ groupBy: '1h' }, 'avg', 'hour'],
    [{ groupBy: '3mo', aggregation: 'p99' }, 'p99', '3mo'],
    [{ aggregation: ['avg', 'avg', 'p50'] }, ['avg', 'p50'], null],
    [{ aggregation: ['avg'] }, ['avg'], null],
    [{ timezone: 'UTC', fill: 'none', format: 'rows', explain: false, unknown: 1 }, null, null],
  ];
  for (const [body, aggregation, groupBy] of cases) {
    const answer = await query(body);
    t.equal(answer.status, 200, JSON.stringify(body));
    t.strictSame([answer.body.metadata.aggregation, answer.body.metadata.groupBy], [aggregation, groupBy]);
  }
});

t.test('days of a time zone', async t => {
  const zoned = await fixture.createBucket('zoned');
  const source = await fixture.createSource(zoned, {});
  // The last hour of a day of 23 in Paris, the first of the next, and the first of a month there.
  const times = ['2023-03-26T21:59:59Z', '2023-03-26T22:00:00Z', '2023-03-31T22:00:00Z'];
  const dataPoints = times.map((timestamp, v) => ({ dataSourceId: source, timestamp, values: { v } }));
  await post('/api/data/batch', { bucketId: zoned, dataPoints });
  const cases: [object, string[], string | undefined][] = [
    [
      { groupBy: 'day', timezone: 'Europe/Paris' },
      ['2023-03-25T23:00:00Z', '2023-03-26T22:00:00Z', '2023-03-31T22:00:00Z'],
      'Europe/Paris',
    ],
    [
      { groupBy: 'month', timezone: 'Europe/Paris', filters: { timezone: 'Mars/Olympus' } },
      ['2023-02-28T23:00:00Z', '2023-03-31T22:00:00Z'],
      'Europe/Paris',
    ],
    [
      { filters: { groupBy: 'week', timezone: 'asia/kathmandu' } },
      ['2023-03-26T18:15:00Z'],
      'Asia/Kathmandu',
    ],
    [{ groupBy: 'month', timezone: 'utc' }, ['2023-03-01T00:00:00Z'], undefined],
  ];
  for (const [body, starts, timezone] of cases) {
    const answer = await post('/api/data/query', { bucketId: zoned, ...body });
    const found = answer.body.data.map((row: { timestamp: string }) => row.timestamp);
    t.strictSame(found, starts, JSON.stringify(body));
    t.equal(answer.body.metadata.timezone, timezone);
  }
});

t.test('gaps are filled', async t => {
  const filled = await fixture.createBucket('filled');
  const source = await fixture.createSource(filled, { t: 'number', s: 'string' });
  await fixture.createSource(filled, { t: 'number' }, 'without points');
  const dataPoints = [
    { dataSourceId: source, timestamp: '2024-01-15T10:01:00Z', values: { t: 1, s: 'a' } },
    { dataSourceId: source, timestamp: '2024-01-15T10:04:00Z', values: { t: 4 } },
  ];
  await post('/api/data/batch', { bucketId: filled, dataPoints });
  const range = { startTime: '2024-01-15T10:00:30Z', endTime: '2024-01-15T10:05:01Z' };
  const ask = (part: { filters?: object }) =>
    post('/api/data/query', {
      bucketId: filled,
      aggregation: 'last',
      groupBy: 'minute',
      ...part,
      filters: { ...range, ...part.filters },
    });
  const made = (minute: number, values: string) =>
    `{"dataSourceId":"${source}","timestamp":"2024-01-15T10:0${minute}:00Z","values":${values},"count":0}`;
  const found = (minute: number, values: string) => made(minute, values).replace('"count":0', '"count":1');
  const unknown = '{"t":null,"s":null}';
  const [first, fourth] = [found(1, '{"t":1,"s":"a"}'), found(4, '{"t":4}')];
  const cases: [{ filters?: object; fill?: string; aggregation?: string[] }, string[]][] = [
    [{ fill: 'none' }, [first, fourth]],
    [
      { fill: 'null', filters: { fill: 'linear' } },
      [made(0, unknown), first, made(2, unknown), made(3, unknown), fourth, made(5, unknown)],
    ],
    [
      { filters: { fill: 'previous', order: 'desc', limit: 3 } },
      [made(5, '{"t":4,"s":"a"}'), fourth, made(3, '{"t":1,"s":"a"}')],
    ],
    [
      { fill: 'linear', filters: { offset: 2 } },
      [made(2, '{"t":2,"s":"a"}'), made(3, '{"t":3,"s":"a"}'), fourth, made(5, '{"t":null,"s":"a"}')],
    ],
    [
      { fill: 'null', aggregation: ['max', 'last'], filters: { limit: 1 } },
      [made(0, '{"t":{"max":null,"last":null},"s":{"last":null}}')],
    ],
  ];
  for (const [part, rows] of cases) {
    const { text } = await ask(part);
    t.equal(text.slice(0, text.indexOf(',"metadata":')), `{"data":[${rows}]`, JSON.stringify(part));
  }
  t.match((await ask({ filters: { fill: 'null', limit: 5 } })).body.metadata, { count: 5, hasMore: true });
  t.match((await ask({ filters: { fill: 'null', limit: 6 } })).body.metadata, { total: 6, hasMore: false });
  const raw = await post('/api/data/query', { bucketId: filled, fill: 'null' });
  t.equal(raw.body.data.length, 2, 'raw rows have no gaps');
});

t.test('pages of rows', async t => {
  const cases: [object, number, object][] = [
    [{ limit: 3 }, 3, { count: 3, hasMore: true }],
    [{ limit: 3, offset: 3 }, 1, { count: 1, hasMore: false, total: 4 }],
    [{ limit: 4 }, 4, { hasMore: false, total: 4 }],
    [{ offset: 100 }, 0, { count: 0, hasMore: false, total: 4 }],
  ];
  for (const [filters, count, metadata] of cases) {
    const { body } = await query({ filters });
    t.equal(body.data.length, count);
    t.match(body.metadata, metadata);
  }
  t.notOk('total' in (await query({ filters: { limit: 3 } })).body.metadata, 'only where it is known');
  const reversed = await query({ filters: { order: 'desc' } });
  t.strictSame(reversed.body.data, (await query({})).body.data.reverse());
});

t.test('filters reach the query as they are meant', async t => {
  const body: QueryBody = {
    bucketId,
    filters: {
      startTime: 'now-1h',
      endTime: '2024-01-15T12:00:00+01:00',
      fields: ['t', 't', 'u'],
      metadata: { room: 1 },
      values: JSON.parse('{"t":{"gte":1,"ne":2},"__proto__":{"eq":"x"},"empty":{}}'),
      dataSourceIds: [second, first],
      dataSourceId: first,
    },
  };
  const parsed: ParsedQuery = parseQuery(body, NOW);
  t.strictSame(parsed.sourceIds, [first, second]);
  t.equal(parsed.startTime, NOW - 3_600_000);
  t.equal(parsed.endTime, Date.UTC(2024, 0, 15, 11));
  t.strictSame(parsed.fields, ['t', 'u']);
  t.strictSame(Object.keys(parsed.values!), ['t', '__proto__', 'empty']);
  t.strictSame([parsed.limit, parsed.offset, parsed.order, parsed.grouping], [1000, 0, 'asc', undefined]);
  const kept: [object, number][] = [
    [{ values: { t: { gt: 0, lt: 5 } } }, 1],
    [{ values: { s: { ne: 'a' } } }, 1],
    [{ values: { on: { eq: true } } }, 1],
    [{ metadata: { room: 1 } }, 1],
    [{ metadata: { room: '1' } }, 0],
    [{ startTime: '2024-01-15T10:00:30.5Z' }, 2],
    [{ endTime: '2024-01-15T10:00:30.5Z' }, 2],
    [{ startTime: 'now-10m' }, 0],
    [{ startTime: 'now', endTime: 'now' }, 0],
    [{ startTime: '2030-01-01' }, 0],
    [{ dataSourceId: second }, 1],
  ];
  for (const [filters, count] of kept) {
    t.equal((await query({ filters })).body.metadata.count, count, JSON.stringify(filters));
  }
});

t.test('what is refused, and where', async t => {
  const filters = (filters: object) => ({ filters });
  const aggregations =
    "Invalid enum value. Expected 'avg' | 'min' | 'max' | 'sum' | 'count' | 'first' | 'last' | 'median' | 'stddev' | 'range' | 'rate' | 'p50'…'p99', received ";
  const units =
    "Invalid enum value. Expected 'second' | 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year' | an interval such as '15m', received ";
  const methods = "Invalid enum value. Expected 'm4' | 'minmax' | 'lttb' | 'avg', received ";
  const cases: [object, [(string | number)[], string][]][] = [
    [{ filters: [] }, [[['filters'], 'Expected object, received array']]],
    [{ aggregation: Array(65).fill('avg') }, [[['aggregation'], 'Array must contain at most 64 element(s)']]],
    [
      filters({ values: Object.fromEntries(Array.from({ length: 1_025 }, (_, at) => [`f${at}`, {}])) }),
      [[['filters', 'values'], 'Conditions on at most 1024 fields']],
    ],
    [filters({ limit: 0 }), [[['filters', 'limit'], 'Number must be greater than or equal to 1']]],
    [filters({ limit: 100_001 }), [[['filters', 'limit'], 'Number must be less than or equal to 100000']]],
    [filters({ limit: '5' }), [[['filters', 'limit'], 'Expected integer, received string']]],
    [filters({ offset: 0.5 }), [[['filters', 'offset'], 'Expected integer, received float']]],
    [
      filters({ order: 'up' }),
      [[['filters', 'order'], "Invalid enum value. Expected 'asc' | 'desc', received 'up'"]],
    ],
    [filters({ dataSourceId: 5 }), [[['filters', 'dataSourceId'], 'Expected string, received number']]],
    [
      filters({ dataSourceIds: [first, 5] }),
      [[['filters', 'dataSourceIds', 1], 'Expected string, received number']],
    ],
    [
      filters({ dataSourceIds: [] }),
      [[['filters', 'dataSourceIds'], 'Array must contain at least 1 element(s)']],
    ],
    [filters({ fields: [] }), [[['filters', 'fields'], 'Array must contain at least 1 element(s)']]],
    [
      filters({ startTime: 'now-1y', endTime: 1.5 }),
      [
        [['filters', 'startTime'], 'Invalid datetime'],
        [['filters', 'endTime'], 'Expected integer, received float'],
      ],
    ],
    [
      filters({ startTime: 'now', endTime: 'now-1s' }),
      [[['filters', 'startTime'], 'Start time must not be after end time']],
    ],
    [filters({ metadata: [] }), [[['filters', 'metadata'], 'Expected object, received array']]],
    [filters({ values: { t: 5 } }), [[['filters', 'values', 't'], 'Expected object, received number']]],
    [
      filters({ values: { t: { between: [1, 2], gt: null } } }),
      [
        [['filters', 'values', 't', 'between'], 'Unrecognized comparison. Expected gt, gte, lt, lte, eq, ne'],
        [['filters', 'values', 't', 'gt'], 'Expected number, string or boolean, received null'],
      ],
    ],
    [{ aggregation: 'mode' }, [[['aggregation'], `${aggregations}'mode'`]]],
    [{ aggregation: 'p49' }, [[['aggregation'], `${aggregations}'p49'`]]],
    [{ aggregation: 'p100' }, [[['aggregation'], `${aggregations}'p100'`]]],
    [{ aggregation: 5 }, [[['aggregation'], `${aggregations}number`]]],
    [{ aggregation: [] }, [[['aggregation'], 'Array must contain at least 1 element(s)']]],
    [filters({ aggregation: ['avg', 'none'] }), [[['filters', 'aggregation', 1], `${aggregations}'none'`]]],
    [{ aggregation: 'none', groupBy: 'hour' }, [[['groupBy'], 'Raw rows (aggregation none) have no groups']]],
    [{ groupBy: 'decade' }, [[['groupBy'], `${units}'decade'`]]],
    [filters({ groupBy: '0m' }), [[['filters', 'groupBy'], `${units}'0m'`]]],
    [{ groupBy: 5 }, [[['groupBy'], 'Expected string, received number']]],
    [
      { timezone: 'Mars/Olympus', filters: { timezone: 'Europe/Paris' } },
      [[['timezone'], "Invalid timezone. Expected an IANA name, received 'Mars/Olympus'"]],
    ],
    [
      filters({ timezone: '+01:00' }),
      [[['filters', 'timezone'], "Invalid timezone. Expected an IANA name, received '+01:00'"]],
    ],
    [{ timezone: 1 }, [[['timezone'], 'Expected string, received number']]],
    [
      { fill: 'null', filters: { offset: 1_000_001 } },
      [[['filters', 'offset'], 'Number must be less than or equal to 1000000 with fill']],
    ],
    [
      { fill: 'spline' },
      [[['fill'], "Invalid enum value. Expected 'none' | 'null' | 'previous' | 'linear', received 'spline'"]],
    ],
    [
      { format: 'table' },
      [[['format'], "Invalid enum value. Expected 'rows' | 'columns', received 'table'"]],
    ],
    [{ downsample: 'm4' }, [[['downsample'], 'Expected object, received string']]],
    [
      { downsample: {} },
      [
        [['downsample', 'method'], 'Required'],
        [['downsample', 'points'], 'Required'],
      ],
    ],
    [
      { downsample: { method: 'max', points: 0 } },
      [
        [['downsample', 'method'], `${methods}'max'`],
        [['downsample', 'points'], 'Number must be greater than or equal to 1'],
      ],
    ],
    [
      { downsample: { method: 'avg', points: 100_001 } },
      [[['downsample', 'points'], 'Number must be less than or equal to 100000']],
    ],
    [
      { downsample: { method: 'm4', points: 1.5 } },
      [[['downsample', 'points'], 'Expected integer, received float']],
    ],
    [
      { downsample: { method: 'm4', points: 10 }, aggregation: 'max', filters: { groupBy: 'hour' } },
      [
        [['aggregation'], 'aggregation and downsample exclude each other'],
        [['filters', 'groupBy'], 'groupBy and downsample exclude each other'],
      ],
    ],
  ];
  for (const [body, details] of cases) {
    const answer = await query(body);
    t.equal(answer.status, 400);
    t.strictSame(answer.body, invalid(...details), JSON.stringify(body));
  }
  const sources: [object, object][] = [
    [{ dataSourceId: 'x' }, { error: 'Validation Error', message: 'Invalid data source ID format' }],
    [
      { dataSourceIds: [first, 'x'] },
      { error: 'Validation Error', message: 'Invalid data source ID format' },
    ],
    [{ dataSourceId: UNKNOWN_ID }, { error: 'Not Found', message: 'Data source not found' }],
    [{ dataSourceIds: [first, foreign] }, { error: 'Not Found', message: 'Data source not found' }],
  ];
  for (const [filters, want] of sources) t.strictSame((await query({ filters })).body, want);
});

t.test('without points there is no first one', async t => {
  for (const body of [{ bucketId: otherBucketId }, { bucketId: await fixture.createBucket('empty') }]) {
    const answer = await post('/api/data/query', body);
    t.strictSame(answer.body.data, []);
    t.match(answer.body.metadata, { count: 0, total: 0, startTime: null, endTime: rawMetadata.endTime });
  }
});

t.test('points that a bucket does not keep any more are not answered, wherever they are', async t => {
  const fixture = await Fixture.open();
  const call = (path: string, body: object) => fixture.call('POST', path, { key: ADMIN_KEY, body });
  const { body: made } = await call('/api/buckets', { name: 'b', retentionDays: 2 });
  const bucketId = made.bucket._id;
  const source = await call(`/api/buckets/${bucketId}/sources`, { name: 's', schema: { t: 'number' } });
  const dataSourceId = source.body.dataSource._id;
  const times = [
    '2024-01-10T00:00:00Z',
    '2024-01-13T10:29:59.999Z',
    '2024-01-13T10:30:00Z',
    '2024-01-15T00:00:00Z',
  ];
  const dataPoints = times.map((timestamp, t) => ({ dataSourceId, timestamp, values: { t } }));
  await call('/api/data/batch', { bucketId, dataPoints });
  const cases: [object, number[], string][] = [
    [{}, [2, 3], '2024-01-13T10:30:00Z'],
    [{ startTime: '2024-01-01T00:00:00Z' }, [2, 3], '2024-01-13T10:30:00Z'],
    [{ startTime: '2024-01-14T00:00:00Z' }, [3], '2024-01-14T00:00:00Z'],
    [{ startTime: '2024-01-01T00:00:00Z', endTime: '2024-01-12T00:00:00Z' }, [], '2024-01-12T00:00:00Z'],
  ];
  for (const [filters, wanted, startTime] of cases) {
    const { body } = await call('/api/data/query', { bucketId, filters });
    const values = body.data.map((row: { values: { t: number } }) => row.values.t);
    t.same(values, wanted, JSON.stringify(filters));
    t.equal(body.metadata.startTime, startTime);
  }
  const { body: summed } = await call('/api/data/query', { bucketId, aggregation: 'sum' });
  t.same(summed.data[0].values, { t: 5 });
});

t.test('averages in the place of many points', async t => {
  const bucketId = await fixture.createBucket('many');
  const [busy, off] = [
    await fixture.createSource(bucketId, {}, 'busy'),
    await fixture.createSource(bucketId, {}, 'off'),
  ];
  await fixture.call('PATCH', `/api/buckets/${bucketId}/sources/${off}`, {
    key: ADMIN_KEY,
    body: { downsampling: false },
  });
  const start = Date.UTC(2024, 0, 14);
  const dataPoints = [busy, off].flatMap(dataSourceId =>
    Array.from({ length: 600 }, (_, row) => ({
      dataSourceId,
      timestamp: start + row * 1_000,
      values: { t: row, u: -row, state: 'on' },
    })),
  );
  for (const half of [dataPoints.slice(0, 600), dataPoints.slice(600)]) {
    await post('/api/data/batch', { bucketId, dataPoints: half });
  }
  const ask = async (filters: object, more: object = {}) =>
    (await post('/api/data/query', { bucketId, filters: { dataSourceId: busy, ...filters }, ...more })).body;
  const shapeOf = ({
    aggregation,
    groupBy,
    downsamplingApplied,
    count,
    hasMore,
  }: Record<string, unknown>) => [aggregation, groupBy, downsamplingApplied, count, hasMore];

  const { data, metadata } = await ask({});
  t.strictSame(shapeOf(metadata), ['avg', '2s', true, 300, false]);
  t.strictSame(data.slice(0, 2), [
    { dataSourceId: busy, timestamp: '2024-01-14T00:00:00Z', values: { t: 0.5, u: -0.5 }, count: 2 },
    { dataSourceId: busy, timestamp: '2024-01-14T00:00:02Z', values: { t: 2.5, u: -2.5 }, count: 2 },
  ]);
  const limited = await ask({
    fields: ['u'],
    limit: 1,
    offset: 1,
    order: 'desc',
    values: { t: { lt: 598 } },
  });
  t.strictSame(shapeOf(limited.metadata), ['avg', '2s', true, 1, true]);
  t.strictSame(limited.data, [
    { dataSourceId: busy, timestamp: '2024-01-14T00:09:54Z', values: { u: -594.5 }, count: 2 },
  ]);
  const columns = await ask({}, { format: 'columns' });
  t.equal(columns.columns[busy].timestamps.length, 300);

  const raw: [string, object, object, number][] = [
    ['none asks for rows', {}, { aggregation: 'none' }, 600],
    ['within the filters too', { aggregation: 'none' }, {}, 600],
    ['a range of few', { endTime: start + 500_000 }, {}, 500],
    ['the setting of the source', { dataSourceId: off }, {}, 600],
    ['or of one of them', { dataSourceIds: [off] }, {}, 1_000],
  ];
  for (const [name, filters, more, count] of raw) {
    const { metadata } = await ask(filters, more);
    t.strictSame(shapeOf(metadata), [null, null, false, count, count === 1_000], name);
  }
  const grouped = await ask({}, { groupBy: 'minute' });
  t.strictSame(shapeOf(grouped.metadata), ['avg', 'minute', false, 10, false]);
  const aggregated = await ask({}, { aggregation: 'max' });
  t.strictSame(shapeOf(aggregated.metadata), ['max', null, false, 1, false]);
});

t.test('pictures', async t => {
  const drawn = await fixture.createBucket('drawn');
  const source = await fixture.createSource(drawn, {});
  const start = Date.UTC(2024, 0, 14);
  const dataPoints = Array.from({ length: 2_000 }, (_, row) => ({
    dataSourceId: source,
    timestamp: start + row * 1_000,
    values: { t: (row * 37) % 100, state: row % 2 === 0 ? 'even' : 'odd' },
    metadata: { row },
  }));
  for (const half of [dataPoints.slice(0, 1_000), dataPoints.slice(1_000)]) {
    await post('/api/data/batch', { bucketId: drawn, dataPoints: half });
  }
  const ask = async (downsample: object, filters: object = {}, more: object = {}) => {
    const range = { startTime: start, endTime: start + 2_000_000, ...filters };
    return (await post('/api/data/query', { bucketId: drawn, downsample, filters: range, ...more })).body;
  };
  interface Row {
    readonly timestamp: string;
  }
  const rowsOf = (data: readonly Row[]) =>
    data.map(({ timestamp }) => (Date.parse(timestamp) - start) / 1_000);

  const m4 = { method: 'm4', points: 8 };
  const { data, metadata } = await ask(m4);
  t.match(metadata, { count: 6, hasMore: false, aggregation: null, groupBy: null, pointsScanned: 2_000 });
  t.strictSame([metadata.downsamplingApplied, metadata.downsample], [true, m4]);
  // 37 × 27 is 99 modulo 100.
  t.strictSame(rowsOf(data), [0, 27, 999, 1_000, 1_027, 1_999]);
  t.strictSame(data[1], {
    _id: data[1]._id,
    dataSourceId: source,
    timestamp: '2024-01-14T00:00:27Z',
    values: { t: 99, state: 'odd' },
    metadata: { row: 27 },
  });
  t.strictSame(rowsOf((await ask(m4, {}, { aggregation: 'none' })).data), rowsOf(data));
  t.strictSame((await ask(m4, { order: 'desc' })).data, data.toReversed());
  const part = await ask(m4, { order: 'desc', offset: 1, limit: 2 });
  t.strictSame(part.data, data.toReversed().slice(1, 3));
  t.match(part.metadata, { count: 2, hasMore: true });
  const columns = await ask(m4, { fields: ['t'] }, { format: 'columns' });
  t.strictSame(columns.columns, {
    [source]: {
      timestamps: rowsOf(data).map(row => start + row * 1_000),
      values: { t: rowsOf(data).map(row => (row * 37) % 100) },
    },
  });
  const even = await ask(m4, { values: { state: { eq: 'even' } } });
  t.ok(rowsOf(even.data).every(row => row % 2 === 0));

  const cases: [object, object, number, number][] = [
    [{ method: 'm4', points: 4_000 }, {}, 1_500, 2_000],
    [{ method: 'minmax', points: 1_000 }, {}, 900, 1_000],
    [{ method: 'lttb', points: 1_500 }, {}, 1_500, 1_500],
    [{ method: 'avg', points: 1_500 }, {}, 1_500, 1_500],
    [{ method: 'lttb', points: 1_500 }, { limit: 1_000 }, 1_000, 1_000],
  ];
  for (const [downsample, filters, least, most] of cases) {
    const { data, metadata } = await ask(downsample, filters);
    t.ok(data.length >= least && data.length <= most, `${JSON.stringify(downsample)}: ${data.length} rows`);
    t.strictSame(metadata.downsample, downsample);
  }

  const average = await ask({ method: 'avg', points: 3 }, { fields: ['t'], endTime: start + 10_000 });
  t.strictSame(average.data, [
    // Rows 0 to 3, 4 to 6, 7 to 9: slices of 3,333⅓ ms.
    { dataSourceId: source, timestamp: '2024-01-14T00:00:00Z', values: { t: 30.5 }, count: 4 },
    { dataSourceId: source, timestamp: '2024-01-14T00:00:03.334Z', values: { t: 51 + 2 / 3 }, count: 3 },
    { dataSourceId: source, timestamp: '2024-01-14T00:00:06.667Z', values: { t: 62 + 2 / 3 }, count: 3 },
  ]);
  t.match(average.metadata, { aggregation: 'avg', groupBy: null, downsamplingApplied: true });
});

t.test('too much to choose from is for the caller to change', t => {
  const { status, title, message } = toApiError(new PictureTooLargeError(1));
  t.strictSame([status, title], [400, 'Validation Error']);
  t.match(message, /lttb.*m4/);
  t.end();
});

t.test('a query whose caller has left is stopped, and is no failure', async t => {
  const controller = new AbortController();
  controller.abort();
  const before = fixture.errors.length;
  await fixture.call('POST', '/api/data/query', {
    key: ADMIN_KEY,
    body: { bucketId },
    signal: controller.signal,
  });
  t.equal(fixture.errors.length, before);
});

t.test('figures that JSON cannot say are null', async t => {
  const column = (name: string, value: number, aggregation?: Aggregation) =>
    ({ name, type: 'number', values: Float64Array.of(value), aggregation }) as const;
  const textOf = (columns: AnswerColumn[], rowCount: number) => {
    const timestamps = new Float64Array(rowCount);
    const sources = [{ source: 1, timestamps, columns, counts: Float64Array.of(2) }];
    const sequence = { sources: Uint32Array.of(0), rowCounts: Uint32Array.of(rowCount) };
    const writer = new JsonWriter();
    writeRows(
      writer,
      { sources, rowCount, sequence, hasMore: false, pointsScanned: 0, levelMs: 0 },
      new Map([[1, 'id']]),
    );
    return Buffer.from(writer.finish()).toString();
  };
  const columns: AnswerColumn[] = [
    column('inf', Number.POSITIVE_INFINITY),
    column('nested', Number.NEGATIVE_INFINITY, 'min'),
    column('nested', -0, 'max'),
    { name: '"', type: 'string', values: Float64Array.of(1), dictionary: ['', 'q"'] },
  ];
  t.equal(
    textOf(columns, 1),
    '[{"dataSourceId":"id","timestamp":"1970-01-01T00:00:00Z","values":{"inf":null,"nested":{"min":null,"max":-0},"\\"":"q\\""},"count":2}]',
  );
  t.equal(textOf(columns, 0), '[]');
});
