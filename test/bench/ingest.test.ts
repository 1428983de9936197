import t from 'tap';
import { benchIngest, ingestText, ingestWork } from '../../bench/ingest.js';

for (const work of ['cpu-int', 'sensor'] as const) {
  t.test(`the ${work} work goes in whole`, async t => {
    const rows = work === 'sensor' ? 2_500 : 25;
    const report = await benchIngest(ingestWork(work, rows));
    t.equal(report.points, 2_500);
    t.equal(report.values, work === 'sensor' ? 7_500 : 25_000);
    t.ok(report.storedBytes > 0);
    t.match(ingestText(work, report), /bytes on disk/);
  });
}
