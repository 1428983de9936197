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
    cases: ['a', 'f', 'h packed'],
    onStep: step => steps.push(step),
  });
  t.ok(steps.includes('ingest cpu-int by json') && steps.includes('query h packed'));
  // Of what is stored and answered, not of this machine; the same whatever way the points came in.
  const hashes = { 'cpu-int': '76c3fd9ba6725a06', 'cpu-dec': '33531b2544b4640f', sensor: 'be43cd771e54fa7f' };
  const unspoken = report.notSpoken.map(text => text.replace(/ is not spoken.*/s, ''));
  for (const path of ['json', 'columnar', 'line']) {
    for (const [work, hash] of Object.entries(hashes)) {
      const found = report.hashes[`ingest ${path} ${work}`];
      t.equal(found, unspoken.includes(path) ? undefined : hash, `${path} ${work}`);
    }
  }
  t.equal(report.hashes.queries, 'b0e567c18e46938f');
  t.ok((report.nullSink?.values ?? 0) > 0);

  const ids = report.figures.map(({ id }) => id);
  t.equal(new Set(ids).size, ids.length, 'each figure is there once');
  for (const { id, value, missing } of report.figures) t.ok(value !== undefined || missing !== undefined, id);
  for (const id of ['ingest.json.cpu-int.rate', 'size.sensor', 'query.a.p50', 'start.cpu.first-answer']) {
    t.ok(ids.includes(id), id);
  }
  const result = resultOf('canonical', report);
  t.match(resultText(result), /^json cpu-int, ingested +M values\/s +[\d.]+ +≥ 7 /m);
  const page = reportPage(result);
  t.match(page, /goals met/);
  t.notMatch(page, /<script|https?:/, 'nothing comes from elsewhere');
});
