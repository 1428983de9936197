import * as fc from 'fast-check';
import t from 'tap';
import { ByteReader, ByteWriter } from '../../../engine/base/bytes.js';
import { codecNameOf, decodeColumnBlock, encodeColumnBlock } from '../../../engine/codec/block.js';
import { planXor, readXor, writeXor } from '../../../engine/codec/xor.js';
import { Random, testSeed } from '../../support/random.js';

const seed = testSeed();
t.comment(`DAKKIO_TEST_SEED=${seed}`);

function pack(values: Float64Array): Uint8Array {
  const writer = new ByteWriter();
  writeXor(writer, values, values.length);
  return writer.finish();
}

/** Bit by bit, in as many bytes as planned, with nothing left over. */
function comesBack(values: Float64Array): boolean {
  const packed = pack(values);
  const reader = new ByteReader(packed);
  const decoded = new Float64Array(values.length);
  readXor(reader, decoded, values.length);
  return (
    packed.length === planXor(values, values.length).bytes &&
    reader.remaining === 0 &&
    Buffer.from(values.buffer).equals(Buffer.from(decoded.buffer))
  );
}

const edges = [0, -0, 5e-324, -5e-324, 2.2250738585072014e-308, Infinity, -Infinity, Number.MAX_VALUE];
edges.push(2 ** 53 - 1, 2 ** 53, 2 ** 53 + 2, -(2 ** 53) + 1, 1, -1, 0.1, 1 / 3);

t.test('every number comes back alone and after every other', async t => {
  for (const value of edges) t.ok(comesBack(Float64Array.of(value)), `${value}`);
  t.ok(comesBack(Float64Array.from(edges.flatMap(one => edges.flatMap(other => [one, other])))), 'pairs');
});

t.test('every window comes back, opened, used again and left', async t => {
  const halves = new Uint32Array(8);
  const values = new Float64Array(halves.buffer);
  let all = true;
  for (let lowest = 0; lowest < 63; lowest++) {
    for (let highest = lowest; highest < 64; highest++) {
      halves.fill(0);
      for (const bit of [lowest, highest]) halves[2 + (bit >>> 5)] |= 1 << (bit & 31);
      // The same window once more, then a bit that may be worth a window of its own. No pattern here is NaN.
      halves[6 + (lowest >>> 5)] |= 1 << (lowest & 31);
      all &&= comesBack(values.slice());
    }
  }
  t.ok(all);
});

const anyDouble = fc.double({ noNaN: true });
const column = fc.oneof(
  fc.array(fc.oneof(anyDouble, fc.constantFrom(...edges)), { minLength: 1, maxLength: 200 }),
  // Neighbours that share their upper bits, or all of them.
  fc
    .tuple(anyDouble, fc.array(fc.tuple(fc.nat(40), fc.nat()), { minLength: 1, maxLength: 300 }))
    .map(([first, steps]) => {
      const values = new Float64Array(steps.length).fill(Number.isFinite(first) ? first : 1);
      const halves = new Uint32Array(values.buffer);
      steps.forEach(([width, bits], i) => {
        halves[2 * i] ^= width > 32 ? 0 : bits % 2 ** width;
      });
      return Array.from(values);
    }),
);

t.test('columns come back bit by bit', async () => {
  fc.assert(
    fc.property(column, values => comesBack(Float64Array.from(values))),
    { seed, numRuns: 1_500 },
  );
});

/** The same columns each time: two rows of noise may otherwise be equal, and a constant. */
const random = new Random(1);
const unit = 2 ** -51;
let held = Math.E;
const suitable: Record<string, (row: number) => number> = {
  'noise in the last bits': () => Math.PI + random.integer(512) * unit,
  'noise in the last bits, held at times': row => {
    if (row % 3 !== 2) held = Math.E + random.integer(2_048) * unit;
    return held;
  },
};

for (const [name, value] of Object.entries(suitable)) {
  for (const rows of [2, 64, 1_024, 100_000]) {
    t.test(`${name}, ${rows} rows: chosen, and back`, async t => {
      // Few distinct values are a dictionary: long columns walk on.
      const values = Float64Array.from(
        { length: rows },
        (_, row) => value(row) + Math.floor(row / 200) * 3_001 * unit,
      );
      const block = encodeColumnBlock({ type: 'number', values });
      t.equal(codecNameOf(block), 'xor');
      const decoded = decodeColumnBlock(block, rows, 'number').values;
      t.ok(Buffer.from(values.buffer).equals(Buffer.from(decoded.buffer)));
    });
  }
}

const refused: [string, number, number[], RegExp][] = [
  [
    'a window that is wider than a number',
    2,
    [10, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff],
    /wider than a number/,
  ],
  ['a window used again before there is one', 2, [9, 0, 0, 0, 0, 0, 0, 0, 0, 0b01], /before there is one/],
  ['fewer numbers than rows', 10, [9, 0, 0, 0, 0, 0, 0, 0, 0, 0], /end early/],
  ['more bytes than numbers', 2, [10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], /early, or late/],
  ['a first number cut short', 1, [7, 0, 0, 0, 0, 0, 0, 0], /end early/],
  ['a length past the end', 1, [9, 0, 0, 0, 0, 0, 0, 0, 0], /past the end/],
];

for (const [name, rows, bytes, message] of refused) {
  t.test(`${name}: refused`, async t => {
    const reader = new ByteReader(Uint8Array.from(bytes));
    t.throws(() => readXor(reader, new Float64Array(rows), rows), { code: 'BYTES', message });
  });
}
