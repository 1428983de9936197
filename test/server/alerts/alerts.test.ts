import t from 'tap';
import type { Condition } from '../../../server/alerts/condition.js';
import { RESTING, step, transitionBetween } from '../../../server/alerts/machine.js';
import { RULE_HISTORY_MAX } from '../../../server/limits.js';
import { RecordType } from '../../../wal/records.js';
import type { Point } from '../../support/columns.js';
import { Random, testSeed } from '../../support/random.js';
import { ReferenceStorage } from '../../support/reference-storage.js';
import { START, WatchedRules } from '../../support/watched-rules.js';

const HOT: Condition = { operator: 'gt', field: 't', value: 30 };
const HOT_FOR_5_S: Condition = { ...HOT, durationSeconds: 5 };
const HOT_ON_AVERAGE: Condition = { ...HOT, aggregation: 'avg', windowSeconds: 10 };
const SILENT_FOR_30_S: Condition = { operator: 'no_data', durationSeconds: 30 };

/** Readings of `t`, from a second of the start on, a second apart. */
function readings(from: number, values: readonly number[]): Point[] {
  return values.map((t, index) => ({ time: START + (from + index) * 1_000, values: { t } }));
}

t.test('a rule tells when it fires and when it is resolved, with all that is known', async t => {
  const rules = await WatchedRules.open();
  const rule = await rules.newRule({ condition: HOT, name: 'Too hot' });
  const [hot, cold] = [START + 1_500, START + 2_000];
  rules.now = START + 60_000;
  const metadata = '{"room":"attic"}';
  await rules.store([
    { time: START, values: { t: 20 } },
    { time: hot, values: { t: 31.5, door: true, state: 'up', ['__proto__']: 1 }, metadata },
    { time: hot + 1, values: { t: 32 } },
  ]);
  t.equal(rules.toldOf(rule), 'T31.5');
  rules.now = START + 120_000;
  await rules.store([{ time: cold, values: { t: 30 } }]);
  t.equal(rules.toldOf(rule), 'T31.5 R30');
  const [triggered, resolved] = rules.told;
  t.match(triggered.id, /^[0-9a-f]{24}$/);
  t.not(triggered.id, resolved.id);
  const { id: bucketId } = rules.bucket;
  const told = { ruleId: rule.id, bucketId, url: 'https://example.com/' };
  const data = {
    alertId: rule.id,
    alertName: 'Too hot',
    dataSourceId: rules.source.id,
    dataSourceName: 'attic',
    condition: rule.condition,
    threshold: 30,
    operator: '>',
    triggeredAt: '2024-01-15T00:01:00Z',
  };
  const values = { t: 31.5, door: true, state: 'up' };
  t.match(triggered, {
    ...told,
    event: 'alert.triggered',
    at: START + 60_000,
    data: {
      ...data,
      currentValue: 31.5,
      dataPoint: { timestamp: '2024-01-15T00:00:01.500Z', values, metadata: { room: 'attic' } },
    },
  });
  t.strictSame(resolved, {
    id: resolved.id,
    ...told,
    event: 'alert.resolved',
    at: START + 120_000,
    data: {
      ...data,
      currentValue: 30,
      resolvedAt: '2024-01-15T00:02:00Z',
      dataPoint: { timestamp: '2024-01-15T00:00:02Z', values: { t: 30 }, metadata: null },
    },
  });
  t.match(rules.alerts.record(rule.id), {
    triggeredAt: START + 60_000,
    machine: { phase: 'ok' },
    history: [
      { kind: 'triggered', number: 1, at: START + 60_000, time: hot, value: 31.5 },
      { kind: 'resolved', number: 2, at: START + 120_000, time: cold, value: 30 },
    ],
    firings: [[START / 3_600_000, 1]],
  });
  t.strictSame(rules.errors, []);
});

