import t from 'tap';
import { FieldTypeError } from '../../../engine/storage.js';
import { formatTimestamp } from '../../../server/schemas/timestamp.js';
import { Random, testSeed } from '../../support/random.js';
import { ADMIN_KEY, Fixture, NOW, UNKNOWN_ID } from './fixture.js';

const NOW_TEXT = '2024-01-15T10:30:00Z';

async function open(schema: object = { t: 'number', state: 'string', ok: 'boolean' }) {
  const fixture = await Fixture.open();
  const bucketId = await fixture.createBucket();
  const dataSourceId = await fixture.createSource(bucketId, schema);
  const post = (target: string, body: unknown) => fixture.call('POST', target, { key: ADMIN_KEY, body });
  /** The rows as they are stored, as text: numbers to the bit. */
  const stored = async () => {
    const answer = await post('/api/data/query', { bucketId, filters: { limit: 10_000 } });
    return answer.text.slice(0, answer.text.indexOf(',"metadata":{"count"'));
  };
  return { fixture, bucketId, dataSourceId, post, stored };
}

function invalid(...details: [(string | number)[], string][]) {
  return {
    error: 'Validation Error',
    message: 'Invalid request parameters',
    details: details.map(([path, message]) => ({ path, message })),
  };
}

t.test('one point', async t => {
  const { fixture, bucketId, dataSourceId, post } = await open();
  const values = { t: 21.5, state: 'on', ok: false, none: null };
  const point = {
    bucketId,
    dataSourceId,
    timestamp: '2024-01-15T11:30:00.2509+01:00',
    values,
    metadata: { a: [1] },
  };
  const answer = await post('/api/data', point);
  t.equal(answer.status, 201);
  const ordinal = fixture.catalog.source(dataSourceId)!.ordinal;
  t.strictSame(answer.body, {
    message: 'Data point ingested successfully',
    dataPoint: {
      _id: ordinal.toString(16).padStart(8, '0') + '0'.repeat(16),
      bucketId,
      dataSourceId,
      timestamp: '2024-01-15T10:30:00.250Z',
      values: { t: 21.5, state: 'on', ok: false },
      metadata: { a: [1] },
      createdAt: NOW_TEXT,
    },
  });
  const bare = await post('/api/data', { bucketId, dataSourceId, values: { t: -0 }, metadata: null });
  t.match(bare.body.dataPoint, { timestamp: NOW_TEXT, metadata: null });
  const seconds = await post('/api/data', { bucketId, dataSourceId, values: { t: 1 }, timestamp: 1000 });
  t.equal(seconds.body.dataPoint.timestamp, '1970-01-01T00:00:01Z');
  t.ok(seconds.body.dataPoint._id > bare.body.dataPoint._id);
});

t.test('numbers come back bit-equal', async t => {
  const { bucketId, dataSourceId, post, stored } = await open();
  const texts = [
    '-0',
    '0',
    '0.1',
    '5e-324',
    '1.7976931348623157e+308',
    '9007199254740993',
    '-1e21',
    '-0.0',
    '1E2',
  ];
  for (const text of texts) {
    const body = `{"bucketId":"${bucketId}","dataSourceId":"${dataSourceId}","timestamp":0,"values":{"t":${text}}}`;
    const answer = await post('/api/data', body);
    t.ok(Object.is(JSON.parse(text), answer.body.dataPoint.values.t), text);
  }
  const rows = JSON.parse(`${await stored()}}`).data;
  for (const [index, text] of texts.entries()) t.ok(Object.is(rows[index].values.t, JSON.parse(text)), text);
});

