import t from 'tap';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../engine/base/time.js';
import { type AutomaticSource, automaticInterval } from '../../../engine/query/automatic.js';
import { formatGroupBy, groupEdges } from '../../../engine/query/calendar.js';
import { Random, testSeed } from '../../support/random.js';

/** A Monday, and the first of a month. */
const START = Date.UTC(2024, 0, 1);
const YEAR_MS = 365 * DAY_MS;

/** Points from START on, evenly over a time that ends just after the last of them. */
function sourceOf(rowCount: number, durationMs: number, start = START): AutomaticSource {
  return { rowCount, firstTime: start, lastTime: start + durationMs - 1, downsampling: true };
}

const EMPTY: AutomaticSource = {
  rowCount: 0,
  firstTime: undefined,
  lastTime: undefined,
  downsampling: false,
};

function intervalOf(sources: AutomaticSource[], startTime = START, endTime = START + 100 * YEAR_MS) {
  const interval = automaticInterval(sources, { startTime, endTime });
  return interval && formatGroupBy(interval);
}

t.test('the ladder: the finest interval of at most 500 groups', async t => {
  const cases: [number, string][] = [
    [500 * SECOND_MS, 'second'],
    [500 * SECOND_MS + 1, '2s'],
    [1_000 * SECOND_MS, '2s'],
    [1_000 * SECOND_MS + 1, '5s'],
    [2_500 * SECOND_MS + 1, '10s'],
    [5_000 * SECOND_MS + 1, '15s'],
    [7_500 * SECOND_MS + 1, '30s'],
    [15_000 * SECOND_MS + 1, 'minute'],
    [500 * MINUTE_MS + 1, '2m'],
    [1_000 * MINUTE_MS + 1, '5m'],
    [2_500 * MINUTE_MS + 1, '10m'],
    [5_000 * MINUTE_MS + 1, '15m'],
    [7_500 * MINUTE_MS + 1, '20m'],
    [10_000 * MINUTE_MS + 1, '30m'],
    [15_000 * MINUTE_MS + 1, 'hour'],
    [500 * HOUR_MS + 1, '2h'],
    [1_000 * HOUR_MS + 1, '3h'],
    [1_500 * HOUR_MS + 1, '6h'],
    [3_000 * HOUR_MS + 1, '12h'],
    [6_000 * HOUR_MS + 1, 'day'],
    [500 * DAY_MS + 1, '2d'],
    [1_000 * DAY_MS + 1, 'week'],
    [3_500 * DAY_MS, 'week'],
    [3_500 * DAY_MS + 1, 'month'],
    [60 * YEAR_MS, 'month'],
  ];
  for (const [durationMs, want] of cases) {
    t.equal(intervalOf([sourceOf(10_000_000, durationMs)]), want, `${durationMs} ms`);
  }
});

t.test('more than 500 points are expected, or the rows stay as they are', async t => {
  const hour = (rowCount: number) => sourceOf(rowCount, HOUR_MS);
  const cases: [string, AutomaticSource[], number, number, string | undefined][] = [
    ['500 points', [hour(500)], START, Infinity, undefined],
    ['501 points', [hour(501)], START, Infinity, '10s'],
    ['one point', [hour(1)], START, Infinity, undefined],
    ['none', [EMPTY], START, Infinity, undefined],
    ['no source', [], START, Infinity, undefined],
    ['500 at one time', [sourceOf(500, 1)], START, Infinity, undefined],
    ['501 at one time', [sourceOf(501, 1)], START, Infinity, 'second'],
    ['a range of less', [hour(3_601)], START, START + 499 * SECOND_MS, undefined],
    ['a range of more', [hour(3_601)], START, START + 501 * SECOND_MS, '2s'],
    ['a range before it', [hour(3_601)], START - DAY_MS, START, undefined],
    ['a range after it', [hour(3_601)], START + HOUR_MS, Infinity, undefined],
    ['an empty range', [hour(3_601)], START + 5, START + 5, undefined],
    ['a range far beyond it', [hour(100)], 0, START + 50 * YEAR_MS, undefined],
    ['groups only where it has points', [hour(3_601)], 0, START + 50 * YEAR_MS, '10s'],
  ];
  for (const [name, sources, startTime, endTime, want] of cases) {
    t.equal(intervalOf(sources, startTime, endTime), want, name);
  }
});

