import t from 'tap';
import { chooseRows } from '../../../../engine/query/downsample/choose.js';
import { chooseTriangles } from '../../../../engine/query/downsample/triangles.js';
import { Progress } from '../../../../engine/query/progress.js';
import type { Downsample, Scalar } from '../../../../engine/query/request.js';
import type { ScanChunk, TimeRange } from '../../../../engine/storage.js';
import { type ChunkRow, chunksOf } from '../../../support/chunks.js';
import { naiveDownsample } from '../../../support/naive-downsample.js';
import { Random, testSeed } from '../../../support/random.js';
import { rowLines } from '../../../support/readings.js';

/** As lines that tell every bit of them. */
async function chosenLines(
  rows: readonly ChunkRow[],
  downsample: Downsample,
  range: TimeRange,
  lengthOf: () => number,
): Promise<string[]> {
  const lines: string[] = [];
  const asked = { ...range, sources: [1], order: 'asc', metadata: true } as const;
  for await (const chunk of chooseRows(chunksOf(rows, lengthOf), downsample, range, new Progress())) {
    lines.push(...rowLines(chunk, asked));
  }
  return lines;
}

async function allLines(rows: readonly ChunkRow[]): Promise<string[]> {
  const lines: string[] = [];
  const asked = { sources: [1], startTime: 0, endTime: Infinity, order: 'asc', metadata: true } as const;
  for await (const chunk of chunksOf(rows, () => 1_000)) lines.push(...rowLines(chunk, asked));
  return lines;
}

/** Such as `1 2 - 4`: one field, a row every 10 ms from 0 on, `-` for a row without a value. */
function rowsOf(text: string): ChunkRow[] {
  return text.split(' ').map((word, row) => ({
    time: row * 10,
    row,
    values: new Map(word === '-' ? [] : [['v', Number(word)]]),
  }));
}

t.test('which rows are chosen', async t => {
  const cases: [string, string, Downsample['method'], number, number[]][] = [
    ['first, last, least and greatest of a column', '3 9 1 5', 'm4', 4, [0, 1, 2, 3]],
    ['the same where they are the same', '1 2 3 4', 'm4', 4, [0, 3]],
    ['one row', '1', 'm4', 4, [0]],
    ['of each of two columns', '1 5 2 3 - 4 3 9 8 8', 'm4', 8, [0, 1, 3, 5, 6, 7, 9]],
    ['points that make no whole column', '1 5 2 3 4 3 9 8', 'm4', 7, [0, 6, 7]],
    ['one point is a column, too', '1 5 2 3', 'm4', 1, [0, 1, 3]],
    ['of equal extremes the first', '2 1 1 3 3 2', 'm4', 4, [0, 1, 3, 5]],
    ['zeros are equal', '2 0 -0 2', 'minmax', 2, [0, 1]],
    ['infinities are values', '1 Infinity -Infinity 2', 'm4', 4, [0, 1, 2, 3]],
    ['nothing else than infinities', 'Infinity Infinity Infinity', 'm4', 4, [0, 2]],
    ['rows without a value are none', '- 3 9 1 5 -', 'm4', 4, [1, 2, 3, 4]],
    ['a column of them: its first and last', '- - - - 1 2 3 4', 'm4', 8, [0, 3, 4, 7]],
    ['extremes alone', '3 9 1 5', 'minmax', 2, [1, 2]],
    ['of each of two columns', '3 9 1 5 7 6 2 8', 'minmax', 5, [1, 2, 6, 7]],
    ['one point is two', '3 9 1 5', 'minmax', 1, [1, 2]],
    ['as many as points: all', '5 1 4', 'lttb', 3, [0, 1, 2]],
    ['the largest triangle', '0 0 1 9 1 0 0', 'lttb', 3, [0, 3, 6]],
    ['in buckets as large as each other', '0 1 0 0 7 0 0 0', 'lttb', 4, [0, 3, 4, 7]],
    ['two points: the ends', '- 5 1 4 2 -', 'lttb', 2, [1, 4]],
    ['one point: the first', '- 5 1 4 2 -', 'lttb', 1, [1]],
    [
      'no area to compare: the first',
      '0 Infinity Infinity Infinity Infinity Infinity 3 4',
      'lttb',
      4,
      [0, 1, 4, 7],
    ],
    ['nothing to compare: as of columns', '- - - - - - - -', 'lttb', 4, [0, 3, 4, 7]],
  ];
  for (const [name, text, method, points, want] of cases) {
    const rows = rowsOf(text);
    const lines = await allLines(rows);
    const range = { startTime: 0, endTime: rows.length * 10 };
    const found = await chosenLines(rows, { method, points }, range, () => 3);
    t.same(
      found,
      want.map(row => lines[row]),
      `${method} ${points} of ${text}: ${name}`,
    );
  }
});

