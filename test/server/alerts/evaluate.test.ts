/** Evaluators, held to a model that judges each point from the list of all before it. */
import t from 'tap';
import { packBatch } from '../../../engine/batch.js';
import type { Comparator, PointCondition, WindowAggregation } from '../../../server/alerts/condition.js';
import { compileCondition } from '../../../server/alerts/evaluate.js';
import { SourceRows } from '../../../server/alerts/source-rows.js';
import { MET, SILENT, UNMET } from '../../../server/alerts/verdicts.js';
import { type Point, sourceBatchOf } from '../../support/columns.js';
import { Random, testSeed } from '../../support/random.js';
import { judge } from './naive-condition.js';

const seed = testSeed();
t.comment(`DAKKIO_TEST_SEED=${seed}`);

const NUMBERS = ['a', 'b'];
const COMPARATORS: readonly Comparator[] = ['gt', 'gte', 'lt', 'lte', 'eq', 'ne'];
const AGGREGATIONS: readonly WindowAggregation[] = ['avg', 'min', 'max', 'sum', 'count'];

/** Quarters: their sums are exact in any order. */
function anyNumber(random: Random): number {
  return (random.integer(41) - 20) / 4;
}

function anyPart(random: Random): PointCondition {
  const field = random.pick(NUMBERS);
  const windowSeconds = random.pick([1, 2, 5, 60]);
  const window = random.next() < 0.5 ? {} : { aggregation: random.pick(AGGREGATIONS), windowSeconds };
  const kind = random.integer(6);
  if (kind === 0) {
    const operator = random.pick(['eq', 'ne'] as const);
    if (random.next() < 0.5) return { field: 's', operator, value: random.pick(['x', 'y', 'never']) };
    return { field: 'd', operator, value: random.next() < 0.5 };
  }
  if (kind === 1) {
    const ends = [anyNumber(random), anyNumber(random)].sort((left, right) => left - right);
    return {
      field,
      operator: random.pick(['between', 'outside'] as const),
      low: ends[0],
      high: ends[1],
      ...window,
    };
  }
  if (kind === 2) {
    return {
      field,
      operator: random.pick(['rises', 'falls'] as const),
      comparator: random.pick(['gt', 'gte'] as const),
      value: 0.25 + random.integer(20) / 4,
      windowSeconds,
    };
  }
  if (kind === 3) {
    const text = random.pick(['s', 'd', 'a', 'none']);
    const value = random.integer(8);
    return { field: text, operator: random.pick(COMPARATORS), value, aggregation: 'count', windowSeconds };
  }
  return { field, operator: random.pick(COMPARATORS), value: anyNumber(random), ...window };
}

function anyCondition(random: Random, depth = 0): PointCondition {
  if (depth === 2 || random.next() < 0.6) return anyPart(random);
  const operator = random.pick(['and', 'or'] as const);
  const conditions = Array.from({ length: 2 + random.integer(2) }, () => anyCondition(random, depth + 1));
  return { operator, conditions };
}

function anyPoint(random: Random, time: number, scale: number): Point {
  const values: Record<string, number | string | boolean> = {};
  for (const name of NUMBERS) if (random.next() < 0.8) values[name] = anyNumber(random) * scale || 0;
  if (random.next() < 0.05) values.a = random.pick([Infinity, -Infinity]);
  if (random.next() < 0.7) values.s = random.pick(['x', 'y', 'z']);
  if (random.next() < 0.7) values.d = random.next() < 0.5;
  if (Object.keys(values).length === 0) values.b = 0;
  return { time, values };
}

