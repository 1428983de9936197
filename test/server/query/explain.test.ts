/** What `explain` tells is what is done. */
import t from 'tap';
import { SECOND_MS } from '../../../engine/base/time.js';
import type { QueryRequest } from '../../../engine/query/request.js';
import { explanation } from '../../../server/query/explain.js';
import { Queries } from '../../../server/query/queries.js';
import { openEngine } from '../../support/engine-on-disk.js';
import { FakeDisk } from '../../support/fake-disk.js';
import { ADMIN_KEY, Fixture } from '../api/fixture.js';

const HOURS = 10;
const ROWS = HOURS * 3_600;
const IDS = new Map([[1, 'first']]);

/** One reading a second: in a segment but for the last ten minutes. */
async function filledEngine() {
  const open = await openEngine(new FakeDisk());
  const append = async (from: number, to: number) => {
    const timestamps = Float64Array.from({ length: to - from }, (_, row) => (from + row) * SECOND_MS);
    const fields = [{ name: 'v', type: 'number', values: timestamps } as const];
    await open.engine.append({ sources: [{ source: 1, timestamps, fields }] });
  };
  await append(0, ROWS - 600);
  await open.engine.flush();
  await append(ROWS - 600, ROWS);
  return open;
}

const REQUEST: QueryRequest = {
  sources: [1],
  startTime: 0,
  endTime: ROWS * SECOND_MS,
  order: 'asc',
  limit: 1_000,
  offset: 0,
};

async function ask(queries: Queries, request: QueryRequest) {
  const shape = { sourceIds: IDS, layout: 'columns', encoding: 'json', metadata: {}, startedAt: 0 } as const;
  const body = await queries.answer(request, shape, new AbortController().signal);
  return JSON.parse(new TextDecoder().decode(body)).metadata;
}

t.test('plans of some queries, and what came of them', async t => {
  const { engine, close } = await filledEngine();
  const queries = new Queries({ storage: engine, timeMaxMs: 30_000, pointsMax: 0 });
  const planOf = (request: QueryRequest) =>
    JSON.parse(JSON.stringify(explanation(queries.explain(request), IDS)));

  const hours: QueryRequest = { ...REQUEST, aggregations: ['avg'], groups: { unit: 'hour', count: 1 } };
  const plan = planOf(hours);
  t.equal(plan.reads, 'summaries');
  t.equal(plan.runs, 'at once');
  t.equal(plan.sourceCount, 1);
  t.ok(plan.estimatedMs > 0);
  t.match(plan.sources, [
    {
      dataSourceId: 'first',
      places: [
        {
          place: '0000000001.segment',
          points: ROWS - 600,
          steps: [
            {
              read: 'windows',
              rollupLevel: '10m',
              windows: HOURS * 6 - 1,
              stretches: 1,
              startTime: '1970-01-01T00:00:00Z',
              endTime: '1970-01-01T09:49:59.001Z',
            },
          ],
        },
        { place: 'head', points: 600, steps: [{ read: 'points', points: 600 }] },
      ],
    },
  ]);
  t.match(await ask(queries, hours), { count: HOURS, rollupLevel: '10m', pointsScanned: 600 });

  const ragged = { ...hours, startTime: 90 * SECOND_MS };
  t.same(
    planOf(ragged).sources[0].places[0].steps.map((step: { read: string }) => step.read),
    ['windows', 'points'],
    'the ragged end is read',
  );
  // One block of the ragged end, and the head.
  t.match(await ask(queries, ragged), { rollupLevel: '10m', pointsScanned: 1_024 + 600 });

  const minutes: QueryRequest = { ...hours, groups: { unit: 'minute', count: 1 } };
  t.same(
    planOf(minutes).sources[0].places[0].steps.map((step: { read: string }) => step.read),
    ['points'],
    'no window is as short as a minute',
  );
  t.match(await ask(queries, minutes), { rollupLevel: null, pointsScanned: ROWS });

  for (const rows of [REQUEST, { ...hours, values: { v: { gt: 5 } } }, { ...hours, aggregations: ['p95'] }]) {
    const read = planOf(rows as QueryRequest);
    t.equal(read.reads, 'rows');
    t.match(read.sources[0].places[0].steps, [{ read: 'points', points: ROWS - 600 }]);
  }
  t.same(planOf({ ...hours, startTime: 1e12, endTime: 2e12 }).sources, [], 'a range without points');
  await close();
});

t.test('costs tell long queries from short ones', async t => {
  const { engine, close } = await filledEngine();
  const queries = new Queries({ storage: engine, timeMaxMs: 30_000, pointsMax: 0 });
  const cost = (request: QueryRequest) => queries.explain(request).plan.microseconds;
  const groups = (unit: 'second' | 'hour') =>
    ({ aggregations: ['max'], groups: { unit, count: 1 } }) as const;
  t.ok(cost({ ...REQUEST, limit: 1 }) < cost({ ...REQUEST, limit: 10_000 }), 'a limit ends it early');
  t.ok(cost({ ...REQUEST, ...groups('hour') }) * 10 < cost({ ...REQUEST, ...groups('second') }));
  t.ok(cost({ ...REQUEST, limit: 30_000 }) > 4_000, 'an export is long');
  t.ok(cost({ ...REQUEST, ...groups('hour') }) < 1_000, 'a dashboard is short');
  await close();
});

t.test('over the API: the plan in the place of rows', async t => {
  const fixture = await Fixture.open();
  const { body: made } = await fixture.call('POST', '/api/buckets', { key: ADMIN_KEY, body: { name: 'b' } });
  const bucketId = made.bucket._id;
  const { status, body } = await fixture.call('POST', '/api/data/query', {
    key: ADMIN_KEY,
    body: { bucketId, explain: true, groupBy: 'hour' },
  });
  t.equal(status, 200);
  t.match(body, { plan: { reads: 'summaries', sourceCount: 0, sources: [] }, metadata: { groupBy: 'hour' } });
  t.notOk('data' in body);
});
