/** Marks of the time axis, from milliseconds to decades, in zones with daylight saving. */
import t from 'tap';
import { fittingTexts, stepFor, stepOn, tickTexts, tickTimes } from '../../../server/web/chart/ticks.js';
import { fromWall, toWall } from '../../../server/web/chart/zones.js';

/** @returns texts of the marks, lines joined by ` | ` */
function ticks(from: string, to: string, count: number, timezone = 'UTC'): string[] {
  const [start, end] = [Date.parse(from), Date.parse(to)];
  const step = stepFor(end - start, count);
  return tickTexts(tickTimes(start, end, step, timezone), step, timezone).map(text =>
    text.replace('\n', ' | '),
  );
}

t.test('marks are whole steps, and say what differs', t => {
  const cases: [string, string, number, string[]][] = [
    [
      '2024-01-01T00:00:00.1Z',
      '2024-01-01T00:00:00.3Z',
      2,
      ['00:00:00.100 | 1 Jan 2024', '00:00:00.200', '00:00:00.300'],
    ],
    [
      '2024-01-01T23:59:40Z',
      '2024-01-02T00:00:20Z',
      4,
      ['23:59:40 | 1 Jan 2024', '23:59:50', '00:00:00 | 2 Jan 2024', '00:00:10', '00:00:20'],
    ],
    ['2024-01-01T10:00Z', '2024-01-01T12:00Z', 4, ['10:00 | 1 Jan 2024', '10:30', '11:00', '11:30', '12:00']],
    ['2023-12-31T00:00Z', '2024-01-03T00:00Z', 3, ['31 Dec | 2023', '1 Jan | 2024', '2 Jan', '3 Jan']],
    ['2024-01-01T00:00Z', '2024-01-31T00:00Z', 5, ['1 Jan | 2024', '8 Jan', '15 Jan', '22 Jan', '29 Jan']],
    ['2023-11-15T00:00Z', '2024-03-15T00:00Z', 5, ['Dec | 2023', 'Jan | 2024', 'Feb', 'Mar']],
    ['1999-06-01T00:00Z', '2014-06-01T00:00Z', 4, ['2000', '2005', '2010']],
  ];
  for (const [from, to, count, want] of cases) {
    t.same(ticks(from, to, count), want);
  }
  t.end();
});

t.test('marks are midnights of the zone, before and after a change of its clock', t => {
  t.same(ticks('2024-03-30T00:00Z', '2024-04-02T00:00Z', 3, 'Europe/Berlin'), [
    '31 Mar | 2024',
    '1 Apr',
    '2 Apr',
  ]);
  const hours = ticks('2024-03-30T22:00Z', '2024-03-31T10:00Z', 4, 'Europe/Berlin');
  t.same(hours, ['00:00 | 31 Mar 2024', '03:00', '06:00', '09:00', '12:00']);
  t.same(ticks('2024-06-01T00:00Z', '2024-06-01T00:30Z', 2, 'Asia/Kathmandu'), [
    '05:45 | 1 Jun 2024',
    '06:00',
    '06:15',
  ]);
  t.end();
});

t.test('a zone there and back', t => {
  for (const zone of ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu']) {
    for (let time = Date.UTC(2024, 0, 1, 12); time < Date.UTC(2025, 0, 1); time += 7 * 86_400_000) {
      t.equal(fromWall(toWall(time, zone), zone), time, `${zone} ${time}`);
    }
  }
  t.end();
});

t.test('texts that there is no room for are left out, and what they had in common is said by the next', t => {
  const textsOf = (times: readonly number[]) =>
    times.map((time, index) => (index === 0 || time === 5 ? `${time}\nday` : `${time}`));
  const within = (least: number, greatest: number) =>
    fittingTexts([1, 2, 3, 4, 5], textsOf, (time, text) => {
      const half = text.includes('\n') ? 2 : 1;
      return time - half < least || time + half > greatest;
    });
  t.same(within(-1, 7), ['1\nday', '2', '3', '4', '5\nday']);
  t.same(within(0, 6), ['', '2\nday', '3', '4', '5']);
  t.same(within(0, 5), ['', '2\nday', '3', '4', '']);
  t.same(within(3, 3), ['', '', '', '', '']);
  t.end();
});

t.test('a narrow axis has room for more days than for clocks', t => {
  const day = 86_400_000;
  t.equal(stepOn(7 * day, 340).milliseconds, 2 * day);
  t.equal(stepOn(7 * day, 1_000).milliseconds, day);
  t.equal(stepOn(day, 340).milliseconds, day / 2, 'clocks are as far apart as before');
  t.end();
});
