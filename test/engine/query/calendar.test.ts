import t from 'tap';
import { DAY_MS, HOUR_MS } from '../../../engine/base/time.js';
import { TIMESTAMP_MAX } from '../../../engine/limits.js';
import { formatGroupBy, groupEdges, parseGroupBy } from '../../../engine/query/calendar.js';
import type { GroupUnit } from '../../../engine/query/groups.js';
import { groupStart, nextGroupStart } from '../../support/group-start.js';
import { Random, testSeed } from '../../support/random.js';

const UNITS: readonly GroupUnit[] = ['second', 'minute', 'hour', 'day', 'week', 'month', 'year'];

t.test('texts of groups', t => {
  const cases: [string, GroupUnit, number, string][] = [
    ['second', 'second', 1, 'second'],
    ['minute', 'minute', 1, 'minute'],
    ['hour', 'hour', 1, 'hour'],
    ['day', 'day', 1, 'day'],
    ['week', 'week', 1, 'week'],
    ['month', 'month', 1, 'month'],
    ['year', 'year', 1, 'year'],
    ['1s', 'second', 1, 'second'],
    ['1m', 'minute', 1, 'minute'],
    ['1mo', 'month', 1, 'month'],
    ['1y', 'year', 1, 'year'],
    ['30s', 'second', 30, '30s'],
    ['15m', 'minute', 15, '15m'],
    ['12h', 'hour', 12, '12h'],
    ['2d', 'day', 2, '2d'],
    ['2w', 'week', 2, '2w'],
    ['2mo', 'month', 2, '2mo'],
    ['5y', 'year', 5, '5y'],
    ['10000s', 'second', 10_000, '10000s'],
    ['10000y', 'year', 10_000, '10000y'],
  ];
  for (const [text, unit, count, formatted] of cases) {
    t.strictSame(parseGroupBy(text), { unit, count }, text);
    t.equal(formatGroupBy({ unit, count }), formatted);
  }
  t.end();
});

t.test('other texts are none', t => {
  const texts = [
    '',
    ' ',
    'all',
    'none',
    'days',
    'Day',
    'minute ',
    ' 15m',
    '15m ',
    '15 m',
    '15M',
    '15min',
    'm',
  ];
  const counts = [
    '0m',
    '-1m',
    '+1m',
    '1.5h',
    '1e3s',
    '10001s',
    '99999d',
    '100000s',
    '٣m',
    '0x1h',
    '15',
    '15mm',
  ];
  const names = ['constructor', 'toString', '__proto__', '1ms', '1month', '2mo\n', '1h30m'];
  for (const text of [...texts, ...counts, ...names]) {
    t.equal(parseGroupBy(text), undefined, JSON.stringify(text));
  }
  t.end();
});