t.test('columns are those of the range asked for', async t => {
  const rows = rowsOf('1 2 3 4');
  const lines = await allLines(rows);
  const cases: [number, number, number[]][] = [
    [0, 40, [0, 1, 2, 3]],
    [0, 80, [0, 3]],
    [-20, 60, [0, 1, 2, 3]],
    [-40, 40, [0, 3]],
    [-10, 50, [0, 1, 2, 3]],
    [-10, 60, [0, 2, 3]],
  ];
  for (const [startTime, endTime, want] of cases) {
    const found = await chosenLines(rows, { method: 'm4', points: 8 }, { startTime, endTime }, () => 4);
    t.same(
      found,
      want.map(row => lines[row]),
      `${startTime} to ${endTime}`,
    );
  }
});

t.test('without rows there is nothing to choose', async t => {
  for (const method of ['m4', 'minmax', 'lttb'] as const) {
    t.same(await chosenLines([], { method, points: 10 }, { startTime: 0, endTime: 10 }, () => 1), []);
  }
});

const HARD_NUMBERS = [0, -0, 5e-324, 1.5e308, -1.5e308, Infinity, -Infinity, 2 ** 53];
const TEXTS = ['', 'on', 'off', 'défaut'];

/** Fields of all types with gaps and equal values, times with gaps and several rows each. */
function randomRows(random: Random, timeMax: number): ChunkRow[] {
  const fields = ['t', 'u', 'state', 'door'].filter(() => random.next() < 0.6);
  const presence = random.pick([0.05, 0.5, 1]);
  const levels = random.pick([2, 10, 10_000]);
  const scalarOf = (field: string): Scalar => {
    if (field === 'state') return random.pick(TEXTS);
    if (field === 'door') return random.next() < 0.5;
    return random.next() < 0.02 ? random.pick(HARD_NUMBERS) : random.integer(levels) / 7;
  };
  const times = Array.from({ length: random.integer(random.pick([3, 40, 600])) }, () =>
    random.next() < 0.7 ? random.integer(timeMax) : random.integer(1 + timeMax / 10),
  ).sort((left, right) => left - right);
  return times.map((time, row) => ({
    time,
    row,
    values: new Map(
      fields
        .filter(() => random.next() < presence)
        .map((field): [string, Scalar] => [field, scalarOf(field)]),
    ),
    ...(random.next() < 0.3 && { metadata: random.pick(['{}', '{"site":"a"}']) }),
  }));
}

t.test('rows are those of the naive choice, however they are cut into chunks', async t => {
  const seed = testSeed();
  t.comment(`seed ${seed}`);
  const random = new Random(seed);
  let chosen = 0;
  let left = 0;
  for (let round = 0; round < 1_500; round++) {
    const timeMax = random.pick([5, 300, 100_000, 10 ** 9]);
    const rows = randomRows(random, timeMax);
    const downsample = {
      method: random.pick(['m4', 'minmax', 'lttb'] as const),
      points: random.pick([1, 2, 3, 4, 7, 20, 100, 1 + random.integer(1_000)]),
    };
    const isTight = random.next() < 0.5;
    const range = { startTime: isTight ? 0 : -random.integer(timeMax), endTime: timeMax };
    const lines = await allLines(rows);
    const wanted = naiveDownsample(rows, downsample, range).map(({ row }) => lines[row]);
    const lengthMax = random.pick([1, 5, 70, 1_024]);
    const found = await chosenLines(rows, downsample, range, () => 1 + random.integer(lengthMax));
    t.same(found, wanted, `round ${round}: ${JSON.stringify({ ...downsample, ...range, lengthMax })}`);
    chosen += wanted.length;
    left += rows.length - wanted.length;
  }
  t.ok(chosen > 3_000 && left > 3_000, `${chosen} rows chosen, ${left} not`);
});

t.test('largest triangles of more values than may be held are refused', async t => {
  const rows = rowsOf('1 2 3 4 5 6 7 8 9 10');
  const range = { startTime: 0, endTime: 100 };
  const choose = (valuesMax: number) =>
    chooseTriangles(
      chunksOf(rows, () => 3),
      4,
      range,
      1,
      new Progress(),
      valuesMax,
    ).next();
  // A time, a row number and a value each.
  t.equal((await choose(30)).value?.timestamps.length, 4);
  await t.rejects(choose(29), { code: 'PICTURE_TOO_LARGE' });
});

t.test('memory of a choice by columns does not grow with the rows of one', async t => {
  const rows = Float64Array.from({ length: 1_000 }, (_, row) => row);
  const chunk: ScanChunk = {
    source: 1,
    timestamps: new Float64Array(1_000).fill(5),
    rows,
    fields: [{ name: 'v', type: 'number', values: rows }],
  };
  const held = () => process.memoryUsage().arrayBuffers;
  const before = held();
  let heldMax = 0;
  async function* again() {
    for (let count = 0; count < 10_000; count++) {
      yield chunk;
      if (count % 100 === 0) heldMax = Math.max(heldMax, held() - before);
    }
  }
  const range = { startTime: 0, endTime: 10 };
  let chosen = 0;
  for await (const { timestamps } of chooseRows(
    again(),
    { method: 'm4', points: 8 },
    range,
    new Progress(),
  )) {
    chosen += timestamps.length;
  }
  t.equal(chosen, 3);
  // All rows would be 240 MB.
  t.ok(heldMax < 60e6, `${heldMax} bytes`);
});
