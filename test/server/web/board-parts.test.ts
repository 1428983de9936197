/** What a dashboard decides, without a page: ranges, panels, figures, tables, firings. */
import t from 'tap';
import { firingsOf } from '../../../server/web/board/firings.js';
import type { Panel } from '../../../server/web/board/panel.js';
import {
  automaticPanels,
  goneText,
  type KnownSource,
  moved,
  newPanel,
  seriesOfPanel,
  sourceColour,
  sourceIdsOf,
  withCopy,
  withoutSource,
  withPanel,
  withSource,
} from '../../../server/web/board/panels.js';
import {
  isMoving,
  rangeFault,
  rangeOfView,
  rangeShortText,
  rangeText,
  viewOf,
} from '../../../server/web/board/range.js';
import {
  before,
  changeText,
  figureOf,
  figureText,
  statisticQuery,
} from '../../../server/web/board/statistic.js';
import { csvOfPoints, newestFirst, pageAfter, pointsQuery } from '../../../server/web/board/table.js';
import { absoluteTime, parseTime } from '../../../server/web/board/times.js';
import { backoffMs } from '../../../server/web/live/backoff.js';

const NOW = Date.UTC(2024, 0, 15, 12);
const HOUR = 3_600_000;

t.test('times are read as the server reads them', t => {
  const cases: [string, number | undefined][] = [
    ['now', NOW],
    ['now-15m', NOW - HOUR / 4],
    ['now-2w', NOW - 14 * 24 * HOUR],
    ['now-999999999w', 0],
    ['2024-01-15', Date.UTC(2024, 0, 15)],
    ['2024-01-15T10:30', Date.UTC(2024, 0, 15, 10, 30)],
    ['2024-01-15 10:30:00', Date.UTC(2024, 0, 15, 10, 30)],
    ['2024-01-15T10:30:00.123456789Z', Date.UTC(2024, 0, 15, 10, 30, 0, 123)],
    ['2024-01-15T10:30:00+02:00', Date.UTC(2024, 0, 15, 8, 30)],
    ['1705314600000', 1_705_314_600_000],
    ['0', 0],
    ['', undefined],
    ['now+1h', undefined],
    ['now-1y', undefined],
    ['yesterday', undefined],
    ['2024', undefined],
    ['2024-13-01', undefined],
    ['2026-02-30', undefined],
    ['2024-02-29', Date.UTC(2024, 1, 29)],
    ['now - 3h', NOW - 3 * HOUR],
    ['1705314600', 1_705_314_600_000],
    ['2024-01-15Z', undefined],
    ['1969-12-31', undefined],
    ['2200-01-01', undefined],
  ];
  for (const [text, time] of cases) t.equal(parseTime(text, NOW), time, text);
  t.equal(parseTime('2024-01-15', NOW, 'Asia/Tokyo'), Date.UTC(2024, 0, 14, 15), 'in the zone that is shown');
  t.equal(parseTime('2024-01-15 10:30', NOW, 'Asia/Tokyo'), Date.UTC(2024, 0, 15, 1, 30));
  t.equal(parseTime('2024-01-15T10:30Z', NOW, 'Asia/Tokyo'), Date.UTC(2024, 0, 15, 10, 30));
  t.equal(parseTime('2200-01-01', NOW, 'Asia/Tokyo'), Date.UTC(2199, 11, 31, 15));
  t.equal(absoluteTime('now - 3h', 'Asia/Tokyo'), 'now-3h');
  t.equal(absoluteTime('2024-01-15', 'Asia/Tokyo'), '2024-01-14T15:00:00.000Z');
  t.end();
});