t.test('edges of groups', t => {
  const cases: [string, string, string, string][] = [
    ['second', '2024-02-29T23:59:59.999Z', '2024-02-29T23:59:59Z', '2024-03-01T00:00:00Z'],
    ['15m', '2024-01-15T10:29:59.999Z', '2024-01-15T10:15:00Z', '2024-01-15T10:30:00Z'],
    ['15m', '2024-01-15T10:30:00Z', '2024-01-15T10:30:00Z', '2024-01-15T10:45:00Z'],
    ['hour', '1970-01-01T00:00:00Z', '1970-01-01T00:00:00Z', '1970-01-01T01:00:00Z'],
    ['7m', '1970-01-01T00:08:00Z', '1970-01-01T00:07:00Z', '1970-01-01T00:14:00Z'],
    ['day', '2024-02-29T12:00:00Z', '2024-02-29T00:00:00Z', '2024-03-01T00:00:00Z'],
    ['2d', '1970-01-04T01:00:00Z', '1970-01-03T00:00:00Z', '1970-01-05T00:00:00Z'],
    ['week', '1970-01-01T00:00:00Z', '1969-12-29T00:00:00Z', '1970-01-05T00:00:00Z'],
    ['week', '2024-01-07T23:59:59.999Z', '2024-01-01T00:00:00Z', '2024-01-08T00:00:00Z'],
    ['week', '2024-01-08T00:00:00Z', '2024-01-08T00:00:00Z', '2024-01-15T00:00:00Z'],
    ['2w', '1970-01-05T00:00:00Z', '1969-12-29T00:00:00Z', '1970-01-12T00:00:00Z'],
    ['2w', '1970-01-12T00:00:00Z', '1970-01-12T00:00:00Z', '1970-01-26T00:00:00Z'],
    ['month', '2024-02-29T23:59:59.999Z', '2024-02-01T00:00:00Z', '2024-03-01T00:00:00Z'],
    ['month', '2023-12-31T23:59:59.999Z', '2023-12-01T00:00:00Z', '2024-01-01T00:00:00Z'],
    ['2mo', '1970-03-01T00:00:00Z', '1970-03-01T00:00:00Z', '1970-05-01T00:00:00Z'],
    ['5mo', '1971-01-31T00:00:00Z', '1970-11-01T00:00:00Z', '1971-04-01T00:00:00Z'],
    ['year', '2024-12-31T23:59:59.999Z', '2024-01-01T00:00:00Z', '2025-01-01T00:00:00Z'],
    ['year', '2199-12-31T23:59:59.999Z', '2199-01-01T00:00:00Z', '2200-01-01T00:00:00Z'],
    ['4y', '2024-06-01T00:00:00Z', '2022-01-01T00:00:00Z', '2026-01-01T00:00:00Z'],
    ['10000y', '2199-06-01T00:00:00Z', '1970-01-01T00:00:00Z', '+011970-01-01T00:00:00Z'],
  ];
  for (const [text, time, start, end] of cases) {
    const edges = groupEdges(parseGroupBy(text)!, 0);
    t.equal(edges.startOf(Date.parse(time)), Date.parse(start), `start of ${text} at ${time}`);
    t.equal(edges.endOf(Date.parse(start)), Date.parse(end), `end of ${text} at ${time}`);
  }
  t.end();
});

t.test('one group over all starts with the range and has all of it', t => {
  const { startOf, endOf } = groupEdges({ unit: 'all' }, 17);
  for (const time of [17, 18, TIMESTAMP_MAX]) t.equal(startOf(time), 17);
  t.ok(endOf(17) > TIMESTAMP_MAX);
  t.end();
});

t.test('slices of a range begin at the first millisecond of their pixel', t => {
  const cases: [number, number, number, number[]][] = [
    [0, 10, 5, [0, 2, 4, 6, 8]],
    [0, 10, 1, [0]],
    [0, 10, 3, [0, 4, 7]],
    [100, 103, 2, [100, 102]],
    // Of slices narrower than a millisecond many hold none.
    [100, 103, 7, [100, 101, 102]],
    [100, 101, 100_000, [100]],
  ];
  for (const [startTime, endTime, count, starts] of cases) {
    const edges = groupEdges({ unit: 'slices', startTime, endTime, count }, 0);
    const found = [startTime];
    for (let end = edges.endOf(startTime); end < endTime; end = edges.endOf(end)) found.push(end);
    t.same(found, starts, `${count} of ${startTime} to ${endTime}`);
    t.equal(edges.endOf(found[found.length - 1]), endTime);
  }
  t.end();
});

t.test('a slice holds the instants that a client draws at its pixel', t => {
  const seed = testSeed();
  t.comment(`seed ${seed}`);
  const random = new Random(seed);
  let wrong: string | undefined;
  for (let round = 0; round < 20_000; round++) {
    const startTime = random.integer(TIMESTAMP_MAX);
    const width = 1 + random.integer(random.pick([10, 5_000, DAY_MS, TIMESTAMP_MAX - startTime]));
    const count = random.pick([1, 3, 250, 1_000, 1 + random.integer(100_000)]);
    const spec = { unit: 'slices', startTime, endTime: startTime + width, count } as const;
    const pixelOf = (time: number) => Math.floor(((time - startTime) / (spec.endTime - startTime)) * count);
    const { startOf, endOf } = groupEdges(spec, 0);
    const time = startTime + random.integer(width);
    const start = startOf(time);
    const end = endOf(start);
    const isRight =
      start >= startTime &&
      end <= spec.endTime &&
      pixelOf(start) === pixelOf(time) &&
      pixelOf(end - 1) === pixelOf(time) &&
      pixelOf(start - 1) < pixelOf(time) &&
      pixelOf(end) > pixelOf(time) &&
      start === groupStart(time, spec, 0);
    if (!isRight) wrong = `${JSON.stringify(spec)} at ${time}: ${start} to ${end}`;
  }
  t.equal(wrong, undefined);
  t.end();
});

