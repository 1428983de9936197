import t from 'tap';
import { DAY_MS } from '../../../engine/base/time.js';
import { Midnights, midnightsOf, timezoneName } from '../../../engine/query/zones.js';

t.test('names of zones', t => {
  const cases: [string, string | undefined][] = [
    ['Europe/Paris', 'Europe/Paris'],
    ['europe/PARIS', 'Europe/Paris'],
    ['utc', 'UTC'],
    ['Etc/GMT+5', 'Etc/GMT+5'],
    ['Asia/Kathmandu', 'Asia/Kathmandu'],
    ['Asia/Katmandu', 'Asia/Katmandu'],
    ['America/Argentina/Buenos_Aires', 'America/Argentina/Buenos_Aires'],
    ['+05:30', undefined],
    ['-05', undefined],
    ['Z', undefined],
    ['', undefined],
    ['Mars/Olympus', undefined],
    ['Europe/Paris ', undefined],
    ['2024-01-01T00:00[Europe/Paris]', undefined],
    ['__proto__', undefined],
    ['a'.repeat(65), undefined],
  ];
  for (const [text, name] of cases) t.equal(timezoneName(text), name, JSON.stringify(text));
  t.end();
});

t.test('first instants of days', t => {
  const cases: [string, string, string, string][] = [
    ['an ordinary day', 'Europe/Paris', '2024-01-15', '2024-01-14T23:00:00Z'],
    ['a quarter of an hour', 'Asia/Kathmandu', '2024-01-15', '2024-01-14T18:15:00Z'],
    ['half past five, as it was', 'Asia/Kathmandu', '1985-12-31', '1985-12-30T18:30:00Z'],
    ['a day without midnight', 'America/Sao_Paulo', '2018-11-04', '2018-11-04T03:00:00Z'],
    ['another', 'Africa/Cairo', '2014-05-16', '2014-05-15T22:00:00Z'],
    ['midnight comes twice: the first', 'America/St_Johns', '2006-10-29', '2006-10-29T02:30:00Z'],
    ['a day left out: the next', 'Pacific/Apia', '2011-12-30', '2011-12-30T10:00:00Z'],
    ['the next', 'Pacific/Apia', '2011-12-31', '2011-12-30T10:00:00Z'],
    ['before the table', 'Asia/Tokyo', '1942-08-15', '1942-08-14T15:00:00Z'],
    ['its first day', 'Asia/Tokyo', '1969-12-25', '1969-12-24T15:00:00Z'],
    ['its last days', 'Asia/Tokyo', '2200-01-01', '2199-12-31T15:00:00Z'],
    ['after it', 'Asia/Tokyo', '+011970-01-01', '+011969-12-31T15:00:00Z'],
  ];
  for (const [name, timezone, date, instant] of cases) {
    const day = Date.parse(date) / DAY_MS;
    const midnights = new Midnights(timezone);
    // Asked once and known, then.
    for (const again of ['', ', again']) t.equal(midnights.of(day), Date.parse(instant), name + again);
  }
  t.end();
});

t.test('tables are held for a few zones, those used last', t => {
  const paris = midnightsOf('Europe/Paris');
  const berlin = midnightsOf('Europe/Berlin');
  for (let hours = 1; hours <= 12; hours++) midnightsOf(`Etc/GMT+${hours}`);
  t.equal(midnightsOf('Europe/Paris'), paris);
  for (let hours = 1; hours <= 14; hours++) midnightsOf(`Etc/GMT-${hours}`);
  t.equal(midnightsOf('Europe/Paris'), paris);
  t.not(midnightsOf('Europe/Berlin'), berlin);
  t.end();
});
