/** Whole queries over changes of clocks: an hour that is put into the wrong day changes counts and sums. */
import t from 'tap';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../engine/base/time.js';
import type { QueryRequest } from '../../../engine/query/request.js';
import { openEngine } from '../../support/engine-on-disk.js';
import { FakeDisk } from '../../support/fake-disk.js';
import { naiveQuery } from '../../support/naive-query.js';
import { runQuery } from '../../support/query-rows.js';

/** Clocks go forward and back in the zones, or stay. */
const CHANGES: readonly [string, readonly string[]][] = [
  ['Europe/Paris', ['2024-03-31', '2024-10-27']],
  ['America/New_York', ['2024-03-10', '2024-11-03']],
  ['Asia/Kathmandu', ['2024-03-31']],
  ['Pacific/Chatham', ['2024-04-07', '2024-09-29']],
];

/** Every quarter of an hour, and a millisecond before the next, around a change; fewer for a month on both sides. */
function timesAround(change: string): Float64Array {
  const middle = Date.parse(change);
  const times: number[] = [];
  let time = middle - 35 * DAY_MS;
  while (time < middle + 35 * DAY_MS) {
    const isNear = Math.abs(time - middle) < 2 * DAY_MS;
    const next = time + (isNear ? 15 * MINUTE_MS : 7 * HOUR_MS);
    times.push(time, next - 1);
    time = next;
  }
  return Float64Array.from(times);
}

t.test('days, weeks and months over changes of clocks, from summaries and from rows', async t => {
  for (const [timezone, changes] of CHANGES) {
    for (const change of changes) {
      const timestamps = timesAround(change);
      // Sums that no two groups share.
      const values = timestamps.map((_, row) => row * row);
      const { engine, close } = await openEngine(new FakeDisk());
      await engine.append({
        sources: [{ source: 1, timestamps, fields: [{ name: 'v', type: 'number', values }] }],
      });
      await engine.flush();
      for (const unit of ['day', 'week', 'month'] as const) {
        const request: QueryRequest = {
          sources: [1],
          startTime: timestamps[0] + DAY_MS / 3,
          endTime: timestamps[timestamps.length - 1],
          order: 'asc',
          limit: 1_000,
          offset: 0,
          aggregations: ['sum', 'first', 'last'],
          several: true,
          groups: { unit, count: 1, timezone },
        };
        const wanted = (await naiveQuery(engine, request)).rows.map(({ magnitudes, ...row }) => row);
        const asked = `${unit} in ${timezone} over ${change}`;
        t.same((await runQuery(engine, request)).rows, wanted, asked);
        const filtered = { ...request, values: { v: { gte: 0 } } };
        t.same((await runQuery(engine, filtered)).rows, wanted, `${asked}, of rows`);
      }
      await close();
    }
  }
});

t.test('the days of changes are an hour shorter and longer', async t => {
  const cases: [string, string, string, number][] = [
    ['Europe/Paris', '2024-03-31', '2024-03-30T23:00:00Z', 23],
    ['Europe/Paris', '2024-10-27', '2024-10-26T22:00:00Z', 25],
    ['America/New_York', '2024-03-10', '2024-03-10T05:00:00Z', 23],
    ['America/New_York', '2024-11-03', '2024-11-03T04:00:00Z', 25],
    ['Asia/Kathmandu', '2024-03-31', '2024-03-30T18:15:00Z', 24],
    ['Pacific/Chatham', '2024-04-07', '2024-04-06T10:15:00Z', 25],
    ['Pacific/Chatham', '2024-09-29', '2024-09-28T11:15:00Z', 23],
  ];
  for (const [timezone, change, start, hours] of cases) {
    const timestamps = timesAround(change);
    const { engine, close } = await openEngine(new FakeDisk());
    const fields = [{ name: 'v', type: 'number', values: timestamps } as const];
    await engine.append({ sources: [{ source: 1, timestamps, fields }] });
    const { rows } = await runQuery(engine, {
      sources: [1],
      startTime: 0,
      endTime: Infinity,
      order: 'asc',
      limit: 1_000,
      offset: 0,
      aggregations: ['count'],
      groups: { unit: 'day', count: 1, timezone },
    });
    // Eight points an hour.
    const day = rows.find(({ timestamp }) => timestamp === Date.parse(start));
    t.equal(day?.count, 8 * hours, `${change} in ${timezone}`);
    await close();
  }
});