t.test('what was compared is told of any condition', async t => {
  const window = { windowSeconds: 10 } as const;
  const cases: [Condition, number | string | boolean, unknown, string][] = [
    [{ operator: 'gte', field: 't', value: 31 }, 31, 31, '>='],
    [{ operator: 'lt', field: 'u', value: 0 }, -5, 0, '<'],
    [{ operator: 'lte', field: 'u', value: -5 }, -5, -5, '<='],
    [{ operator: 'ne', field: 'u', value: 0 }, -5, 0, '!='],
    [{ operator: 'eq', field: 's', value: 'down' }, 'down', 'down', '=='],
    [{ operator: 'eq', field: 'b', value: true }, true, true, '=='],
    [{ operator: 'between', field: 't', low: 30, high: 40 }, 31, [30, 40], 'between'],
    [{ operator: 'outside', field: 't', low: 0, high: 30 }, 31, [0, 30], 'outside'],
    [{ ...HOT_ON_AVERAGE, value: 20, windowSeconds: 10 } as Condition, 25.5, 20, '>'],
    [{ operator: 'rises', field: 't', comparator: 'gt', value: 10, ...window }, 11, 10, 'rises'],
    [{ operator: 'and', conditions: [HOT, { operator: 'lt', field: 'u', value: -1 }] }, 31, 30, '>'],
  ];
  for (const [condition, currentValue, threshold, operator] of cases) {
    const rules = await WatchedRules.open();
    await rules.newRule({ condition });
    await rules.store([
      { time: START, values: { t: 20, u: 0, s: 'up', b: false } },
      { time: START + 1, values: { t: 31, u: -5, s: 'down', b: true } },
    ]);
    t.strictSame(rules.told.length, 1, operator);
    const { data } = rules.told[0];
    if (condition.operator === 'and') t.ok([31, -5].includes(data.currentValue as number));
    else t.match(data, { currentValue, threshold, operator });
    t.strictSame(rules.errors, []);
  }
});

t.test('points that come late change nothing, in whatever order they come', async t => {
  const rules = await WatchedRules.open();
  const rule = await rules.newRule({ condition: HOT });
  await rules.store(readings(10, [20]));
  await rules.store(readings(5, [50, 51]));
  t.equal(rules.toldOf(rule), '', 'hot in the past');
  await rules.store([...readings(13, [20]), ...readings(11, [33]), ...readings(2, [60])]);
  t.equal(rules.toldOf(rule), 'T33 R20', 'a batch is looked at in the order of its times');
  await rules.store(readings(13, [34]));
  rules.now += 1;
  await rules.store(readings(13, [35]));
  t.equal(rules.toldOf(rule), 'T33 R20 T35', 'one of the same time is not late');
  await rules.restart();
  t.equal(rules.toldOf(rule), 'T33 R20 T35');
});

t.test('a field that comes late behind the others is judged by its own times', async t => {
  const rules = await WatchedRules.open();
  const rule = await rules.newRule({ condition: HOT });
  await rules.store([{ time: START + 60_000, values: { other: 1 } }]);
  await rules.store(readings(10, [31]));
  t.equal(rules.toldOf(rule), 'T31');
  await rules.store([{ time: START + 90_000, values: { other: 1 } }]);
  await rules.store(readings(11, [29]));
  t.equal(rules.toldOf(rule), 'T31 R29');
});

t.test('a rule does not look at what was stored before it, but its windows do', async t => {
  const rules = await WatchedRules.open();
  await rules.store(readings(0, [31, 31, 31, 40, 40, 40]));
  const [hot, average] = [
    await rules.newRule({ condition: HOT }),
    await rules.newRule({ condition: HOT_ON_AVERAGE }),
  ];
  t.strictSame(rules.told, []);
  await rules.store(readings(6, [4]));
  t.equal(rules.toldOf(average), `T${(31 * 3 + 40 * 3 + 4) / 7}`);
  await rules.store(readings(7, [4]));
  t.equal(rules.toldOf(average), `T${(31 * 3 + 40 * 3 + 4) / 7} R${(31 * 3 + 40 * 3 + 8) / 8}`);
  t.equal(rules.toldOf(hot), '');
});

