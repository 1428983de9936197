import t from 'tap';
import { benchLong, longText } from '../../bench/long.js';
import { longReadings } from '../../bench/long-series.js';

t.test('a long source is put into segments and answered right', async t => {
  let done = 0;
  const points = 40_000;
  const report = await benchLong({
    points,
    runs: 2,
    onProgress: rows => {
      done = rows;
    },
  });
  t.equal(done, points);
  t.same(
    report.cases.map(({ name }) => name),
    ['whole', 'uneven', 'months', 'day'],
  );
  for (const { name, rows } of report.cases) t.ok(rows > 0, name);
  t.ok(report.storedBytes < points);
  // Of the answers, not of this machine.
  t.equal(report.hash, '946b550e18120dfc');
  t.match(longText(report), /^40,000 points written as segments/);
});

t.test('readings are the same however long the source is, and have one decimal', t => {
  const [short, long] = [longReadings(100_000), longReadings(1e9)];
  const valueAt = long.fields.get('temperature')!;
  let sum = 0;
  const seen = new Set<number>();
  for (let row = 0; row < 86_400; row++) {
    const value = valueAt(row);
    if (value !== short.fields.get('temperature')!(row)) t.fail(`row ${row}`);
    if (value !== Math.round(value * 10) / 10) t.fail(`row ${row} has more decimals`);
    sum += value;
    seen.add(value);
  }
  t.ok(Math.abs(sum / 86_400 - 20) < 0.01, `the mean is ${sum / 86_400}`);
  t.ok(seen.size > 90, `${seen.size} values`);
  t.equal(long.timeAt(86_400) - long.timeAt(0), 86_400_000);
  t.end();
});
