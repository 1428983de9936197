import t from 'tap';
import { decimalOf, FRACTION_DIGITS_MAX, LOW_DIGITS_MAX } from '../../../server/ingest/long-decimals.js';
import { Random, testSeed } from '../../support/random.js';

const HIGH_DIGITS = 15;

/** Digits without a point, as `decimalOf` takes them. */
function decimal(digits: string, fractionDigits: number): number {
  const lowDigits = digits.length - HIGH_DIGITS;
  return decimalOf(
    Number(digits.slice(0, HIGH_DIGITS)),
    Number(digits.slice(HIGH_DIGITS)),
    lowDigits,
    fractionDigits,
  );
}

function expected(digits: string, fractionDigits: number): number {
  return Number(`${digits}e-${fractionDigits}`);
}

t.test('a decimal is the nearest double, or it is in doubt', async t => {
  const seed = testSeed();
  t.comment(`DAKKIO_TEST_SEED=${seed}`);
  const random = new Random(seed);
  let doubtCount = 0;
  for (let run = 0; run < 200_000; run++) {
    const length = HIGH_DIGITS + 1 + random.integer(LOW_DIGITS_MAX);
    const digits = Array.from({ length }, () => random.integer(10)).join('');
    const fraction = random.integer(FRACTION_DIGITS_MAX + 1);
    const found = decimal(digits, fraction);
    if (Number.isNaN(found)) doubtCount++;
    else if (!Object.is(found, expected(digits, fraction))) t.fail(`${digits}e-${fraction}: ${found}`);
  }
  // Middles: whole numbers beyond 2^53, mostly.
  t.ok(doubtCount < 2_000, `${doubtCount} in doubt`);
});

t.test('what lies in the middle of two doubles, or next to it, is rounded right or is in doubt', async t => {
  const seed = testSeed();
  t.comment(`DAKKIO_TEST_SEED=${seed}`);
  const random = new Random(seed);
  let doubtCount = 0;
  for (let run = 0; run < 20_000; run++) {
    // Between 2^53 and 2^54 every other whole number is a double; with a fraction of zeros they are as long as we like.
    const odd = 2n ** 53n + 1n + 2n * BigInt(random.integer(2 ** 40));
    const fraction = random.integer(LOW_DIGITS_MAX);
    const digits = String(odd * 10n ** BigInt(fraction) + BigInt(fraction === 0 ? 0 : random.integer(3) - 1));
    const found = decimal(digits, fraction);
    if (Number.isNaN(found)) doubtCount++;
    else if (!Object.is(found, expected(digits, fraction))) t.fail(`${digits}e-${fraction}: ${found}`);
  }
  t.ok(doubtCount > 1_000 && doubtCount < 19_000, `${doubtCount} in doubt`);
});