t.test('a batch of several sources, out of order', async t => {
  const { fixture, bucketId, dataSourceId, post, stored } = await open();
  const second = await fixture.createSource(bucketId);
  const answer = await post('/api/data/batch', {
    bucketId,
    dataPoints: [
      { dataSourceId, timestamp: 3000, values: { t: 3 } },
      { dataSourceId: second, timestamp: 1000, values: { x: 'a' }, metadata: { m: 1 } },
      { dataSourceId, timestamp: 1000, values: { t: 1, state: 'on' } },
      { dataSourceId, timestamp: 1000, values: { t: 1, state: 'on' }, metadata: {} },
      { dataSourceId: second, values: { x: 'b', y: true } },
    ],
  });
  t.match(answer, {
    status: 201,
    body: { message: 'Batch ingested successfully', inserted: 5, dataSources: 2 },
  });
  const rows = JSON.parse(`${await stored()}}`).data.map(({ _id, ...row }: { _id: string }) => row);
  t.strictSame(rows, [
    { dataSourceId, timestamp: '1970-01-01T00:00:01Z', values: { t: 1, state: 'on' } },
    { dataSourceId, timestamp: '1970-01-01T00:00:01Z', values: { t: 1, state: 'on' }, metadata: {} },
    { dataSourceId: second, timestamp: '1970-01-01T00:00:01Z', values: { x: 'a' }, metadata: { m: 1 } },
    { dataSourceId, timestamp: '1970-01-01T00:00:03Z', values: { t: 3 } },
    { dataSourceId: second, timestamp: NOW_TEXT, values: { x: 'b', y: true } },
  ]);
});

t.test('what is sent is what is stored: any points, in batches of any size', async t => {
  const seed = testSeed();
  t.comment(`DAKKIO_TEST_SEED=${seed}`);
  const random = new Random(seed);
  const { fixture, bucketId, dataSourceId, post, stored } = await open();
  const ids = [dataSourceId, await fixture.createSource(bucketId)];
  const fields: [string, () => unknown][] = [
    ['t', () => random.pick([0, 0.1, -1.5e300, random.next()])],
    ['state', () => random.pick(['', 'on', 'off', '\u{1f321} "\\', String(random.integer(1e6))])],
    ['ok', () => random.pick([true, false])],
    ['late', () => random.integer(10)],
    ['t', () => null],
  ];
  const sent: {
    dataSourceId: string;
    timestamp: number;
    values: Record<string, unknown>;
    metadata?: object;
  }[] = [];
  const newPoint = () => {
    const chosen = fields.filter(() => random.integer(2) === 0).map(([name, value]) => [name, value()]);
    const values = Object.fromEntries([...chosen, ['always', random.integer(100)]]);
    const metadata =
      random.integer(3) === 0 ? { metadata: { n: random.integer(3), deep: [{ a: null }] } } : {};
    return { dataSourceId: random.pick(ids), timestamp: random.integer(500), values, ...metadata };
  };
  for (const size of [1, 2, 15, 16, 17, 33, 500]) {
    const dataPoints = Array.from({ length: size }, newPoint);
    t.equal((await post('/api/data/batch', { bucketId, dataPoints })).body.inserted, size);
    sent.push(...dataPoints);
  }
  const want = sent
    .map((point, arrival) => ({ point, arrival, source: ids.indexOf(point.dataSourceId) }))
    .sort(
      (left, right) =>
        left.point.timestamp - right.point.timestamp ||
        left.source - right.source ||
        left.arrival - right.arrival,
    )
    .map(({ point }) => {
      const values = Object.fromEntries(Object.entries(point.values).filter(([, value]) => value !== null));
      return { ...point, timestamp: formatTimestamp(point.timestamp), values };
    });
  const rows = JSON.parse(`${await stored()}}`).data.map(({ _id, ...row }: { _id: string }) => row);
  t.strictSame(rows, want);
});

