import t from 'tap';
import { readNab } from '../../bench/nab.js';
import { benchReal } from '../../bench/real.js';
import { cpuSeries } from '../../bench/workload.js';

/** Every series there is takes half a minute on a busy machine: every tenth is enough to tell whether it works. */
const nab = readNab('../shared/data/nab')?.filter((_, index) => index % 10 === 0);
if (nab === undefined) t.comment('../shared/data/nab is not there: made-up series take its place');

t.test('acknowledged points survive kill -9, bit by bit, and nothing else is there', async t => {
  const series = nab ?? cpuSeries('dec', 10, 3_500);
  let sent = 0;
  const report = await benchReal(series, points => {
    sent = points;
  });
  t.equal(report.series, series.length);
  t.ok(sent > 0 && sent <= report.acknowledgedBeforeKill);
  t.ok(report.acknowledgedBeforeKill <= report.points);
  t.ok(report.unansweredStored <= report.unanswered);
});
