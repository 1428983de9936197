/** A cover reads each instant once, and no window of it straddles the edge of a group. */
import t from 'tap';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../engine/base/time.js';
import { BLOCKS, type Cover, coverOf } from '../../../engine/query/cover.js';
import { Random, testSeed } from '../../support/random.js';

const WIDTHS = [SECOND_MS, 10 * SECOND_MS, MINUTE_MS, 10 * MINUTE_MS, HOUR_MS, 6 * HOUR_MS, DAY_MS];

function textOf({ length, starts, ends, levels }: Cover, widths: readonly number[]): string[] {
  return Array.from({ length }, (_, at) => {
    const what = levels[at] === BLOCKS ? 'blocks' : `${widths[levels[at]] / MINUTE_MS}m`;
    return `${starts[at] / MINUTE_MS}..${ends[at] / MINUTE_MS} ${what}`;
  });
}

const minutes = (...values: number[]) => Float64Array.from(values, value => value * MINUTE_MS);

t.test('stretches of some covers', t => {
  const levels = [10 * MINUTE_MS, HOUR_MS];
  const cases: [name: string, edges: Float64Array, from: number, to: number, want: string[]][] = [
    ['hours are windows of an hour', minutes(0, 60, 120), -Infinity, Infinity, ['0..120 60m']],
    ['half hours are windows of ten minutes', minutes(0, 30, 60), -Infinity, Infinity, ['0..60 10m']],
    ['minutes are blocks', minutes(0, 1, 2), -Infinity, Infinity, ['0..2 blocks']],
    [
      'ragged ends of the range are finer windows and blocks',
      minutes(0, 60, 120, 180, 240),
      35 * MINUTE_MS,
      200 * MINUTE_MS,
      ['35..40 blocks', '40..60 10m', '60..180 60m', '180..200 10m'],
    ],
    [
      'ragged groups are windows but for their ends',
      minutes(0, 87, 174),
      -Infinity,
      Infinity,
      ['0..80 10m', '80..90 blocks', '90..170 10m', '170..174 blocks'],
    ],
    [
      'long ragged groups have hours within',
      minutes(5, 605),
      -Infinity,
      Infinity,
      ['5..10 blocks', '10..60 10m', '60..600 60m', '600..605 blocks'],
    ],
  ];
  for (const [name, edges, from, to, want] of cases) {
    t.same(textOf(coverOf(edges, from, to, levels), levels), want, name);
  }
  t.same(
    textOf(coverOf(Float64Array.of(-Infinity, Infinity), -Infinity, Infinity, levels), levels),
    ['-Infinity..Infinity 60m'],
    'everything is windows of the coarsest level',
  );
  t.same(textOf(coverOf(minutes(0, 60), -Infinity, Infinity, []), []), ['0..60 blocks'], 'no levels');
  t.end();
});

t.test('any cover: no gap, nothing twice, no window across an edge', t => {
  const seed = testSeed();
  t.comment(`DAKKIO_TEST_SEED=${seed}`);
  const random = new Random(seed);
  for (let round = 0; round < 5_000; round++) {
    const widths = WIDTHS.filter(() => random.next() < 0.5);
    const step = random.pick(WIDTHS) * (1 + random.integer(7));
    const isRegular = random.next() < 0.5;
    let at = isRegular ? step * random.integer(1_000) : random.integer(1e9);
    const edges = [at];
    const groupCount = 1 + random.integer(20);
    for (let group = 0; group < groupCount; group++) {
      at += isRegular ? step : Math.max(1, Math.round(step * (0.9 + random.next() * 0.2)));
      edges.push(at);
    }
    const span = at - edges[0];
    const from = random.next() < 0.5 ? -Infinity : edges[0] + random.integer(span);
    const to = random.next() < 0.5 ? Infinity : edges[0] + random.integer(span);
    const cover = coverOf(Float64Array.from(edges), from, to, widths);
    check(cover, edges, Math.max(from, edges[0]), Math.min(to, at), widths);
  }
  t.pass('5,000 covers');
  t.end();
});

function check(
  cover: Cover,
  edges: readonly number[],
  from: number,
  to: number,
  widths: readonly number[],
): void {
  const fail = (what: string) => {
    throw new Error(`${what}: ${JSON.stringify({ edges, from, to, widths, cover })}`);
  };
  let reached = from;
  for (let at = 0; at < cover.length; at++) {
    const start = cover.starts[at];
    const end = cover.ends[at];
    if (start !== reached) fail(`begins at ${start}, not ${reached}`);
    if (!(start < end)) fail('is empty');
    reached = end;
    if (cover.levels[at] === BLOCKS) continue;
    const width = widths[cover.levels[at]];
    if (start % width !== 0 || end % width !== 0) fail(`is no whole number of windows of ${width}`);
    for (const edge of edges) if (edge > start && edge < end && edge % width !== 0) fail(`cuts at ${edge}`);
  }
  if (from < to && reached !== to) fail(`ends at ${reached}, not ${to}`);
}
