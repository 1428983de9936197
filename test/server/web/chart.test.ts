/** What a chart decides, without a page: what to ask, what to draw, and what to say of it. */
import t from 'tap';
import { csvOf } from '../../../server/web/chart/csv.js';
import { gapFrom } from '../../../server/web/chart/gaps.js';
import { intervalFor, intervalText } from '../../../server/web/chart/intervals.js';
import { viewOfKey } from '../../../server/web/chart/keys.js';
import { placeLabels } from '../../../server/web/chart/labels.js';
import { arrived } from '../../../server/web/chart/live.js';
import type { Series } from '../../../server/web/chart/model.js';
import { expectedPoints, type Picture, reachOf, spliced } from '../../../server/web/chart/picture.js';
import { missingOf, type Plan, planFor, rangeFor, type Screen } from '../../../server/web/chart/plan.js';
import { readingsAt } from '../../../server/web/chart/readings.js';
import { pictureOf, requestBodies } from '../../../server/web/chart/request.js';
import { tableOf } from '../../../server/web/chart/table.js';
import { madeOf, madeText, readingText, summaryText } from '../../../server/web/chart/texts.js';
import { averageDecimals, boundsOf, markTexts } from '../../../server/web/chart/vertical.js';
import { panned, zoomed } from '../../../server/web/chart/zoom.js';

const SCREEN: Screen = { width: 1_000, pixelRatio: 1, drawing: 'band', timezone: 'UTC' };
const DAY = 86_400_000;
const MINUTE = 60_000;
const MINUTES: Plan = { kind: 'groups', interval: { name: '1m', milliseconds: MINUTE } };
const RAW: Plan = { kind: 'raw' };

const SERIES: Series = {
  bucketId: 'b',
  dataSourceId: 's',
  field: 'celsius',
  label: 'North',
  unit: '°C',
  colour: 1,
};

function rawPicture(times: number[], values: number[], range = { from: 0, to: 1_000 }): Picture {
  return {
    plan: RAW,
    range,
    lines: [{ times, values }],
    executionTimeMs: 0.8,
    rollupLevel: null,
    isCut: false,
  };
}

function groupPicture(times: number[], counts: number[], range = { from: 0, to: 10 * MINUTE }): Picture {
  const values = times.map((_, index) => index);
  const line = {
    times,
    values,
    lows: values.map(value => value - 1),
    highs: values.map(value => value + 1),
    counts,
  };
  return { plan: MINUTES, range, lines: [line], executionTimeMs: 0.8, rollupLevel: '1h', isCut: false };
}

t.test('groups are the finest that the width can show', t => {
  const cases: [number, string, string][] = [
    [500_000, '1s', '1 s'],
    [500_001, '2s', '2 s'],
    [DAY, '5m', '5 min'],
    [365 * DAY, '1d', '1 d'],
    [3 * 365 * DAY, '1w', '1 week'],
    [200 * 365 * DAY, '1mo', '1 month'],
  ];
  for (const [span, name, text] of cases) {
    t.equal(intervalFor(span, 500).name, name);
    t.equal(intervalText(name), text);
  }
  t.end();
});

t.test('a view is asked for as points where few are expected', t => {
  const view = { from: 0, to: DAY };
  const kind = (expected: number | undefined, isRaw: boolean, screen = SCREEN, seen = view) =>
    planFor(seen, screen, expected, isRaw).kind;
  t.equal(kind(undefined, false), 'groups');
  t.equal(kind(1_000, false), 'raw');
  t.equal(kind(1_001, false), 'groups');
  t.equal(kind(2_000, true), 'raw', 'no to and fro');
  t.equal(kind(2_001, true), 'groups');
  t.equal(kind(5_000, false, { ...SCREEN, drawing: 'm4' }), 'm4');
  t.equal(kind(5_000, false, SCREEN, { from: 0, to: 10_000 }), 'm4', 'no groups are fine enough');
  t.match(planFor({ from: 0, to: 365 * DAY }, { ...SCREEN, timezone: 'Europe/Berlin' }, undefined, false), {
    interval: { name: '1d' },
    timezone: 'Europe/Berlin',
  });
  t.end();
});

