import t from 'tap';
import { codecNameOf, decodeColumnBlock, encodeColumnBlock } from '../../../engine/codec/block.js';
import { BlockGuide } from '../../../engine/codec/guide.js';
import { Random, testSeed } from '../../support/random.js';
import { samples } from './samples.js';

type Column = (random: Random, row: number) => number;

/** What a field may send, and turn into from one block to the next. */
const COLUMNS: Record<string, Column> = {
  constant: () => 7,
  'small integers': random => random.integer(5),
  'integers, some zero with a sign': random => (random.integer(300) === 0 ? -0 : random.integer(9) - 4),
  decimals: random => (random.integer(20_000) - 10_000) / 100,
  'decimals with gaps': random => (random.integer(5) === 0 ? Number.NaN : random.integer(900) / 10),
  'decimals beyond 2^26': random => (2 ** 26 - 50 + random.integer(100)) / 100,
  'decimals far beyond': random => random.integer(2 ** 31) * 2 ** 15 + 0.5,
  'one outlier in many': random => (random.integer(400) === 0 ? 123_456.75 : random.integer(100) / 4),
  counter: (_, row) => row * 3,
  'multiples of 50': random => random.integer(100) * 50,
  steps: (_, row) => Math.floor(row / 40) / 10,
  'steps of doubles': (_, row) => Math.sin(Math.floor(row / 40)),
  'few doubles': random => [0.1, 1 / 3, 7e20, -2.5e-7][random.integer(4)],
  doubles: random => random.next(),
  'low bits': random => Math.PI + random.integer(512) * 2 ** -51,
  infinities: random => [Infinity, -Infinity, 1, 2.5][random.integer(4)],
  averages: random => (random.integer(1_000) + random.integer(1_000) + random.integer(1_000)) / 30,
};

t.test('guided blocks come back bit by bit, whatever the column turns into', t => {
  const seed = testSeed();
  t.comment(`DAKKIO_TEST_SEED=${seed}`);
  const random = new Random(seed);
  const names = Object.keys(COLUMNS);
  const guide = new BlockGuide();
  for (let round = 0; round < 400; round++) {
    const name = random.pick(names);
    for (let left = 1 + random.integer(8); left > 0; left--) {
      const rows = random.integer(4) === 0 ? 1 + random.integer(60) : 1_024;
      const values = Float64Array.from({ length: rows }, (_, row) => COLUMNS[name](random, row));
      const block = encodeColumnBlock({ type: 'number', values }, guide);
      const { values: found } = decodeColumnBlock(block, rows, 'number');
      const isSame = found.every((value, row) => Object.is(value, values[row]));
      if (!isSame) t.fail(`round ${round}: ${rows} rows of ${name}`);
    }
  }
  t.end();
});

t.test('a column that stays as it is takes what searching each block would, nearly', t => {
  const random = new Random(3);
  for (const [name, column] of Object.entries(COLUMNS)) {
    const guide = new BlockGuide();
    let guided = 0;
    let searched = 0;
    const codecs = new Set<string>();
    for (let block = 0; block < 40; block++) {
      const values = Float64Array.from({ length: 1_024 }, (_, row) => column(random, row));
      const bytes = encodeColumnBlock({ type: 'number', values }, guide);
      codecs.add(codecNameOf(bytes));
      guided += bytes.length;
      searched += encodeColumnBlock({ type: 'number', values }).length;
    }
    t.ok(
      guided <= searched * 1.005 + 40,
      `${name}: ${guided} bytes, ${searched} if searched (${[...codecs]})`,
    );
  }
  t.end();
});

t.test('another column shows at its first block', t => {
  const columns = samples().filter(({ type, values }) => type === 'number' && values.length >= 256);
  for (const { name, values: before } of columns) {
    for (const { name: next, values } of columns) {
      const guide = new BlockGuide();
      for (let block = 0; block < 9; block++) encodeColumnBlock({ type: 'number', values: before }, guide);
      const { length } = encodeColumnBlock({ type: 'number', values }, guide);
      const searched = encodeColumnBlock({ type: 'number', values }).length;
      // As long as blocks take about as much as before, nothing is looked for: an eighth, and a quarter of a bit a value.
      t.ok(
        length <= searched * 1.5 + values.length / 32,
        `${name}, then ${next}: ${length}, ${searched} if searched`,
      );
    }
  }
  t.end();
});
