import t, { type Test } from 'tap';
import type { Notification } from '../../../server/alerts/notification.js';
import type { RuleWebhook } from '../../../server/catalog/model.js';
import { Deliverer } from '../../../server/webhooks/deliverer.js';
import type { Attempt, Delivery } from '../../../server/webhooks/model.js';
import { DeliveryOutbox } from '../../../server/webhooks/outbox.js';
import type { Sent } from '../../../server/webhooks/sender.js';
import { FakeDisk } from '../../support/fake-disk.js';
import { FakeTimers, settled } from '../../support/fake-timers.js';
import { MemoryLog } from '../../support/memory-log.js';
import { newNotification } from '../../support/notifications.js';

const START = Date.UTC(2024, 0, 15);
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** What a receiver answers; a promise is one that takes its time. */
type Answer = { status: number | null; retryAfterMs?: number };

interface Call {
  readonly id: string;
  readonly url: string;
  readonly secret: string;
  readonly at: number;
}

/** The outbox and what delivers it, over a log, a disk and rules that outlive them. */
class World {
  readonly disk = new FakeDisk();
  readonly timers = new FakeTimers(START);
  readonly rules = new Map<string, RuleWebhook | null>();
  readonly calls: Call[] = [];
  readonly errors: string[] = [];
  log = new MemoryLog();
  answer: (call: Call) => Answer | Promise<Answer> = () => ({ status: 204 });
  #outbox: DeliveryOutbox | undefined;
  #deliverer: Deliverer | undefined;

  constructor() {
    this.disk.put('/data/keep', new Uint8Array(1));
  }

  static async start(): Promise<World> {
    const world = new World();
    await world.start();
    return world;
  }

  async start(limits = { activeMax: 8, activeOfOriginMax: 2 }): Promise<void> {
    const { disk, timers } = this;
    const outbox = await DeliveryOutbox.open({ disk, directory: '/data', clock: timers });
    this.log.replayTo(outbox.participant);
    outbox.start(this.log);
    this.#outbox = outbox;
    this.#deliverer = new Deliverer({
      outbox,
      sender: { send: (...given) => this.#send(...given) },
      rules: {
        webhookOf: ruleId => this.rules.get(ruleId),
        onGone: async ruleId => {
          this.rules.set(ruleId, { ...this.rules.get(ruleId)!, isGone: true });
        },
      },
      clock: timers,
      timers,
      random: () => 0.5,
      limits,
      logger: { error: (_, message) => this.errors.push(message) },
    });
    this.#deliverer.start();
  }

  /** The process ends: what is not in the log or on the disk is lost. */
  async crash(): Promise<void> {
    await this.#deliverer!.close();
    const { records } = this.log;
    this.log = new MemoryLog(this.log.lastSequence);
    this.log.records.push(...records);
  }

  get outbox(): DeliveryOutbox {
    return this.#outbox!;
  }

  get deliverer(): Deliverer {
    return this.#deliverer!;
  }

  rule(ruleId: string, url = `https://${ruleId}.example.com/`): void {
    this.rules.set(ruleId, { url, secret: `secret of ${ruleId}` });
  }

  async put(...notifications: Notification[]): Promise<void> {
    await this.outbox.put(notifications);
  }

  notification(number: number, ruleId = 'a'): Notification {
    return newNotification(number, ruleId, this.timers.now());
  }

  one(number: number): Delivery {
    return this.outbox.delivery(newNotification(number, '', 0).id)!;
  }

  async #send({ id }: Delivery, { url, secret }: RuleWebhook, closing: AbortSignal): Promise<Sent> {
    // As the sender does while one is on its way.
    const onClose = () => {};
    closing.addEventListener('abort', onClose);
    const call = { id, url, secret, at: this.timers.now() };
    this.calls.push(call);
    const { status, retryAfterMs } = await this.answer(call);
    closing.removeEventListener('abort', onClose);
    const isGood = status !== null && status >= 200 && status < 300;
    const error = isGood ? null : `failed with ${status}`;
    const attempt: Attempt = { at: call.at, durationMs: 1, status, error, answer: '' };
    return { attempt, retryAfterMs };
  }
}

function times(calls: readonly Call[]): number[] {
  return calls.map(({ at }) => at - START);
}

