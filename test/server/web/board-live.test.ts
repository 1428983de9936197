/** What comes live, in the order of its times and not of its coming. */
import t from 'tap';
import type { RawPoint } from '../../../server/web/base/types.js';
import { withPoints } from '../../../server/web/board/last-values.js';
import { rowsFrom, withLive } from '../../../server/web/board/table.js';

const NOON = Date.UTC(2024, 0, 15, 12);

function point(time: number, values: RawPoint['values'] = { v: time }, dataSourceId = 'a'): RawPoint {
  return {
    _id: `${dataSourceId} ${time}`,
    dataSourceId,
    timestamp: new Date(NOON + time).toISOString(),
    values,
  };
}

t.test('the last value is that of the newest time, field by field', t => {
  const first = withPoints(new Map(), [point(10, { t: 1, h: 1 }), point(5, { t: 2, p: 2 })]);
  const next = withPoints(first, [point(7, { h: 3, p: 3 }), point(10, { t: 4 }), point(1, { t: 5 }, 'b')]);
  const valuesOf = (known: typeof next, id: string) =>
    Object.fromEntries([...(known.get(id) ?? [])].map(([name, { value }]) => [name, value]));
  t.same(valuesOf(first, 'a'), { t: 1, h: 1, p: 2 });
  t.same(valuesOf(next, 'a'), { t: 4, h: 1, p: 3 }, 'of one time the later one counts');
  t.same(valuesOf(next, 'b'), { t: 5 });
  t.same(valuesOf(first, 'b'), {}, 'what was known before is as it was');
  t.end();
});

t.test('a live table holds its range, and not much more than was scrolled to', t => {
  const rows = { points: [point(30), point(20), point(10)], readCount: 3, hasMore: false };
  const times = (points: readonly RawPoint[]) => points.map(({ values }) => values.v);
  const next = withLive(rows, [point(40), point(-5), point(25)], NOON + 15);
  t.same(times(next.points), [40, 30, 25, 20], 'without what is older than the range');
  t.notOk(next.hasMore, 'there is nothing more in the range');
  t.same(times(rowsFrom(next.points, NOON + 26)), [40, 30]);
  const many = Array.from({ length: 2_000 }, (_, index) => point(100 + index));
  const full = withLive(rows, many, NOON);
  t.equal(full.points.length, 503);
  t.equal(full.points[0].values.v, 2_099);
  t.ok(full.hasMore, 'the rest is read when somebody scrolls to it');
  t.end();
});
