import t from 'tap';
import type { DeliveryLimits } from '../../../server/limits.js';
import type {
  Attempt,
  Delivery,
  DeliveryChange,
  NewDelivery,
  Outcome,
} from '../../../server/webhooks/model.js';
import { DeliveriesState, OUTBOX_FULL } from '../../../server/webhooks/state.js';
import { Random, testSeed } from '../../support/random.js';

const LIMITS: DeliveryLimits = {
  pendingOfRuleMax: 4,
  pendingMax: 10,
  settledOfRuleMax: 3,
  settledMax: 8,
  bytesMax: 9_000,
  attemptsKeptMax: 3,
};

function newDelivery(id: number, ruleId: string, payload = 'p'): NewDelivery {
  return { id: String(id).padStart(24, '0'), ruleId, event: 'e', url: 'u', payload, createdAt: id };
}

const ATTEMPT: Attempt = { at: 1, durationMs: 2, status: 500, error: 'no', answer: 'text' };

/** The same of arrays and `filter`, sizes counted anew each time. */
class NaiveOutbox {
  pending: Delivery[] = [];
  settled: Delivery[] = [];

  apply(change: DeliveryChange): void {
    if (change.kind === 'forgotten') {
      this.pending = this.pending.filter(({ ruleId }) => ruleId !== change.ruleId);
      this.settled = this.settled.filter(({ ruleId }) => ruleId !== change.ruleId);
      return;
    }
    const id = change.kind === 'put' ? change.delivery.id : change.id;
    const before = [...this.pending, ...this.settled].find(delivery => delivery.id === id);
    if (change.kind === 'put') {
      if (before !== undefined) return;
      const { createdAt } = change.delivery;
      this.pending.push({
        ...change.delivery,
        status: 'pending',
        reason: null,
        since: createdAt,
        attempts: 0,
        nextAttemptAt: createdAt,
        log: [],
      });
    } else if (before === undefined) return;
    else if (change.kind === 'replayed') {
      const at = change.at;
      this.#put({ ...before, status: 'pending', reason: null, since: at, attempts: 0, nextAttemptAt: at });
    } else if (change.kind === 'dropped') {
      if (before.status === 'pending') this.#drop(before, change.reason);
    } else {
      const log = [...before.log, change.attempt].slice(-LIMITS.attemptsKeptMax);
      const { outcome, url } = change;
      const tried = { ...before, url, log, attempts: before.attempts + 1 };
      const counts = before.status === 'pending' || outcome.status === 'delivered';
      const reason = outcome.status === 'failed' ? outcome.reason : null;
      const nextAttemptAt = outcome.status === 'pending' ? outcome.nextAttemptAt : null;
      this.#put(counts ? { ...tried, status: outcome.status, reason, nextAttemptAt } : tried);
    }
    this.#limit();
  }

  #put(delivery: Delivery): void {
    const side = delivery.status === 'pending' ? 'pending' : 'settled';
    const other = side === 'pending' ? 'settled' : 'pending';
    this[other] = this[other].filter(({ id }) => id !== delivery.id);
    const index = this[side].findIndex(({ id }) => id === delivery.id);
    if (index < 0) this[side].push(delivery);
    else this[side][index] = delivery;
    this.#limitSettled();
  }

  #drop(delivery: Delivery, reason: string): void {
    this.#put({ ...delivery, status: 'dropped', reason, nextAttemptAt: null });
  }

  #limitSettled(): void {
    for (const { ruleId } of [...this.settled]) {
      const own = this.settled.filter(delivery => delivery.ruleId === ruleId);
      if (own.length > LIMITS.settledOfRuleMax) this.settled.splice(this.settled.indexOf(own[0]), 1);
    }
    while (this.settled.length > LIMITS.settledMax) this.settled.shift();
  }

  #limit(): void {
    for (const { ruleId } of [...this.pending]) {
      const own = this.pending.filter(delivery => delivery.ruleId === ruleId);
      if (own.length > LIMITS.pendingOfRuleMax) this.#drop(own[0], OUTBOX_FULL);
    }
    while (this.pending.length > LIMITS.pendingMax) this.#drop(this.pending[0], OUTBOX_FULL);
    while (this.bytes > LIMITS.bytesMax && this.settled.length > 0) this.settled.shift();
    while (this.bytes > LIMITS.bytesMax && this.pending.length > 0) {
      this.#drop({ ...this.pending[0], payload: '', log: [] }, OUTBOX_FULL);
    }
  }

  get bytes(): number {
    const texts = ({ error, answer }: Attempt) => 80 + (error?.length ?? 0) + answer.length;
    return [...this.pending, ...this.settled]
      .flatMap(({ url, payload, log }) => [300 + url.length + payload.length, ...log.map(texts)])
      .reduce((sum, bytes) => sum + bytes, 0);
  }
}

