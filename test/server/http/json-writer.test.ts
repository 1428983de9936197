import t from 'tap';
import { numberText } from '../../../server/http/json.js';
import { JsonWriter } from '../../../server/http/json-writer.js';
import { Random, testSeed } from '../../support/random.js';

function written(write: (writer: JsonWriter) => void): string {
  const writer = new JsonWriter();
  write(writer);
  return Buffer.from(writer.finish()).toString();
}

const numbers = (...values: number[]) => written(writer => writer.numbers(Float64Array.from(values)));

t.test('numbers, to the character', t => {
  const cases: [number, string][] = [
    [0, '0'],
    [-0, '-0'],
    [7, '7'],
    [-7, '-7'],
    [0.5, '0.5'],
    [-0.05, '-0.05'],
    [10.01, '10.01'],
    [99_999_999, '99999999'],
    [100_000_000, '100000000'],
    [100_000_000.25, '100000000.25'],
    [1_705_276_800_000, '1705276800000'],
    [999_999_999_999_999, '999999999999999'],
    [1e15, '1000000000000000'],
    [1e21, '1e+21'],
    [2 ** 53, '9007199254740992'],
    [0.000001, '0.000001'],
    [0.0000015, '0.0000015'],
    [1e-7, '1e-7'],
    [0.1 + 0.2, '0.30000000000000004'],
    [51.846000000000004, '51.846000000000004'],
    [0.9999999999, '0.9999999999'],
    [5e-324, '5e-324'],
    [-1.7976931348623157e308, '-1.7976931348623157e+308'],
    [Number.NaN, 'null'],
    [Infinity, 'null'],
    [-Infinity, 'null'],
  ];
  for (const [value, text] of cases) t.equal(numbers(value), `[${text}]`);
  t.equal(numbers(...cases.map(([value]) => value)), `[${cases.map(([, text]) => text)}]`);
  t.equal(numbers(), '[]');
  t.end();
});

t.test('any number is what JavaScript writes, and longest ones have room', t => {
  const seed = testSeed();
  t.comment(`seed ${seed}`);
  const random = new Random(seed);
  const decimal = () => {
    const whole = random.integer(10 ** random.integer(16));
    return (random.next() < 0.5 ? -whole : whole) / 10 ** random.integer(9);
  };
  const bits = () => new Float64Array(random.bytes(8).buffer)[0];
  const neighbour = () => decimal() * (1 + Number.EPSILON * (random.integer(5) - 2));
  const kinds = [decimal, bits, neighbour, () => -2.2250738585072014e-308];
  for (const kind of kinds) {
    const values = Array.from({ length: 50_000 }, kind);
    const texts = numbers(...values)
      .slice(1, -1)
      .split(',');
    t.equal(texts.length, values.length);
    t.equal(
      texts.find((text, index) => text !== numberText(values[index])),
      undefined,
    );
  }
  t.end();
});

t.test('choices and texts of all alphabets', t => {
  const values = Float64Array.of(1, Number.NaN, 0, 1);
  t.equal(
    written(writer => writer.choices(values, ['"é🌡"', 'true'])),
    '[true,null,"é🌡",true]',
  );
  t.equal(
    written(writer => writer.choices(new Float64Array(0), [])),
    '[]',
  );
  const long = '🌡é€a'.repeat(100_000);
  t.equal(
    written(writer => {
      writer.text('<');
      writer.text(long);
      writer.choices(Float64Array.of(0, 0), [long]);
    }),
    `<${long}[${long},${long}]`,
  );
  t.end();
});