t.test('values, metadata and times that are refused', async t => {
  const { fixture, bucketId, dataSourceId, post } = await open();
  const deep = `${'{"a":'.repeat(33)}1${'}'.repeat(33)}`;
  /** JSON of members of a point; where it fails, and why. */
  const cases: [string, (string | number)[], string][] = [
    ['"values":{}', ['values'], 'At least one value is required'],
    ['"values":{"t":null}', ['values'], 'At least one value is required'],
    ['"values":[1]', ['values'], 'Expected object, received array'],
    ['"values":null', ['values'], 'Expected object, received null'],
    ['"values":"t"', ['values'], 'Expected object, received string'],
    ['"metadata":{}', ['values'], 'Required'],
    ['"values":{"t":"1"}', ['values', 't'], 'Expected number, received string'],
    ['"values":{"t":true}', ['values', 't'], 'Expected number, received boolean'],
    ['"values":{"state":1}', ['values', 'state'], 'Expected string, received number'],
    ['"values":{"ok":0}', ['values', 'ok'], 'Expected boolean, received number'],
    ['"values":{"t":1e999}', ['values', 't'], 'Number must be finite'],
    ['"values":{"t":-1e999}', ['values', 't'], 'Number must be finite'],
    ['"values":{"t":{}}', ['values', 't'], 'Expected number, string or boolean, received object'],
    ['"values":{"t":[1]}', ['values', 't'], 'Expected number, string or boolean, received array'],
    ['"values":{"state":"\\ud800"}', ['values', 'state'], 'String must be well-formed Unicode'],
    [
      `"values":{"state":"${'x'.repeat(65_537)}"}`,
      ['values', 'state'],
      'String must contain at most 65536 character(s)',
    ],
    ['"values":{"":1}', ['values', ''], 'String must contain at least 1 character(s)'],
    ['"values":{"a\\u0000":1}', ['values', 'a\0'], 'Field name must not contain control characters'],
    ['"values":{"a\\u007f":1}', ['values', 'a\x7f'], 'Field name must not contain control characters'],
    ['"values":{"\\udfff":1}', ['values', '\udfff'], 'String must be well-formed Unicode'],
    [
      `"values":{"${'n'.repeat(129)}":1}`,
      ['values', `${'n'.repeat(128)}…`],
      'String must contain at most 128 character(s)',
    ],
    ['"values":{"t":1},"timestamp":"yesterday"', ['timestamp'], 'Invalid datetime'],
    ['"values":{"t":1},"timestamp":1.5', ['timestamp'], 'Expected integer, received float'],
    [
      '"values":{"t":1},"timestamp":null',
      ['timestamp'],
      'Expected ISO 8601 text or integer epoch milliseconds',
    ],
    [
      '"values":{"t":1},"timestamp":-1',
      ['timestamp'],
      'Timestamp must be from 1970-01-01T00:00:00Z to 2199-12-31T23:59:59.999Z',
    ],
    ['"values":{"t":1},"metadata":[]', ['metadata'], 'Expected object, received array'],
    ['"values":{"t":1},"metadata":"x"', ['metadata'], 'Expected object, received string'],
    [
      `"values":{"t":1},"metadata":${deep}`,
      ['metadata'],
      'Metadata must not be nested deeper than 32 levels',
    ],
    [
      `"values":{"t":1},"metadata":{"a":"${'x'.repeat(65_536)}"}`,
      ['metadata'],
      'Metadata must be at most 65536 characters of JSON',
    ],
  ];
  const before = fixture.state();
  for (const [members, path, message] of cases) {
    const label = members.slice(0, 60);
    const single = `{"bucketId":"${bucketId}","dataSourceId":"${dataSourceId}",${members}}`;
    t.strictSame((await post('/api/data', single)).body, invalid([['body', ...path], message]), label);
    const good = `{"dataSourceId":"${dataSourceId}","values":{"t":1}}`;
    const bad = `{"dataSourceId":"${dataSourceId}",${members}}`;
    const batch = `{"bucketId":"${bucketId}","dataPoints":[${good},${bad}]}`;
    const want = invalid([['body', 'dataPoints', 1, ...path], message]);
    t.strictSame((await post('/api/data/batch', batch)).body, want, label);
  }
  t.strictSame(fixture.state(), before, 'nothing was stored, no field was made');
});

