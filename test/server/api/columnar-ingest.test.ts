/** Batches of columns: in JSON, in MessagePack, and what is wrong with them. */
import { Packr } from 'msgpackr';
import t from 'tap';
import { ADMIN_KEY, Fixture } from './fixture.js';

const fixture = await Fixture.open();
const bucketId = await fixture.createBucket();
const otherBucketId = await fixture.createBucket('other');
const packr = new Packr({ useRecords: false });
const T0 = Date.UTC(2024, 0, 15, 10);
const PACKED = { 'content-type': 'application/msgpack' };

const send = (body: unknown, headers = {}) =>
  fixture.call('POST', '/api/data/batch', { key: ADMIN_KEY, body, headers });
const sendPacked = (body: unknown) => send(packr.pack(body), PACKED);
const doubles = (...values: number[]) => Buffer.from(Float64Array.from(values).buffer);

async function stored(dataSourceId: string) {
  const body = { bucketId, filters: { dataSourceId }, aggregation: 'none', format: 'columns' };
  const answer = await fixture.call('POST', '/api/data/query', { key: ADMIN_KEY, body });
  return answer.body.columns[dataSourceId];
}

async function storedMetadata(dataSourceId: string) {
  const body = { bucketId, filters: { dataSourceId }, aggregation: 'none' };
  const answer = await fixture.call('POST', '/api/data/query', { key: ADMIN_KEY, body });
  return answer.body.data.map((row: { metadata?: object }) => row.metadata ?? null);
}

t.test('columns of every type come back, however they were sent', async t => {
  const timestamps = [T0, T0 + 1_000, T0 + 500];
  const values = { t: [21.5, null, -0.25], state: ['on', 'on', null], door: [true, null, false] };
  const metadata = [{ room: 'a' }, null, { room: 'a' }];
  const sorted = {
    timestamps: [T0, T0 + 500, T0 + 1_000],
    values: { t: [21.5, -0.25, null], state: ['on', null, 'on'], door: [true, false, null] },
  };
  const bodies: [string, (columns: object) => ReturnType<typeof send>, object][] = [
    ['JSON', columns => send({ bucketId, columns }), { timestamps, values, metadata }],
    ['MessagePack', columns => sendPacked({ bucketId, columns }), { timestamps, values, metadata }],
    [
      'MessagePack with binaries',
      columns => sendPacked({ bucketId, columns }),
      {
        timestamps: doubles(...timestamps),
        values: { ...values, t: doubles(21.5, Number.NaN, -0.25) },
        metadata,
      },
    ],
    [
      'times as texts',
      columns => send({ bucketId, columns }),
      { timestamps: timestamps.map(time => new Date(time).toISOString()), values, metadata },
    ],
  ];
  for (const [what, post, columns] of bodies) {
    const dataSourceId = await fixture.createSource(bucketId);
    const answer = await post({ dataSourceId, ...columns });
    t.equal(answer.status, 201, `${what}: ${answer.text}`);
    t.same(answer.body, { message: 'Batch ingested successfully', inserted: 3, dataSources: 1 });
    t.same(await stored(dataSourceId), sorted, what);
    t.same(await storedMetadata(dataSourceId), [metadata[0], metadata[2], null], what);
  }
});

