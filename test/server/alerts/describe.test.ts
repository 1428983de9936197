/** Any condition, of fields with any names, is written as a sentence that means it. */
import * as fc from 'fast-check';
import t from 'tap';
import type { FieldType } from '../../../engine/batch.js';
import type { Condition, PointCondition } from '../../../server/alerts/condition.js';
import { describeCondition } from '../../../server/alerts/describe.js';
import { parseCondition } from '../../../server/alerts/parse.js';
import { RESERVED_WORDS } from '../../../server/alerts/sentence/vocabulary.js';
import { testSeed } from '../../support/random.js';

const seed = testSeed();
t.comment(`DAKKIO_TEST_SEED=${seed}`);

const PIECES = [
  ...RESERVED_WORDS,
  ...[
    'temperature',
    'cpu',
    'usage',
    'a',
    'A',
    'b',
    'ä',
    'CO₂',
    '溫度',
    '🌡',
    'x1',
    '2',
    '30',
    '1,000',
    '.5',
    '1e3',
    'e3',
  ],
  ...['"', "'", '\\', '`', '“', '”', '(', ')', '%', '°C', '-5', '\u0301', '\ud800', 'İ', 'ß', '/', '_', '__'],
];

const piece = fc.constantFrom(...PIECES);

/** Names made of what sentences are made of: the worst there are. */
const oddName = fc
  .array(fc.tuple(piece, fc.constantFrom('', ' ', '_', '-', '  ', '.')), { minLength: 1, maxLength: 4 })
  .map(pieces => pieces.flat().join(''))
  .filter(name => name.length <= 128);

/** Names that begin with another, and go on as a sentence of that would. */
const CLASHING = [
  ...[
    'temperature',
    'TEMPERATURE',
    'temperature is',
    'temperature_is',
    'temperature is greater',
    'temperature rises by',
  ],
  ...[
    'average of temperature',
    'average_temperature',
    'temperature over',
    'temperature over 1 second',
    'temperature level',
  ],
  ...[
    'temperature is greater than 30',
    'cpu_usage',
    'cpuUsage',
    'cpu usage',
    'cpu',
    'usage',
    'pm2.5',
    'pm2',
    '5',
  ],
];

const name = fc.oneof(
  { weight: 3, arbitrary: oddName },
  { weight: 2, arbitrary: fc.constantFrom(...CLASHING) },
  {
    weight: 1,
    arbitrary: fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }).filter(hasNoControls),
  },
);

function hasNoControls(text: string): boolean {
  return !/\p{Cc}/u.test(text);
}

const number = fc
  .oneof(
    fc.integer({ min: -100, max: 100 }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(0.1, 1e21, -1e-7, 1.7976931348623157e308, 5e-324),
  )
  // There is one zero.
  .map(value => value + 0 || 0);
const positive = number.map(value => Math.abs(value) || 1);
const unit = fc.constantFrom(
  ...[
    '°C',
    '%',
    'percent',
    'psi',
    'm/s',
    'degrees Celsius',
    'km per hour',
    'µg/m³',
    'in',
    'for',
    'e3',
    'C',
    '$',
    '%RH',
  ],
  ...['per minute', 'm/s^2', 'K', 'hours', 'or', 'to'],
);
const seconds = fc.oneof(
  fc.integer({ min: 1, max: 366 * 86_400 }),
  fc.constantFrom(1, 60, 300, 3_600, 86_400, 604_800, 366 * 86_400),
);
const text = fc.oneof(oddName, fc.string({ maxLength: 20, unit: 'binary' }));
const comparator = fc.constantFrom('gt', 'gte', 'lt', 'lte', 'eq', 'ne');

type Fields = ReadonlyMap<string, FieldType>;

const fieldsOf = fc
  .uniqueArray(name, { minLength: 1, maxLength: 12 })
  .map((names): Fields => new Map(names.map((name, index) => [name, TYPES[index % TYPES.length]])));
const TYPES: readonly FieldType[] = ['number', 'number', 'string', 'boolean'];

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T;
}

function comparisonOf(fields: Fields): fc.Arbitrary<PointCondition> {
  const ofType = (type: FieldType) => [...fields.keys()].filter(name => fields.get(name) === type);
  const numeric = fc.constantFrom(...ofType('number'));
  const optionalUnit = fc.option(unit, { nil: undefined });
  const aggregated = {
    aggregation: fc.constantFrom('avg', 'min', 'max', 'sum', 'count'),
    windowSeconds: seconds,
  };
  const range = fc
    .tuple(number, number)
    .map(([one, other]) => ({ low: Math.min(one, other), high: Math.max(one, other) }));
  const ranged = (members: object) =>
    fc
      .tuple(
        range,
        fc.record({
          field: numeric,
          operator: fc.constantFrom('between', 'outside'),
          unit: optionalUnit,
          ...members,
        }),
      )
      .map(([ends, rest]) => ({ ...rest, ...ends }));
  const kinds: fc.Arbitrary<object>[] = [
    fc.record({ field: numeric, operator: comparator, value: number, unit: optionalUnit }),
    fc.record({ field: numeric, operator: comparator, value: number, unit: optionalUnit, ...aggregated }),
    ranged({}),
    ranged(aggregated),
    fc.record({
      field: numeric,
      operator: fc.constantFrom('rises', 'falls'),
      comparator: fc.constantFrom('gt', 'gte'),
      value: positive,
      unit: optionalUnit,
      windowSeconds: seconds,
    }),
    fc.record({
      field: fc.constantFrom(...fields.keys()),
      operator: comparator,
      value: number,
      aggregation: fc.constant('count'),
      windowSeconds: seconds,
    }),
  ];
  const equality = fc.constantFrom('eq', 'ne');
  if (ofType('string').length > 0) {
    kinds.push(fc.record({ field: fc.constantFrom(...ofType('string')), operator: equality, value: text }));
  }
  if (ofType('boolean').length > 0) {
    kinds.push(
      fc.record({ field: fc.constantFrom(...ofType('boolean')), operator: equality, value: fc.boolean() }),
    );
  }
  return fc.oneof(...kinds).map(kind => withoutUndefined(kind) as PointCondition);
}