/** Batches in any order within, each later than those before but for some late points. */
function anyBatches(random: Random): Point[][] {
  let now = 1_700_000_000_000;
  return Array.from({ length: 1 + random.integer(5) }, () => {
    const start = now;
    const scale = random.pick([0, 1, 1]);
    const isSorted = random.next() < 0.5;
    const step = random.pick([1, 250, 1_000, 5_000]);
    const points = Array.from({ length: 1 + random.integer(random.pick([1, 6, 60])) }, () => {
      now += random.integer(3) * step;
      const time = !isSorted && random.next() < 0.2 ? start - random.integer(2_000) : now;
      return anyPoint(random, time, scale);
    });
    if (!isSorted) for (let at = points.length - 1; at > 0; at--) swap(points, at, random.integer(at + 1));
    return points;
  });
}

function swap(points: Point[], left: number, right: number): void {
  [points[left], points[right]] = [points[right], points[left]];
}

/** A source among others, so that its rows begin anywhere. */
function setRows(rows: SourceRows, points: readonly Point[], random: Random): void {
  const other = sourceBatchOf(1, [{ time: 1, values: { q: 1 } }]);
  const source = sourceBatchOf(2, points);
  const isFirst = random.next() < 0.5;
  const batch = packBatch({ sources: isFirst ? [source, other] : [other, source] });
  rows.set(batch.sources[isFirst ? 0 : 1], batch.values);
}

t.test('verdicts and values are those of the model', t => {
  const random = new Random(seed);
  const rows = new SourceRows();
  const seen = new Map<number, number>();
  let decided = 0;
  for (let round = 0; round < 4_000; round++) {
    const condition = anyCondition(random);
    const evaluator = compileCondition(condition);
    const observed: Point[] = [];
    for (const batch of anyBatches(random)) {
      setRows(rows, batch, random);
      const ordered = batch
        .map((point, arrival) => ({ point, arrival }))
        .sort((left, right) => left.point.time - right.point.time || left.arrival - right.arrival);
      const through = observed.at(-1)?.time ?? -Infinity;
      const late = ordered.filter(({ point }) => point.time < through).length;
      const possible = evaluator.observe(rows, late);
      const verdicts = evaluator.verdicts();
      if (possible === UNMET || possible === MET || possible === SILENT) decided++;
      for (let row = late; row < ordered.length; row++) {
        const { point, arrival } = ordered[row];
        observed.push(point);
        const want = judge(condition, observed);
        const where = `seed ${seed}, round ${round}, row ${row} of ${JSON.stringify(condition)}`;
        if (rows.timestamp(row) !== point.time || rows.arrivalOf(row) !== arrival) throw new Error(where);
        if (verdicts[row] !== want.verdict) throw new Error(`${where}: ${verdicts[row]} for ${want.verdict}`);
        if ((possible & want.verdict) === 0) throw new Error(`${where}: not in ${possible}`);
        seen.set(want.verdict, (seen.get(want.verdict) ?? 0) + 1);
        if (want.verdict === SILENT) continue;
        const evidence = evaluator.evidenceAt(row);
        if (want.value !== undefined) {
          if (evidence.part !== condition || !Object.is(evidence.value, want.value))
            throw new Error(`${where}: value ${evidence.value} for ${want.value}`);
        } else if (judge(evidence.part, observed).verdict !== want.verdict)
          throw new Error(`${where}: ${JSON.stringify(evidence.part)} is not why`);
      }
    }
  }
  for (const verdict of [UNMET, MET, SILENT])
    t.ok(seen.get(verdict)! > 5_000, `${seen.get(verdict)} of ${verdict}`);
  t.ok(decided > 1_000, `${decided} batches decided at once`);
  t.end();
});

