import * as fc from 'fast-check';
import t from 'tap';
import { ByteReader, ByteWriter } from '../../../engine/base/bytes.js';
import { codecNameOf, decodeTimestampBlock, encodeTimestampBlock } from '../../../engine/codec/block.js';
import {
  planDeltaOfDelta,
  readDeltaOfDelta,
  writeDeltaOfDelta,
} from '../../../engine/codec/delta-of-delta.js';
import { testSeed } from '../../support/random.js';

const seed = testSeed();
t.comment(`DAKKIO_TEST_SEED=${seed}`);

function bitsOf(values: Float64Array): Buffer {
  return Buffer.from(values.buffer);
}

/** Bit by bit, in as many bits as planned. */
function comesBack(values: Float64Array, unit = 1): boolean {
  const writer = new ByteWriter();
  const plan = planDeltaOfDelta(values, values.length, unit);
  writeDeltaOfDelta(writer, values, values.length, plan);
  const reader = new ByteReader(writer.finish());
  const decoded = new Float64Array(values.length);
  readDeltaOfDelta(reader, decoded, values.length);
  const headBytes = writer.length - Math.ceil(plan.bits / 8);
  return (
    reader.remaining === 0 && headBytes >= 3 && headBytes <= 25 && bitsOf(values).equals(bitsOf(decoded))
  );
}

const LAST = 2 ** 53 - 1;
const time = fc.oneof(
  fc.nat(300),
  fc.nat(),
  fc.maxSafeNat(),
  fc.constantFrom(0, 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 52, LAST - 1, LAST),
);

t.test('whole numbers come back in any order', async () => {
  fc.assert(
    fc.property(fc.array(time, { minLength: 3, maxLength: 200 }), values =>
      comesBack(Float64Array.from(values)),
    ),
    { seed, numRuns: 1_000 },
  );
});

t.test('times a multiple of a unit apart come back', async () => {
  const columns = fc.tuple(
    fc.nat(),
    fc.integer({ min: 1, max: 86_400_000 }),
    fc.array(fc.nat(900), { minLength: 3 }),
  );
  fc.assert(
    fc.property(columns, ([first, unit, multiples]) =>
      comesBack(
        Float64Array.from(multiples, multiple => first + multiple * unit),
        unit,
      ),
    ),
    { seed, numRuns: 500 },
  );
});

t.test('changes about the edges of every width come back', async t => {
  for (let width = 0; width <= 50; width++) {
    for (const change of [2 ** width - 1, 2 ** width, 2 ** width + 1]) {
      const middle = 2 ** 52;
      const up = Float64Array.of(middle, middle + 7, middle + 14 + change, middle + 21 + 2 * change);
      t.ok(comesBack(up), `${change} more`);
      const down = Float64Array.of(middle, middle + 7, middle + 14 - change, middle + 21 - 2 * change);
      t.ok(comesBack(down), `${change} less`);
      // Many small changes set the width, and the large one has to do with it.
      const among = Float64Array.from(
        { length: 40 },
        (_, row) => row * 10 + (row % 3) + (row > 20 ? change : 0),
      );
      t.ok(comesBack(among), `${change} among small ones`);
    }
  }
});

const start = 1_700_000_000_000;
const suitable: [string, number, (row: number) => number][] = [
  ['a late one', 20, row => start + row * 10_000 + (row === 9 ? 3 : 0)],
  ['three of irregular steps', 3, row => start + row * 977 + (row === 2 ? 20 : 0)],
  ['missing ones, in units', 12, row => start + 300_000 * (row + (row > 4 ? 1 : 0) + (row > 7 ? 40 : 0))],
  ['from one end to the other, once', 8, row => (row < 4 ? LAST - row : row)],
];

for (const [name, rows, value] of suitable) {
  t.test(`${name}: chosen, and back`, async t => {
    const values = Float64Array.from({ length: rows }, (_, row) => value(row));
    const block = encodeTimestampBlock(values);
    t.equal(codecNameOf(block), 'deltaOfDelta');
    t.ok(bitsOf(values).equals(bitsOf(decodeTimestampBlock(block, rows))));
  });
}

t.test('a regular step and one row stay integers', async t => {
  for (const rows of [1, 2, 3, 50, 1_024]) {
    const values = Float64Array.from({ length: rows }, (_, row) => start + row * 10_000);
    t.equal(codecNameOf(encodeTimestampBlock(values)), 'integers', `${rows} rows`);
  }
});

t.test('100,000 times come back', async t => {
  const values = Float64Array.from({ length: 100_000 }, (_, row) =>
    row % 9_973 === 0 ? LAST - row : start + row * 1_000 + ((row * 7_919) % 13),
  );
  t.ok(comesBack(values));
  t.ok(bitsOf(values).equals(bitsOf(decodeTimestampBlock(encodeTimestampBlock(values), values.length))));
});

const refused: [string, number, number[], RegExp][] = [
  ['no width', 3, [0, 1, 1, 0], /unknown head/],
  ['a width beyond what a field holds', 3, [24, 1, 1, 0], /unknown head/],
  ['two rows', 2, [7, 1, 1], /unknown head/],
  ['a unit of 0', 3, [0x87, 0, 1, 1, 0], /unit is 0/],
  ['fewer changes than rows', 20, [7, 1, 1, 0], /end early/],
  ['more bytes than changes', 3, [7, 1, 1, 0, 0], /early, or late/],
  ['no change at all', 3, [7, 1, 1], /end early/],
];

for (const [name, rows, bytes, message] of refused) {
  t.test(`${name}: refused`, async t => {
    const reader = new ByteReader(Uint8Array.from(bytes));
    t.throws(() => readDeltaOfDelta(reader, new Float64Array(rows), rows), { code: 'BYTES', message });
  });
}
