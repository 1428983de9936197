/** Windows: sums that are what they are on paper, and memory that has an end. */
import t from 'tap';
import { ExtremeWindow } from '../../../server/alerts/extreme-window.js';
import { WINDOW_PIECES_MAX } from '../../../server/alerts/pieces.js';
import { SumWindow } from '../../../server/alerts/sum-window.js';
import { exactSum } from '../../support/exact-sum.js';
import { Random, testSeed } from '../../support/random.js';

const seed = testSeed();
t.comment(`DAKKIO_TEST_SEED=${seed}`);

t.test('sums of decimals', t => {
  const ten = new SumWindow(1_000_000);
  for (let time = 0; time < 10; time++) ten.push(time, 0.1);
  t.equal(ten.sum, 1);
  t.equal(ten.sum / ten.count, 0.1);

  const random = new Random(seed);
  for (let round = 0; round < 200; round++) {
    const windowMs = 1 + random.integer(200);
    const window = new SumWindow(windowMs);
    const values: number[] = [];
    const times: number[] = [];
    let now = 0;
    const digits = random.integer(5);
    for (let point = 0; point < 300; point++) {
      now += random.integer(5);
      const value = (random.integer(2_000_001) - 1_000_000) / 10 ** digits;
      window.push(now, value);
      values.push(value);
      times.push(now);
      const first = times.findIndex(time => time > now - windowMs);
      const inside = values.slice(first);
      const want = exactSum(inside);
      const size = inside.reduce((sum, value) => sum + Math.abs(value), 0);
      // What is compensated is exact but for the last rounding, and for roundings of what was lost.
      const error = Math.abs(window.sum - want);
      if (window.count !== inside.length || error > Math.abs(want) * 2 ** -52 + size * 2 ** -90)
        throw new Error(`seed ${seed}, round ${round}: ${window.sum} for ${want}`);
    }
  }
  t.pass('200 windows');
  t.end();
});

t.test('an infinite value leaves nothing behind', t => {
  const window = new SumWindow(10);
  window.push(0, 1);
  window.push(1, Infinity);
  t.equal(window.sum, Infinity);
  window.push(2, -Infinity);
  t.ok(Number.isNaN(window.sum));
  window.push(11, 2);
  t.equal(window.sum, -Infinity);
  window.push(12, 3);
  t.equal(window.sum, 5);
  t.equal(window.count, 2);
  window.push(30, 4);
  t.equal(window.sum, 4);
  t.end();
});

t.test('a window of more points than are kept begins at most a 2,048th too early', t => {
  const random = new Random(seed ^ 2);
  for (const [windowMs, step] of [
    [100_000, 4],
    [86_400_000, 9_000],
    [60_000, 1],
  ]) {
    const slackMs = Math.ceil(windowMs / (WINDOW_PIECES_MAX / 2));
    const sums = new SumWindow(windowMs);
    const extremes = new ExtremeWindow(windowMs, 'min');
    const times: number[] = [];
    const values: number[] = [];
    const totals = [0];
    let now = 0;
    for (let point = 0; point < 60_000; point++) {
      // Bursts, so that many points have one time, and a silence in which all leave.
      now += random.integer(10) === 0 ? random.integer(10 * step) : random.integer(2) * random.integer(step);
      if (point === 40_000) now += 3 * windowMs;
      // Ascending, so that none undercuts those before it: the most that has to be kept for the least.
      const value = point + random.integer(3);
      sums.push(now, value);
      extremes.push(now, value);
      times.push(now);
      values.push(value);
      totals.push(totals[point] + value);
      if (point % 97 !== 0) continue;
      const exact = firstAfter(times, now - windowMs);
      const early = firstAfter(times, now - windowMs - slackMs);
      const where = `seed ${seed}, window of ${windowMs}, point ${point}`;
      if (sums.count < values.length - exact || sums.count > values.length - early)
        throw new Error(`${where}: ${sums.count}`);
      // Whole numbers: whichever points are in, it is their sum to the last bit.
      if (sums.sum !== totals[values.length] - totals[values.length - sums.count])
        throw new Error(`${where}: sum ${sums.sum}`);
      const least = (from: number) => Math.min(...values.slice(from, from + 3));
      if (extremes.extreme > least(exact) || extremes.extreme < least(early))
        throw new Error(`${where}: least ${extremes.extreme}`);
    }
  }
  t.pass('three windows');
  t.end();
});

function firstAfter(times: readonly number[], bound: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle] <= bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
