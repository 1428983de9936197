import t from 'tap';
import { alertsFigures, alertsText, benchAlerts } from '../../bench/alerts.js';

t.test('points are ingested with rules and without, and the rules that should have fired', async t => {
  let done = 0;
  const report = await benchAlerts({
    sources: 3,
    rulesPerSource: 12,
    points: 1_500,
    rounds: 1,
    onProgress: parts => {
      done = parts;
    },
  });
  t.equal(done, 2);
  t.equal(report.rules, 36);
  t.ok(report.fired > 0 && report.fired < report.rules, `${report.fired} fired`);
  t.equal(report.with[0].hash, report.without[0].hash);
  t.equal(alertsFigures(report).length, 4);
  t.match(alertsText(report), /^36 alert rules on 3 sources/);
});
