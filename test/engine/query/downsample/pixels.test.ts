/**
 * The picture of the rows that M4 chooses is the picture of all rows, to the pixel.
 *
 * Why it can be: a client draws a point at a whole pixel, and all points of one column of ours at the same column of
 * pixels. Lines between points of one column therefore only make it dark from its least to its greatest point, and
 * the line that joins these two, by whatever points between, covers all of that as well. Lines from column to column
 * run from the last point of one to the first of the next that has any, and both are there. Points that are chosen
 * for other fields lie between, and change nothing.
 */
import t from 'tap';
import { readNab } from '../../../../bench/nab.js';
import { type Series, sensorSeries } from '../../../../bench/workload.js';
import { chooseRows } from '../../../../engine/query/downsample/choose.js';
import { Progress } from '../../../../engine/query/progress.js';
import type { Downsample } from '../../../../engine/query/request.js';
import type { ScanChunk, TimeRange } from '../../../../engine/storage.js';
import { Random, testSeed } from '../../../support/random.js';

const WIDTHS = [250, 500, 1_000];
const HEIGHT = 200;

/** NaN where a row has no value. */
type Fields = ReadonlyMap<string, Float64Array>;

interface Rows {
  readonly timestamps: Float64Array;
  readonly fields: Fields;
}

/** As a scan gives them: in order of time, and those of one time in order of arrival. */
function inOrder({ timestamps, fields }: Series): Rows {
  const order = Array.from(timestamps.keys()).sort((left, right) => timestamps[left] - timestamps[right]);
  const sorted = (values: Float64Array) => Float64Array.from(order, row => values[row]);
  return {
    timestamps: sorted(timestamps),
    fields: new Map(Array.from(fields, ([name, values]) => [name, sorted(values)])),
  };
}

async function* scan({ timestamps, fields }: Rows): AsyncGenerator<ScanChunk> {
  const rows = Float64Array.from(timestamps.keys());
  for (let from = 0; from < timestamps.length; from += 1_000) {
    const part = (values: Float64Array) => values.subarray(from, from + 1_000);
    yield {
      source: 1,
      timestamps: part(timestamps),
      rows: part(rows),
      fields: Array.from(fields, ([name, values]) => ({ name, type: 'number', values: part(values) })),
    };
  }
}

async function chosenOf(rows: Rows, downsample: Downsample, range: TimeRange): Promise<Rows> {
  const timestamps: number[] = [];
  const fields = new Map(Array.from(rows.fields.keys(), name => [name, [] as number[]]));
  for await (const chunk of chooseRows(scan(rows), downsample, range, new Progress())) {
    timestamps.push(...chunk.timestamps);
    for (const { name, values } of chunk.fields) fields.get(name)?.push(...values);
  }
  return {
    timestamps: Float64Array.from(timestamps),
    fields: new Map(Array.from(fields, ([name, values]) => [name, Float64Array.from(values)])),
  };
}

/** What is drawn of one field on a canvas, scaled to the least and the greatest of all its values. */
interface Canvas extends TimeRange {
  readonly width: number;
  readonly least: number;
  readonly greatest: number;
}

/** A byte a pixel: the line through all points that have a value. */
function draw(timestamps: Float64Array, values: Float64Array, canvas: Canvas): Uint8Array {
  const { startTime, endTime, width, least, greatest } = canvas;
  const pixels = new Uint8Array(width * HEIGHT);
  let before: { x: number; y: number } | undefined;
  for (const [row, value] of values.entries()) {
    if (Number.isNaN(value)) continue;
    const x = Math.floor(((timestamps[row] - startTime) / (endTime - startTime)) * width);
    const share = greatest === least ? 0 : (value - least) / (greatest - least);
    const point = { x, y: Math.round(share * (HEIGHT - 1)) };
    drawLine(pixels, width, before ?? point, point);
    before = point;
  }
  return pixels;
}

/** Bresenham (1965), in all directions. */
function drawLine(
  pixels: Uint8Array,
  width: number,
  from: { x: number; y: number },
  to: { x: number; y: number },
): void {
  const distanceX = Math.abs(to.x - from.x);
  const distanceY = -Math.abs(to.y - from.y);
  let { x, y } = from;
  let error = distanceX + distanceY;
  for (;;) {
    pixels[y * width + x] = 1;
    if (x === to.x && y === to.y) return;
    const doubled = 2 * error;
    if (doubled >= distanceY) {
      error += distanceY;
      x += Math.sign(to.x - from.x);
    }
    if (doubled <= distanceX) {
      error += distanceX;
      y += Math.sign(to.y - from.y);
    }
  }
}

