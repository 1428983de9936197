import t from 'tap';
import { numberEnd, parseNumber } from '../../../server/ingest/numbers.js';
import { Random, testSeed } from '../../support/random.js';

const seed = testSeed();
t.comment(`seed ${seed}`);

/** A number of JSON of any length, most of them short. */
function anyNumber(random: Random): string {
  const digits = (count: number) => Array.from({ length: count }, () => random.integer(10)).join('');
  const whole =
    random.next() < 0.3 ? '0' : `${1 + random.integer(9)}${digits(random.integer(random.pick([4, 18, 25])))}`;
  const fraction = random.next() < 0.5 ? '' : `.${digits(1 + random.integer(random.pick([3, 16, 25])))}`;
  const power = `${random.pick(['e', 'E'])}${random.pick(['', '+', '-'])}${random.integer(random.pick([5, 330]))}`;
  return `${random.pick(['', '', '-'])}${whole}${fraction}${random.next() < 0.2 ? power : ''}`;
}

t.test('numbers come out as JSON.parse gives them, bit by bit, and end where they do', t => {
  const random = new Random(seed);
  const ends = [',', '}', ']', ' ', ''];
  let finite = 0;
  for (let round = 0; round < 200_000; round++) {
    const text = anyNumber(random);
    const value = parseNumber(Buffer.from(`xx${text}${random.pick(ends)}`), 2);
    const expected = Number(text);
    if (!Number.isFinite(expected)) {
      if (!Number.isNaN(value)) t.fail(text);
    } else if (!Object.is(value, expected) || numberEnd !== 2 + text.length) t.fail(`${text} as ${value}`);
    else finite++;
  }
  t.ok(finite > 100_000);
  t.end();
});

t.test('what is no number of JSON is none', t => {
  for (const text of [
    '',
    '-',
    '+1',
    '01',
    '-01',
    '1.',
    '.5',
    '1e',
    '1e+',
    '1.e3',
    '1e5.5',
    '1e999',
    'NaN',
    'x',
    '1234567890123456.',
  ]) {
    t.ok(Number.isNaN(parseNumber(Buffer.from(text), 0)), text);
  }
  t.end();
});