t.test('what is asked for has a margin, and whole groups', t => {
  const view = { from: 100_030_000, to: 100_630_000 };
  const range = rangeFor(view, MINUTES);
  t.equal(range.from % MINUTE, 0);
  t.equal(range.to % MINUTE, 0);
  t.ok(range.from <= view.from - 300_000 && range.to >= view.to + 300_000);
  t.same(
    rangeFor(view, RAW, { from: 5, to: view.to }),
    { from: 5, to: view.to + 300_000 },
    'to the next points',
  );
  const sliceMs = 600_000 / 1_000;
  const m4 = rangeFor(view, { kind: 'm4', sliceMs });
  t.equal((view.from - m4.from) % sliceMs, 0, 'slices are pixels');
  t.same(missingOf({ from: 0, to: 100 }, { from: 50, to: 150 }), { from: 100, to: 150 });
  t.same(missingOf({ from: 50, to: 150 }, { from: 0, to: 100 }), { from: 0, to: 50 });
  t.equal(missingOf({ from: 50, to: 60 }, { from: 0, to: 100 }), undefined);
  t.end();
});

t.test('requests: several sources and fields of a bucket in one', t => {
  const other = { ...SERIES, dataSourceId: 'r', field: 'percent' };
  const bodies = requestBodies(
    [SERIES, other, { ...SERIES, bucketId: 'c' }],
    MINUTES,
    { from: 0, to: 60 },
    100,
  );
  t.equal(bodies.length, 2);
  t.match(bodies[0], {
    bucketId: 'b',
    format: 'columns',
    aggregation: ['min', 'avg', 'max'],
    groupBy: '1m',
    filters: { dataSourceIds: ['s', 'r'], fields: ['celsius', 'percent'], startTime: 0, endTime: 60 },
  });
  t.match(requestBodies([SERIES], RAW, { from: 0, to: 60 }, 100)[0], {
    aggregation: 'none',
    filters: { limit: 100 },
  });
  t.match(requestBodies([SERIES], { kind: 'm4', sliceMs: 2 }, { from: 0, to: 60 }, 100)[0], {
    downsample: { method: 'm4', points: 120 },
  });
  t.end();
});

t.test('answers: groups that are not whole, texts and absent values are left out', t => {
  const metadata = {
    count: 3,
    hasMore: false,
    startTime: null,
    endTime: null,
    downsamplingApplied: false,
  } as const;
  const rest = { ...metadata, executionTimeMs: 1, pointsScanned: 0, rollupLevel: '1m' };
  const [avg, min, max] = [
    [1, 2, 3],
    [0, 1, 2],
    [2, 3, 4],
  ];
  const columns = {
    s: { timestamps: [0, MINUTE, 2 * MINUTE], values: { celsius: { avg, min, max } }, counts: [4, 5, 6] },
  };
  const grouped = pictureOf([SERIES], MINUTES, { from: 1, to: 2.5 * MINUTE }, [{ columns, metadata: rest }]);
  t.same(grouped.lines[0], { times: [MINUTE], values: [2], lows: [1], highs: [3], counts: [5] });
  const raw = { s: { timestamps: [1, 2, 3], values: { celsius: [1, null, 'x'] } } };
  const points = pictureOf([SERIES, { ...SERIES, field: 'none' }], RAW, { from: 0, to: 9 }, [
    { columns: raw, metadata: rest },
  ]);
  t.same(points.lines, [
    { times: [1], values: [1] },
    { times: [], values: [] },
  ]);
  t.end();
});

t.test('a picture tells how many points to expect, and where the next are', t => {
  const picture = groupPicture([0, MINUTE, 5 * MINUTE], [60, 120, 6]);
  t.equal(expectedPoints(picture, { from: 0, to: 2 * MINUTE }), 180);
  t.equal(
    expectedPoints(picture, { from: MINUTE, to: 1.5 * MINUTE }),
    60,
    'a part of a group has a part of its points',
  );
  t.equal(expectedPoints(picture, { from: 20 * MINUTE, to: 30 * MINUTE }), undefined);
  t.same(reachOf(picture, { from: 3 * MINUTE, to: 4 * MINUTE }), {
    from: 2 * MINUTE - 1_500,
    to: 5.5 * MINUTE,
  });
  t.same(reachOf(rawPicture([10, 20, 30], [1, 2, 3]), { from: 22, to: 24 }), { from: 20, to: 31 });
  t.end();
});

t.test('parts are put into a picture', t => {
  const picture = rawPicture([10, 20, 30], [1, 2, 3], { from: 0, to: 40 });
  const more = spliced(picture, rawPicture([45], [4], { from: 40, to: 50 }));
  t.same(more.lines[0], { times: [10, 20, 30, 45], values: [1, 2, 3, 4] });
  t.same(more.range, { from: 0, to: 50 });
  const renewed = spliced(more, rawPicture([20, 25], [7, 8], { from: 20, to: 35 }));
  t.same(renewed.lines[0], { times: [10, 20, 25, 45], values: [1, 7, 8, 4] });
  t.end();
});