t.test('what is put is sent at once, when it is durable, and once', async t => {
  const world = await World.start();
  world.rule('a');
  const putting = world.put(world.notification(1));
  t.equal(world.calls.length, 0, 'not before it is durable');
  await putting;
  await settled();
  t.match(world.calls, [{ id: world.one(1).id, url: 'https://a.example.com/', secret: 'secret of a' }]);
  t.match(world.one(1), { status: 'delivered', reason: null, attempts: 1, nextAttemptAt: null });
  await world.put(world.notification(1));
  await world.timers.pass(48 * HOUR);
  t.equal(world.calls.length, 1, 'an id that was put before is left out');
  t.strictSame(world.deliverer.counts, { attempts: 1, delivered: 1, failed: 0 });
});

t.test('a receiver that is dead for 24 hours: the schedule, and the end of it', async t => {
  const world = await World.start();
  world.rule('a');
  world.answer = () => ({ status: null });
  await world.put(world.notification(1));
  await world.timers.pass(2 * HOUR);
  const first = [0, 5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR];
  const sums = first.map((_, index) => first.slice(0, index + 1).reduce((sum, wait) => sum + wait));
  t.strictSame(times(world.calls), sums);
  t.match(world.one(1), { status: 'pending', attempts: 7, nextAttemptAt: START + sums[6] + 3 * HOUR });
  await world.timers.pass(72 * HOUR);
  t.equal(world.calls.length, 14);
  t.ok(times(world.calls).at(-1)! <= 24 * HOUR);
  t.match(world.one(1), {
    status: 'failed',
    reason: 'It was given up after 24 hours. The last time: failed with null',
    attempts: 14,
    nextAttemptAt: null,
  });
  t.equal(world.one(1).log.length, 14);
  t.equal(new Set(world.calls.map(({ id }) => id)).size, 1, 'always with the same id');
  t.strictSame(world.deliverer.counts, { attempts: 14, delivered: 0, failed: 1 });
});

t.test('a receiver that comes back gets what waits for it, with the secret of that time', async t => {
  const world = await World.start();
  world.rule('a');
  world.answer = ({ at }) => ({ status: at < START + HOUR ? 500 : 200 });
  await world.put(world.notification(1));
  await world.timers.pass(HOUR);
  world.rules.set('a', { url: 'https://moved.example.com/', secret: 'new' });
  await world.timers.pass(24 * HOUR);
  t.match(world.calls.at(-1), { url: 'https://moved.example.com/', secret: 'new' });
  t.match(world.one(1), { status: 'delivered', url: 'https://moved.example.com/', attempts: 7 });
});

t.test('Retry-After makes a wait longer', async t => {
  const world = await World.start();
  world.rule('a');
  world.answer = () => ({ status: 429, retryAfterMs: world.calls.length === 1 ? 20 * MINUTE : undefined });
  await world.put(world.notification(1));
  await world.timers.pass(HOUR - 1);
  t.strictSame(times(world.calls), [0, 20 * MINUTE, 20 * MINUTE + 30 * SECOND, 22.5 * MINUTE, 32.5 * MINUTE]);
});

t.test('410 disables the webhook of the rule, and drops all that waits for it', async t => {
  const world = await World.start();
  world.rule('a');
  world.rule('b');
  world.answer = () => ({ status: 500 });
  await world.put(world.notification(1), world.notification(2), world.notification(3, 'b'));
  await settled();
  world.answer = ({ url }) => ({ status: url === 'https://a.example.com/' ? 410 : 500 });
  await world.timers.pass(6 * SECOND);
  t.equal(world.rules.get('a')!.isGone, true);
  t.match(world.one(1), { status: 'failed', reason: /answered 410/ });
  t.match(world.one(2), { status: 'dropped', reason: /answered 410/ });
  t.match(world.one(3), { status: 'pending' });
  const { length } = world.calls;
  await world.put(world.notification(4));
  await settled();
  t.equal(world.calls.length, length, 'nothing more is sent');
  t.match(world.one(4), { status: 'dropped', reason: /answered 410/ });
});

t.test('410 of an address that the rule has no more says nothing of the one it has', async t => {
  const world = await World.start();
  world.rule('a', 'https://old.example.com/');
  let give = (_: Answer) => {};
  world.answer = () => new Promise<Answer>(resolve => (give = resolve));
  await world.put(world.notification(1), world.notification(2));
  await settled();
  world.rule('a', 'https://new.example.com/');
  world.answer = () => ({ status: 200 });
  give({ status: 410 });
  await world.timers.pass(5 * SECOND);
  t.not(world.rules.get('a')!.isGone, true);
  checkDelivered(t, world, [1, 2]);
  const urls = world.calls.map(({ url }) => new URL(url).hostname);
  t.strictSame(urls, ['old.example.com', 'new.example.com', 'new.example.com']);
});

