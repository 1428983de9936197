/** What a segment's rollups say is what its rows say, figure by figure and bit by bit. */
import t, { type Test } from 'tap';
import type { Column, FieldType } from '../../../engine/batch.js';
import {
  ALL_FIGURES,
  FIRST,
  type FigureSet,
  type Figures,
  LAST,
  MAX,
  MIN,
  SUM,
} from '../../../engine/rollup/figures.js';
import { LEVEL_WIDTHS_MS } from '../../../engine/rollup/levels.js';
import { DecodedCache } from '../../../engine/segment/cache.js';
import type { Directory, Level } from '../../../engine/segment/directory.js';
import { SegmentReader } from '../../../engine/segment/reader.js';
import { verifySegment } from '../../../engine/segment/verify.js';
import { writeSegment } from '../../../engine/segment/writer.js';
import { exactSum } from '../../support/exact-sum.js';
import { FakeDisk } from '../../support/fake-disk.js';
import { Random, testSeed } from '../../support/random.js';
import { type Rows, segmentSource } from '../../support/segment-source.js';

const PATH = '/data/1.segment';
const TEXTS = ['', 'on', 'off', 'défaut 🌡', 'b'.repeat(200)];

const seed = testSeed();
t.comment(`seed ${seed}`);

type MakeValue = (random: Random, row: number) => number;

const MAKERS: Record<string, [type: FieldType, make: MakeValue]> = {
  integers: ['number', (random, row) => (row % 97) - random.integer(20)],
  decimals: ['number', random => Math.round(random.next() * 10_000) / 100],
  doubles: ['number', random => random.next() * 1e-7],
  long: ['number', random => 51.846000000000004 + random.integer(3)],
  zeros: ['number', random => random.pick([0, -0])],
  negative: ['number', random => -random.integer(3)],
  huge: ['number', random => random.pick([1e300, -1.5e308, 2 ** 53, 2 ** 53 - 1, 5e-324])],
  infinite: ['number', random => (random.next() < 0.999 ? 1 : random.pick([Infinity, -Infinity]))],
  constant: ['number', () => 230],
  doors: ['boolean', random => random.integer(2)],
  states: ['string', random => random.integer(TEXTS.length)],
};

/** Rows about `step` apart, with some of one time, some gaps, and columns that have values everywhere, or hardly. */
function randomRows(random: Random, count: number, step: number, names: readonly string[]): Rows {
  const timestamps = new Float64Array(count);
  let time = random.integer(4e12);
  for (let row = 0; row < count; row++) {
    timestamps[row] = time;
    const kind = random.next();
    if (kind < 0.0002) time += random.integer(step * 2_000);
    else if (kind > 0.2) time += Math.round(step * (0.5 + random.next()));
  }
  const rows = rowNumbers(random, timestamps);
  const columns = names.map((name): Column => {
    const [type, make] = MAKERS[name];
    const share = random.pick([1, 1, 0.999, 0.5, 0.001, 0]);
    const from = random.next() < 0.3 ? random.integer(count) : 0;
    const values = Float64Array.from({ length: count }, (_, row) =>
      row < from || (share < 1 && random.next() >= share) ? Number.NaN : make(random, row),
    );
    return { name, type, values, ...(type === 'string' && { dictionary: TEXTS }) };
  });
  columns.push({ name: '', type: 'string', values: new Float64Array(count), dictionary: ['{}'] });
  return { timestamps, rows, columns };
}

/** In order of arrival; sometimes some rows come after all others, whatever their times. */
function rowNumbers(random: Random, timestamps: Float64Array): Float64Array {
  const count = timestamps.length;
  const lateShare = random.pick([0, 0, 0.01, 0.5]);
  const isLate = Array.from({ length: count }, () => random.next() < lateShare);
  let inTime = 0;
  let late = isLate.filter(row => !row).length;
  const rows = Float64Array.from(isLate, row => (row ? late++ : inTime++));
  // Rows of one time are in order of arrival.
  for (let from = 0, to = 1; from < count; from = to++) {
    while (to < count && timestamps[to] === timestamps[from]) to++;
    rows.subarray(from, to).sort();
  }
  return rows;
}

