import t from 'tap';
import { benchKillRounds, killRoundsText } from '../../bench/kill-rounds.js';
import { benchRecovery, recoveryText } from '../../bench/recovery.js';

t.test('a start after a kill has every point', async t => {
  let sent = 0;
  const report = await benchRecovery({
    points: 2_000,
    onProgress: points => {
      sent = points;
    },
  });
  t.equal(sent, 4_000);
  t.equal(report.hash, 'abeb70905feeaef6');
  t.ok(report.log.readyMs <= report.log.firstAnswerMs);
  t.match(recoveryText(report), /^2,000 points of 10 values/);
});

t.test('rounds of kills lose nothing and leave no halves', async t => {
  let done = 0;
  const seed = Math.floor(Math.random() * 1e6) + 1;
  t.comment(`seed ${seed}`);
  const report = await benchKillRounds({
    path: 'json',
    rounds: 2,
    requestsMax: 20,
    killAfterMaxMs: 300,
    seed,
    onProgress: rounds => {
      done = rounds;
    },
  });
  t.equal(done, 2);
  t.ok(
    report.acknowledgedPoints >= 4_000,
    'one request of each connection is acknowledged before the first kill',
  );
  t.equal(report.acknowledgedPoints % 1_000, 0);
  t.ok(report.unansweredStored <= report.unanswered);
  t.match(killRoundsText(report), /^2 rounds of kill -9 under load by json/);
});