t.test('envelopes that are refused', async t => {
  const { fixture, bucketId, dataSourceId, post } = await open();
  const before = fixture.state();
  const point = { dataSourceId, values: { t: 1 } };
  const badId = 'Invalid data source ID format';
  const cases: [string, unknown, object][] = [
    [
      '/api/data',
      {},
      invalid(
        [['body', 'bucketId'], 'Required'],
        [['body', 'dataSourceId'], 'Required'],
        [['body', 'values'], 'Required'],
      ),
    ],
    [
      '/api/data',
      { bucketId: 7, dataSourceId: null, values: [], timestamp: 'x' },
      invalid(
        [['body', 'bucketId'], 'Expected string, received number'],
        [['body', 'dataSourceId'], 'Expected string, received null'],
        [['body', 'timestamp'], 'Invalid datetime'],
        [['body', 'values'], 'Expected object, received array'],
      ),
    ],
    [
      '/api/data',
      { bucketId, dataSourceId: 'x', values: { t: 1 } },
      { error: 'Validation Error', message: badId },
    ],
    [
      '/api/data',
      { bucketId, dataSourceId: UNKNOWN_ID, values: { t: 1 } },
      { error: 'Not Found', message: 'Data source not found' },
    ],
    [
      '/api/data/batch',
      {},
      invalid([['body', 'bucketId'], 'Required'], [['body', 'dataPoints'], 'Required']),
    ],
    [
      '/api/data/batch',
      { bucketId, dataPoints: [] },
      invalid([['body', 'dataPoints'], 'Array must contain at least 1 element(s)']),
    ],
    [
      '/api/data/batch',
      { bucketId, dataPoints: Array(1001).fill(point) },
      invalid([['body', 'dataPoints'], 'Array must contain at most 1000 element(s)']),
    ],
    [
      '/api/data/batch',
      { bucketId, dataPoints: point },
      invalid([['body', 'dataPoints'], 'Expected array, received object']),
    ],
    [
      '/api/data/batch',
      { bucketId, dataPoints: [null, 1, { dataSourceId: 'x', values: { t: 1 } }, { values: { t: 1 } }] },
      invalid(
        [['body', 'dataPoints', 0], 'Expected object, received null'],
        [['body', 'dataPoints', 1], 'Expected object, received number'],
        [['body', 'dataPoints', 2, 'dataSourceId'], badId],
        [['body', 'dataPoints', 3, 'dataSourceId'], 'Required'],
      ),
    ],
    [
      '/api/data/batch',
      { bucketId, dataPoints: [point, { ...point, dataSourceId: UNKNOWN_ID }] },
      { error: 'Not Found', message: 'Data source not found' },
    ],
  ];
  for (const [target, body, want] of cases) {
    t.strictSame((await post(target, body)).body, want, JSON.stringify(body).slice(0, 100));
  }
  t.strictSame(fixture.state(), before);
  t.equal((await post('/api/data/batch', { bucketId, dataPoints: Array(1000).fill(point) })).status, 201);
});

t.test('every failure is named, the first hundred', async t => {
  const { fixture, bucketId, dataSourceId, post } = await open();
  const before = fixture.state();
  const bad = { dataSourceId, timestamp: 'x', values: { t: 'x', state: 1, fine: 1 } };
  const mixed = { bucketId, dataPoints: [bad, { dataSourceId, values: { t: 1 } }, bad] };
  const failures = (index: number): [(string | number)[], string][] => [
    [['body', 'dataPoints', index, 'timestamp'], 'Invalid datetime'],
    [['body', 'dataPoints', index, 'values', 't'], 'Expected number, received string'],
    [['body', 'dataPoints', index, 'values', 'state'], 'Expected string, received number'],
  ];
  t.strictSame((await post('/api/data/batch', mixed)).body, invalid(...failures(0), ...failures(2)));
  const many = await post('/api/data/batch', { bucketId, dataPoints: Array(200).fill(bad) });
  t.equal(many.body.details.length, 100);
  t.strictSame(many.body.details[99].path, ['body', 'dataPoints', 33, 'timestamp']);
  t.strictSame(fixture.state(), before);
});

t.test('an undeclared field takes the type of its first value', async t => {
  const { fixture, bucketId, dataSourceId, post } = await open({});
  const points = (...values: object[]) => ({
    bucketId,
    dataPoints: values.map(values => ({ dataSourceId, values })),
  });
  const before = fixture.state();
  const inOneBatch = await post(
    '/api/data/batch',
    points({ a: 1 }, { a: 'x' }, { a: null, b: 1 }, { a: true }),
  );
  t.strictSame(
    inOneBatch.body,
    invalid(
      [['body', 'dataPoints', 1, 'values', 'a'], 'Expected number, received string'],
      [['body', 'dataPoints', 3, 'values', 'a'], 'Expected number, received boolean'],
    ),
  );
  t.strictSame(fixture.state(), before, 'a refused batch gives no field its type');
  t.equal((await post('/api/data/batch', points({ a: 'x' }, { a: null, b: 1 }))).status, 201);
  const later = await post('/api/data/batch', points({ b: 1 }, { a: 1 }));
  t.strictSame(
    later.body,
    invalid([['body', 'dataPoints', 1, 'values', 'a'], 'Expected string, received number']),
  );
});

