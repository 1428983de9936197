/** What a caller of the API is told of a query that reads too much or takes too long. */
import t, { type Test } from 'tap';
import type { QueryLimits } from '../../../server/limits.js';
import { ADMIN_KEY, Fixture, NOW } from '../api/fixture.js';

const POINTS = 50;
const START = NOW - POINTS * 1_000;

async function filled(t: Test, limits: QueryLimits) {
  const fixture = await Fixture.open();
  fixture.queryLimits = limits;
  await fixture.restart();
  const bucketId = await fixture.createBucket();
  const dataSourceId = await fixture.createSource(bucketId);
  const dataPoints = Array.from({ length: POINTS }, (_, row) => ({
    dataSourceId,
    timestamp: START + row * 1_000,
    values: { v: row },
  }));
  const { status } = await fixture.call('POST', '/api/data/batch', {
    key: ADMIN_KEY,
    body: { bucketId, dataPoints },
  });
  t.equal(status, 201);
  const ask = (body: object) =>
    fixture.call('POST', '/api/data/query', { key: ADMIN_KEY, body: { bucketId, ...body } });
  return { fixture, ask };
}

t.test('points: as many as the limit are answered, one more is not, and 0 is any number', async t => {
  const cases: [pointsMax: number, status: number][] = [
    [POINTS - 1, 400],
    [POINTS, 200],
    [0, 200],
  ];
  for (const [pointsMax, want] of cases) {
    const { fixture, ask } = await filled(t, { timeMaxMs: 30_000, pointsMax });
    const { status, headers, body } = await ask({ aggregation: 'p95' });
    t.equal(status, want, `${pointsMax} points`);
    if (want === 200) t.match(body, { data: [{ count: POINTS }], metadata: { pointsScanned: POINTS } });
    else {
      t.same(body, {
        error: 'Validation Error',
        message:
          `The query would read more than ${pointsMax} points; ` +
          'ask for a shorter range, fewer sources, or groups (groupBy) without filters on values',
      });
      t.notOk('Retry-After' in headers, 'it would be too large again');
    }
    t.same(fixture.errors, [], 'no failure of ours');
  }
});

t.test('time: what has no end is given up, and what is short is answered after it', async t => {
  const { fixture, ask } = await filled(t, { timeMaxMs: 1, pointsMax: 0 });
  // A million seconds are passed over: no machine does that in one turn of the event loop.
  const { status, headers, body } = await ask({
    aggregation: 'last',
    groupBy: 'second',
    fill: 'previous',
    filters: { startTime: START - 5e9, endTime: NOW, offset: 1_000_000 },
  });
  t.equal(status, 503);
  t.same(body, {
    error: 'Service Unavailable',
    message:
      'The query took longer than 0.001 s; ask for a shorter range, fewer sources, or groups (groupBy)',
  });
  t.match(headers, { 'Retry-After': /^\d+$/ });
  t.same(fixture.errors, [], 'no failure of ours');
  fixture.queryLimits = { timeMaxMs: 30_000, pointsMax: 0 };
  await fixture.restart();
  t.match(await ask({ aggregation: 'count' }), { status: 200, body: { data: [{ count: POINTS }] } });
});
