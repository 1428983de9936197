import * as fc from 'fast-check';
import t from 'tap';
import {
  type BlockColumn,
  decodeColumnBlock,
  decodeTimestampBlock,
  encodeColumnBlock,
  encodeTimestampBlock,
} from '../../../engine/codec/block.js';

const seed = Number(process.env.DAKKIO_TEST_SEED ?? Date.now() % 2 ** 31);
t.comment(`DAKKIO_TEST_SEED=${seed}`);
const options = (numRuns: number) => ({ seed, numRuns });

function bitsOf(values: ArrayLike<number>): string {
  const canonical = Float64Array.from(values);
  return Buffer.from(canonical.buffer).toString('hex');
}

/** Null where a row has nothing; a number, boolean (0, 1) or text. */
function textsOf(column: { values: Float64Array; dictionary?: readonly string[] }): (string | null)[] {
  return Array.from(column.values, value => (Number.isNaN(value) ? null : column.dictionary![value]));
}

function checkNumbers(values: Float64Array): void {
  const block = encodeColumnBlock({ type: 'number', values });
  const decoded = decodeColumnBlock(block, values.length, 'number');
  if (bitsOf(decoded.values) !== bitsOf(values)) throw new Error(`does not come back: ${Array.from(values)}`);
  const bound = values.length * 8 + Math.ceil(values.length / 8) + 16;
  if (block.length > bound) throw new Error(`grows to ${block.length} bytes, over ${bound}`);
}

const wholeNumber = fc.oneof(
  fc.nat(),
  fc.nat({ max: 3 }),
  fc.maxSafeNat(),
  fc.integer({ min: 1_700_000_000_000, max: 1_700_000_100_000 }),
  fc.constantFrom(0, 1, 2 ** 31, 2 ** 32, 2 ** 50, 2 ** 51, 2 ** 52, 2 ** 53 - 1),
);

t.test('whole numbers come back in any order', async () => {
  const columns = fc.oneof(
    fc.array(wholeNumber, { minLength: 1, maxLength: 300 }),
    fc
      .tuple(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 2_000 }))
      .map(([first, step, count]) => Array.from({ length: count }, (_, i) => first + i * step)),
    fc.array(fc.nat(100), { minLength: 1, maxLength: 300 }).map(gaps => {
      let time = 1_700_000_000_000;
      return gaps.map(gap => {
        time += gap * 1_000;
        return time;
      });
    }),
  );
  fc.assert(
    fc.property(columns, values => {
      const block = encodeTimestampBlock(Float64Array.from(values));
      return bitsOf(decodeTimestampBlock(block, values.length)) === bitsOf(values);
    }),
    options(600),
  );
});

const decimal = fc
  .tuple(fc.integer({ min: -1e9, max: 1e9 }), fc.nat(12))
  .map(([digits, exponent]) => digits / 10 ** exponent);
const noisyDecimal = fc.tuple(fc.nat(1e6), fc.nat(6)).map(([digits, exponent]) => digits * 10 ** -exponent);
const anyNumber = fc.oneof(
  decimal,
  noisyDecimal,
  fc.double({ noNaN: true }),
  fc.nat(20),
  fc.constantFrom(0, -0, Infinity, -Infinity, 5e-324, -5e-324, 2.2e-308, 2 ** 53 - 1, 2 ** 53, 2 ** 53 + 2),
  fc.constant(Number.NaN),
);
const numberColumn = fc.oneof(
  ...[decimal, noisyDecimal, anyNumber, fc.double({ noNaN: true })].map(value =>
    fc.array(value, { minLength: 1, maxLength: 300 }),
  ),
  // Runs, and walks of equal decimals.
  fc
    .array(fc.tuple(anyNumber, fc.integer({ min: 1, max: 60 })), { minLength: 1, maxLength: 30 })
    .map(runs => runs.flatMap(([value, length]) => new Array<number>(length).fill(value))),
  fc
    .tuple(fc.nat(6), fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 500 }))
    .map(([exponent, steps]) => {
      let digits = 10_000;
      return steps.map(step => {
        digits += step;
        return digits / 10 ** exponent;
      });
    }),
);

t.test('numbers come back bit by bit, and never grow', async () => {
  fc.assert(
    fc.property(numberColumn, values => checkNumbers(Float64Array.from(values))),
    options(1_500),
  );
});