t.test('a type that changes while the batch is checked is a failure with its place', async t => {
  const { fixture, bucketId, dataSourceId, post } = await open();
  const ordinal = fixture.catalog.source(dataSourceId)!.ordinal;
  fixture.storage.append = async () => {
    throw new FieldTypeError(ordinal, 'x', 'string', 'number');
  };
  const batch = {
    bucketId,
    dataPoints: [{ x: null }, { x: 1 }].map(values => ({ dataSourceId, values: { t: 1, ...values } })),
  };
  t.strictSame(
    (await post('/api/data/batch', batch)).body,
    invalid([['body', 'dataPoints', 1, 'values', 'x'], 'Expected string, received number']),
  );
  t.strictSame(
    (await post('/api/data', { bucketId, dataSourceId, values: { x: 1 } })).body,
    invalid([['body', 'values', 'x'], 'Expected string, received number']),
  );
});

t.test('at most 1,024 fields', async t => {
  const { fixture, bucketId, dataSourceId, post } = await open({ declared: 'number' });
  const fields = (from: number, to: number) =>
    Object.fromEntries(Array.from({ length: to - from }, (_, index) => [`f${from + index}`, 1]));
  const before = fixture.state();
  const wide = await post('/api/data', { bucketId, dataSourceId, values: fields(0, 1025) });
  t.strictSame(
    wide.body,
    invalid(
      [['body', 'values', 'f1023'], 'A data source has at most 1024 fields'],
      [['body', 'values', 'f1024'], 'A data source has at most 1024 fields'],
    ),
  );
  t.strictSame(fixture.state(), before);
  const dataPoints = [fields(0, 600), fields(500, 1023)].map(values => ({ dataSourceId, values }));
  t.equal((await post('/api/data/batch', { bucketId, dataPoints })).status, 201);
  const over = await post('/api/data', { bucketId, dataSourceId, values: { f1: 1, one: 1 } });
  t.strictSame(over.body, invalid([['body', 'values', 'one'], 'A data source has at most 1024 fields']));
  t.equal((await post('/api/data', { bucketId, dataSourceId, values: { declared: 1 } })).status, 201);
});

t.test('names that mean something to JavaScript are names', async t => {
  const { bucketId, dataSourceId, post, stored } = await open({});
  const names = ['__proto__', 'constructor', 'hasOwnProperty', 'toString', 'length', '0', '名', '"\\/', ' '];
  const values = `{${names.map((name, index) => `${JSON.stringify(name)}:${index}`).join(',')}}`;
  const metadata = '{"__proto__":{"polluted":true},"constructor":1}';
  const body =
    `{"__proto__":{"values":{}},"bucketId":"${bucketId}","dataSourceId":"${dataSourceId}",` +
    `"values":${values},"metadata":${metadata}}`;
  const answer = await post('/api/data', body);
  t.equal(answer.status, 201);
  t.strictSame(
    Object.entries(answer.body.dataPoint.values).sort(),
    Object.entries(JSON.parse(values)).sort(),
  );
  const [row] = JSON.parse(`${await stored()}}`).data;
  t.strictSame(Object.entries(row.values).sort(), Object.entries(JSON.parse(values)).sort());
  t.strictSame(Object.entries(row.metadata), Object.entries(JSON.parse(metadata)));
  t.equal(({} as { polluted?: boolean }).polluted, undefined);
  const wrong = await post('/api/data', { bucketId, dataSourceId, values: { constructor: 'x' } });
  t.strictSame(wrong.body, invalid([['body', 'values', 'constructor'], 'Expected number, received string']));
  t.equal(NOW, Date.parse(NOW_TEXT));
});