async function written(rows: Rows): Promise<FakeDisk> {
  const disk = new FakeDisk();
  await disk.makeDirectory('/data');
  await writeSegment(disk, PATH, [segmentSource(7, rows)], 1);
  return disk;
}

/** Positions of the rows of each window that has some, by its start. */
function naiveWindows({ timestamps }: Rows, widthMs: number): Map<number, number[]> {
  const windows = new Map<number, number[]>();
  for (const [row, time] of timestamps.entries()) {
    const start = time - (time % widthMs);
    const members = windows.get(start);
    if (members === undefined) windows.set(start, [row]);
    else members.push(row);
  }
  return windows;
}

function naiveLevels(rows: Rows): number[] {
  const kept: number[] = [];
  let finer = Infinity;
  for (const width of LEVEL_WIDTHS_MS) {
    const count = naiveWindows(rows, width).size;
    if (rows.timestamps.length / count < 256 || finer < 64 || finer / count < 2) continue;
    kept.push(width);
    finer = count;
  }
  return rows.timestamps.length > 1_024 ? kept : [];
}

/** Figures of a column in one window, told from its rows one by one. */
function naiveFigures(
  { timestamps }: Rows,
  { type, values, dictionary }: Column,
  members: readonly number[],
) {
  const present = members.filter(row => !Number.isNaN(values[row]));
  const numbers = present.map(row => values[row]);
  if (present.length === 0) return undefined;
  const meant = (number: number) => (dictionary === undefined ? number : dictionary[number]);
  const ends = { first: meant(numbers[0]), last: meant(numbers[numbers.length - 1]) };
  const counts = {
    count: present.length,
    firstTime: timestamps[present[0]],
    lastTime: timestamps[present[present.length - 1]],
  };
  if (type !== 'number') return { ...counts, ...ends };
  const extreme = (isBeyond: (one: number, other: number) => boolean) =>
    numbers.reduce((best, number) => (isBeyond(number, best) ? number : best));
  return {
    ...counts,
    ...ends,
    min: extreme((one, other) => one < other),
    max: extreme((one, other) => one > other),
    sum: exactSum(numbers),
    magnitude: numbers.reduce((sum, number) => sum + Math.abs(number), 0),
  };
}

const NAMES: readonly [FigureSet, 'sum' | 'min' | 'max' | 'first' | 'last'][] = [
  [SUM, 'sum'],
  [MIN, 'min'],
  [MAX, 'max'],
  [FIRST, 'first'],
  [LAST, 'last'],
];

