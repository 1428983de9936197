import t from 'tap';
import { formatTimestamp, parseQueryTime, parseTimestamp } from '../../../server/schemas/timestamp.js';
import { Random, testSeed } from '../../support/random.js';

const at = (text: string) => new Date(text).getTime();
const LAST = Date.UTC(2200, 0, 1) - 1;

t.test('what is a timestamp', async t => {
  const cases: [unknown, number | string][] = [
    ['2024-01-15T10:30:00Z', at('2024-01-15T10:30:00Z')],
    ['2024-01-15T10:30:00z', at('2024-01-15T10:30:00Z')],
    ['2024-01-15t10:30:00Z', at('2024-01-15T10:30:00Z')],
    ['2024-01-15T10:30:00', at('2024-01-15T10:30:00Z')],
    ['2024-01-15T10:30', at('2024-01-15T10:30:00Z')],
    ['2024-01-15T10:30Z', at('2024-01-15T10:30:00Z')],
    ['2024-01-15', at('2024-01-15T00:00:00Z')],
    ['2024-01-15T10:30:00.2Z', at('2024-01-15T10:30:00.200Z')],
    ['2024-01-15T10:30:00.25Z', at('2024-01-15T10:30:00.250Z')],
    ['2024-01-15T10:30:00.001Z', at('2024-01-15T10:30:00.001Z')],
    ['2024-01-15T10:30:00.0019Z', at('2024-01-15T10:30:00.001Z')],
    ['2024-01-15T10:30:00.999999999Z', at('2024-01-15T10:30:00.999Z')],
    ['2024-01-15T10:30:00.0009999999Z', 'form'],
    ['2024-01-15T10:30:00.Z', 'form'],
    ['2024-01-15T10:30:00+02:00', at('2024-01-15T08:30:00Z')],
    ['2024-01-15T10:30:00-05:30', at('2024-01-15T16:00:00Z')],
    ['2024-01-15T10:30:00.5+00:00', at('2024-01-15T10:30:00.500Z')],
    ['2024-01-15T00:30:00+23:59', at('2024-01-14T00:31:00Z')],
    ['2024-01-15T10:30:00+24:00', 'form'],
    ['2024-01-15T10:30:00+02:60', 'form'],
    ['2024-01-15T10:30:00+0200', 'form'],
    ['2024-01-15T10:30:00+02', 'form'],
    ['2024-01-15Z', 'form'],
    ['2024-02-29', at('2024-02-29T00:00:00Z')],
    ['2000-02-29', at('2000-02-29T00:00:00Z')],
    ['2023-02-29', 'form'],
    ['2100-02-29', 'form'],
    ['2024-02-30', 'form'],
    ['2024-04-31', 'form'],
    ['2024-00-10', 'form'],
    ['2024-13-01', 'form'],
    ['2024-01-00', 'form'],
    ['2024-01-32', 'form'],
    ['2024-01-15T24:00:00Z', 'form'],
    ['2024-01-15T23:60:00Z', 'form'],
    ['2024-01-15T23:59:60Z', 'form'],
    ['2024-1-5', 'form'],
    ['2024-01-15 10:30:00', 'form'],
    [' 2024-01-15', 'form'],
    ['2024-01-15\n', 'form'],
    ['٢٠٢٤-01-15', 'form'],
    ['', 'form'],
    ['now', 'form'],
    ['1705314600000', 'form'],
    ['1970-01-01T00:00:00Z', 0],
    ['1969-12-31T23:59:59.999Z', 'range'],
    ['1970-01-01T00:00:00+00:01', 'range'],
    ['1969-12-31T23:59:00-00:01', 0],
    ['2199-12-31T23:59:59.999Z', LAST],
    ['2199-12-31T23:59:59.999999Z', LAST],
    ['2200-01-01T00:00:00Z', 'range'],
    ['2199-12-31T23:59:59-00:01', 'range'],
    ['0070-01-01T00:00:00Z', 'range'],
    ['9999-12-31T23:59:59Z', 'range'],
    [0, 0],
    [-0, 0],
    [1705314600000, 1705314600000],
    [LAST, LAST],
    [LAST + 1, 'range'],
    [-1, 'range'],
    [1e300, 'range'],
    [1.5, 'fraction'],
    [Number.POSITIVE_INFINITY, 'fraction'],
    [null, 'type'],
    [undefined, 'type'],
    [true, 'type'],
    [{}, 'type'],
    [['2024-01-15'], 'type'],
  ];
  for (const [input, want] of cases) t.equal(parseTimestamp(input), want, String(JSON.stringify(input)));
});

t.test('what a query may say besides', async t => {
  const now = at('2024-01-15T10:30:00Z');
  const cases: [unknown, number | string][] = [
    ['now', now],
    ['now-0s', now],
    ['now-30s', now - 30_000],
    ['now-15m', now - 900_000],
    ['now-6h', now - 6 * 3_600_000],
    ['now-7d', now - 7 * 86_400_000],
    ['now-2w', now - 14 * 86_400_000],
    ['now-999999999w', 0],
    ['now-', 'form'],
    ['now-7', 'form'],
    ['now-1.5h', 'form'],
    ['now+1h', 'form'],
    ['now - 1h', 'form'],
    ['NOW', 'form'],
    ['2024-01-15', at('2024-01-15T00:00:00Z')],
    [5, 5],
  ];
  for (const [input, want] of cases) t.equal(parseQueryTime(input, now), want, String(input));
});

t.test('how timestamps are answered', async t => {
  const cases: [number, string][] = [
    [0, '1970-01-01T00:00:00Z'],
    [at('2024-01-15T10:30:00Z'), '2024-01-15T10:30:00Z'],
    [at('2024-01-15T10:30:00.250Z'), '2024-01-15T10:30:00.250Z'],
    [at('2024-01-15T10:30:00.001Z'), '2024-01-15T10:30:00.001Z'],
    [LAST, '2199-12-31T23:59:59.999Z'],
    // The week that holds the epoch starts before it.
    [-3 * 86_400_000, '1969-12-29T00:00:00Z'],
  ];
  for (const [time, want] of cases) t.equal(formatTimestamp(time), want);
});

t.test('what is answered can be sent, and means the same', async t => {
  const seed = testSeed();
  t.comment(`DAKKIO_TEST_SEED=${seed}`);
  const random = new Random(seed);
  for (let run = 0; run < 5_000; run++) {
    const time = Math.floor(random.next() * (LAST + 1));
    const text = formatTimestamp(time);
    if (parseTimestamp(text) !== time || at(text) !== time) t.fail(`${time} is answered as ${text}`);
  }
  t.pass();
});
