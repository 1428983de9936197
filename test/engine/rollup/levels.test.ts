import t from 'tap';
import { chooseLevels, LEVEL_WIDTHS_MS, WindowCounter } from '../../../engine/rollup/levels.js';

t.test('each width divides the next', t => {
  for (let code = 1; code < LEVEL_WIDTHS_MS.length; code++)
    t.equal(LEVEL_WIDTHS_MS[code] % LEVEL_WIDTHS_MS[code - 1], 0);
  t.end();
});

t.test('levels are chosen by rows a window', t => {
  const f = (rowCount: number, windowCounts: readonly number[], want: readonly number[]) =>
    t.same(chooseLevels(rowCount, windowCounts), want, `${rowCount} rows in ${windowCounts}`);
  // One block has its summary.
  f(1_024, [4, 1, 1, 1, 1, 1, 1], []);
  f(1_025, [4, 1, 1, 1, 1, 1, 1], [0]);
  // 256 rows a window, and not one less.
  f(2_560, [10, 10, 10, 10, 10, 10, 10], [0]);
  f(2_559, [10, 10, 10, 10, 10, 10, 9], [6]);
  f(2_000, [2_000, 2_000, 2_000, 2_000, 2_000, 2_000, 2_000], []);
  // The cpu work: 10 s for a day.
  f(8_640, [8_640, 8_640, 1_440, 144, 24, 4, 1], [4]);
  // The sensor work: 1 s for 30 days.
  f(2_592_000, [2_592_000, 259_200, 43_200, 4_320, 720, 120, 30], [3, 4, 5, 6]);
  // Coarser levels fold 64 windows of a finer one at least …
  f(100_000, [63, 32, 16, 8, 4, 2, 1], [0]);
  f(100_000, [64, 32, 16, 8, 4, 2, 1], [0, 1]);
  // … and halve them: of what is left out, the finer one is the measure of the next.
  f(100_000, [200, 101, 100, 60, 20, 20, 20], [0, 2, 4]);
  f(1_000_000, [900, 451, 450, 226, 225, 10, 1], [0, 2, 4, 5]);
  t.end();
});

t.test('windows of all levels are counted, in whatever chunks the rows come', t => {
  const day = LEVEL_WIDTHS_MS[6];
  const times = [0, 0, 999, 1_000, 59_999, 60_000, day - 1, day, day, 3 * day + 5_000];
  for (const size of [1, 3, times.length]) {
    const counter = new WindowCounter();
    for (let at = 0; at < times.length; at += size)
      counter.add(Float64Array.from(times.slice(at, at + size)));
    t.same(
      [...counter.counts],
      LEVEL_WIDTHS_MS.map(width => new Set(times.map(time => Math.floor(time / width))).size),
    );
  }
  t.end();
});
