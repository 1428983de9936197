/** Long queries beside ingestion, on the server as users start it. */
import t from 'tap';
import { Client } from '../../bench/client.js';
import { ADMIN_KEY } from '../../bench/server-process.js';
import { runServer } from '../support/running-server.js';

const EXPORTS = 8;
const BATCHES_BEFORE = 60;
const BATCHES_BESIDE = 20;
const BATCH_POINTS = 1_000;

t.test('points sent beside eight exports are all taken before the last of those is answered', async t => {
  const { client, server } = await runServer(t);
  const { bucket } = await client.json<{ bucket: { _id: string } }>('POST', '/api/buckets', { name: 'b' });
  const sources = `/api/buckets/${bucket._id}/sources`;
  const { dataSource } = await client.json<{ dataSource: { _id: string } }>('POST', sources, {
    name: 's',
    schema: {},
  });
  const batch = (number: number) => ({
    bucketId: bucket._id,
    dataPoints: Array.from({ length: BATCH_POINTS }, (_, row) => ({
      dataSourceId: dataSource._id,
      timestamp: 1_700_000_000_000 + (number * BATCH_POINTS + row) * 1_000,
      values: { a: row / 10, b: row, c: -row / 100 },
    })),
  });
  for (let number = 0; number < BATCHES_BEFORE; number++) {
    await client.json('POST', '/api/data/batch', batch(number));
  }
  const rowCount = BATCHES_BEFORE * BATCH_POINTS;
  const body = Buffer.from(
    JSON.stringify({ bucketId: bucket._id, aggregation: 'none', filters: { limit: rowCount } }),
  );
  const readers = new Client(server.origin, ADMIN_KEY, EXPORTS);
  t.teardown(() => readers.close());
  const events: string[] = [];
  const exports = Array.from({ length: EXPORTS }, async () => {
    const answer = await readers.send('POST', '/api/data/query', body);
    events.push('export');
    return answer;
  });
  for (let number = 0; number < BATCHES_BESIDE; number++) {
    await client.json('POST', '/api/data/batch', batch(BATCHES_BEFORE + number));
    events.push('batch');
  }
  for (const answer of await Promise.all(exports)) {
    t.equal(answer.status, 200);
    t.equal(JSON.parse(answer.body.toString()).data.length, rowCount);
  }
  t.ok(events.lastIndexOf('batch') < events.lastIndexOf('export'), events.join(' '));
});