t.test('a firing is told of once in a batch, and what goes on after it with the next', async t => {
  const rules = await WatchedRules.open();
  const rule = await rules.newRule({ condition: HOT });
  await rules.store(readings(0, [31, 20, 32, 20, 33]));
  t.equal(rules.toldOf(rule), 'T31 R20');
  rules.now += 1;
  await rules.store(readings(5, [34]));
  t.equal(rules.toldOf(rule), 'T31 R20 T34');
});

t.test('points of the far future are not looked at', async t => {
  const rules = await WatchedRules.open();
  const rule = await rules.newRule({ condition: HOT });
  await rules.store([{ time: Date.UTC(2150, 0, 1), values: { t: 20 } }, ...readings(0, [20])]);
  await rules.alerts.caughtUp();
  await rules.store(readings(1, [31]));
  t.equal(rules.toldOf(rule), 'T31');
  const other = await rules.newRule({ condition: HOT });
  rules.now += 2_000;
  await rules.store(readings(2, [32]));
  t.equal(rules.toldOf(other), 'T32', 'nor are those that were there before the rule');
});

/** How a program ends: with a snapshot of what is known by then, or without. */
const ENDS = [true, false];

t.test('after a restart each rule goes on where it was', async t => {
  for (const isSaved of ENDS) {
    const rules = await WatchedRules.open();
    const lasting = await rules.newRule({ condition: HOT_FOR_5_S });
    const average = await rules.newRule({ condition: { ...HOT_ON_AVERAGE, value: 20 } });
    const cooling = await rules.newRule({ condition: HOT, cooldownMinutes: 5 });
    await rules.store(readings(0, [10, 31, 31, 31]));
    if (isSaved) await rules.alerts.save();
    await rules.store(readings(4, [31]));
    t.equal(rules.phaseOf(lasting), 'pending');
    t.equal(rules.toldOf(average), 'T20.5');
    await rules.restart();
    t.equal(rules.phaseOf(lasting), 'pending');
    rules.now += 60_000;
    await rules.store(readings(5, [31, 31]));
    t.equal(rules.toldOf(lasting), 'T31', 'in the middle of a duration');
    await rules.restart();
    await rules.store(readings(7, [32, 0]));
    t.equal(rules.toldOf(lasting), 'T31 R0');
    t.equal(rules.toldOf(cooling), 'T31 R0');
    await rules.store(readings(9, [0, 0, 0]));
    // Of the last ten seconds: six of 31, one of 32, and four of nothing, the eleventh ended ten seconds ago.
    t.equal(rules.toldOf(average), `T20.5 R${(31 * 5 + 32) / 10}`, 'in the middle of a window');
    await rules.store(readings(12, [35]));
    await rules.restart();
    t.equal(rules.toldOf(cooling), 'T31 R0', 'in the middle of a cooldown');
    rules.now = START + 5 * 60_000 - 1;
    await rules.store(readings(13, [35]));
    t.equal(rules.toldOf(cooling), 'T31 R0');
    await rules.restart();
    rules.now++;
    await rules.store(readings(14, [36]));
    t.equal(rules.toldOf(cooling), 'T31 R0 T36');
    t.strictSame(rules.errors, []);
  }
});

