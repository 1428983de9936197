import * as fc from 'fast-check';
import t from 'tap';
import { ByteReader, ByteWriter } from '../../../engine/base/bytes.js';
import { planIntegers } from '../../../engine/codec/integer-plan.js';
import { readIntegers, writeIntegers } from '../../../engine/codec/integers.js';
import { Random, testSeed } from '../../support/random.js';

const seed = testSeed();
t.comment(`DAKKIO_TEST_SEED=${seed}`);

function pack(values: Float64Array): Uint8Array {
  const writer = new ByteWriter();
  writeIntegers(writer, values, values.length, planIntegers(values, values.length));
  return writer.finish();
}

function comesBack(values: Float64Array): boolean {
  const reader = new ByteReader(pack(values));
  const decoded = new Float64Array(values.length);
  readIntegers(reader, decoded, values.length);
  return reader.remaining === 0 && values.every((value, i) => Object.is(value, decoded[i]));
}

const edges = [0, 1, 7, 8, 2 ** 31, 2 ** 32, 2 ** 48, 2 ** 49, 2 ** 50, 2 ** 51 - 1].flatMap(edge => [
  edge,
  edge + 1,
]);
const whole = fc.oneof(
  ...[3, 300, 2 ** 31 - 1].map(max => fc.integer({ min: -max, max })),
  fc.maxSafeInteger().map(value => Math.floor(value / 4)),
  fc.constantFrom(...edges, ...edges.map(edge => 0 - edge).filter(edge => edge !== 0)),
);

t.test('whole numbers of any size and sign come back, with nothing left over', async () => {
  fc.assert(
    fc.property(fc.array(whole, { minLength: 1, maxLength: 200 }), values =>
      comesBack(Float64Array.from(values)),
    ),
    { seed, numRuns: 1_500 },
  );
});

t.test('numbers of one size come back, whatever the size, and few large among many small', async t => {
  const random = new Random(seed);
  for (let width = 0; width <= 51; width++) {
    const wide = () => Math.floor(random.next() * 2 ** 26) * 2 ** Math.max(0, width - 26) + random.integer(4);
    for (const rows of [1, 2, 3, 47, 48, 49, 200, 1_024]) {
      const uniform = Float64Array.from({ length: rows }, () => wide() % 2 ** width);
      t.ok(comesBack(uniform), `${rows} of ${width} bits`);
      const mixed = uniform.map(value => (random.integer(20) === 0 ? value : value % 3));
      t.ok(comesBack(mixed), `${rows}, some of ${width} bits`);
      const scaled = uniform.map(value => (value % 2 ** 30) * 300_000);
      t.ok(comesBack(scaled), `${rows} of ${width} bits, scaled`);
    }
  }
});

t.test('columns of 100,000 come back', async t => {
  const random = new Random(seed);
  const rows = 100_000;
  let value = 0;
  const shapes: Record<string, () => number> = {
    uniform: () => random.integer(1_000_000),
    walk: () => {
      value += random.integer(200) - 100;
      return value;
    },
    'nearly always 0': () => (random.integer(1_000) === 0 ? random.integer(2 ** 31) : 0),
    'squares of noise': () => Math.floor(random.next() ** 4 * 2 ** 48),
  };
  for (const [name, next] of Object.entries(shapes))
    t.ok(comesBack(Float64Array.from({ length: rows }, next)), name);
});

const sizes: [string, number, (row: number) => number, number][] = [
  ['one number', 1, () => 1_700_000_000_000, 12],
  ['a regular step', 1_024, row => 1_700_000_000_000 + row * 10_000, 14],
  ['a regular step with three gaps', 1_024, row => row * 1_000 + Math.floor(row / 300) * 777_000, 24],
  [
    'whole seconds in milliseconds, in any order',
    1_024,
    row => ((row * 7_919) % 1_024) * 1_000,
    1_024 * 1.25 + 20,
  ],
  ['a rare one among zeros', 1_024, row => (row === 700 ? 1 : 0), 14],
  ['a few signs', 1_024, row => (row * row) % 3, 1_024 / 8 + 20],
];

for (const [name, rows, value, most] of sizes) {
  t.test(`${name}: at most ${Math.floor(most)} bytes`, async t => {
    const values = Float64Array.from({ length: rows }, (_, row) => value(row));
    t.ok(comesBack(values));
    const { length } = pack(values);
    t.ok(length <= most, `${length} bytes`);
  });
}
