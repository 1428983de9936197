import t from 'tap';
import { analyticsFigures, analyticsText, benchAnalytics } from '../../bench/analytics.js';

t.test('analytics of a few long sources are answered right', async t => {
  let done = 0;
  const report = await benchAnalytics({
    points: 300_000,
    sources: 3,
    runs: 2,
    onProgress: rows => {
      done = rows;
    },
  });
  t.equal(done, 300_000);
  t.same(
    report.cases.map(({ name }) => name),
    ['overview', '24h', '7d', '30d', '90d'],
  );
  t.equal(analyticsFigures(report)[1].id, 'analytics.300000.3.24h.p50');
  t.match(analyticsText(report), /^300,000 points of 3 sources\n/);
});