t.test('silence is told of by the clock, and ends with a point', async t => {
  const rules = await WatchedRules.open();
  const rule = await rules.newRule({ condition: SILENT_FOR_30_S, cooldownMinutes: 2 });
  rules.pass(29);
  await rules.store(readings(0, [1]));
  rules.pass(29);
  t.equal(rules.toldOf(rule), '');
  rules.pass(1);
  t.equal(rules.toldOf(rule), 'T', 'since the last point came, whatever its time');
  t.match(rules.told[0].data, { operator: 'no_data', threshold: null, currentValue: null, dataPoint: null });
  rules.pass(100);
  t.equal(rules.toldOf(rule), 'T');
  await rules.store(readings(3, [7, 8]));
  t.equal(rules.toldOf(rule), 'T R');
  t.match(rules.told[1].data.dataPoint, { timestamp: '2024-01-15T00:00:04Z', values: { t: 8 } });
  await rules.store(readings(1, [7]));
  rules.pass(20);
  t.equal(rules.phaseOf(rule), 'ok');
  rules.pass(10);
  t.equal(rules.toldOf(rule), 'T R T', 'the cooldown is over');
  await rules.store(readings(5, [7]));
  rules.pass(119);
  t.equal(rules.toldOf(rule), 'T R T R', 'it is silent, but cools down');
  rules.pass(1);
  t.equal(rules.toldOf(rule), 'T R T R T', 'a cooldown puts off');
});

t.test('a wait for points goes on after a restart', async t => {
  const rules = await WatchedRules.open();
  const condition: Condition = { operator: 'no_data', durationSeconds: 600 };
  const rule = await rules.newRule({ condition });
  rules.pass(300);
  await rules.restart();
  rules.pass(299);
  t.equal(rules.toldOf(rule), '');
  rules.pass(1);
  t.equal(rules.toldOf(rule), 'T', 'since the rule was made');
  await rules.restart();
  rules.pass(1);
  t.equal(rules.toldOf(rule), 'T');
  await rules.store(readings(0, [1]));
  t.equal(rules.toldOf(rule), 'T R');
  // The log knows of arrivals after a moment.
  rules.pass(10);
  await rules.restart();
  rules.pass(589);
  t.equal(rules.toldOf(rule), 'T R');
  rules.pass(1);
  t.equal(rules.toldOf(rule), 'T R T', 'since the last point came');
  await rules.store(readings(1, [1]));
  rules.pass(10);
  rules.now += 3_600_000;
  await rules.restart();
  rules.pass(59);
  t.equal(rules.toldOf(rule), 'T R T R', 'sources have a minute to find us again');
  rules.pass(1);
  t.equal(rules.toldOf(rule), 'T R T R T');
});

t.test('nobody is told that archived sources are silent', async t => {
  const rules = await WatchedRules.open();
  const rule = await rules.newRule({ condition: SILENT_FOR_30_S });
  const source = await rules.catalog.updateSource(rules.source, { status: 'archived' });
  rules.pass(60);
  await rules.catalog.updateSource(source, { status: 'active' });
  const bucket = await rules.catalog.updateBucket(rules.bucket, { status: 'archived' });
  rules.pass(60);
  t.equal(rules.toldOf(rule), '');
  await rules.catalog.updateBucket(bucket, { status: 'active' });
  rules.pass(1);
  t.equal(rules.toldOf(rule), 'T');
});

t.test('a paused rule forgets how far it was, and is resolved where it was firing', async t => {
  const rules = await WatchedRules.open();
  let lasting = await rules.newRule({ condition: HOT_FOR_5_S });
  let firing = await rules.newRule({ condition: HOT });
  await rules.store(readings(0, [31, 31, 31, 31]));
  const change = async (status: 'paused' | 'active') => {
    [lasting, firing] = await Promise.all([
      rules.catalog.updateRule(lasting, { status }),
      rules.catalog.updateRule(firing, { status }),
    ]);
    rules.alerts.refresh(rules.source.ordinal);
  };
  await change('paused');
  t.equal(rules.toldOf(firing), 'T31 R');
  t.match(rules.told.at(-1)?.data, { reason: 'paused', dataPoint: null, resolvedAt: '2024-01-15T00:00:00Z' });
  t.equal(rules.toldOf(lasting), '');
  await rules.store(readings(4, [31, 31]));
  await rules.restart();
  rules.now += 10;
  await change('active');
  await rules.store(readings(6, [31, 31]));
  t.equal(rules.toldOf(firing), 'T31 R T31');
  t.equal(rules.phaseOf(lasting), 'pending', 'it has not lasted since');
  await rules.store(readings(8, [31, 31, 31, 31]));
  t.equal(rules.toldOf(lasting), 'T31');
  const condition: Condition = { operator: 'gt', field: 't', value: 50 };
  await rules.catalog.updateRule(firing, { condition: 't > 50', parsedCondition: condition });
  rules.alerts.refresh(rules.source.ordinal);
  t.match(rules.told.at(-1)?.data, { reason: 'changed', alertId: firing.id });
  t.match(
    rules.alerts.record(firing.id)?.history.map(({ kind, reason }) => [kind, reason]),
    [
      ['triggered', undefined],
      ['resolved', 'paused'],
      ['triggered', undefined],
      ['resolved', 'changed'],
    ],
  );
});

