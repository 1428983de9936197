import t from 'tap';
import { benchCompaction, compactionText } from '../../bench/compaction.js';
import { benchManySources, manySourcesText } from '../../bench/many-sources.js';

t.test('compaction keeps all rows in fewer segments', async t => {
  const report = await benchCompaction({ sources: 3, rows: 200, segments: 5 });
  t.equal(report.values, 6_000);
  t.equal(report.before.segments, 5);
  t.ok(report.after.segments < 5);
  t.ok(report.after.bytes < report.before.bytes);
  t.match(compactionText(report), /^compaction of 600 rows, 6,000 values/);
});

t.test('many sources: nothing is lost between flushes', async t => {
  let done = 0;
  const rounds = 4;
  const report = await benchManySources({
    sources: 60,
    rounds,
    headAgeSeconds: 1,
    onProgress: flushes => {
      done = flushes;
    },
  });
  t.equal(done, rounds);
  const [made, before, after] = report.footprints;
  t.equal(made.segments, 0);
  // On a busy machine a round may take longer than its points may wait, and is flushed in two parts.
  t.ok(before.segments > 0 && before.segments < rounds, `${before.segments} segments before compaction`);
  t.ok(after.segments > 0 && after.segments < rounds, `${after.segments} segments after compaction`);
  t.same(
    report.cases.map(({ name, rows }) => [name, rows]),
    [
      ['one', rounds],
      ['all', 60],
    ],
  );
  t.match(manySourcesText(report), /^60 sources of 2 fields, 240 points/);
});
