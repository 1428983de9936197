import t, { type Test } from 'tap';
import type { PointCondition } from '../../../server/alerts/condition.js';
import { stretchesOf } from '../../../server/alerts/guard.js';

const BOUNDS = [
  0,
  -0,
  1,
  -1,
  30,
  0.1,
  -0.1,
  1e300,
  -1e300,
  Number.MIN_VALUE,
  -Number.MIN_VALUE,
  2 ** 53,
  Number.MAX_VALUE,
];

/** Numbers beside each bound, and what is far from all. */
const VALUES = [
  ...BOUNDS.flatMap(bound => [bound, bound * (1 + 2 ** -52), bound * (1 - 2 ** -52), bound + 1, bound - 1]),
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
].filter(value => !Number.isNaN(value));

const MEETS: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  gt: (value, bound) => value > bound,
  gte: (value, bound) => value >= bound,
  lt: (value, bound) => value < bound,
  lte: (value, bound) => value <= bound,
  eq: (value, bound) => value === bound,
  ne: (value, bound) => value !== bound,
};

interface Stretch {
  readonly low: number;
  readonly high: number;
}

function isIn(value: number, { low, high }: Stretch): boolean {
  return value >= low && value <= high;
}

/** Values are in the stretch of what they are, or in none where that has two sides. */
function check(t: Test, condition: PointCondition, isMet: (value: number) => boolean): void {
  const stretches = stretchesOf(condition);
  for (const value of VALUES) {
    const [own, other] = isMet(value)
      ? [stretches!.met, stretches!.unmet]
      : [stretches!.unmet, stretches!.met];
    const isRight = !isIn(value, other) && (own.low > own.high || isIn(value, own));
    if (!isRight) t.fail(`${JSON.stringify(condition)} of ${value}: ${JSON.stringify(stretches)}`);
  }
  t.ok(stretches!.met.low <= stretches!.met.high || stretches!.unmet.low <= stretches!.unmet.high);
}

t.test('values that leave a rule as it is are those that do, to the next number', async t => {
  for (const bound of BOUNDS) {
    for (const operator of ['gt', 'gte', 'lt', 'lte', 'eq', 'ne'] as const) {
      check(t, { field: 'x', operator, value: bound }, value => MEETS[operator](value, bound));
    }
    for (const high of BOUNDS.filter(other => other >= bound)) {
      const isWithin = (value: number) => value >= bound && value <= high;
      check(t, { field: 'x', operator: 'between', low: bound, high }, isWithin);
      check(t, { field: 'x', operator: 'outside', low: bound, high }, value => !isWithin(value));
    }
  }
});

t.test('of booleans both values have a stretch', async t => {
  for (const operator of ['eq', 'ne'] as const) {
    for (const wanted of [true, false]) {
      const { met, unmet, type } = stretchesOf({ field: 'b', operator, value: wanted })!;
      t.equal(type, 'boolean');
      for (const value of [0, 1]) {
        const isMet = (value === 1) === wanted ? operator === 'eq' : operator === 'ne';
        t.equal(isIn(value, met), isMet, `${operator} ${wanted}: ${value}`);
        t.equal(isIn(value, unmet), !isMet, `${operator} ${wanted}: ${value}`);
      }
    }
  }
});

t.test('what looks at more than the number of one field has none', async t => {
  const conditions: PointCondition[] = [
    { field: 's', operator: 'eq', value: 'down' },
    { field: 'x', operator: 'gt', value: 1, aggregation: 'avg', windowSeconds: 60 },
    { field: 'x', operator: 'rises', comparator: 'gt', value: 1, windowSeconds: 60 },
    {
      operator: 'and',
      conditions: [
        { field: 'x', operator: 'gt', value: 1 },
        { field: 'y', operator: 'gt', value: 1 },
      ],
    },
    { field: 'x', operator: 'gt', value: Number.POSITIVE_INFINITY },
  ];
  for (const condition of conditions) t.equal(stretchesOf(condition), undefined, JSON.stringify(condition));
});