t.test('what has its turn after the clock was set back is sent', async t => {
  const world = await World.start();
  world.rule('a');
  let give = (_: Answer) => {};
  world.answer = () => new Promise<Answer>(resolve => (give = resolve));
  await world.put(world.notification(1), world.notification(2));
  await settled();
  await world.timers.pass(-HOUR);
  world.answer = () => ({ status: 200 });
  give({ status: 200 });
  await settled();
  checkDelivered(t, world, [1, 2]);
  t.equal(world.calls.length, 2);
});

t.test('rules without a webhook, and rules that are gone', async t => {
  const world = await World.start();
  world.rules.set('a', null);
  await world.put(world.notification(1), world.notification(2, 'gone'));
  await settled();
  t.match(world.one(1), { status: 'dropped', reason: /no webhook any more/ });
  t.equal(world.one(2), undefined);
  t.equal(world.calls.length, 0);
});

t.test('a replay sends again with the same id, and has a day of its own', async t => {
  const world = await World.start();
  world.rule('a');
  world.answer = () => ({ status: 500 });
  await world.put(world.notification(1));
  await world.timers.pass(40 * HOUR);
  t.equal(world.one(1).status, 'failed');
  const before = world.calls.length;
  const at = world.timers.now();
  await world.outbox.replay(world.one(1).id);
  await settled();
  t.match(world.one(1), { status: 'pending', attempts: 1, nextAttemptAt: at + 5 * SECOND });
  world.answer = () => ({ status: 200 });
  await world.timers.pass(5 * SECOND);
  t.match(world.one(1), { status: 'delivered', attempts: 2 });
  t.equal(world.calls.length, before + 2);
  await world.outbox.replay(world.one(1).id);
  await world.timers.pass(HOUR);
  t.equal(world.calls.length, before + 3, 'once, though it was delivered');
  t.equal(new Set(world.calls.map(({ id }) => id)).size, 1);
});

t.test('what waits is sent at once when it is replayed, and not a second time when it was due', async t => {
  const world = await World.start();
  world.rule('a');
  world.answer = () => ({ status: world.calls.length === 1 ? 500 : 200 });
  await world.put(world.notification(1));
  await settled();
  await world.outbox.replay(world.one(1).id);
  await world.timers.pass(48 * HOUR);
  t.strictSame(times(world.calls), [0, 0]);
});

t.test('one that waits for its next attempt holds up no other of its rule', async t => {
  const world = await World.start();
  world.rule('a');
  world.answer = ({ id }) => ({ status: id === world.one(1).id ? 500 : 200 });
  await world.put(world.notification(1), world.notification(2), world.notification(3));
  await settled();
  t.strictSame(
    world.calls.map(({ id }) => id),
    [1, 2, 3].map(number => world.one(number).id),
    'in the order of their coming, one after the other',
  );
  t.strictSame(
    [world.one(1).status, world.one(2).status, world.one(3).status],
    ['pending', 'delivered', 'delivered'],
  );
});

t.test('receivers that never answer hold only what is for them', async t => {
  const world = await World.start();
  const dead: (() => void)[] = [];
  world.answer = ({ url }) => {
    if (!url.includes('dead')) return { status: 200 };
    return new Promise(resolve => dead.push(() => resolve({ status: null })));
  };
  const rules = Array.from({ length: 30 }, (_, index) => `dead${index}`);
  for (const rule of rules) world.rule(rule, `https://dead.example.com/${rule}`);
  world.rule('alive');
  await world.put(...rules.map((rule, index) => world.notification(index, rule)));
  await world.put(...[31, 32, 33].map(number => world.notification(number, 'alive')));
  await settled();
  t.equal(dead.length, 2, 'as many as one receiver may hold');
  for (const number of [31, 32, 33]) t.equal(world.one(number).status, 'delivered');
  for (let turn = 0; turn < 30; turn++) {
    for (const give of dead.splice(0)) give();
    await settled();
  }
  t.equal(new Set(world.calls.map(({ url }) => url)).size, 31);
  t.equal(world.outbox.pendingCount, 30);
  for (const give of dead.splice(0)) give();
  await world.deliverer.close();
});

