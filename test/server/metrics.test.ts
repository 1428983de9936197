import { createRequire } from 'node:module';
import t from 'tap';
import { counter, gauge, Metrics } from '../../server/metrics/metrics.js';
import { runServer } from '../support/running-server.js';

/** Values of the figures without labels, by name. */
function figuresOf(page: string): Map<string, number> {
  const lines = page.split('\n').filter(line => /^\w+ /.test(line));
  return new Map(lines.map(line => [line.split(' ')[0], Number(line.split(' ')[1])]));
}

t.test('figures are read when they are asked for, and the library is loaded then', async t => {
  const isLoaded = () =>
    Object.keys(createRequire(import.meta.url).cache).some(path => path.includes('prom-client'));
  let value = 3;
  const metrics = new Metrics([
    counter('one_total', 'Goes up.', () => value),
    gauge('two_bytes', 'Goes up and down.', () => -value),
  ]);
  t.notOk(isLoaded());
  const { text, contentType } = await metrics.page();
  t.ok(isLoaded());
  t.match(contentType, /^text\/plain; version=0\.0\.4/);
  t.match(text, '# HELP one_total Goes up.\n# TYPE one_total counter\none_total 3\n');
  t.match(text, '# HELP two_bytes Goes up and down.\n# TYPE two_bytes gauge\ntwo_bytes -3\n');
  value = 5;
  const figures = figuresOf((await metrics.page()).text);
  t.strictSame([figures.get('one_total'), figures.get('two_bytes')], [5, -5]);
});

t.test('the server tells anyone what its log and its store have done', async t => {
  const { server, client } = await runServer(t);
  const read = async () => {
    const response = await fetch(`${server.origin}/metrics`);
    t.equal(response.status, 200);
    t.match(response.headers.get('content-type'), /^text\/plain/);
    return figuresOf(await response.text());
  };
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into any answer
  const post = (path: string, body: object) => client.json<any>('POST', path, body);
  const { bucket } = await post('/api/buckets', { name: 'home' });
  const bucketId = bucket._id;
  const { dataSource } = await post(`/api/buckets/${bucketId}/sources`, {
    name: 'bed',
    schema: { t: 'number' },
  });
  const before = await read();
  t.equal(before.get('dakkio_points_ingested_total'), 0);
  const point = (index: number) => ({ dataSourceId: dataSource._id, timestamp: index, values: { t: index } });
  for (let batch = 0; batch < 3; batch++) {
    await post('/api/data/batch', {
      bucketId,
      dataPoints: Array.from({ length: 100 }, (_, index) => point(index)),
    });
  }
  const after = await read();
  const grown = (name: string) => after.get(name)! - before.get(name)!;
  t.equal(grown('dakkio_points_ingested_total'), 300);
  t.equal(grown('dakkio_wal_records_total'), 3);
  t.equal(grown('dakkio_wal_syncs_total'), 3);
  t.ok(grown('dakkio_wal_bytes_total') > 1_000);
  t.ok(grown('dakkio_wal_sync_seconds_total') > 0);
  t.ok(after.get('dakkio_wal_size_bytes')! >= after.get('dakkio_wal_bytes_total')!);
  t.ok(after.get('dakkio_head_bytes')! > before.get('dakkio_head_bytes')!);
  t.equal(after.get('dakkio_segments'), 0);
  t.equal(after.get('dakkio_segment_bytes'), 0);
  t.ok(after.get('process_resident_memory_bytes')! > 1e7, 'and what the process says of itself');
  const rule = { bucketId, dataSourceId: dataSource._id, name: 'high', condition: 't > 500' };
  await post('/api/alerts', rule);
  await post('/api/data', { bucketId, dataSourceId: dataSource._id, values: { t: 501 } });
  for (const aggregation of ['avg', 'none']) {
    await client.json('POST', '/api/data/query', { bucketId, aggregation }, 200);
  }
  const pageNow = async () => (await fetch(`${server.origin}/metrics`)).text();
  let page = await pageNow();
  // What rules tell waits a moment for more.
  while (!page.includes('dakkio_alert_transitions_total 1')) page = await pageNow();
  const lines = [
    'dakkio_alert_rules 1',
    'dakkio_alert_points_total 1',
    'dakkio_alert_transitions_total 1',
    'dakkio_queries_total{reads="summaries",runs="inline"} 1',
    'dakkio_queries_total{reads="rows",runs="inline"} 1',
    'dakkio_http_requests_total{method="POST",route="/api/data/query",status="200"} 2',
    'dakkio_http_request_seconds_count{method="POST",route="/api/alerts"} 1',
    'dakkio_streams 0',
    'dakkio_flushes_total 0',
    'dakkio_compactions_total 0',
    'dakkio_webhooks_pending 0',
  ];
  for (const line of lines) t.ok(page.split('\n').includes(line), line);
  t.match(page, /nodejs_eventloop_lag_p99_seconds/);
  t.notMatch(page, /dakkio_a_/, 'no key');
});