t.test('lines are broken where there is nothing for three times as long as usual', t => {
  t.equal(gapFrom([0, 1, 2]), Infinity);
  const times = [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 129];
  t.equal(gapFrom(times), 30);
  t.notOk(tableOf(rawPicture(times, times))[1].includes(null));
  const broken = [...times.slice(0, -1), 130];
  t.same(tableOf(rawPicture(broken, broken))[0].slice(-3), [100, 115, 130]);
  t.equal(tableOf(rawPicture(broken, broken))[1].at(-2), null);
  t.end();
});

t.test('lines are drawn over the times of all of them', t => {
  const picture = rawPicture([1, 3, 3], [10, 30, 31]);
  const both = { ...picture, lines: [...picture.lines, { times: [2, 3], values: [200, 300] }] };
  const [times, first, , , second] = tableOf(both);
  t.same(times, [1, 2, 3, 3], 'a time that is there twice is drawn twice');
  t.same(first, [10, undefined, 30, 31]);
  t.same(second, [undefined, 200, 300, undefined]);
  const [middles, values, highs, lows] = tableOf(groupPicture([0, MINUTE], [1, 1]));
  t.same(middles, [MINUTE / 2, 1.5 * MINUTE], 'groups in their middles');
  t.same(
    [values, highs, lows],
    [
      [0, 1],
      [1, 2],
      [-1, 0],
    ],
  );
  t.end();
});

t.test('the vertical axis holds what is in the view, lines to points beside it, and thresholds nearby', t => {
  const picture = rawPicture([0, 100], [0, 100]);
  const bounds = boundsOf(picture, { from: 40, to: 60 });
  t.ok(bounds && bounds.least > 35 && bounds.least < 40 && bounds.greatest > 60 && bounds.greatest < 65);
  t.ok(boundsOf(picture, { from: 0, to: 101 }, [150, 500])!.greatest > 150);
  t.ok(boundsOf(picture, { from: 0, to: 101 }, [150, 500])!.greatest < 500);
  t.equal(boundsOf(rawPicture([], []), { from: 0, to: 1 }), undefined);
  t.same(markTexts([15, 17.5, 20], '°C'), ['15.0', '17.5', '20.0 °C']);
  t.same(markTexts([-0.1, -0, 0.1], undefined), ['-0.1', '0.0', '0.1']);
  t.same(markTexts([0, 20_000, 40_000], 'B'), ['0 k', '20 k', '40 k B']);
  t.end();
});

t.test('labels do not cover each other', t => {
  const room = { top: 0, bottom: 100 };
  t.same(placeLabels([50, 52, 10], 16, room), [50, 66, 10]);
  t.same(placeLabels([99, 99], 16, room), [76, 92]);
  t.same(placeLabels([-5, 0], 16, room), [8, 24]);
  t.equal(placeLabels([1, 2, 3, 4, 5, 6, 7], 16, room), undefined);
  t.end();
});

t.test('views: zoom keeps the time under the pointer, pan the span', t => {
  t.same(zoomed({ from: 1_000, to: 2_000 }, 0.5, 1_500), { from: 1_250, to: 1_750 });
  t.same(zoomed({ from: 1_000, to: 2_000 }, 0.5, 1_000), { from: 1_000, to: 1_500 });
  t.same(
    zoomed({ from: 1_000, to: 1_010 }, 0.1, 1_000),
    { from: 1_000, to: 1_010 },
    'not narrower than can be shown',
  );
  t.same(panned({ from: 1_000, to: 2_000 }, 0.1), { from: 1_100, to: 2_100 });
  t.same(panned({ from: 100, to: 1_100 }, -1), { from: 0, to: 1_000 }, 'not before 1970');
  const view = { from: 1_000, to: 2_000 };
  t.same(viewOfKey('ArrowLeft', false, view), { from: 900, to: 1_900 });
  t.same(viewOfKey('+', false, view), { from: 1_250, to: 1_750 });
  t.equal(viewOfKey('x', false, view), undefined);
  t.end();
});

