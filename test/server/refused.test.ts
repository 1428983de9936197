/** Bad input never changes anything: not a byte of the data directory. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { type RunningServer, runServer } from '../support/running-server.js';

const UNKNOWN = 'f'.repeat(24);

function contentOf(directory: string): Record<string, string> {
  const content: Record<string, string> = {};
  for (const entry of readdirSync(directory, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    content[relative(directory, path)] = createHash('sha256').update(readFileSync(path)).digest('hex');
  }
  return content;
}

interface Scene extends RunningServer {
  readonly bucketId: string;
  readonly archivedId: string;
  readonly dataSourceId: string;
  readonly readKey: string;
}

async function scene(running: RunningServer): Promise<Scene> {
  const { client } = running;
  const made = async (name: string) =>
    (await client.json<{ bucket: { _id: string } }>('POST', '/api/buckets', { name })).bucket._id;
  const bucketId = await made('one');
  const archivedId = await made('two');
  await client.json('PATCH', `/api/buckets/${archivedId}`, { status: 'archived' }, 200);
  const { dataSource } = await client.json<{ dataSource: { _id: string } }>(
    'POST',
    `/api/buckets/${bucketId}/sources`,
    {
      name: 'source',
      schema: { t: 'number', s: 'string' },
    },
  );
  const { apiKey } = await client.json<{ apiKey: { key: string } }>('POST', `/api/buckets/${bucketId}/keys`, {
    name: 'reader',
    type: 'read',
  });
  await client.json('POST', '/api/data', {
    bucketId,
    dataSourceId: dataSource._id,
    values: { t: 1, x: true },
  });
  return { ...running, bucketId, archivedId, dataSourceId: dataSource._id, readKey: apiKey.key };
}

type Refused = [name: string, method: string, path: string, body: unknown, status: number];

function refusedRequests({ bucketId, archivedId, dataSourceId }: Scene): Refused[] {
  const good = { dataSourceId, timestamp: '2024-01-15T10:30:00Z', values: { t: 1 } };
  const bucket = `/api/buckets/${bucketId}`;
  const batch = (...bad: unknown[]) => ({ bucketId, dataPoints: [good, ...bad, good] });
  return [
    ['no name', 'POST', '/api/buckets', {}, 400],
    ['an empty name', 'POST', '/api/buckets', { name: '' }, 400],
    ['a long name', 'POST', '/api/buckets', { name: 'x'.repeat(101) }, 400],
    ['no JSON', 'POST', '/api/buckets', Buffer.from('{"name":'), 400],
    ['no UTF-8', 'POST', '/api/buckets', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 400],
    ['a list', 'POST', '/api/buckets', [], 400],
    ['retention without end', 'POST', '/api/buckets', { name: 'x', retentionDays: 0 }, 400],
    ['a status that is none', 'PATCH', bucket, { status: 'gone' }, 400],
    ['an unknown bucket', 'PATCH', `/api/buckets/${UNKNOWN}`, { name: 'x' }, 404],
    ['an unknown bucket deleted', 'DELETE', `/api/buckets/${UNKNOWN}`, undefined, 404],
    ['a malformed id', 'DELETE', '/api/buckets/xyz', undefined, 400],
    ['a key of no type', 'POST', `${bucket}/keys`, { name: 'x', type: 'root' }, 400],
    ['an unknown key', 'DELETE', `${bucket}/keys/${UNKNOWN}`, undefined, 404],
    ['a source without name', 'POST', `${bucket}/sources`, { schema: {} }, 400],
    ['a field of no type', 'POST', `${bucket}/sources`, { name: 'x', schema: { t: 'date' } }, 400],
    [
      'another type for a field',
      'PATCH',
      `${bucket}/sources/${dataSourceId}`,
      { schema: { t: 'string' } },
      400,
    ],
    [
      'another type for a stored field',
      'PATCH',
      `${bucket}/sources/${dataSourceId}`,
      { schema: { x: 'string' } },
      400,
    ],
    ['an unknown source', 'DELETE', `${bucket}/sources/${UNKNOWN}`, undefined, 404],
    ['a point without values', 'POST', '/api/data', { bucketId, dataSourceId, values: {} }, 400],
    ['a point of nulls', 'POST', '/api/data', { bucketId, dataSourceId, values: { t: null } }, 400],
    ['a point of another type', 'POST', '/api/data', { bucketId, dataSourceId, values: { t: '1' } }, 400],
    [
      'a point of another stored type',
      'POST',
      '/api/data',
      { bucketId, dataSourceId, values: { x: 1 } },
      400,
    ],
    ['a nested value', 'POST', '/api/data', { bucketId, dataSourceId, values: { t: { v: 1 } } }, 400],
    ['a bad time', 'POST', '/api/data', { bucketId, ...good, timestamp: '2024-02-30' }, 400],
    ['a time before 1970', 'POST', '/api/data', { bucketId, ...good, timestamp: -1 }, 400],
    ['a time after 2199', 'POST', '/api/data', { bucketId, ...good, timestamp: '2200-01-01T00:00:00Z' }, 400],
    ['metadata that is a list', 'POST', '/api/data', { bucketId, ...good, metadata: [] }, 400],
    ['an unknown source of a point', 'POST', '/api/data', { bucketId, ...good, dataSourceId: UNKNOWN }, 404],
    ['an unknown bucket of a point', 'POST', '/api/data', { ...good, bucketId: UNKNOWN }, 404],
    ['an archived bucket', 'POST', `/api/buckets/${archivedId}/sources`, { name: 'x', schema: {} }, 409],
    ['one bad point among good ones', 'POST', '/api/data/batch', batch({ ...good, values: { t: 'x' } }), 400],
    [
      'one unknown source among good ones',
      'POST',
      '/api/data/batch',
      batch({ ...good, dataSourceId: UNKNOWN }),
      404,
    ],
    [
      'two types for one new field',
      'POST',
      '/api/data/batch',
      batch({ ...good, values: { n: 1 } }, { ...good, values: { n: 's' } }),
      400,
    ],
    ['no points', 'POST', '/api/data/batch', { bucketId, dataPoints: [] }, 400],
    [
      'too many points',
      'POST',
      '/api/data/batch',
      { bucketId, dataPoints: new Array(1_001).fill(good) },
      400,
    ],
    ['a query of no limit', 'POST', '/api/data/query', { bucketId, filters: { limit: 0 } }, 400],
    ['a query of no aggregation', 'POST', '/api/data/query', { bucketId, aggregation: 'mode' }, 400],
    ['no route', 'POST', '/api/nothing', {}, 404],
    ['another method', 'PUT', '/api/data', good, 405],
  ];
}

t.test('a refused request leaves every file as it was', async t => {
  const running = await scene(await runServer(t));
  const { client, directory, server } = running;
  const before = contentOf(directory);
  t.ok(Object.keys(before).some(name => name.endsWith('.wal')));
  for (const [name, method, path, body, status] of refusedRequests(running)) {
    const bytes = Buffer.isBuffer(body)
      ? body
      : body === undefined
        ? undefined
        : Buffer.from(JSON.stringify(body));
    const answer = await client.send(method, path, bytes);
    t.equal(answer.status, status, `${name}: ${answer.body}`);
    t.same(contentOf(directory), before, name);
  }
  const point = JSON.stringify({
    bucketId: running.bucketId,
    dataSourceId: running.dataSourceId,
    values: { t: 1 },
  });
  const odd: [string, Record<string, string>, Uint8Array | string, number][] = [
    ['no key', {}, point, 401],
    ['an unknown key', { 'X-API-Key': `dakkio_w_${'0'.repeat(40)}` }, point, 401],
    ['a read key', { 'X-API-Key': running.readKey }, point, 403],
    [
      'broken gzip',
      { 'X-API-Key': running.readKey, 'Content-Encoding': 'gzip' },
      gzipSync(point).subarray(0, 30),
      403,
    ],
    ['another type', { 'Content-Type': 'text/csv' }, point, 401],
  ];
  for (const [name, headers, body, status] of odd) {
    const init = { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body };
    const answer = await fetch(`${server.origin}/api/data`, init);
    t.equal(answer.status, status, name);
    t.same(contentOf(directory), before, name);
  }
  const { bucket } = await client.json<{ bucket: { stats: object } }>(
    'GET',
    `/api/buckets/${running.bucketId}`,
  );
  t.match(bucket.stats, { dataSourceCount: 1, dataPointCount: 1 });
});
