import t from 'tap';
import {
  type Machine,
  RESTING,
  rest,
  step,
  type Terms,
  type TransitionKind,
  transitionBetween,
} from '../../../server/alerts/machine.js';
import { Random, testSeed } from '../../support/random.js';

/** A point that met the condition, or did not, with its time and that of the clock. */
type Seen = readonly [isMet: boolean, time: number, now: number];

interface Told {
  readonly kind: TransitionKind;
  /** Which of the points. */
  readonly index: number;
}

function run(points: readonly Seen[], terms: Terms): { machine: Machine; told: Told[] } {
  let machine = RESTING;
  const told: Told[] = [];
  for (const [index, [isMet, time, now]] of points.entries()) {
    const after = step(machine, isMet, time, now, terms);
    const kind = transitionBetween(machine, after);
    if (kind !== undefined) told.push({ kind, index });
    machine = after;
  }
  return { machine, told };
}

const ONCE: Terms = { durationMs: 0, cooldownMs: 1 };
const LASTING: Terms = { durationMs: 300, cooldownMs: 1 };
const COOLING: Terms = { durationMs: 0, cooldownMs: 1_000 };
const BOTH: Terms = { durationMs: 300, cooldownMs: 1_000 };

/** Points a hundred milliseconds apart, seen as they are: + met, - did not. What is told: T and R below its point. */
const CASES: readonly [name: string, terms: Terms, points: string, told: string, phase: Machine['phase']][] =
  [
    ['nothing that is met', ONCE, '----', '    ', 'ok'],
    ['at once', ONCE, '-+', ' T', 'firing'],
    ['once, however long it goes on', ONCE, '+++++', 'T    ', 'firing'],
    ['resolved by the first that is not', ONCE, '++--', 'T R ', 'ok'],
    ['again after it was resolved', ONCE, '+-+-+', 'TRTRT', 'firing'],
    ['not before it has lasted', LASTING, '+++', '   ', 'pending'],
    ['when it has lasted exactly so long', LASTING, '++++', '   T', 'firing'],
    ['interrupted, it begins anew', LASTING, '+++-++++', '       T', 'firing'],
    ['interrupted before it fires it is not resolved', LASTING, '+++-', '    ', 'ok'],
    ['lasting, and resolved', LASTING, '++++++-', '   T  R', 'ok'],
    ['a cooldown keeps it silent', COOLING, '+-+-+-', 'TR    ', 'ok'],
    ['a cooldown puts off what still goes on', COOLING, '+-++++++++++', 'TR        T ', 'firing'],
    ['a cooldown swallows what has ended', COOLING, '+-+++++---+-', 'TR        TR', 'ok'],
    ['no second time when the cooldown is over', COOLING, '+++++++++++++', 'T            ', 'firing'],
    ['what begins in the cooldown may last in it', BOTH, '++++-+++++++++', '   TR        T', 'firing'],
    [
      'what begins late in it must still last',
      BOTH,
      '++++------------++++',
      '   TR              T',
      'firing',
    ],
  ];

t.test('what is told of points', async t => {
  for (const [name, terms, points, told, phase] of CASES) {
    const seen = [...points].map((sign, index): Seen => [sign === '+', index * 100, 5_000 + index * 100]);
    const result = run(seen, terms);
    const line = [...points].map((_, index) => {
      const found = result.told.find(other => other.index === index);
      if (found === undefined) return ' ';
      return found.kind === 'triggered' ? 'T' : 'R';
    });
    t.equal(line.join(''), told, name);
    t.equal(result.machine.phase, phase, name);
  }
});

t.test('points decide how long it lasts, the clock when it may fire again', async t => {
  const hour = 3_600_000;
  // A day of points that come at once: they lasted long enough, but the clock stands still.
  const atOnce = [0, 1, 2, 3, 4, 5].map((index): Seen => [index !== 3, index * hour, 7]);
  t.strictSame(run(atOnce, { durationMs: hour, cooldownMs: 60_000 }).told, [
    { kind: 'triggered', index: 1 },
    { kind: 'resolved', index: 3 },
  ]);
  // Points that stand still while the clock goes: they never last.
  const still = [0, 1, 2, 3].map((index): Seen => [true, 5, index * hour]);
  t.strictSame(run(still, LASTING).told, []);
  // Far apart, with none between that says otherwise.
  const apart: Seen[] = [
    [true, 0, 0],
    [true, hour, hour],
  ];
  t.strictSame(run(apart, LASTING).told, [{ kind: 'triggered', index: 1 }]);
});

t.test(
  'a machine that does not change is the same object, and one that rests keeps its cooldown',
  async t => {
    const fired = step(RESTING, true, 0, 50, COOLING);
    t.equal(step(fired, true, 9, 99, COOLING), fired);
    t.equal(step(RESTING, false, 9, 99, COOLING), RESTING);
    const pending = step(RESTING, true, 0, 0, LASTING);
    t.equal(step(pending, true, 299, 0, LASTING), pending);
    t.strictSame(rest(fired), { phase: 'ok', since: 0, cooldownUntil: 1_050 });
    t.strictSame(step(fired, false, 9, 99, COOLING), rest(fired));
  },
);

/** All over again for each point, from nothing but the points and what was told before. */
function naive(points: readonly Seen[], { durationMs, cooldownMs }: Terms): Told[] {
  const told: Told[] = [];
  for (const [index, [isMet, time, now]] of points.entries()) {
    const last = told.at(-1);
    if (last?.kind === 'triggered') {
      if (!isMet) told.push({ kind: 'resolved', index });
      continue;
    }
    const unmetBefore = points.slice(0, index + 1).findLastIndex(([other]) => !other);
    if (unmetBefore === index) continue;
    const hasLasted = time - points[unmetBefore + 1][1] >= durationMs;
    const fired = told.filter(({ kind }) => kind === 'triggered').at(-1);
    const isCool = fired === undefined || now >= points[fired.index][2] + cooldownMs;
    if (hasLasted && isCool) told.push({ kind: 'triggered', index });
  }
  return told;
}

t.test('any points are told of as a naive model does', async t => {
  const seed = testSeed();
  t.comment(`DAKKIO_TEST_SEED=${seed}`);
  const random = new Random(seed);
  let tellings = 0;
  for (let round = 0; round < 2_000; round++) {
    const terms = { durationMs: random.integer(4) * 20, cooldownMs: 1 + random.integer(4) * 50 };
    const metChance = random.next();
    let [time, now] = [0, 0];
    const points = Array.from({ length: random.integer(60) }, (): Seen => {
      time += random.integer(3) * random.integer(20);
      now += random.integer(3) * random.integer(20);
      return [random.next() < metChance, time, now];
    });
    const want = naive(points, terms);
    tellings += want.length;
    const { told } = run(points, terms);
    if (JSON.stringify(told) !== JSON.stringify(want)) {
      t.strictSame({ told, points, terms }, { told: want, points, terms });
      return;
    }
  }
  t.ok(tellings > 1_000, `${tellings} tellings`);
});