t.test('rules of deleted sources are forgotten, and sources without rules cost nothing', async t => {
  const rules = await WatchedRules.open();
  const [other, third] = [await rules.newSource('other'), await rules.newSource('third')];
  const rule = await rules.newRule({ condition: HOT });
  const gone = await rules.newRule({ condition: HOT, source: other });
  await rules.store(readings(0, [31]), third);
  t.equal(rules.alerts.counts.rows, 0);
  await rules.store(readings(0, [31]), other);
  t.equal(rules.alerts.counts.rows, 1);
  await rules.catalog.deleteSource(other.id);
  await rules.store(readings(1, [20, 31]), other);
  rules.alerts.tick();
  t.equal(rules.alerts.record(gone.id), undefined);
  t.equal(rules.toldOf(gone), 'T31');
  await rules.catalog.deleteRule(rule.id);
  await rules.store(readings(0, [31]));
  t.equal(rules.toldOf(rule), '');
  rules.alerts.tick();
  await rules.alerts.save();
  await rules.restart();
  t.equal(rules.alerts.record(rule.id), undefined);
  t.strictSame(rules.errors, []);
});

t.test('rules without a webhook are recorded only, and the last transitions are kept', async t => {
  const rules = await WatchedRules.open();
  const rule = await rules.newRule({ condition: HOT, hasWebhook: false });
  const turns = RULE_HISTORY_MAX / 2 + 10;
  for (let turn = 0; turn < turns; turn++) {
    rules.now += 60_000;
    await rules.store(readings(2 * turn, [31, 30]));
  }
  t.strictSame(rules.told, []);
  for (const isRestarted of [false, true]) {
    if (isRestarted) await rules.restart();
    const { history, told, firings } = rules.alerts.record(rule.id)!;
    t.equal(told, 2 * turns);
    t.equal(history.length, RULE_HISTORY_MAX);
    t.strictSame([history[0].number, history.at(-1)?.number], [2 * turns - RULE_HISTORY_MAX + 1, 2 * turns]);
    t.equal(
      firings.reduce((sum, [, count]) => sum + count, 0),
      turns,
    );
  }
});

t.test(
  'a notification is in the log before its transition, and is the same where it is found again',
  async t => {
    const rules = await WatchedRules.open();
    const rule = await rules.newRule({ condition: HOT });
    await rules.store(readings(0, [20]));
    const records = rules.log.records.length;
    await rules.store(readings(1, [31]));
    const [first] = rules.told;
    await rules.log.flushed();
    t.equal(rules.log.records.length, records + 1);
    t.equal(rules.log.records.at(-1)?.type, RecordType.alerts);
    // The power goes between the two.
    rules.log.records.pop();
    await rules.restart();
    t.equal(rules.toldOf(rule), 'T31 T31');
    t.equal(rules.told[1].id, first.id);
    await rules.store(readings(2, [20]));
    t.not(rules.told[2].id, first.id);
  },
);

