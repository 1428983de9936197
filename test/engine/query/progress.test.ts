import t from 'tap';
import { Progress } from '../../../engine/query/progress.js';

/** So many that no machine does them in one turn; a loop that never gives way ends all the same. */
const STEPS_MAX = 200_000;

t.test('counts the rows', async t => {
  const progress = new Progress();
  for (const rows of [0, 3, 1_024]) await progress.advance(rows);
  t.equal(progress.rowsScanned, 1_027);
});

t.test('lets others run', async t => {
  const progress = new Progress();
  let turns = 0;
  const count = () => {
    turns++;
    if (turns < 3) setImmediate(count);
  };
  setImmediate(count);
  for (let step = 0; turns < 3 && step < STEPS_MAX; step++) await progress.advance(1);
  t.equal(turns, 3);
});

t.test('ends with the reason once nobody waits any more', async t => {
  const controller = new AbortController();
  const progress = new Progress(controller.signal);
  await progress.advance(1);
  const reason = new Error('gone');
  setImmediate(() => controller.abort(reason));
  const work = async () => {
    for (let step = 0; step < STEPS_MAX; step++) await progress.advance(1);
  };
  await t.rejects(work(), reason);
});