t.test('a range is told what is wrong with it, and shown', t => {
  t.equal(rangeFault({ from: 'now-1h', to: 'now' }, NOW), undefined);
  t.match(rangeFault({ from: 'soon', to: 'now' }, NOW), /“soon” is no time/);
  t.match(rangeFault({ from: 'now-1y', to: 'now' }, NOW), /write now-365d\./);
  t.match(rangeFault({ from: 'now-2M', to: 'now' }, NOW), /write now-60d\./);
  t.match(rangeFault({ from: 'now/d', to: 'now' }, NOW), /write a date/);
  t.match(rangeFault({ from: 'now-1h', to: 'now+1h' }, NOW), /write now, or a date/);
  t.match(rangeFault({ from: '2026-02-30', to: 'now' }, NOW), /a day that the month has/);
  t.match(rangeFault({ from: 'now-1h', to: '<b>' }, NOW), /“<b>” is no time/);
  t.match(rangeFault({ from: 'now', to: 'now-1h' }, NOW), /ends before/);
  t.same(viewOf({ from: 'now-1h', to: 'now' }, NOW), { from: NOW - HOUR, to: NOW });
  t.same(viewOf({ from: 'no', to: 'no' }, NOW), { from: NOW - 24 * HOUR, to: NOW }, 'the last day instead');
  const view = { from: NOW - HOUR, to: NOW };
  t.same(viewOf(rangeOfView(view), 0), view);
  t.ok(isMoving({ from: 'now-1h', to: 'now' }));
  t.notOk(isMoving(rangeOfView(view)));
  t.equal(rangeText({ from: 'now-24h', to: 'now' }, 'UTC', NOW), 'Last 24 hours');
  t.equal(rangeText({ from: 'now-3h', to: 'now' }, 'UTC', NOW), 'now-3h – now');
  t.equal(rangeText(rangeOfView(view), 'UTC', NOW), '2024-01-15 11:00:00 – 12:00:00');
  t.equal(rangeText(rangeOfView(view), 'Asia/Tokyo', NOW), '2024-01-15 20:00:00 – 21:00:00');
  const long = { from: '2024-01-10T10:00:07.123Z', to: '2024-01-15T11:00:00.500Z' };
  t.equal(rangeText(long, 'UTC', NOW), '2024-01-10 10:00 – 2024-01-15 11:00');
  const short = { from: '2024-01-15T10:00:07.123Z', to: '2024-01-15T10:00:09Z' };
  t.equal(rangeText(short, 'UTC', NOW), '2024-01-15 10:00:07.123 – 10:00:09');
  t.equal(rangeText({ from: 'garbage', to: 'now' }, 'UTC', NOW), 'Last 24 hours', 'what is drawn');
  t.equal(rangeShortText({ from: 'now-7d', to: 'now' }, NOW), '7 d');
  t.equal(rangeShortText(rangeOfView(view), NOW), '1 h');
  t.end();
});

const source = (index: number, fields: KnownSource['fields'], name = `s${index}`): KnownSource => ({
  _id: String(index).padStart(24, '0'),
  name,
  index,
  fields,
});
const CELSIUS = { name: 'temperature', type: 'number', unit: '°C' } as const;
const HUMIDITY = { name: 'humidity', type: 'number', unit: '%' } as const;
const NOTE = { name: 'note', type: 'string' } as const;
const A = source(0, [CELSIUS, HUMIDITY, NOTE]);
const B = source(1, [CELSIUS]);
const TEXTS = source(2, [NOTE]);
const KNOWN = new Map([A, B, TEXTS].map(one => [one._id, one]));

t.test('a dashboard makes itself: a chart a field and unit', t => {
  const panels = automaticPanels([A, B, TEXTS]);
  t.match(panels, [
    { title: 'temperature °C', width: 'full', series: [{ dataSourceId: A._id }, { dataSourceId: B._id }] },
    { title: 'humidity %', width: 'full', series: [{ dataSourceId: A._id, field: 'humidity' }] },
  ]);
  t.same(sourceIdsOf(panels), [A._id, B._id]);
  t.same(automaticPanels([A, B], []), [], 'none is chosen');
  t.same(sourceIdsOf(automaticPanels([A, B], [B._id])), [B._id]);
  t.same(automaticPanels([]), []);
  const many = Array.from({ length: 9 }, (_, index) =>
    source(index, [
      { name: `f${index}`, type: 'number' },
      { name: `g${index}`, type: 'boolean' },
    ]),
  );
  const few = automaticPanels(many);
  t.equal(few.length, 6);
  t.equal(new Set(few.map(({ id }) => id)).size, 6);
  const odd = automaticPanels([source(0, [CELSIUS, HUMIDITY, { name: 'x', type: 'number' }])]);
  t.same(
    odd.map(({ width }) => width),
    ['full', 'half', 'half'],
    'the odd one has a line to itself',
  );
  t.end();
});