t.test('one that begins later, and is fed the rows of its windows, goes on as one that has seen all', t => {
  const random = new Random(seed ^ 1);
  const rows = new SourceRows();
  for (let round = 0; round < 500; round++) {
    const condition = anyCondition(random);
    const whole = compileCondition(condition);
    const later = compileCondition(condition);
    let now = 1_700_000_000_000;
    const points = Array.from({ length: 100 }, () => {
      now += 1 + random.integer(2_000);
      return anyPoint(random, now, 1);
    });
    const half = 50;
    setRows(rows, points.slice(0, half), random);
    whole.observe(rows, 0);
    const lookback = points
      .slice(0, half)
      .filter(({ time }) => time > points[half - 1].time - whole.lookbackMs);
    if (lookback.length > 0) {
      setRows(rows, lookback, random);
      later.observe(rows, 0);
    }
    setRows(rows, points.slice(half), random);
    whole.observe(rows, 0);
    const want = whole.verdicts().slice(0, half);
    later.observe(rows, 0);
    if (!Buffer.from(want).equals(later.verdicts().slice(0, half)))
      throw new Error(`seed ${seed}, round ${round}, ${JSON.stringify(condition)}`);
  }
  t.pass('500 conditions');
  t.end();
});

t.test('bounds decide without a look at rows', t => {
  const points = [10, 20, 30].map((a, index): Point => ({ time: index, values: { a, s: 'up' } }));
  const rows = new SourceRows();
  setRows(rows, points, new Random(1));
  const both = UNMET | MET;
  const CASES: readonly (readonly [Comparator, readonly [number, number][]])[] = [
    [
      'gt',
      [
        [9.9, MET],
        [10, both],
        [29.9, both],
        [30, UNMET],
        [31, UNMET],
      ],
    ],
    [
      'gte',
      [
        [9.9, MET],
        [10, MET],
        [10.1, both],
        [30, both],
        [30.1, UNMET],
      ],
    ],
    [
      'lt',
      [
        [9.9, UNMET],
        [10, UNMET],
        [10.1, both],
        [30, both],
        [30.1, MET],
      ],
    ],
    [
      'lte',
      [
        [9.9, UNMET],
        [10, both],
        [29.9, both],
        [30, MET],
        [31, MET],
      ],
    ],
    [
      'eq',
      [
        [9.9, UNMET],
        [10, both],
        [30.1, UNMET],
      ],
    ],
    [
      'ne',
      [
        [9.9, MET],
        [10, both],
        [30.1, MET],
      ],
    ],
  ];
  for (const [operator, bounds] of CASES) {
    for (const [value, want] of bounds) {
      t.equal(
        compileCondition({ field: 'a', operator, value }).observe(rows, 0),
        want,
        `${operator} ${value}`,
      );
    }
  }
  const seenOf = (condition: PointCondition) => compileCondition(condition).observe(rows, 0);
  t.equal(seenOf({ field: 'b', operator: 'gt', value: 1 }), SILENT);
  t.equal(seenOf({ field: 's', operator: 'gt', value: 1 }), SILENT, 'a field of another type is none');
  t.equal(seenOf({ field: 's', operator: 'eq', value: 'down' }), UNMET | SILENT);
  t.equal(seenOf({ field: 's', operator: 'ne', value: 'down' }), MET | SILENT);
  const hot: PointCondition = { field: 'a', operator: 'gt', value: 30 };
  const warm: PointCondition = { field: 'a', operator: 'gt', value: 15 };
  t.equal(seenOf({ operator: 'and', conditions: [hot, warm] }), UNMET);
  t.equal(seenOf({ operator: 'or', conditions: [hot, warm] }), both);
  t.end();
});

t.test('mistakes of the caller', t => {
  const rows = new SourceRows();
  setRows(rows, [{ time: 5, values: { a: 1 } }], new Random(1));
  const plain = compileCondition({ field: 'a', operator: 'gt', value: 0 });
  t.throws(() => plain.verdicts(), /verdicts are of the last rows/);
  const window = compileCondition({
    field: 'a',
    operator: 'gt',
    value: 0,
    aggregation: 'avg',
    windowSeconds: 1,
  });
  plain.observe(rows, 0);
  window.observe(rows, 0);
  t.throws(() => plain.verdicts(), /verdicts are of the last rows/, 'another has observed since');
  setRows(rows, [{ time: 4, values: { a: 1 } }], new Random(1));
  t.throws(() => window.observe(rows, 0), /in order of time/);
  t.end();
});