/** Edges as a calendar on the wall has them: stepped from one to the next. */
function* walk(unit: 'day' | 'week' | 'month' | 'year', count: number): Generator<number> {
  const date = new Date(unit === 'week' ? '1969-12-29T00:00:00Z' : '1970-01-01T00:00:00Z');
  for (;;) {
    yield date.getTime();
    if (date.getTime() > TIMESTAMP_MAX) return;
    if (unit === 'day') date.setUTCDate(date.getUTCDate() + count);
    else if (unit === 'week') date.setUTCDate(date.getUTCDate() + 7 * count);
    else if (unit === 'month') date.setUTCMonth(date.getUTCMonth() + count);
    else date.setUTCFullYear(date.getUTCFullYear() + count);
  }
}

t.test('edges are those of a walk through the calendar', t => {
  for (const unit of ['day', 'week', 'month', 'year'] as const) {
    for (const count of [1, 2, 3, 5, 7, 12, 100, 10_000]) {
      const { startOf, endOf } = groupEdges({ unit, count }, 0);
      const starts = [...walk(unit, count)];
      const isRight = (start: number, index: number) => {
        const end = starts[index + 1];
        if (end === undefined) return true;
        const middle = Math.floor((start + end) / 2);
        return (
          startOf(start) === start &&
          startOf(middle) === start &&
          startOf(end - 1) === start &&
          endOf(start) === end
        );
      };
      const wrong = starts.findIndex((start, index) => !isRight(start, index));
      t.equal(wrong, -1, wrong < 0 ? `${count} ${unit}` : `${count} ${unit} at ${starts[wrong]}`);
    }
  }
  t.end();
});

t.test('every instant lies in its group, and groups leave no gap', t => {
  const seed = testSeed();
  t.comment(`seed ${seed}`);
  const random = new Random(seed);
  for (const unit of UNITS) {
    let wrong: string | undefined;
    for (let round = 0; round < 2_000; round++) {
      const count = random.pick([1, 1, 2, 5, 15, 60, 1 + random.integer(10_000)]);
      const time = random.integer(random.pick([1_000, 1e9, TIMESTAMP_MAX]));
      const { startOf, endOf } = groupEdges({ unit, count }, 0);
      const start = startOf(time);
      const end = endOf(start);
      const isRight =
        start <= time &&
        time < end &&
        startOf(end) === end &&
        startOf(start) === start &&
        start === groupStart(time, { unit, count }, 0);
      if (!isRight) wrong = `${count} ${unit} at ${time}: ${start} to ${end}`;
    }
    t.equal(wrong, undefined, unit);
  }
  t.end();
});

t.test('seconds, minutes and hours are those of the clock', t => {
  const seed = testSeed();
  t.comment(`seed ${seed}`);
  const random = new Random(seed);
  const parts = ['Milliseconds', 'Seconds', 'Minutes', 'Hours'] as const;
  for (const [place, unit] of (['second', 'minute', 'hour'] as const).entries()) {
    for (const count of unit === 'hour' ? [1, 2, 3, 6, 12] : [1, 2, 5, 10, 15, 20, 30]) {
      const { startOf } = groupEdges({ unit, count }, 0);
      const times = Array.from({ length: 200 }, () => random.integer(TIMESTAMP_MAX));
      const clock = (time: number) => {
        const date = new Date(time);
        for (const part of parts.slice(0, place + 1)) date[`setUTC${part}`](0);
        const part = parts[place + 1];
        const read = date[`getUTC${part}`]();
        return date[`setUTC${part}`](read - (read % count));
      };
      t.same(times.map(startOf), times.map(clock), `${count} ${unit}`);
    }
  }
  t.end();
});

