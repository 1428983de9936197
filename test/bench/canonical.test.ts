import t from 'tap';
import { benchCanonical } from '../../bench/canonical.js';
import { reportPage } from '../../bench/report/page.js';
import { resultText } from '../../bench/result-text.js';
import { resultOf } from '../../bench/results.js';

t.test('the whole work, with goals beside it, as a table and as a page', async t => {
  const steps: string[] = [];
  const report = await benchCanonical({
    runs: 1,
    queryRuns: 1,
    smoke: true,
    // Each work, and each path: a server is started for each of them.
    works: { json: ['cpu-dec', 'sensor'], columnar: ['sensor'], line: ['cpu-dec'] },
    cases: ['a', 'f', 'h packed'],
    onStep: step => steps.push(step),
  });
  t.ok(steps.includes('ingest cpu-dec by json') && steps.includes('query h packed'));
  // Of what is stored and answered, not of this machine; the same whatever way the points came in.
  t.strictSame(report.hashes, {
    'ingest json cpu-dec': '33531b2544b4640f',
    'ingest json sensor': 'be43cd771e54fa7f',
    'ingest columnar sensor': 'be43cd771e54fa7f',
    'ingest line cpu-dec': '33531b2544b4640f',
    queries: 'b0e567c18e46938f',
  });
  t.same(report.notSpoken, []);

  const ids = report.figures.map(({ id }) => id);
  t.equal(new Set(ids).size, ids.length, 'each figure is there once');
  for (const { id, value, missing } of report.figures) t.ok(value !== undefined || missing !== undefined, id);
  for (const id of ['ingest.json.cpu-dec.rate', 'size.sensor', 'query.a.p50', 'start.cpu.first-answer']) {
    t.ok(ids.includes(id), id);
  }
  const result = resultOf('canonical', report);
  t.match(resultText(result), /^json cpu-dec, ingested +M values\/s +[\d.]+ /m);
  const page = reportPage(result);
  t.match(page, /goals met/);
  t.notMatch(page, /<script|https?:/, 'nothing comes from elsewhere');
});
