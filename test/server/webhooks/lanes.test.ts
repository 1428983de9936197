import t, { type Test } from 'tap';
import { DueQueue } from '../../../server/webhooks/due-queue.js';
import { Lanes, type Waiting } from '../../../server/webhooks/lanes.js';
import { Random, testSeed } from '../../support/random.js';

t.test('what is due comes in the order of its times', async t => {
  const seed = testSeed();
  t.comment(`DAKKIO_TEST_SEED=${seed}`);
  const random = new Random(seed);
  const queue = new DueQueue();
  let naive: number[] = [];
  for (let step = 0; step < 20_000; step++) {
    if (random.integer(5) < 3) {
      const at = random.integer(1_000);
      queue.add(at, `${at}`);
      naive.push(at);
    } else {
      const first = naive.length === 0 ? undefined : Math.min(...naive);
      const want = first === undefined ? undefined : { at: first, id: `${first}` };
      if (queue.next !== first) t.equal(queue.next, first, `step ${step}`);
      const taken = queue.take();
      if (taken?.at !== want?.at || taken?.id !== want?.id) t.strictSame(taken, want, `step ${step}`);
      if (first !== undefined) naive.splice(naive.indexOf(first), 1);
      if (naive.length > 200) naive = drain(queue, naive, t);
    }
  }
  drain(queue, naive, t);
  t.equal(queue.next, undefined);
  t.equal(queue.take(), undefined);
});

function drain(queue: DueQueue, naive: readonly number[], t: Test): number[] {
  const found = naive.map(() => queue.take()?.at);
  t.strictSame(
    found,
    [...naive].sort((a, b) => a - b),
  );
  return [];
}

t.test('one of a rule, a few of a receiver, so many of all, and receivers take turns', async t => {
  const seed = testSeed();
  t.comment(`DAKKIO_TEST_SEED=${seed}`);
  const random = new Random(seed);
  for (let run = 0; run < 30; run++) {
    const lanes = new Lanes({ activeMax: 6, activeOfOriginMax: 2 });
    const waiting = new Set<Waiting>();
    const active: Waiting[] = [];
    for (let step = 0; step < 300; step++) {
      if (random.integer(2) === 0) {
        const rule = random.integer(12);
        const one = { id: `${step}`, ruleId: `rule${rule}`, origin: `origin${rule % 5}` };
        waiting.add(one);
        lanes.add(one);
      }
      if (active.length > 0 && random.integer(3) === 0) {
        lanes.done(active.splice(random.integer(active.length), 1)[0]);
      }
      const mayStart = [...waiting].filter(({ ruleId, origin }) => {
        const ofOrigin = active.filter(other => other.origin === origin).length;
        return active.length < 6 && ofOrigin < 2 && active.every(other => other.ruleId !== ruleId);
      });
      const taken = lanes.take();
      if (mayStart.length === 0) {
        if (taken !== undefined) t.fail(`${taken.id} must wait, run ${run}, step ${step}`);
        continue;
      }
      // Of its lane the first that may.
      const first = mayStart.find(({ origin }) => origin === taken?.origin);
      if (taken === undefined || taken !== first) t.equal(taken, first ?? 'any', `run ${run}, step ${step}`);
      waiting.delete(taken!);
      active.push(taken!);
    }
    t.ok(active.length > 0);
  }
  const lanes = new Lanes({ activeMax: 100, activeOfOriginMax: 100 });
  for (let id = 0; id < 9; id++)
    lanes.add({ id: `${id}`, ruleId: `${id}`, origin: id < 6 ? 'busy' : `${id}` });
  const order = Array.from({ length: 9 }, () => lanes.take()!.id);
  t.strictSame(order, ['0', '6', '7', '8', '1', '2', '3', '4', '5']);
});