t.test('edges of groups in time zones', t => {
  const cases: [string, string, string, string, string, number][] = [
    ['Europe/Paris', 'day', '2024-03-31T12:00:00Z', '2024-03-30T23:00:00Z', '2024-03-31T22:00:00Z', 23],
    ['Europe/Paris', 'day', '2024-10-27T12:00:00Z', '2024-10-26T22:00:00Z', '2024-10-27T23:00:00Z', 25],
    ['America/New_York', 'day', '2024-03-10T12:00:00Z', '2024-03-10T05:00:00Z', '2024-03-11T04:00:00Z', 23],
    ['America/New_York', 'day', '2024-11-03T12:00:00Z', '2024-11-03T04:00:00Z', '2024-11-04T05:00:00Z', 25],
    [
      'America/New_York',
      'day',
      '2024-11-03T03:59:59.999Z',
      '2024-11-02T04:00:00Z',
      '2024-11-03T04:00:00Z',
      24,
    ],
    ['America/New_York', 'day', '1970-01-01T00:00:00Z', '1969-12-31T05:00:00Z', '1970-01-01T05:00:00Z', 24],
    ['Asia/Kathmandu', 'day', '2024-01-15T18:14:59.999Z', '2024-01-14T18:15:00Z', '2024-01-15T18:15:00Z', 24],
    ['Pacific/Chatham', 'day', '2024-04-07T00:00:00Z', '2024-04-06T10:15:00Z', '2024-04-07T11:15:00Z', 25],
    ['Pacific/Chatham', 'day', '2024-09-29T00:00:00Z', '2024-09-28T11:15:00Z', '2024-09-29T10:15:00Z', 23],
    ['America/Sao_Paulo', 'day', '2018-11-04T12:00:00Z', '2018-11-04T03:00:00Z', '2018-11-05T02:00:00Z', 23],
    ['Africa/Cairo', 'day', '2014-05-16T00:00:00Z', '2014-05-15T22:00:00Z', '2014-05-16T21:00:00Z', 23],
    ['Pacific/Apia', 'day', '2011-12-30T09:59:59.999Z', '2011-12-29T10:00:00Z', '2011-12-30T10:00:00Z', 24],
    ['Pacific/Apia', 'day', '2011-12-30T10:00:00Z', '2011-12-30T10:00:00Z', '2011-12-31T10:00:00Z', 24],
    ['Europe/Paris', '2d', '1970-01-01T00:00:00Z', '1969-12-31T23:00:00Z', '1970-01-02T23:00:00Z', 48],
    ['Europe/Paris', '2d', '1970-01-02T23:00:00Z', '1970-01-02T23:00:00Z', '1970-01-04T23:00:00Z', 48],
    ['Europe/Paris', 'week', '2024-03-31T12:00:00Z', '2024-03-24T23:00:00Z', '2024-03-31T22:00:00Z', 167],
    ['America/New_York', 'week', '2024-11-03T12:00:00Z', '2024-10-28T04:00:00Z', '2024-11-04T05:00:00Z', 169],
    ['Europe/Paris', 'week', '2024-10-27T12:00:00Z', '2024-10-20T22:00:00Z', '2024-10-27T23:00:00Z', 169],
    ['America/New_York', 'week', '2024-03-10T12:00:00Z', '2024-03-04T05:00:00Z', '2024-03-11T04:00:00Z', 167],
    ['Asia/Kathmandu', 'week', '2024-03-31T12:00:00Z', '2024-03-24T18:15:00Z', '2024-03-31T18:15:00Z', 168],
    ['Pacific/Chatham', 'week', '2024-04-07T00:00:00Z', '2024-03-31T10:15:00Z', '2024-04-07T11:15:00Z', 169],
    ['Pacific/Chatham', 'week', '2024-09-29T00:00:00Z', '2024-09-22T11:15:00Z', '2024-09-29T10:15:00Z', 167],
    ['America/New_York', '2w', '1970-01-12T04:59:59Z', '1969-12-29T05:00:00Z', '1970-01-12T05:00:00Z', 336],
    ['Europe/Paris', 'month', '2024-03-15T00:00:00Z', '2024-02-29T23:00:00Z', '2024-03-31T22:00:00Z', 743],
    ['Europe/Paris', 'month', '2024-10-15T00:00:00Z', '2024-09-30T22:00:00Z', '2024-10-31T23:00:00Z', 745],
    [
      'America/New_York',
      'month',
      '2024-03-15T00:00:00Z',
      '2024-03-01T05:00:00Z',
      '2024-04-01T04:00:00Z',
      743,
    ],
    [
      'America/New_York',
      'month',
      '2024-11-15T00:00:00Z',
      '2024-11-01T04:00:00Z',
      '2024-12-01T05:00:00Z',
      721,
    ],
    ['Pacific/Chatham', 'month', '2024-04-15T00:00:00Z', '2024-03-31T10:15:00Z', '2024-04-30T11:15:00Z', 721],
    ['Pacific/Chatham', 'month', '2024-09-15T00:00:00Z', '2024-08-31T11:15:00Z', '2024-09-30T10:15:00Z', 719],
    ['Europe/Paris', '3mo', '2024-12-31T23:00:00Z', '2024-12-31T23:00:00Z', '2025-03-31T22:00:00Z', 2159],
    [
      'America/New_York',
      'year',
      '2025-01-01T04:59:59Z',
      '2024-01-01T05:00:00Z',
      '2025-01-01T05:00:00Z',
      8784,
    ],
    ['Asia/Kathmandu', 'year', '2024-12-31T18:15:00Z', '2024-12-31T18:15:00Z', '2025-12-31T18:15:00Z', 8760],
    ['Asia/Kathmandu', 'hour', '2024-01-15T18:14:59Z', '2024-01-15T18:00:00Z', '2024-01-15T19:00:00Z', 1],
    ['Asia/Kathmandu', '12h', '2024-01-15T18:14:59Z', '2024-01-15T12:00:00Z', '2024-01-16T00:00:00Z', 12],
    ['UTC', 'day', '2024-01-15T18:14:59Z', '2024-01-15T00:00:00Z', '2024-01-16T00:00:00Z', 24],
  ];
  for (const [timezone, text, time, start, end, hours] of cases) {
    const edges = groupEdges({ ...parseGroupBy(text)!, timezone }, 0);
    t.equal(edges.startOf(Date.parse(time)), Date.parse(start), `start of ${text} in ${timezone} at ${time}`);
    t.equal(edges.endOf(Date.parse(start)), Date.parse(end), `end of ${text} in ${timezone} at ${time}`);
    t.equal(Date.parse(end) - Date.parse(start), hours * HOUR_MS);
  }
  const nowhere = groupEdges({ unit: 'day', count: 1, timezone: 'Mars/Olympus' }, 0);
  t.throws(() => nowhere.startOf(0), RangeError);
  t.end();
});