/** At most two in each other, the inner with the other operator. */
function combinationOf(fields: Fields): fc.Arbitrary<PointCondition> {
  const part = comparisonOf(fields);
  const ofTwo = (operator: 'and' | 'or', inner: fc.Arbitrary<PointCondition>) =>
    fc
      .array(inner, { minLength: 2, maxLength: 3 })
      .map((conditions): PointCondition => ({ operator, conditions }));
  return fc.oneof(
    ofTwo('and', fc.oneof(part, ofTwo('or', part))),
    ofTwo('or', fc.oneof(part, ofTwo('and', fc.oneof(part, ofTwo('or', part))))),
  );
}

function conditionOf(fields: Fields): fc.Arbitrary<Condition> {
  const lasting = fc
    .tuple(fc.oneof(comparisonOf(fields), combinationOf(fields)), fc.option(seconds, { nil: undefined }))
    .map(([condition, durationSeconds]): Condition => withoutUndefined({ ...condition, durationSeconds }));
  const silence = seconds.map((durationSeconds): Condition => ({ operator: 'no_data', durationSeconds }));
  return fc.oneof({ weight: 9, arbitrary: lasting }, { weight: 1, arbitrary: silence });
}

function partsOf(condition: Condition): number {
  return 'conditions' in condition ? condition.conditions.reduce((sum, part) => sum + partsOf(part), 0) : 1;
}

t.test('sentences as users see them', t => {
  const hot: PointCondition = { field: 'temperature', operator: 'gt', value: 30, unit: '°C' };
  const high: PointCondition = { field: 'cpu usage', operator: 'gte', value: 80, unit: 'percent' };
  const CASES: readonly (readonly [Condition, string])[] = [
    [hot, 'temperature is greater than 30°C'],
    [{ ...hot, durationSeconds: 3_600 }, 'temperature is greater than 30°C for 1 hour'],
    [{ ...hot, durationSeconds: 5_400 }, 'temperature is greater than 30°C for 90 minutes'],
    [high, '"cpu usage" is at least 80 percent'],
    [{ field: 'x', operator: 'lt', value: -0.5 }, 'x is less than -0.5'],
    [{ field: 'x', operator: 'lte', value: 30, unit: 'in' }, 'x is at most 30in'],
    [{ field: 'x', operator: 'eq', value: 5 }, 'x is equal to 5'],
    [{ field: 'x', operator: 'ne', value: 5 }, 'x is not equal to 5'],
    [{ field: 'x', operator: 'eq', value: 'a "b"' }, 'x is "a \\"b\\""'],
    [{ field: 'x', operator: 'ne', value: false }, 'x is not false'],
    [{ field: 'x', operator: 'between', low: 1, high: 2, unit: '%' }, 'x is between 1 and 2%'],
    [{ field: 'average', operator: 'outside', low: 1, high: 2 }, '"average" is outside 1 to 2'],
    [
      { ...hot, aggregation: 'avg', windowSeconds: 300 },
      'average of temperature over 5 minutes is greater than 30°C',
    ],
    [
      { field: 'x', operator: 'falls', comparator: 'gte', value: 3, windowSeconds: 86_400 },
      'x falls by at least 3 in 1 day',
    ],
    [
      { operator: 'or', conditions: [hot, { operator: 'and', conditions: [hot, high] }], durationSeconds: 1 },
      'temperature is greater than 30°C or (temperature is greater than 30°C and "cpu usage" is at least 80 percent) for 1 second',
    ],
    [{ operator: 'no_data', durationSeconds: 1_800 }, 'no data for 30 minutes'],
  ];
  for (const [condition, sentence] of CASES) t.equal(describeCondition(condition), sentence);
  t.end();
});

t.test('a condition is read back from its sentence', t => {
  const cases = fieldsOf.chain(fields => fc.tuple(fc.constant(fields), conditionOf(fields)));
  let count = 0;
  fc.assert(
    fc.property(cases, ([fields, condition]) => {
      const sentence = describeCondition(condition);
      if (sentence.length > 4_096 || partsOf(condition) > 16) return;
      count++;
      const again = parseCondition(sentence, fields);
      if (!sameJson(again, condition)) throw new Error(`${sentence} is read as ${JSON.stringify(again)}`);
      if (describeCondition(again) !== sentence) throw new Error(`${sentence} is written otherwise again`);
    }),
    { seed, numRuns: 3_000 },
  );
  t.ok(count > 2_500, `${count} conditions`);
  t.end();
});

/** Whatever the order of members. */
function sameJson(left: unknown, right: unknown): boolean {
  return canonical(left) === canonical(right);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, member) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([left], [right]) => (left < right ? -1 : 1)))
      : member,
  );
}