t.test('after a restart the schedule goes on where it was', async t => {
  for (const saves of [false, true]) {
    const world = await World.start();
    world.rule('a');
    world.answer = () => ({ status: 500 });
    await world.put(world.notification(1));
    await world.timers.pass(3 * MINUTE);
    t.equal(world.calls.length, 4);
    if (saves) await world.outbox.save();
    await world.crash();
    await world.timers.pass(MINUTE);
    t.equal(world.calls.length, 4, 'nothing is sent while it is down');
    await world.start();
    await world.timers.pass(HOUR);
    const waits = [0, 5 * SECOND, 35 * SECOND, 155 * SECOND, 755 * SECOND, 2_555 * SECOND];
    t.strictSame(times(world.calls).slice(0, 6), waits, saves ? 'from the snapshot' : 'from the log');
    await world.crash();
    await world.timers.pass(30 * HOUR);
    await world.start();
    await world.timers.pass(MINUTE);
    t.match(world.one(1), { status: 'failed', attempts: 7 }, 'down for longer than a day: tried once more');
  }
});

t.test('a crash between an attempt and the record of it: sent again, with the same id', async t => {
  const world = await World.start();
  world.rule('a');
  world.answer = () => {
    // The receiver has it; then the disk goes.
    world.log.fail();
    return { status: 200 };
  };
  await world.put(world.notification(1), world.notification(2));
  await settled();
  t.equal(world.calls.length, 1, 'the second is not sent: nothing could be recorded of it');
  t.strictSame(world.errors, ['webhooks are no longer sent until the next start']);
  await world.crash();
  world.answer = () => ({ status: 200 });
  await world.start();
  await settled();
  t.strictSame(
    world.calls.map(({ id }) => id),
    [1, 1, 2].map(number => world.one(number).id),
  );
  t.equal(world.one(1).status, 'delivered');
  await world.crash();
  await world.start();
  await world.timers.pass(48 * HOUR);
  t.equal(world.calls.length, 3);
});

t.test('a notification that did not become durable is not sent', async t => {
  const world = await World.start();
  world.rule('a');
  const putting = world.put(world.notification(1));
  world.log.fail();
  await t.rejects(putting, { code: 'LOG_UNAVAILABLE' });
  await world.timers.pass(HOUR);
  t.equal(world.calls.length, 0);
  await world.crash();
  await world.start();
  t.equal(world.one(1), undefined);
});

t.test('closing gives up what is on its way, and the next start sends it', async t => {
  const world = await World.start();
  world.rule('a');
  let give: (answer: Answer) => void = () => {};
  world.answer = () =>
    new Promise(resolve => {
      give = resolve;
    });
  await world.put(world.notification(1));
  await settled();
  const closed = world.deliverer.close();
  give({ status: null });
  await closed;
  t.match(world.one(1), { status: 'pending', attempts: 0 });
  await world.crash();
  world.answer = () => ({ status: 200 });
  await world.start();
  await settled();
  t.match(world.one(1), { status: 'delivered', attempts: 1 });
});

t.test('as many on their way as there may be are no leak', async t => {
  const warnings: string[] = [];
  const onWarning = ({ name }: Error) => warnings.push(name);
  process.on('warning', onWarning);
  t.teardown(() => process.off('warning', onWarning));
  const world = new World();
  await world.start({ activeMax: 64, activeOfOriginMax: 1 });
  const give: (() => void)[] = [];
  world.answer = () => new Promise(resolve => give.push(() => resolve({ status: 200 })));
  const numbers = Array.from({ length: 100 }, (_, index) => index);
  for (const number of numbers) world.rule(`rule${number}`);
  await world.put(...numbers.map(number => world.notification(number, `rule${number}`)));
  await settled();
  t.equal(give.length, 64);
  while (give.length > 0) {
    for (const one of give.splice(0)) one();
    await settled();
  }
  checkDelivered(t, world, numbers);
  t.strictSame(warnings, []);
});

t.test('five thousand at once, to as many receivers', async t => {
  const world = await World.start();
  const numbers = Array.from({ length: 5_000 }, (_, index) => index);
  for (const number of numbers) world.rule(`rule${number}`);
  await world.put(...numbers.map(number => world.notification(number, `rule${number}`)));
  for (let turn = 0; turn < 5_000 && world.outbox.pendingCount > 0; turn++) await settled();
  t.equal(world.calls.length, numbers.length);
  checkDelivered(t, world, numbers);
});

function checkDelivered(t: Test, world: World, numbers: readonly number[]): void {
  const other = numbers.filter(number => world.one(number)?.status !== 'delivered');
  t.strictSame(other, []);
}
