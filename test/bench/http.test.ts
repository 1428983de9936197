import t from 'tap';
import { benchHttp, httpFigures, httpText } from '../../bench/http.js';

t.test('single points from one connection and from many', async t => {
  const levels = [
    { connections: 1, points: 30 },
    { connections: 50, points: 470 },
  ];
  const report = await benchHttp({ levels });
  t.same(
    report.levels.map(({ connections, points }) => ({ connections, points })),
    levels,
  );
  for (const { requestMs } of report.levels) {
    t.ok(requestMs.p50 <= requestMs.p95 && requestMs.p95 <= requestMs.p99);
  }
  // Of what was read back.
  t.equal(report.hash, '6708093dc0a8bb53');
  t.ok(httpFigures(report).every(({ value }) => value !== undefined && value > 0));
  t.match(httpText(report), /^ +50 +470 /m);
});