t.test('numbers alone take the short way, bits and all, and more points than a batch may have', async t => {
  const count = 5_000;
  const numbers = Array.from({ length: count }, (_, row) =>
    row % 7 === 3 ? null : Math.sin(row) * 10 ** (row % 40),
  );
  numbers[0] = -0;
  const timestamps = numbers.map((_, row) => T0 + row * 1_000);
  const all = numbers.map((_, row) => row);
  const text = (value: number | null) => (Object.is(value, -0) ? '-0' : JSON.stringify(value));
  const bodyOf = (dataSourceId: string) =>
    `{"columns":{"values":{"n":[${numbers.map(text)}],"all":[${all}]},"timestamps":[${timestamps}],"dataSourceId":"${dataSourceId}"},"bucketId":"${bucketId}"}`;
  const dataSourceId = await fixture.createSource(bucketId, { n: 'number' });
  t.equal((await send(bodyOf(dataSourceId))).status, 201);
  const packedId = await fixture.createSource(bucketId, { n: 'number' });
  const columns = {
    dataSourceId: packedId,
    timestamps: doubles(...timestamps),
    values: { n: doubles(...numbers.map(value => value ?? Number.NaN)), all: doubles(...all) },
  };
  t.equal((await sendPacked({ bucketId, columns })).body.inserted, count);
  const source = (id: string) => fixture.catalog.source(id)!.ordinal;
  for (const id of [dataSourceId, packedId]) {
    let row = 0;
    const range = { startTime: 0, endTime: 8e12 };
    const scan = fixture.storage.scan({ sources: [source(id)], order: 'asc', metadata: false, ...range });
    for await (const { fields } of scan) {
      const n = fields.find(({ name }) => name === 'n')!;
      for (const value of n.values) {
        if (!Object.is(value, numbers[row] ?? Number.NaN)) t.fail(`row ${row}: ${value}`);
        row++;
      }
    }
    t.equal(row, count);
  }
});

t.test('points in MessagePack are points', async t => {
  const dataSourceId = await fixture.createSource(bucketId);
  const point = { dataSourceId, timestamp: T0, values: { a: 1, s: 'x' }, metadata: { m: 1 } };
  const answer = await sendPacked({
    bucketId,
    dataPoints: [point, { ...point, timestamp: '2024-01-15T10:00:01Z' }],
  });
  t.same(answer.body, { message: 'Batch ingested successfully', inserted: 2, dataSources: 1 });
  const one = await fixture.call('POST', '/api/data', {
    key: ADMIN_KEY,
    body: packr.pack({ bucketId, ...point, timestamp: T0 + 2_000 }),
    headers: PACKED,
  });
  t.equal(one.status, 201);
  t.match(one.body.dataPoint, {
    timestamp: '2024-01-15T10:00:02Z',
    values: { a: 1, s: 'x' },
    metadata: { m: 1 },
  });
  t.same((await stored(dataSourceId)).values, { a: [1, 1, 1], s: ['x', 'x', 'x'] });
  const query = await fixture.call('POST', '/api/data/query', {
    key: ADMIN_KEY,
    body: packr.pack({ bucketId, filters: { dataSourceId } }),
    headers: PACKED,
  });
  t.equal(query.body.data.length, 3);
});

