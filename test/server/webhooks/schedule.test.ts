import t from 'tap';
import { nextAttemptAt, parseRetryAfter } from '../../../server/webhooks/schedule.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Times of all attempts since 0, where each takes a second. */
function attempts(random: () => number): number[] {
  const times: number[] = [];
  for (let now: number | undefined = 0; now !== undefined; ) {
    times.push(now);
    now = nextAttemptAt({ since: 0, attempts: times.length }, now + SECOND, random());
  }
  return times;
}

t.test('waits grow from seconds to hours, for a day', async t => {
  const times = attempts(() => 0.5);
  const waits = times.slice(1).map((time, index) => time - times[index] - SECOND);
  const first = [5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR];
  t.strictSame(waits.slice(0, 6), first);
  t.ok(waits.slice(6).every(wait => wait === 3 * HOUR));
  t.equal(times.length, 14);
  t.ok(times.at(-1)! <= 24 * HOUR && times.at(-1)! + 3 * HOUR > 24 * HOUR);
});

t.test('whatever the jitter, waits are within a fifth of their length, and the day is kept', async t => {
  for (const random of [() => 0, () => 1, Math.random]) {
    const times = attempts(random);
    t.ok(times.length >= 12 && times.length <= 18, `${times.length}`);
    t.ok(times.at(-1)! <= 24 * HOUR);
    t.ok(Math.abs(times[1] - 6 * SECOND) <= SECOND);
    t.ok(Math.abs(times[2] - times[1] - 31 * SECOND) <= 6 * SECOND);
  }
  t.equal(nextAttemptAt({ since: 0, attempts: 1 }, 0, 0), 4 * SECOND);
  t.equal(nextAttemptAt({ since: 0, attempts: 1 }, 0, 1), 6 * SECOND);
});

t.test('a receiver may ask for a longer wait, not for a shorter, nor for one without end', async t => {
  const at = (retryAfterMs: number | undefined, attempts = 1, now = 0) =>
    nextAttemptAt({ since: 0, attempts, retryAfterMs }, now, 0.5);
  t.equal(at(undefined), 5 * SECOND);
  t.equal(at(0), 5 * SECOND);
  t.equal(at(SECOND), 5 * SECOND);
  t.equal(at(7 * MINUTE), 7 * MINUTE);
  t.equal(at(7 * MINUTE, 5), 30 * MINUTE);
  t.equal(at(365 * 24 * HOUR), 6 * HOUR);
  t.equal(at(6 * HOUR, 1, 18 * HOUR), 24 * HOUR);
  t.equal(at(6 * HOUR, 1, 18 * HOUR + 1), undefined, 'and not beyond the day');
});

t.test('Retry-After: seconds or a date', async t => {
  const now = Date.UTC(1994, 10, 6, 8, 49, 37);
  const cases: [text: string, want: number | undefined][] = [
    ['0', 0],
    ['120', 120 * SECOND],
    ['Sun, 06 Nov 1994 08:49:47 GMT', 10 * SECOND],
    ['Sunday, 06-Nov-94 08:49:47 GMT', 10 * SECOND],
    ['Sun Nov  6 08:49:47 1994', 10 * SECOND],
    ['Sun, 06 Nov 1994 08:49:27 GMT', 0],
    ['', undefined],
    ['-1', undefined],
    ['1.5', undefined],
    ['1e3', undefined],
    ['soon', undefined],
    ['1994-11-06T08:49:47Z', undefined],
    ['Sun, 99 Nov 1994 08:49:47 GMT', undefined],
    ['9'.repeat(400), undefined],
  ];
  for (const [text, want] of cases) t.equal(parseRetryAfter(text, now), want, JSON.stringify(text));
});