interface Comparison {
  readonly differing: number;
  readonly dark: number;
  readonly chosen: number;
}

async function compare(
  rows: Rows,
  range: TimeRange,
  width: number,
  downsample: Downsample,
): Promise<Comparison> {
  const chosen = await chosenOf(rows, downsample, range);
  let differing = 0;
  let dark = 0;
  for (const [name, values] of rows.fields) {
    const known = values.filter(value => !Number.isNaN(value));
    const least = known.reduce((least, value) => Math.min(least, value), Infinity);
    const greatest = known.reduce((greatest, value) => Math.max(greatest, value), -Infinity);
    const canvas = { ...range, width, least, greatest };
    const wanted = draw(rows.timestamps, values, canvas);
    const found = draw(chosen.timestamps, chosen.fields.get(name)!, canvas);
    for (const [pixel, isDark] of wanted.entries()) {
      dark += isDark;
      if (found[pixel] !== isDark) differing++;
    }
  }
  return { differing, dark, chosen: chosen.timestamps.length };
}

/** From the first point to just after the last. */
function wholeRange({ timestamps }: Rows): TimeRange {
  return { startTime: timestamps[0], endTime: timestamps[timestamps.length - 1] + 1 };
}

const m4 = (width: number): Downsample => ({ method: 'm4', points: 4 * width });

const nab = readNab('../shared/data/nab');

t.test('real columns', { skip: nab === undefined && '../shared/data/nab is not there' }, async t => {
  for (const width of WIDTHS) {
    let [points, chosenPoints, darkPixels, differingPixels] = [0, 0, 0, 0];
    for (const series of nab ?? []) {
      const rows = inOrder(series);
      const { differing, dark, chosen } = await compare(rows, wholeRange(rows), width, m4(width));
      t.equal(differing, 0, `${series.source}, ${width} columns`);
      points += rows.timestamps.length;
      chosenPoints += chosen;
      darkPixels += dark;
      differingPixels += differing;
    }
    t.ok(chosenPoints < points);
    const counts = `${chosenPoints} of ${points} points, ${darkPixels} dark pixels, ${differingPixels} differ`;
    t.comment(`${nab?.length} series at ${width} columns: ${counts}`);
  }
});

/** A walk with spikes, gaps in time, several points at one time, and rows without a value. */
function randomSeries(random: Random): Series {
  const rowCount = 1 + random.integer(random.pick([10, 2_000, 20_000]));
  const timestamps = new Float64Array(rowCount);
  let time = random.integer(10 ** 12);
  for (let row = 0; row < rowCount; row++) {
    const chance = random.next();
    if (chance < 0.01) time += random.integer(10 ** 7);
    else if (chance > 0.1) time += random.integer(20_000);
    timestamps[row] = time;
  }
  const fields = Array.from({ length: 1 + random.integer(3) }, (_, field): [string, Float64Array] => {
    const presence = random.pick([1, 1, 0.7, 0.05]);
    const step = random.pick([0, 1, 100]);
    let level = 50;
    const values = timestamps.map(() => {
      level += (random.next() - 0.5) * step;
      if (random.next() > presence) return Number.NaN;
      return random.next() < 0.003 ? random.integer(10_000) - 5_000 : Math.round(level * 10) / 10;
    });
    return [`field ${field}`, values];
  });
  return { source: 'random', timestamps, fields: new Map(fields) };
}

t.test('made-up columns', async t => {
  const seed = testSeed();
  t.comment(`seed ${seed}`);
  const random = new Random(seed);
  for (let round = 0; round < 60; round++) {
    const rows = randomSeries(random);
    const { startTime, endTime } = wholeRange(rows);
    const margin = random.integer(endTime - startTime);
    const ranges = [
      { startTime, endTime },
      { startTime: startTime - random.integer(margin + 1), endTime: endTime + margin },
    ];
    const width = random.pick([1, 7, ...WIDTHS]);
    for (const range of ranges) {
      const { differing } = await compare(rows, range, width, m4(width));
      const { length } = rows.timestamps;
      t.equal(differing, 0, `round ${round}: ${length} rows, ${width} columns, ${JSON.stringify(range)}`);
    }
  }
});

t.test('this tells pictures apart: the same points chosen otherwise are seen', async t => {
  const series = sensorSeries(20_000);
  const range = wholeRange(series);
  for (const method of ['lttb', 'minmax'] as const) {
    const { differing } = await compare(series, range, 500, { method, points: 2_000 });
    t.ok(differing > 100, `${method}: ${differing} differing pixels`);
  }
  // A column too few, so that edges lie elsewhere.
  t.ok((await compare(series, range, 500, { method: 'm4', points: 4 * 499 })).differing > 100);
});