t.test('what is wrong is named with its place, and nothing is stored', async t => {
  const dataSourceId = await fixture.createSource(bucketId, { t: 'number', s: 'string' });
  const foreignId = await fixture.createSource(otherBucketId);
  const at = ['body', 'columns'];
  const values = { t: [1, 2] };
  const timestamps = [T0, T0 + 1];
  const invalid = (columns: unknown, ...details: [(string | number)[], string][]) =>
    [columns, 400, details.map(([path, message]) => ({ path: [...at, ...path], message }))] as const;
  const cases: (readonly [unknown, number, object[]?])[] = [
    invalid({}, [['dataSourceId'], 'Required'], [['timestamps'], 'Required'], [['values'], 'Required']),
    invalid({ dataSourceId: 'x', timestamps, values }, [['dataSourceId'], 'Invalid data source ID format']),
    invalid({ dataSourceId, timestamps: [], values: {} }, [
      ['timestamps'],
      'Array must contain at least 1 element(s)',
    ]),
    invalid({ dataSourceId, timestamps: 5, values: { t: [] } }, [
      ['timestamps'],
      'Expected array, received number',
    ]),
    invalid({ dataSourceId, timestamps: [T0, 'x'], values }, [['timestamps', 1], 'Invalid datetime']),
    invalid({ dataSourceId, timestamps: [T0, 1.5], values }, [
      ['timestamps', 1],
      'Expected integer, received float',
    ]),
    invalid({ dataSourceId, timestamps, values: [] }, [['values'], 'Expected object, received array']),
    invalid({ dataSourceId, timestamps, values: {} }, [
      ['values'],
      'At least one value is required in each row; row 0 has none',
    ]),
    invalid({ dataSourceId, timestamps, values: { t: [1, null] } }, [
      ['values'],
      'At least one value is required in each row; row 1 has none',
    ]),
    invalid({ dataSourceId, timestamps, values: { t: [1] } }, [
      ['values', 't'],
      'Expected 2 element(s), as many as there are timestamps, received 1',
    ]),
    invalid({ dataSourceId, timestamps, values: { t: 1 } }, [
      ['values', 't'],
      'Expected array, received number',
    ]),
    invalid({ dataSourceId, timestamps, values: { t: [1, 'x'] } }, [
      ['values', 't', 1],
      'Expected number, received string',
    ]),
    invalid({ dataSourceId, timestamps, values: { n: [1, 'x'] } }, [
      ['values', 'n', 1],
      'Expected number, received string',
    ]),
    invalid(
      { dataSourceId, timestamps, values: { s: [1, 2] } },
      [['values', 's', 0], 'Expected string, received number'],
      [['values', 's', 1], 'Expected string, received number'],
    ),
    invalid({ dataSourceId, timestamps, values: { t: [1, [2]] } }, [
      ['values', 't', 1],
      'Expected number, string or boolean, received array',
    ]),
    invalid({ dataSourceId, timestamps, values: { '': [1, 2] } }, [
      ['values', ''],
      'String must contain at least 1 character(s)',
    ]),
    invalid({ dataSourceId, timestamps, values, metadata: [{}] }, [
      ['metadata'],
      'Expected 2 element(s), as many as there are timestamps, received 1',
    ]),
    invalid({ dataSourceId, timestamps, values, metadata: [{}, 7] }, [
      ['metadata', 1],
      'Expected object, received number',
    ]),
    [{ dataSourceId: foreignId, timestamps, values }, 404],
    [{ dataSourceId: 'f'.repeat(24), timestamps, values }, 404],
  ];
  const before = fixture.state();
  for (const [columns, status, details] of cases) {
    const text = JSON.stringify(columns);
    for (const answer of [await send({ bucketId, columns }), await sendPacked({ bucketId, columns })]) {
      t.equal(answer.status, status, text);
      if (details !== undefined) t.same(answer.body.details, details, text);
    }
  }
  const binaries: [object, object][] = [
    [
      { t: Buffer.alloc(12) },
      { path: [...at, 'values', 't'], message: 'A binary column has 8 bytes a value, received 12 bytes' },
    ],
    [
      { t: doubles(1, Number.POSITIVE_INFINITY) },
      { path: [...at, 'values', 't', 1], message: 'Number must be finite' },
    ],
    [{ s: doubles(1, 2) }, { path: [...at, 'values', 's'], message: 'Expected string, received number' }],
  ];
  for (const [columns, detail] of binaries) {
    const answer = await sendPacked({ bucketId, columns: { dataSourceId, timestamps, values: columns } });
    t.same(answer.body.details, [detail]);
  }
  t.same((await send({ bucketId, columns: 7 })).body.details, [
    { path: at, message: 'Expected object, received number' },
  ]);
  t.same(
    (await send({ bucketId, columns: { dataSourceId, timestamps, values }, dataPoints: [{}] })).body.details,
    [{ path: at, message: 'A batch has either dataPoints or columns' }],
  );
  t.match(await send(Buffer.of(0xc1), PACKED), {
    status: 400,
    body: { message: 'Request body is not valid MessagePack' },
  });
  t.same(fixture.state(), before);
});

t.test('large bodies are columns of numbers, or they are refused without being parsed', async t => {
  const dataSourceId = await fixture.createSource(bucketId);
  const pad = ' '.repeat(16 * 1024 * 1024);
  const numbers = `{"bucketId":"${bucketId}","columns":{"dataSourceId":"${dataSourceId}","timestamps":[${T0}],"values":{"a":[1]}}}`;
  t.equal((await send(pad + numbers)).status, 201);
  const texts = numbers.replace('[1]', '["x"]');
  t.match(await send(pad + texts), { status: 413, body: { error: 'Payload Too Large' } });
  const rows = (8 * 1024 * 1024) / 2 + 1;
  const columns = { dataSourceId, timestamps: Buffer.alloc(rows * 8), values: { a: Buffer.alloc(rows * 8) } };
  t.match(await sendPacked({ bucketId, columns }), {
    status: 413,
    body: { message: 'A batch holds at most 8388608 values, times included' },
  });
});
