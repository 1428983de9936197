import t from 'tap';
import { DAY_MS } from '../../../engine/base/time.js';
import { FLUSH_PARTITIONS_MAX } from '../../../engine/limits.js';
import { countDays, partitionDays } from '../../../engine/upkeep/partitions.js';
import { Random, testSeed } from '../../support/random.js';

/** Days of each partition, by rows of each day. */
const cases: [string, Record<number, number>, number[][]][] = [
  ['one day', { 5: 1 }, [[5]]],
  ['four days, however far apart', { 0: 1, 7: 1_000, 900: 1, 80000: 5 }, [[0], [7], [900], [80_000]]],
  [
    'five days in a row',
    { 6: 1, 7: 1, 8: 1, 9: 1, 10: 1 },
    [
      [6, 7],
      [8, 9, 10],
    ],
  ],
  [
    'sixteen days',
    Object.fromEntries(Array.from({ length: 16 }, (_, day) => [day, 1])),
    [
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9, 10, 11],
      [12, 13, 14, 15],
    ],
  ],
  [
    'seventeen days',
    Object.fromEntries(Array.from({ length: 17 }, (_, day) => [day, 1])),
    [Array.from({ length: 16 }, (_, day) => day), [16]],
  ],
  [
    'today, and late points of a month',
    { 1: 3, 9: 1, 15: 2, 20: 1, 28: 2, 31: 9_000 },
    [[31], [1, 9, 15], [20, 28]],
  ],
  ['midnight, and late points of a month', { 1: 3, 9: 1, 15: 2, 30: 700, 31: 700 }, [[30], [31], [1, 9, 15]]],
  [
    'three days with most, and late points on both sides of an edge of any width',
    { 4095: 1, 4096: 1, 20000: 90, 20001: 90, 20002: 90 },
    [[20_000], [20_001], [20_002], [4_095, 4_096]],
  ],
  [
    'no day with much, decades apart',
    { 0: 1, 5000: 1, 10000: 1, 15000: 1, 20000: 1 },
    [[0, 5_000, 10_000, 15_000], [20_000]],
  ],
];

for (const [name, days, wanted] of cases) {
  t.test(name, t => {
    const rowsByDay = new Map(Object.entries(days).map(([day, rows]) => [Number(day), rows]));
    const found: number[][] = [];
    for (const [day, partition] of partitionDays(rowsByDay)) {
      found[partition] = [...(found[partition] ?? []), day].sort((left, right) => left - right);
    }
    t.same(found, wanted);
    t.end();
  });
}

t.test('whatever the days, they are all in one of a few partitions, and none of those is empty', t => {
  const seed = testSeed();
  t.comment(`seed ${seed}`);
  const random = new Random(seed);
  for (let round = 0; round < 2_000; round++) {
    const rowsByDay = new Map<number, number>();
    const dayMax = 1 + random.integer(random.pick([3, 10, 100, 84_000]));
    for (let count = 1 + random.integer(30); count > 0; count--) {
      rowsByDay.set(random.integer(dayMax), 1 + random.integer(random.pick([2, 1_000])));
    }
    const partitions = partitionDays(rowsByDay);
    const numbers = [...new Set(partitions.values())].sort((left, right) => left - right);
    const isRight =
      partitions.size === rowsByDay.size &&
      numbers.length <= FLUSH_PARTITIONS_MAX &&
      numbers.every((number, at) => number === at);
    if (!isRight) t.fail(`round ${round} of seed ${seed}: ${[...rowsByDay]} gives ${[...partitions]}`);
  }
  t.pass();
  t.end();
});

t.test('rows are counted by day in any order', t => {
  const rowsByDay = new Map([[3, 1]]);
  const times = [0, DAY_MS - 1, DAY_MS, 5 * DAY_MS + 7, 2, 3 * DAY_MS, 3 * DAY_MS - 1];
  countDays(Float64Array.from(times), rowsByDay);
  countDays(new Float64Array(), rowsByDay);
  t.same(
    new Map([...rowsByDay].sort()),
    new Map([
      [0, 3],
      [1, 1],
      [2, 1],
      [3, 2],
      [5, 1],
    ]),
  );
  t.end();
});