t.test('panels are added, copied, moved and taken away', t => {
  const one = newPanel([], { title: 'one' });
  const two = newPanel([one], { title: 'two' });
  const all = withPanel([one], two);
  const titles = (panels: readonly Panel[]) => panels.map(({ title }) => title).join(' ');
  t.equal(titles(all), 'one two');
  t.equal(titles(withPanel(all, { ...one, title: 'other' })), 'other two');
  const copied = withCopy(all, one);
  t.equal(titles(copied), 'one one two');
  t.equal(new Set(copied.map(({ id }) => id)).size, 3, 'each has an id of its own');
  t.equal(titles(moved(all, two.id, 0)), 'two one');
  t.equal(titles(moved(all, one.id, 9)), 'two one', 'not beyond the end');
  t.equal(titles(moved(all, one.id, -1)), 'one two', 'not before the begin');
  const ticked = withSource(withSource([], A), B);
  t.equal(ticked.length, 2);
  t.equal(withoutSource(ticked, A._id).length, 1, 'an empty one is gone');
  t.equal(withoutSource(all, A._id).length, 2, 'one that was empty before stays');
  t.end();
});

t.test('a source has one colour, and lines of a panel can be told apart', t => {
  t.equal(sourceColour({ index: 0 }), 1);
  t.equal(sourceColour({ index: 8 }), 1);
  const panel = (...series: [KnownSource, string][]) =>
    newPanel([], { series: series.map(([{ _id }, field]) => ({ dataSourceId: _id, field })) });
  const seriesOf = (...series: [KnownSource, string][]) => seriesOfPanel(panel(...series), 'b', KNOWN);
  const mixed = seriesOf([B, 'temperature'], [A, 'temperature'], [A, 'humidity']);
  t.equal(mixed[0].colour, sourceColour(B));
  t.equal(mixed[1].colour, sourceColour(A));
  t.equal(new Set(mixed.map(({ colour }) => colour)).size, 3);
  t.same(
    mixed.map(({ label }) => label),
    ['s1 temperature', 's0 temperature', 's0 humidity'],
  );
  t.equal(mixed[2].unit, '%');
  t.same(
    seriesOf([A, 'temperature'], [A, 'humidity']).map(({ label }) => label),
    ['temperature', 'humidity'],
  );
  t.equal(seriesOf([source(7, []), 'x'])[0].label, 'deleted source');
  t.end();
});

t.test('sources that are gone are told of', t => {
  const of = (...ids: string[]) =>
    goneText({ series: ids.map(dataSourceId => ({ dataSourceId, field: 'x' })) }, KNOWN);
  t.equal(of(), undefined);
  t.equal(of(A._id), undefined);
  t.equal(of('x'), 'Its source was deleted.');
  t.equal(of('x', 'y'), 'Its sources were deleted.');
  t.equal(of(A._id, 'x'), 'One of its sources was deleted.');
  t.equal(of('x', A._id, 'y'), '2 of its sources were deleted.');
  t.end();
});

t.test('figures, and how they have changed', t => {
  const series = { dataSourceId: A._id, field: 'temperature' };
  const view = { from: NOW - HOUR, to: NOW };
  t.same(statisticQuery('b', [series, series], 'avg', view), {
    bucketId: 'b',
    aggregation: ['avg'],
    filters: { dataSourceIds: [A._id], fields: ['temperature'], startTime: view.from, endTime: view.to },
  });
  t.same(statisticQuery('b', [series], 'last', view).aggregation, ['first', 'last']);
  t.same(before(view), { from: NOW - 2 * HOUR, to: NOW - HOUR });
  t.same(before({ from: HOUR, to: 3 * HOUR }), { from: 0, to: HOUR }, 'not before 1970');
  const answer = (temperature: object) => ({ data: [{ dataSourceId: A._id, values: { temperature } }] });
  const none = { data: [] };
  t.same(figureOf(series, 'last', answer({ first: 20, last: 22.5 }), undefined), {
    value: 22.5,
    change: 2.5,
  });
  t.same(figureOf(series, 'last', answer({ first: false, last: true }), undefined), {
    value: true,
    change: undefined,
  });
  t.same(figureOf(series, 'avg', answer({ avg: 3 }), answer({ avg: 4 })), { value: 3, change: -1 });
  t.same(figureOf(series, 'avg', answer({ avg: 3 }), none), { value: 3, change: undefined });
  t.same(figureOf(series, 'avg', none, none), { value: undefined, change: undefined });
  t.same(figureOf(series, 'count', none, answer({ count: 5 })), { value: 0, change: -5 });
  t.equal(figureText(undefined, 'avg'), '–');
  t.equal(figureText(22.123456, 'avg'), '22.123');
  t.equal(figureText(true, 'last'), 'true');
  t.equal(figureText(0, 'count'), '0');
  t.equal(changeText(0.3, 'avg'), '▲0.3');
  t.equal(changeText(-12.345, 'avg'), '▼12.3');
  t.equal(changeText(0, 'avg'), '±0');
  t.end();
});