t.test('nothing is told when the log takes nothing any more, and nobody is harmed', async t => {
  const rules = await WatchedRules.open();
  const rule = await rules.newRule({ condition: HOT });
  rules.log.fail();
  await rules.store(readings(0, [31]));
  rules.commit();
  await new Promise(resolve => setImmediate(resolve));
  t.equal(rules.errors.length, 1);
  rules.log.failure = undefined;
  await rules.restart();
  t.equal(rules.toldOf(rule), 'T31 T31', 'found again');
});

t.test('points that come while rules catch up are not lost', async t => {
  const rules = await WatchedRules.open();
  const rule = await rules.newRule({ condition: HOT_FOR_5_S });
  const values = Array.from({ length: 400 }, () => 20);
  await rules.store(readings(0, values));
  const restarted = rules.restart();
  for (let second = 400; second < 420; second++) {
    await rules.store(readings(second, [31]));
    rules.now++;
  }
  await restarted;
  t.equal(rules.toldOf(rule), 'T31');
  t.equal(rules.alerts.record(rule.id)?.history[0].time, START + 405_000);
  await rules.store(readings(420, [1]));
  t.equal(rules.toldOf(rule), 'T31 R1');
});

t.test('a scan that fails is made again, windows included', async t => {
  const rules = await WatchedRules.open();
  await rules.store(readings(0, [10, 20, 30]));
  const { storage } = rules;
  storage.scan = async function* (request) {
    yield* ReferenceStorage.prototype.scan.call(storage, request);
    throw new Error('The disk does not answer');
  };
  const rule = await rules.newRule({ condition: HOT_ON_AVERAGE });
  t.match(rules.errors, [{ err: { message: 'The disk does not answer' } }]);
  storage.scan = ReferenceStorage.prototype.scan;
  await rules.store(readings(3, [90]));
  await rules.alerts.caughtUp();
  t.equal(rules.toldOf(rule), 'T37.5');
  await rules.store(readings(4, [-60]));
  t.equal(rules.toldOf(rule), 'T37.5 R18');
  t.equal(rules.errors.length, 1);
});

t.test('points that come while rules catch up are looked for, and not all before them again', async t => {
  const rules = await WatchedRules.open();
  const condition = { ...HOT, field: 'rare' };
  const rule = await rules.newRule({ condition });
  await rules.store(readings(0, new Array(3_000).fill(20)));
  const restarted = rules.restart();
  const { storage } = rules;
  let rows = 0;
  let second = 3_000;
  storage.scan = async function* (request) {
    const chunks = ReferenceStorage.prototype.scan.call(storage, request);
    let isFirst = true;
    for await (const chunk of chunks) {
      rows += chunk.timestamps.length;
      yield chunk;
      if (!isFirst) continue;
      isFirst = false;
      if (second < 3_020) await rules.store(readings(second++, [20]));
      if (second === 3_010) await rules.store([{ time: START + 2_500_000, values: { rare: 31 } }]);
    }
  };
  await restarted;
  await rules.alerts.caughtUp();
  t.equal(second, 3_020);
  t.equal(rules.toldOf(rule), 'T31', 'though it came late behind other fields');
  t.ok(rows < 3 * 3_000, `${rows} rows`);
});

t.test(
  'a condition that began and ended within a cooldown is not told of after a restart either',
  async t => {
    for (const isSaved of ENDS) {
      const rules = await WatchedRules.open();
      const rule = await rules.newRule({ condition: HOT, cooldownMinutes: 5 });
      for (const [second, value] of [
        [1, 31],
        [2, 0],
        [120, 32],
        [180, 0],
      ]) {
        rules.now = START + second * 1_000;
        await rules.store(readings(second, [value]));
      }
      if (isSaved) await rules.alerts.save();
      rules.now = START + 600_000;
      await rules.restart();
      t.equal(rules.toldOf(rule), 'T31 R0');
      await rules.store(readings(600, [33]));
      t.equal(rules.toldOf(rule), 'T31 R0 T33');
    }
  },
);