/** The first difference between the figures of a chunk and those of its rows. */
function differenceOf(
  rows: Rows,
  column: Column,
  figures: Figures,
  windows: readonly (readonly number[])[],
  wanted: FigureSet,
): string | undefined {
  const isFull = windows.every(members => members.every(row => !Number.isNaN(column.values[row])));
  if (isFull !== (figures.count === undefined)) return `count is ${isFull ? 'there' : 'missing'}`;
  for (const [index, members] of windows.entries()) {
    const want = naiveFigures(rows, column, members);
    const is = (name: string, actual: unknown, expected: unknown) =>
      Object.is(actual, expected) ? undefined : `${name} of window ${index}: ${actual}, not ${expected}`;
    const found = [
      figures.count && is('count', figures.count[index], want?.count ?? 0),
      figures.firstTimes && is('firstTime', figures.firstTimes[index], want?.firstTime ?? Number.NaN),
      figures.lastTimes && is('lastTime', figures.lastTimes[index], want?.lastTime ?? Number.NaN),
    ];
    for (const [bit, name] of NAMES) {
      const isHad = (wanted & bit) !== 0 && (column.type === 'number' || bit === FIRST || bit === LAST);
      const values = figures[name];
      if (!isHad) continue;
      if (values === undefined) return `${name} is missing`;
      const value = figures.dictionary === undefined ? values[index] : figures.dictionary[values[index]];
      if (want === undefined) found.push(is(name, values[index], Number.NaN));
      else if (name === 'sum')
        found.push(sumDifference(values[index], want as { sum: number; magnitude: number }));
      else found.push(is(name, value, (want as Record<string, unknown>)[name]));
    }
    const difference = found.find(text => text !== undefined);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

/** A compensated sum is off by a rounding, and by the squares of roundings. */
function sumDifference(
  actual: number,
  { sum, magnitude }: { sum: number; magnitude: number },
): string | undefined {
  // Which infinity comes of finite numbers that overflow on the way depends on the order.
  if (!Number.isFinite(magnitude) && !Number.isFinite(actual)) return undefined;
  const isNear = Math.abs(actual - sum) <= Math.abs(sum) * 2 ** -52 + magnitude * 2 ** -90;
  return Object.is(actual, sum) || isNear ? undefined : `sum ${actual}, not ${sum}`;
}

function checkLevel(
  t: Test,
  segment: SegmentReader,
  directory: Directory,
  rows: Rows,
  level: number,
  random: Random,
): void {
  const { widthMs, windowCount, chunks }: Level = directory.levels[level];
  const naive = [...naiveWindows(rows, widthMs)];
  t.equal(windowCount, naive.length);
  let at = 0;
  for (const [chunk, { firstStart, lastStart, windowCount }] of chunks.entries()) {
    const part = naive.slice(at, at + windowCount);
    at += windowCount;
    const windows = segment.windows(0, directory, level, chunk);
    const { timestamps } = rows;
    t.same(
      [...windows.starts],
      part.map(([start]) => start),
    );
    t.same([windows.starts[0], windows.starts[windowCount - 1]], [firstStart, lastStart]);
    t.same(
      [...windows.rowCounts],
      part.map(([, members]) => members.length),
    );
    t.same(
      [...windows.firstTimes],
      part.map(([, members]) => timestamps[members[0]]),
    );
    t.same(
      [...windows.lastTimes],
      part.map(([, members]) => timestamps[members[members.length - 1]]),
    );
    for (const [index, column] of rows.columns.entries()) {
      if (column.name === '') {
        t.equal(chunks[chunk].figures[index].length, 0, 'metadata has no rollups');
        continue;
      }
      for (const wanted of [random.integer(ALL_FIGURES + 1), random.integer(ALL_FIGURES + 1), ALL_FIGURES]) {
        const figures = segment.figures(0, directory, level, chunk, index, wanted);
        const members = part.map(([, members]) => members);
        const difference = differenceOf(rows, column, figures, members, wanted);
        if (difference !== undefined)
          t.fail(`${column.name} ${widthMs} ms chunk ${chunk} of ${wanted}: ${difference}`);
      }
    }
  }
  t.equal(at, naive.length);
}

t.test('rollups of any rows are those of a naive count', async t => {
  const random = new Random(seed);
  const seen = new Set<number>();
  // One round a level at least, by how far apart its rows are.
  for (const [round, step] of [2, 20, 120, 1_200, 7_200, 43_000, 170_000, 40, 700].entries()) {
    const count = round < 2 ? 40_000 : 1_025 + random.integer(20_000);
    const rows = randomRows(random, count, step, Object.keys(MAKERS));
    const disk = await written(rows);
    t.same(verifySegment(disk, PATH).damages, []);
    const segment = new SegmentReader(disk, PATH, round % 2 === 0 ? new DecodedCache(1e7) : undefined);
    const directory = segment.directory(0);
    t.same(
      directory.levels.map(({ widthMs }) => widthMs),
      naiveLevels(rows),
      'levels',
    );
    for (let level = 0; level < directory.levels.length; level++) {
      seen.add(directory.levels[level].widthMs);
      checkLevel(t, segment, directory, rows, level, random);
    }
    segment.release();
  }
  t.same(
    [...seen].sort((left, right) => left - right),
    LEVEL_WIDTHS_MS,
    'every level was there',
  );
});

t.test('many windows lie in chunks, and coarser ones in chunks of their own', async t => {
  const random = new Random(seed);
  const rows = randomRows(random, 600_000, 3, ['integers', 'states']);
  const segment = new SegmentReader(await written(rows), PATH);
  const directory = segment.directory(0);
  t.ok(directory.levels[0].chunks.length >= 2, `${directory.levels[0].windowCount} windows`);
  t.ok(directory.leaves.length >= 2, `${directory.leaves.length} leaves`);
  for (let level = 0; level < directory.levels.length; level++)
    checkLevel(t, segment, directory, rows, level, random);
  segment.release();
});
