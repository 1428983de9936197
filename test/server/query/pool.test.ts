/** Threads of queries: whose turn it is, what becomes of a thread that ends, and that work is given up when told. */
import { setTimeout } from 'node:timers/promises';
import t, { type Test } from 'tap';
import type { QueryRequest } from '../../../engine/query/request.js';
import { toApiError } from '../../../server/errors.js';
import { QUERIES_WAITING_MAX } from '../../../server/limits.js';
import type { AnswerShape } from '../../../server/query/answer.js';
import type { QueryJob } from '../../../server/query/jobs.js';
import { QueryPool } from '../../../server/query/pool.js';
import { Queries } from '../../../server/query/queries.js';
import { nodeDisk } from '../../../wal/disk.js';
import { openEngine } from '../../support/engine-on-disk.js';

const never = new AbortController().signal;

/** Groups of seconds without points, more than can be passed over while anybody lives. */
const ENDLESS: QueryRequest = {
  sources: [1],
  startTime: 0,
  endTime: 2 ** 42,
  order: 'asc',
  limit: 1,
  offset: Number.MAX_SAFE_INTEGER - 1,
  aggregations: ['last'],
  groups: { unit: 'second', count: 1 },
  fill: 'null',
};

function shapeOf(metadata: object): AnswerShape {
  return { sourceIds: new Map([[1, 'id']]), layout: 'rows', encoding: 'json', metadata, startedAt: 0 };
}

function jobOf(behaviour: string): QueryJob {
  return { snapshot: {}, request: ENDLESS, shape: shapeOf({ behaviour }), pointsMax: Infinity };
}

function openPool(t: Test, threads: number): { readonly pool: QueryPool; readonly errors: unknown[] } {
  const errors: unknown[] = [];
  const file = new URL('../../support/query-thread.js', import.meta.url).href;
  const pool = new QueryPool({ threads, file, onError: error => errors.push(error) });
  t.teardown(() => pool.close());
  return { pool, errors };
}

t.test('a query waits for its turn, and leaves the queue when nobody waits for it', async t => {
  const { pool } = openPool(t, 1);
  const busy = new AbortController();
  const running = pool.run(jobOf('wait'), busy.signal);
  const leaving = new AbortController();
  const order: string[] = [];
  const waiting = ['first', 'second', 'third'].map((name, index) =>
    pool.run(jobOf('answer'), index === 1 ? leaving.signal : never).then(
      ({ kind }) => order.push(`${name} ${kind}`),
      error => order.push(`${name} ${error.message}`),
    ),
  );
  leaving.abort(new Error('gone'));
  await waiting[1];
  t.same(order, ['second gone'], 'at once, while another has the thread');
  busy.abort();
  t.match(await running, { kind: 'stopped' });
  await Promise.all(waiting);
  t.same(order, ['second gone', 'first answered', 'third answered']);
  t.equal(pool.runningCount, 0);
});

t.test('as many as may wait do, and one more is refused', async t => {
  const { pool } = openPool(t, 1);
  const callers = Array.from({ length: 1 + QUERIES_WAITING_MAX }, () => new AbortController());
  const settled = Promise.allSettled(callers.map(({ signal }) => pool.run(jobOf('wait'), signal)));
  await t.rejects(pool.run(jobOf('answer'), never), { code: 'OVERLOADED', status: 503 });
  for (const caller of callers) caller.abort();
  await settled;
  t.match(await pool.run(jobOf('answer'), never), { kind: 'answered' }, 'once they are gone there is room');
});

t.test('a thread that ends takes its own query with it and no other', async t => {
  for (const behaviour of ['end', 'exhaust', 'throw']) {
    const { pool, errors } = openPool(t, 2);
    const stays = new AbortController();
    const other = pool.run(jobOf('wait'), stays.signal);
    const error = await pool.run(jobOf(behaviour), never).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    t.ok(error instanceof Error, `${behaviour}: ${(error as Error | undefined)?.message}`);
    t.equal(toApiError(error).status, 500);
    for (let count = 0; count < 3; count++)
      t.match(await pool.run(jobOf('answer'), never), { kind: 'answered' });
    stays.abort();
    t.match(await other, { kind: 'stopped' });
    t.equal(pool.runningCount, 0);
    t.same(errors, []);
  }
});

t.test('none is left waiting when the threads are closed', async t => {
  const { pool } = openPool(t, 1);
  const settled = Promise.allSettled(
    ['wait', 'answer', 'answer'].map(behaviour => pool.run(jobOf(behaviour), never)),
  );
  await pool.close();
  t.same(
    (await settled).map(({ status }) => status),
    ['rejected', 'rejected', 'rejected'],
  );
  t.equal(pool.runningCount, 0);
});

t.test('endless work ends when its caller leaves, and when its time is over', async t => {
  const { engine, close } = await openEngine(nodeDisk, { directory: t.testdir() });
  t.teardown(close);
  const point = { timestamps: Float64Array.of(5), fields: [] };
  await engine.append({ sources: [{ source: 1, ...point }] });
  const pool = new QueryPool({ threads: 1, onError: error => t.fail(String(error)) });
  t.teardown(() => pool.close());
  for (const inlineMicrosecondsMax of [-1, Infinity]) {
    const options = { storage: engine, pool, pointsMax: 0, inlineMicrosecondsMax };
    const leaving = new AbortController();
    const left = new Queries({ ...options, timeMaxMs: 600_000 }).answer(ENDLESS, shapeOf({}), leaving.signal);
    await setTimeout(100);
    t.equal(pool.runningCount, inlineMicrosecondsMax < 0 ? 1 : 0, 'it is under way');
    leaving.abort(new Error('gone'));
    await t.rejects(left, { message: 'gone' });
    const late = new Queries({ ...options, timeMaxMs: 100 }).answer(ENDLESS, shapeOf({}), never);
    await t.rejects(late, {
      code: 'QUERY_TOO_LONG',
      message:
        'The query took longer than 0.1 s; ask for a shorter range, fewer sources, or groups (groupBy)',
    });
    t.equal(pool.runningCount, 0, 'the thread is free');
  }
});