t.test('long texts are not kept with what was told', async t => {
  const rules = await WatchedRules.open();
  const rule = await rules.newRule({ condition: { operator: 'ne', field: 'state', value: 'up' } });
  const text = `${'x'.repeat(255)}😀${'y'.repeat(60_000)}`;
  await rules.store([{ time: START + 1, values: { state: text } }]);
  t.ok(rules.told[0].data.currentValue === text, 'who is told is told all of it');
  const { value } = rules.alerts.record(rule.id)!.history[0];
  t.equal(String(value).length, 255, 'a character is not cut in two');
  t.ok(text.startsWith(String(value)));
});

t.test('random batches and restarts tell what the machine makes of the points in order', async t => {
  const seed = testSeed();
  t.comment(`DAKKIO_TEST_SEED=${seed}`);
  const random = new Random(seed);
  let tellings = 0;
  for (let round = 0; round < 40; round++) {
    const rules = await WatchedRules.open();
    const durationSeconds = random.integer(4);
    const condition: Condition = { ...HOT, ...(durationSeconds > 0 && { durationSeconds }) };
    const rule = await rules.newRule({ condition });
    const terms = { durationMs: durationSeconds * 1_000, cooldownMs: 1 };
    let machine = RESTING;
    let time = START;
    const want: string[] = [];
    for (let batch = 0; batch < 20; batch++) {
      rules.now += 1_000;
      const points = Array.from({ length: 1 + random.integer(6) }, (): Point => {
        time += random.integer(3) * 500;
        const value = 28 + random.integer(6);
        return { time, values: random.integer(5) === 0 ? { other: value } : { t: value } };
      });
      for (const { time, values } of points) {
        if (values.t === undefined) continue;
        const after = step(machine, (values.t as number) > 30, time, rules.now, terms);
        const kind = transitionBetween(machine, after);
        if (kind !== undefined) want.push(`${kind === 'triggered' ? 'T' : 'R'}${values.t}`);
        machine = after;
      }
      await rules.store(shuffledTimes(points, random));
      if (random.integer(4) === 0) await rules.alerts.save();
      if (random.integer(4) === 0) await rules.restart();
    }
    tellings += want.length;
    if (rules.toldOf(rule) !== want.join(' ')) {
      t.equal(rules.toldOf(rule), want.join(' '), `round ${round}`);
      return;
    }
    t.strictSame(rules.errors, []);
  }
  t.ok(tellings > 100, `${tellings} tellings`);
});

/** Every kind of condition of one field, so near to what values there are that each is met now and then. */
const KINDS: readonly [Condition, (value: number | boolean) => boolean][] = [
  [{ operator: 'gt', field: 't', value: 3 }, value => (value as number) > 3],
  [{ operator: 'gte', field: 't', value: 4, durationSeconds: 2 }, value => (value as number) >= 4],
  [{ operator: 'lt', field: 't', value: 0 }, value => (value as number) < 0],
  [{ operator: 'lte', field: 't', value: 0, durationSeconds: 1 }, value => (value as number) <= 0],
  [{ operator: 'eq', field: 't', value: 2 }, value => value === 2],
  [{ operator: 'ne', field: 'u', value: 0 }, value => value !== 0],
  [{ operator: 'between', field: 'u', low: 1, high: 2 }, value => [1, 2].includes(value as number)],
  [
    { operator: 'outside', field: 'u', low: 0, high: 4 },
    value => (value as number) < 0 || (value as number) > 4,
  ],
  [{ operator: 'eq', field: 'b', value: true, durationSeconds: 1 }, value => value === true],
  [{ operator: 'ne', field: 'b', value: true }, value => value === false],
];

interface Expected {
  readonly field: string;
  readonly isMet: (value: number | boolean) => boolean;
  readonly terms: { readonly durationMs: number; readonly cooldownMs: number };
  machine: typeof RESTING;
  place: readonly [time: number, row: number];
  told: string[];
}