t.test('the line under a chart tells how it was made', t => {
  const groups = groupPicture([0, MINUTE, 2 * MINUTE], [60, 120, 6]);
  const view = { from: 0, to: 2 * MINUTE };
  const text = (picture: Picture, series: Series[]) => madeText(picture, madeOf(picture, series, view));
  t.equal(text(groups, [SERIES]), 'avg, 1 min, from 1 h rollup, 2 of 180 points, 0.8 ms');
  const two = { ...groups, lines: [groups.lines[0], groups.lines[0]] };
  t.match(
    text(two, [SERIES, { ...SERIES, field: 'x' }]),
    /4 of 180 points/,
    'points of one source count once',
  );
  t.match(text(two, [SERIES, { ...SERIES, dataSourceId: 'x' }]), /4 of 360 points/);
  t.match(text({ ...groups, rollupLevel: null }, [SERIES]), /from points/);
  t.equal(text(rawPicture([1, 2], [1, 2]), [SERIES]), 'raw, all 2 points, 0.8 ms');
  const m4 = { ...rawPicture([1, 2], [1, 2]), plan: { kind: 'm4', sliceMs: 1 } as const };
  t.equal(madeText(m4, { drawn: 2, points: 2_600_000 }), 'm4, 2 of 2.60 M points, 0.8 ms');
  t.equal(
    summaryText('Air', [SERIES], rawPicture([1, 2], [1, 2]), { from: 0, to: 1_000 }, 'UTC'),
    'Air, 1970-01-01 00:00:00 to 1970-01-01 00:00:01 UTC: North from 1 °C to 2 °C, last 2 °C',
  );
  t.end();
});

t.test('readings: the nearest, but none across a gap', t => {
  const times = [-50, -40, -30, -20, -10, 0, 10, 20, 30, 40, 50, 60, 200];
  const picture = rawPicture(times, times);
  const at = (time: number) => readingsAt(picture, time, { from: 0, to: 300 })[0]?.value;
  t.same([at(14), at(16), at(65), at(130)], [10, 20, 60, undefined]);
  const grouped = readingsAt(groupPicture([0, MINUTE], [1, 1]), MINUTE + 1, { from: 0, to: 10 * MINUTE });
  t.same(grouped, [{ time: 1.5 * MINUTE, value: 1, low: 0, high: 2 }]);
  t.end();
});

t.test('exported values are no formulas', t => {
  const series = { ...SERIES, label: '=cmd("x"),celsius' };
  t.equal(
    csvOf([series], rawPicture([1, 2], [-1.5, 2]), { from: 0, to: 2 }),
    `time,"'=cmd(""x""),celsius (°C)"\r\n1970-01-01T00:00:00.001Z,-1.5\r\n`,
  );
  t.match(
    csvOf([SERIES], groupPicture([0], [1]), { from: 0, to: MINUTE }),
    /North celsius \(°C\) avg,.* min,.* max\r\n/,
  );
  t.end();
});

t.test('points that arrive are appended, or folded into their group', t => {
  const point = (milliseconds: number, celsius: number) => ({
    _id: 'x',
    dataSourceId: 's',
    timestamp: new Date(milliseconds).toISOString(),
    values: { celsius },
  });
  const raw = rawPicture([10], [1]);
  t.same(arrived(raw, [SERIES], [point(20, 2), point(20, 2)])?.picture.lines[0], {
    times: [10, 20],
    values: [1, 2],
  });
  t.equal(arrived(raw, [SERIES], [point(2_000, 2)]), undefined, 'out of the picture');
  const groups = groupPicture([0, MINUTE], [1, 1]);
  const folded = arrived(groups, [SERIES], [point(MINUTE + 5, 5), point(2 * MINUTE + 5, 7)])!;
  t.same(folded.picture.lines[0], {
    times: [0, MINUTE, 2 * MINUTE],
    values: [0, 3, 7],
    lows: [-1, 0, 7],
    highs: [1, 5, 7],
    counts: [1, 2, 1],
  });
  t.same(folded.range, { from: MINUTE + 5, to: 2 * MINUTE + 6 });
  t.same(groups.lines[0].counts, [1, 1], 'what was drawn before is as it was');
  t.end();
});

t.test('an average has one digit more than its axis', t => {
  t.equal(averageDecimals({ least: 14, greatest: 30 }), 1);
  t.equal(averageDecimals({ least: 0, greatest: 4.9 }), 1);
  t.equal(averageDecimals({ least: 0, greatest: 2 }), 2);
  t.equal(averageDecimals({ least: 0, greatest: 2_000 }), 0);
  t.equal(averageDecimals({ least: 1, greatest: 1 }), 12);
  t.equal(readingText(16.787, '°C', 1), '16.8 °C');
  t.equal(readingText(16.787, '°C'), '16.787 °C', 'of a point all digits are its own');
  t.equal(readingText(0.00234, undefined, 1), '0.0023', 'what is not zero does not become it');
  t.equal(readingText(0, undefined, 1), '0');
  t.end();
});