const point = (id: string, time: number, values = {}, dataSourceId = A._id) => ({
  _id: id,
  dataSourceId,
  timestamp: new Date(time).toISOString(),
  values,
});

t.test('pages of a table neither overlap nor leave anything out', t => {
  const view = { from: 0, to: 100 };
  t.same(pageAfter([], view, 10), { view, limit: 10 });
  const first = [point('c', 30), point('b', 20), point('a', 20)];
  t.same(pageAfter(first, view, 10), { view: { from: 0, to: 21 }, limit: 12 });
  const next = [point('a', 20), point('z', 20), point('b', 20), point('y', 10)];
  const ids = (points: readonly { _id: string }[]) => points.map(({ _id }) => _id).join('');
  t.equal(ids(newestFirst(first, next)), 'cbazy');
  t.equal(ids(newestFirst([point('d', 25)], first)), 'cdba', 'one that comes late stands in its place');
  t.match(pointsQuery('b', [{ dataSourceId: A._id, field: 'x' }], { view, limit: 5 }), {
    aggregation: 'none',
    filters: { dataSourceIds: [A._id], fields: ['x'], startTime: 0, endTime: 100, order: 'desc', limit: 5 },
  });
  t.end();
});

t.test('a table as a file: no cell is a formula', t => {
  const series = ['x', '=y', 'z'].map(field => ({ dataSourceId: A._id, field }));
  const points = [
    point('a', 0, { x: -1.5, '=y': '=1+1', z: 'say "no",\nnow' }),
    point('b', 1_000, { x: true, '=y': '-2' }),
  ];
  t.equal(
    csvOfPoints(series, points, () => '@home'),
    [
      "time,source,x,'=y,z",
      `1970-01-01T00:00:00.000Z,'@home,-1.5,'=1+1,"say ""no"",\nnow"`,
      "1970-01-01T00:00:01.000Z,'@home,true,'-2,",
      '',
    ].join('\r\n'),
  );
  t.end();
});

t.test('firings last from when they began to when they were resolved', t => {
  const event = (name: string, time: number, dataTime: number | null = time) => ({
    event: name,
    timestamp: new Date(time).toISOString(),
    dataPointTimestamp: dataTime === null ? null : new Date(dataTime).toISOString(),
  });
  const [fired, resolved] = ['alert.triggered', 'alert.resolved'];
  const of = (...history: ReturnType<typeof event>[]) =>
    firingsOf(history, 'hot').map(({ from, to }) => [from, to]);
  t.same(of(), []);
  t.same(of(event(fired, 10), event(resolved, 20)), [[10, 20]]);
  t.same(of(event(fired, 10)), [[10, null]], 'it goes on');
  t.same(of(event(resolved, 5), event(fired, 10)), [[10, null]], 'one that began before the history');
  t.same(of(event(fired, 100, 10), event(resolved, 200, 5)), [[10, 10]], 'never ends before it begins');
  t.same(of(event(fired, 10, null), event(resolved, 20, null)), [[10, 20]], 'silence has no point');
  t.same(
    of(event(fired, 10), event(fired, 15), event(resolved, 20)),
    [[10, 20]],
    'told again, it is the same',
  );
  t.end();
});

t.test('a connection is tried again after longer and longer', t => {
  t.same([1, 2, 3, 6, 7, 100].map(backoffMs), [500, 1_000, 2_000, 15_000, 15_000, 15_000]);
  t.end();
});