t.test('days of a time zone, of 23 and 25 hours too', async t => {
  // In New York 500 days from the first of January 2024 on begin at 05:00Z and end at 04:00Z.
  const start = START + 5 * HOUR_MS;
  for (const [days, want] of [
    [500, 'day'],
    [501, '2d'],
  ] as const) {
    const source = sourceOf(100_000, days * DAY_MS - HOUR_MS, start);
    const interval = automaticInterval([source], { startTime: 0, endTime: Infinity }, 'America/New_York');
    t.equal(interval?.timezone, 'America/New_York');
    t.equal(interval && formatGroupBy(interval), want, `${days} days`);
  }
});

t.test('several sources: one decision', async t => {
  const busy = sourceOf(3_601, HOUR_MS);
  const long = sourceOf(30, 30 * DAY_MS);
  const off = { ...long, downsampling: false };
  const later = sourceOf(3_601, HOUR_MS, START + 40 * DAY_MS);
  const cases: [string, AutomaticSource[], string | undefined][] = [
    ['one of many points is enough', [sourceOf(5, HOUR_MS), busy], '10s'],
    ['the longest decides how fine', [busy, long], '2h'],
    ['none of many points', [long, sourceOf(500, HOUR_MS)], undefined],
    ['each has its own 500', [busy, later], '10s'],
    ['one that has it off', [busy, off], undefined],
    ['all off', [{ ...busy, downsampling: false }], undefined],
    ['one that has it off, and nothing else', [busy, EMPTY], '10s'],
  ];
  for (const [name, sources, want] of cases) t.equal(intervalOf(sources), want, name);
  t.equal(intervalOf([busy, off], START, START + HOUR_MS), undefined);
  t.equal(
    intervalOf([busy, { ...off, firstTime: START + DAY_MS }], START, START + HOUR_MS),
    '10s',
    'one that has it off, and no points in the range',
  );
});

t.test('never more than 500 groups, nor fewer than the next finer interval would give', async t => {
  const seed = testSeed();
  t.comment(`seed ${seed}`);
  const random = new Random(seed);
  const ladder = '1s 2s 5s 10s 15s 30s 1m 2m 5m 10m 15m 20m 30m 1h 2h 3h 6h 12h 1d 2d 1w 1mo'.split(' ');
  const name = { s: 'second', m: 'minute', h: 'hour', d: 'day', w: 'week', mo: 'month' } as const;
  const groupCount = (first: number, last: number, text: string) => {
    const [, count, unit] = /^(\d+)(\w+)$/.exec(text) as unknown as [string, string, keyof typeof name];
    const edges = groupEdges({ unit: name[unit], count: Number(count) }, 0);
    let groups = 0;
    for (let start = edges.startOf(first); start <= last && groups <= 500; start = edges.endOf(start))
      groups++;
    return groups;
  };
  for (let round = 0; round < 500; round++) {
    const firstTime = random.integer(30 * YEAR_MS);
    const lastTime = firstTime + Math.floor(10 ** (4 + random.next() * 8.1));
    const source = { rowCount: 1e9, firstTime, lastTime, downsampling: true };
    const actual = automaticInterval([source], { startTime: 0, endTime: Infinity });
    const want = ladder.find(text => groupCount(firstTime, lastTime, text) <= 500) ?? '1mo';
    const named =
      want.startsWith('1') && want.length <= 3 ? name[want.slice(1) as keyof typeof name] : undefined;
    t.equal(actual && formatGroupBy(actual), named ?? want, `${firstTime} to ${lastTime}`);
  }
});