/** What a rule makes of a batch, row after row, with no thought of anything but the order. */
function expect(rule: Expected, rows: readonly (Point & { readonly row: number })[], now: number): void {
  const ordered = [...rows].sort((left, right) => left.time - right.time || left.row - right.row);
  for (const { time, row, values } of ordered) {
    const value = values[rule.field];
    if (value === undefined) continue;
    if (time < rule.place[0] || (time === rule.place[0] && row <= rule.place[1])) continue;
    rule.place = [time, row];
    const before = rule.machine;
    rule.machine = step(before, rule.isMet(value as number | boolean), time, now, rule.terms);
    const kind = transitionBetween(before, rule.machine);
    if (kind !== undefined) rule.told.push(`${kind === 'triggered' ? 'T' : 'R'}${value}`);
  }
}

t.test('many rules of one source tell what each would alone, whatever the batches are like', async t => {
  const seed = testSeed();
  t.comment(`DAKKIO_TEST_SEED=${seed}`);
  const random = new Random(seed);
  let tellings = 0;
  for (let round = 0; round < 40; round++) {
    const rules = await WatchedRules.open();
    const watched = new Map<string, Expected>();
    for (let count = 1 + random.integer(12); count > 0; count--) {
      const [condition, isMet] = random.pick(KINDS);
      const cooldownMinutes = random.integer(3);
      const rule = await rules.newRule({ condition, cooldownMinutes });
      const { durationSeconds = 0, field } = condition as { durationSeconds?: number; field: string };
      const terms = {
        durationMs: durationSeconds * 1_000,
        cooldownMs: Math.max(1, cooldownMinutes * 60_000),
      };
      watched.set(rule.id, { field, isMet, terms, machine: RESTING, place: [-1, -1], told: [] });
    }
    if (random.integer(2) === 0) await rules.newRule({ condition: HOT_ON_AVERAGE, hasWebhook: false });
    // How often a value changes, a field is missing, a batch is late.
    const [moves, misses, late] = [random.next(), random.next() ** 3, random.next() ** 3];
    const values: Record<string, number | boolean> = { t: 1, u: 0, b: false };
    let time = START;
    let row = 0;
    for (let batch = 0; batch < 30; batch++) {
      rules.now += 1_000 * random.integer(40);
      if (random.next() < late) time -= 1_000;
      const rows = Array.from({ length: 1 + random.integer(4) }, () => {
        time += random.integer(3) * 500;
        if (random.next() < moves) values.t = random.integer(8) - 2;
        if (random.next() < moves) values.u = random.integer(8) - 2;
        if (random.next() < moves) values.b = random.integer(2) === 0;
        const present = Object.entries(values).filter(() => random.next() >= misses);
        return { time, values: Object.fromEntries(present), row: row++ };
      });
      if (rows.every(one => Object.keys(one.values).length === 0)) continue;
      for (const rule of watched.values()) expect(rule, rows, rules.now);
      await rules.store(rows);
      if (random.integer(8) === 0) {
        await rules.alerts.save();
        await rules.restart();
      }
    }
    for (const [id, { told }] of watched) {
      tellings += told.length;
      const found = rules.toldOf(rules.catalog.rule(id)!);
      if (found !== told.join(' ')) {
        t.equal(found, told.join(' '), `round ${round}: ${rules.catalog.rule(id)?.condition}`);
        return;
      }
    }
    t.strictSame(rules.errors, []);
  }
  t.ok(tellings > 1_000, `${tellings} tellings`);
});

/** In another order, but those of one time. */
function shuffledTimes(points: readonly Point[], random: Random): Point[] {
  const times = [...new Set(points.map(({ time }) => time))];
  const shuffled: Point[] = [];
  while (times.length > 0) {
    const [time] = times.splice(random.integer(times.length), 1);
    shuffled.push(...points.filter(point => point.time === time));
  }
  return shuffled;
}