t.test('edges in time zones are those of the zone at every half hour around its changes', t => {
  const zones: [string, string[]][] = [
    ['Europe/Paris', ['2024-03-31', '2024-10-27', '1976-03-28']],
    ['America/New_York', ['2024-03-10', '2024-11-03', '1974-01-06']],
    ['Asia/Kathmandu', ['1986-01-01', '2024-01-01']],
    ['Pacific/Chatham', ['2024-04-06', '2024-09-28', '1974-11-02']],
    ['Africa/Cairo', ['2014-05-16', '2014-09-26', '2010-09-10']],
    ['America/Sao_Paulo', ['2018-11-04', '2018-02-18']],
    ['America/St_Johns', ['2006-10-29', '1988-04-03']],
    ['Pacific/Apia', ['2011-12-30']],
    ['Australia/Lord_Howe', ['2024-04-07']],
    ['Etc/GMT+12', ['1970-01-02']],
    ['Pacific/Kiritimati', ['1995-01-01', '2199-12-28']],
  ];
  for (const [timezone, dates] of zones) {
    let wrong: string | undefined;
    for (const [unit, count] of [
      ['day', 1],
      ['day', 2],
      ['week', 1],
      ['month', 1],
      ['year', 2],
    ] as const) {
      const spec = { unit, count, timezone };
      const { startOf, endOf } = groupEdges(spec, 0);
      for (const date of dates) {
        const from = Math.max(0, Date.parse(date) - 2 * DAY_MS);
        for (let time = from; time < from + 4 * DAY_MS; time += HOUR_MS / 2) {
          for (const instant of [time, time + HOUR_MS / 2 - 1]) {
            const start = groupStart(instant, spec, 0);
            if (startOf(instant) !== start) wrong = `${count} ${unit} at ${instant}: ${startOf(instant)}`;
          }
        }
        const start = startOf(from);
        for (let edge = start, rest = 4; rest > 0; rest--) {
          const next = nextGroupStart(edge, spec);
          if (endOf(edge) !== next) wrong = `end of ${count} ${unit} from ${edge}: ${endOf(edge)}`;
          edge = next;
        }
      }
    }
    t.equal(wrong, undefined, timezone);
  }
  t.end();
});
