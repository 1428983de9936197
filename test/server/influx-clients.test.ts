/** Clients of InfluxDB as they are installed, against the server as users start it. */
import { spawn, spawnSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import { HttpError, InfluxDB, Point, setLogger, type WriteOptions } from '@influxdata/influxdb-client';
import t from 'tap';
import type { Client } from '../../bench/client.js';
import { ADMIN_KEY } from '../../bench/server-process.js';
import { runServer } from '../support/running-server.js';

interface Row {
  readonly timestamp: string;
  readonly values: Readonly<Record<string, unknown>>;
}

interface Found {
  readonly measurement: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly rows: readonly Row[];
}

/** What a bucket holds, source by source, in order of their names: clients send batches beside each other. */
async function found(client: Client, bucketId: string): Promise<Found[]> {
  const { dataSources } = await client.json<{
    dataSources: (Omit<Found, 'rows'> & { _id: string; name: string })[];
  }>('GET', `/api/buckets/${bucketId}/sources`);
  return Promise.all(
    dataSources
      .sort((left, right) => (left.name < right.name ? -1 : 1))
      .map(async ({ _id, measurement, tags }) => {
        const filters = { dataSourceId: _id };
        const query = { bucketId, aggregation: 'none', filters };
        const { data } = await client.json<{ data: Row[] }>('POST', '/api/data/query', query, 200);
        return { measurement, tags, rows: data.map(({ timestamp, values }) => ({ timestamp, values })) };
      }),
  );
}

async function createBucket(client: Client, name: string): Promise<string> {
  const { bucket } = await client.json<{ bucket: { _id: string } }>('POST', '/api/buckets', { name });
  return bucket._id;
}

async function createKey(client: Client, bucketId: string): Promise<string> {
  const path = `/api/buckets/${bucketId}/keys`;
  const { apiKey } = await client.json<{ apiKey: { key: string } }>('POST', path, {
    name: 'k',
    type: 'write',
  });
  return apiKey.key;
}

// What fails is looked at below.
setLogger({ error() {}, warn() {} });

for (const [title, options] of [
  ['as it is', {}],
  ['with gzip', { gzipThreshold: 1 }],
] as [string, Partial<WriteOptions>][]) {
  t.test(`@influxdata/influxdb-client, ${title}`, async t => {
    const { client, server } = await runServer(t);
    const bucketId = await createBucket(client, 'home');
    const influx = new InfluxDB({ url: server.origin, token: await createKey(client, bucketId) });
    const failures: unknown[] = [];
    const open = (bucket: string) =>
      influx.getWriteApi('any organization', bucket, 'ns', {
        ...options,
        maxRetries: 0,
        writeFailed: error => void failures.push(error),
      });
    const api = open('home');
    const time = Date.UTC(2024, 0, 15);
    api.writePoint(
      new Point('air quality')
        .tag('room', 'bath, kitchen = one')
        .tag('größe', 'ü')
        .floatField('co2', 415.30645161290323)
        .intField('people', -3)
        .uintField('bytes', '18446744073709551615')
        .booleanField('open', true)
        .stringField('note', 'say "hi", C:\\\nnew 🌡')
        .timestamp(new Date(time)),
    );
    for (let row = 1; row <= 2_500; row++) {
      api.writePoint(
        new Point('cpu')
          .tag('host', `h${row % 2}`)
          .floatField('usage', row / 8)
          .timestamp(String(BigInt(time + row) * 1_000_000n)),
      );
    }
    await api.flush();
    await api.close();
    t.strictSame(failures, []);
    const [first, ...others] = await found(client, bucketId);
    t.strictSame(first, {
      measurement: 'air quality',
      tags: { größe: 'ü', room: 'bath, kitchen = one' },
      rows: [
        {
          timestamp: '2024-01-15T00:00:00Z',
          values: {
            bytes: 2 ** 64,
            co2: 415.30645161290323,
            note: 'say "hi", C:\\\nnew 🌡',
            open: true,
            people: -3,
          },
        },
      ],
    });
    t.strictSame(
      others.map(({ measurement, tags }) => [measurement, tags]),
      [
        ['cpu', { host: 'h0' }],
        ['cpu', { host: 'h1' }],
      ],
    );
    const { bucket } = await client.json<{ bucket: { stats: { dataPointCount: number } } }>(
      'GET',
      `/api/buckets/${bucketId}`,
    );
    t.equal(bucket.stats.dataPointCount, 2_501);

    const partial = open(bucketId);
    partial.writeRecords(['cpu,host=h1 usage="text"', 'cpu,host=h2 usage=1']);
    await partial.close().catch(() => {});
    const refusal = failures.at(-1) as HttpError;
    t.ok(refusal instanceof HttpError);
    t.equal(refusal.statusCode, 400);
    t.equal(refusal.code, 'invalid');
    t.match(refusal.message, /partial write: line 1: field type conflict: .* dropped=1$/);
    t.equal((await found(client, bucketId)).length, 4, 'the good line has been stored');

    const elsewhere = open('office');
    elsewhere.writeRecord('cpu v=1');
    await elsewhere.close().catch(() => {});
    t.equal((failures.at(-1) as HttpError).statusCode, 403);
  });
}

const hasInflux = spawnSync('influx', ['-version']).status === 0;
if (!hasInflux) t.comment('THE TOOL influx IS NOT INSTALLED: apt-get install influxdb-client');

t.test('the tool influx', { skip: !hasInflux && 'influx is not installed' }, async t => {
  const { client, server } = await runServer(t);
  const { hostname, port } = new URL(server.origin);
  /** Not synchronously: this process has its own connections to answer. */
  const influx = async (key: string, ...rest: string[]) => {
    const access = ['-host', hostname, '-port', port, '-username', 'anybody', '-password', key];
    const child = spawn('influx', [...access, ...rest], { stdio: ['ignore', 'pipe', 'pipe'] });
    const printed: Buffer[] = [];
    child.stdout.on('data', part => printed.push(part));
    child.stderr.on('data', part => printed.push(part));
    await new Promise(resolve => child.once('close', resolve));
    return Buffer.concat(printed).toString();
  };
  t.equal(await influx(ADMIN_KEY, '-execute', 'CREATE DATABASE telegraf'), '');
  t.match(await influx(ADMIN_KEY, '-execute', 'SHOW DATABASES'), /name: databases\nname\n----\ntelegraf/);
  const [bucket] = (await client.json<{ buckets: { _id: string }[] }>('GET', '/api/buckets')).buckets;
  const key = await createKey(client, bucket._id);
  const insert = (line: string) => influx(key, '-database', 'telegraf', '-execute', `INSERT ${line}`);
  t.equal(await insert('weather,location=us-midwest temperature=82,state="dry" 1465839830100400200'), '');
  t.equal(await insert('weather,location=us-midwest temperature=83 1465839830200000000'), '');
  t.match(await insert('weather,location=us-midwest temperature="hot"'), /ERR: .*field type conflict/);
  t.match(await influx(key, '-execute', 'SELECT * FROM weather'), /unsupported statement: SELECT/);
  t.match(
    await influx(`dakkio_w_${'x'.repeat(40)}`, '-execute', 'SHOW DATABASES'),
    /Invalid or missing API key/,
  );
  t.strictSame(await found(client, bucket._id), [
    {
      measurement: 'weather',
      tags: { location: 'us-midwest' },
      rows: [
        { timestamp: '2016-06-13T17:43:50.100Z', values: { temperature: 82, state: 'dry' } },
        { timestamp: '2016-06-13T17:43:50.200Z', values: { temperature: 83 } },
      ],
    },
  ]);
});

t.test('gzip that InfluxDB 1.x clients send, and a body without a length', async t => {
  const { client, server } = await runServer(t);
  const bucketId = await createBucket(client, 'home');
  const lines = Array.from({ length: 5_000 }, (_, row) => `cpu v=${row} ${row}\n`).join('');
  const answer = await fetch(`${server.origin}/write?db=home&precision=s&u=any&p=${ADMIN_KEY}`, {
    method: 'POST',
    headers: { 'Content-Encoding': 'gzip' },
    body: new Blob([gzipSync(lines)]).stream(),
    duplex: 'half',
  } as RequestInit);
  t.equal(answer.status, 204);
  t.equal(await answer.text(), '');
  const { bucket } = await client.json<{ bucket: { stats: { dataPointCount: number } } }>(
    'GET',
    `/api/buckets/${bucketId}`,
  );
  t.equal(bucket.stats.dataPointCount, 5_000);
});
