import t from 'tap';
import { benchInterference, interferenceText } from '../../bench/interference.js';

t.test('batches are timed with and without exports beside them', async t => {
  let done = 0;
  const report = await benchInterference({
    rounds: 1,
    batches: 3,
    sensorRows: 3_000,
    onProgress: parts => {
      done = parts;
    },
  });
  t.equal(done, 2);
  t.equal(report.batches, 6);
  t.ok(report.exports > 0);
  t.ok(report.quiet.p50 <= report.quiet.p99 && report.busy.p99 <= report.busy.max);
  t.match(interferenceText(report), /^ratio of p50 /m);
});