t.test('numbers of every single kind come back alone and in company', async () => {
  const odd = [
    0,
    -0,
    1,
    0.1,
    0.3,
    1e300,
    1e-300,
    5e-324,
    -5e-324,
    2.2250738585072014e-308,
    Infinity,
    -Infinity,
  ];
  odd.push(
    2 ** 53,
    2 ** 53 - 1,
    -(2 ** 53),
    2 ** 53 + 2,
    Number.MAX_VALUE,
    Number.NaN,
    1 / 3,
    51.846000000000004,
  );
  for (const value of odd) {
    checkNumbers(Float64Array.of(value));
    checkNumbers(Float64Array.of(value, 21.5));
    checkNumbers(Float64Array.from({ length: 1_024 }, (_, i) => (i % 50 === 7 ? value : i / 10)));
  }
});

t.test('sizes that are spread as far as they can be do not make a block grow', async t => {
  for (const rows of [48, 49, 64, 100, 300, 1_024]) {
    for (const step of [1, 3, 7, 11]) {
      checkNumbers(Float64Array.from({ length: rows }, (_, row) => 2 ** ((row * step) % 50)));
      checkNumbers(Float64Array.from({ length: rows }, (_, row) => -(2 ** ((row * step) % 50)) / 8));
      checkNumbers(Float64Array.from({ length: rows }, (_, row) => 10 ** (((row * step) % 600) - 300)));
    }
    t.pass(`${rows} rows`);
  }
});

t.test('booleans come back', async () => {
  const columns = fc.array(
    fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(0, 1) },
      { weight: 1, arbitrary: fc.constant(Number.NaN) },
    ),
    { minLength: 1, maxLength: 400 },
  );
  fc.assert(
    fc.property(columns, values => {
      const block = encodeColumnBlock({ type: 'boolean', values: Float64Array.from(values) });
      return bitsOf(decodeColumnBlock(block, values.length, 'boolean').values) === bitsOf(values);
    }),
    options(300),
  );
});

t.test('strings come back, with the texts used in order of first use', async () => {
  const columns = fc
    .array(fc.string({ unit: 'grapheme', maxLength: 30 }), { minLength: 1, maxLength: 40 })
    .chain(dictionary =>
      fc
        .array(fc.option(fc.nat(dictionary.length - 1), { nil: Number.NaN }), {
          minLength: 1,
          maxLength: 300,
        })
        .map((values): BlockColumn => ({ type: 'string', values: Float64Array.from(values), dictionary })),
    );
  fc.assert(
    fc.property(columns, column => {
      const decoded = decodeColumnBlock(encodeColumnBlock(column), column.values.length, 'string');
      const used = [...new Set(column.values)].filter(index => !Number.isNaN(index));
      return (
        JSON.stringify(textsOf(decoded)) === JSON.stringify(textsOf(column)) &&
        JSON.stringify(decoded.dictionary) === JSON.stringify(used.map(index => column.dictionary![index]))
      );
    }),
    options(400),
  );
});

t.test('columns of 100,000 rows come back', async t => {
  const rows = 100_000;
  const shapes: Record<string, (row: number) => number> = {
    decimals: row => ((row * 7_919) % 5_003) / 100,
    noisy: row => ((row * 7_919) % 50_021) * 0.001,
    doubles: row => Math.sin(row),
    repeated: row => Math.sin(row % 1_000),
    runs: row => Math.sin(Math.floor(row / 50)),
    sparse: row => (row % 3 === 0 ? row / 4 : Number.NaN),
  };
  for (const [name, value] of Object.entries(shapes)) {
    checkNumbers(Float64Array.from({ length: rows }, (_, row) => value(row)));
    t.pass(name);
  }
  const flags = Float64Array.from({ length: rows }, (_, row) => ((row * row) % 7 < 3 ? 1 : 0));
  const booleans = encodeColumnBlock({ type: 'boolean', values: flags });
  t.equal(bitsOf(decodeColumnBlock(booleans, rows, 'boolean').values), bitsOf(flags));
  const dictionary = Array.from({ length: 5_000 }, (_, index) => `text ${index}`);
  const values = Float64Array.from({ length: rows }, (_, row) => (row * 7_919) % 5_000);
  const strings = decodeColumnBlock(
    encodeColumnBlock({ type: 'string', values, dictionary }),
    rows,
    'string',
  );
  t.strictSame(textsOf(strings), textsOf({ values, dictionary }));
});