function randomChange(random: Random, step: number): DeliveryChange {
  const id = newDelivery(random.integer(step + 1), '').id;
  const kind = random.integer(20);
  if (kind < 8) {
    // Some of an id that is there.
    const number = random.integer(10) === 0 ? random.integer(step + 1) : step;
    const payload = 'x'.repeat(random.integer(10) === 0 ? 4_000 : random.integer(300));
    return { kind: 'put', delivery: newDelivery(number, `rule${random.integer(5)}`, payload) };
  }
  if (kind < 15) {
    const outcomes: Outcome[] = [
      { status: 'delivered' },
      { status: 'failed', reason: 'given up' },
      { status: 'pending', nextAttemptAt: step },
    ];
    const outcome = random.pick(outcomes);
    const error = outcome.status === 'delivered' ? null : 'x'.repeat(random.integer(200));
    return { kind: 'attempted', id, url: `u${step}`, attempt: { ...ATTEMPT, error }, outcome };
  }
  if (kind < 17) return { kind: 'replayed', id, at: step };
  if (kind < 19) return { kind: 'dropped', id, reason: 'gone' };
  return { kind: 'forgotten', ruleId: `rule${random.integer(5)}` };
}

t.test('the state is what the naive model says, after each change and from each image', async t => {
  const seed = testSeed();
  t.comment(`DAKKIO_TEST_SEED=${seed}`);
  const random = new Random(seed);
  const reasons = new Set<string | null>();
  for (let run = 0; run < 40; run++) {
    let state = new DeliveriesState(LIMITS);
    const naive = new NaiveOutbox();
    for (let step = 0; step < 150; step++) {
      const change = randomChange(random, step);
      state.apply(change);
      naive.apply(change);
      const want = { deliveries: [...naive.pending, ...naive.settled] };
      const found = { image: state.toImage(), bytes: state.bytes, pending: state.pendingCount };
      const same = { image: want, bytes: naive.bytes, pending: naive.pending.length };
      if (JSON.stringify(found) !== JSON.stringify(same))
        t.strictSame(found, same, `run ${run}, step ${step}`);
      for (const { reason, payload } of naive.settled) reasons.add(payload === '' ? 'no place' : reason);
      if (random.integer(20) === 0) state = DeliveriesState.fromImage(state.toImage(), LIMITS);
    }
    const all = [...naive.pending, ...naive.settled];
    for (const ruleId of new Set(all.map(delivery => delivery.ruleId))) {
      const own = all.filter(delivery => delivery.ruleId === ruleId);
      const order = own.sort((a, b) => a.createdAt - b.createdAt);
      t.strictSame(state.deliveriesOf(ruleId), order);
    }
  }
  t.strictSame([...reasons].map(String).sort(), [OUTBOX_FULL, 'given up', 'gone', 'no place', 'null'].sort());
});

t.test('the oldest of a rule makes place, and says so', async t => {
  const state = new DeliveriesState(LIMITS);
  for (let id = 1; id <= 5; id++) state.apply({ kind: 'put', delivery: newDelivery(id, 'a') });
  state.apply({ kind: 'put', delivery: newDelivery(6, 'b') });
  const statuses = state.deliveriesOf('a').map(({ status, reason }) => [status, reason]);
  const pending = ['pending', null];
  t.strictSame(statuses, [['dropped', OUTBOX_FULL], pending, pending, pending, pending]);
  t.equal(state.deliveriesOf('a')[0].nextAttemptAt, null);
  t.equal(state.deliveriesOf('b')[0].status, 'pending');
});

t.test('an attempt of what was dropped meanwhile counts where it arrived', async t => {
  const state = new DeliveriesState(LIMITS);
  const { id } = newDelivery(1, 'a');
  const after = (outcome: Outcome) => {
    state.apply({ kind: 'attempted', id, url: 'u', attempt: ATTEMPT, outcome });
    return state.delivery(id)!;
  };
  state.apply({ kind: 'put', delivery: newDelivery(1, 'a') });
  state.apply({ kind: 'dropped', id, reason: 'gone' });
  const retried = after({ status: 'pending', nextAttemptAt: 9 });
  t.match(retried, { status: 'dropped', reason: 'gone', nextAttemptAt: null, attempts: 1 });
  t.match(after({ status: 'delivered' }), { status: 'delivered', reason: null, attempts: 2 });
  t.match(after({ status: 'failed', reason: 'late' }), { status: 'delivered', attempts: 3 });
});

t.test('a change of a kind that is not known ends the replay', async t => {
  const state = new DeliveriesState(LIMITS);
  t.throws(
    () => state.apply({ kind: 'paused' } as never),
    /newer version wrote a change of deliveries of kind paused/,
  );
});
