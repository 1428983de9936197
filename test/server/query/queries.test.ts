/** Queries in threads of their own: the same answers, bounded, and given up when nobody waits. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Column } from '../../../engine/batch.js';
import { Engine } from '../../../engine/engine.js';
import type { Aggregation, QueryRequest } from '../../../engine/query/request.js';
import { toApiError } from '../../../server/errors.js';
import type { AnswerShape } from '../../../server/query/answer.js';
import { QueryPool } from '../../../server/query/pool.js';
import { Queries } from '../../../server/query/queries.js';
import { nodeDisk } from '../../../wal/disk.js';
import { Log } from '../../../wal/log.js';
import { inlineRunner } from '../../support/inline-runner.js';
import { randomBatch } from '../../support/points.js';
import { Random, testSeed } from '../../support/random.js';

const SOURCES = [1, 2, 3];
const IDS = new Map(SOURCES.map(source => [source, `id-${source}`]));
const DENSE = 3;
const DENSE_ROWS = 6_000;
const STEP_MS = 1_000;
const TIME_MAX = DENSE_ROWS * STEP_MS;

/** On the real disk, because threads open files there. Rows in two segments, one with windows, and in the head. */
async function filledEngine(t: Test, random: Random) {
  const directory = t.testdir();
  mkdirSync(join(directory, 'wal'));
  const engine = await Engine.open({ disk: nodeDisk, directory, runner: inlineRunner(nodeDisk) });
  const log = await Log.open({
    disk: nodeDisk,
    directory: join(directory, 'wal'),
    participants: [engine.participant],
  });
  engine.start(log);
  const mixed = () =>
    engine.append(randomBatch(random, { sources: [1, 2], rowsMax: 400, timeMax: TIME_MAX }));
  const dense = (from: number, to: number) => {
    const timestamps = Float64Array.from({ length: to - from }, (_, row) => (from + row) * STEP_MS);
    const fields: Column[] = [
      { name: 'temperature', type: 'number', values: timestamps.map((_, row) => Math.round(row * 7.3) / 10) },
    ];
    return engine.append({ sources: [{ source: DENSE, timestamps, fields }] });
  };
  await mixed();
  await dense(0, DENSE_ROWS - 500);
  await engine.flush();
  await mixed();
  await engine.flush();
  await mixed();
  await dense(DENSE_ROWS - 500, DENSE_ROWS);
  t.teardown(async () => {
    await engine.close();
    await log.close();
  });
  return engine;
}

function newPool(t: Test, file?: string): QueryPool {
  const pool = new QueryPool({ threads: 1, onError: () => {}, ...(file && { file }) });
  t.teardown(() => pool.close());
  return pool;
}

const LIMITS = { timeMaxMs: 60_000, pointsMax: 0 };
const AGGREGATIONS: Aggregation[] = [
  'avg',
  'min',
  'max',
  'sum',
  'count',
  'first',
  'last',
  'p95',
  'stddev',
  'rate',
];

function randomRequest(random: Random): QueryRequest {
  const startTime = random.next() < 0.5 ? 0 : random.integer(TIME_MAX);
  const base: QueryRequest = {
    sources: SOURCES.filter(() => random.next() < 0.8),
    startTime,
    endTime: startTime + 1 + random.integer(TIME_MAX),
    order: random.pick(['asc', 'desc'] as const),
    limit: random.pick([1, 10, 1_000, 100_000]),
    offset: random.pick([0, 0, 3]),
    ...(random.next() < 0.3 && { fields: ['temperature', 'state'] }),
    ...(random.next() < 0.2 && { values: { temperature: { gt: 0 } } }),
    ...(random.next() < 0.1 && { metadata: { site: 'a' } }),
  };
  const kind = random.next();
  if (kind < 0.3) return base;
  if (kind < 0.4)
    return { ...base, downsample: { method: random.pick(['m4', 'minmax', 'lttb'] as const), points: 40 } };
  const aggregations = AGGREGATIONS.filter(() => random.next() < 0.3);
  if (aggregations.length === 0) aggregations.push('avg');
  return {
    ...base,
    aggregations,
    several: aggregations.length > 1,
    groups: random.pick([
      { unit: 'all' },
      { unit: 'minute', count: 7 },
      { unit: 'minute', count: 10 },
      { unit: 'hour', count: 1 },
    ] as const),
    ...(random.next() < 0.2 && { fill: random.pick(['null', 'previous', 'linear'] as const) }),
  };
}

const never = new AbortController().signal;

function shapeOf(layout: AnswerShape['layout'], encoding: AnswerShape['encoding']): AnswerShape {
  return { sourceIds: IDS, layout, encoding, metadata: {}, startedAt: 0 };
}

/** All but the time that it took, which ends the metadata of no two answers alike. */
function comparable(body: Uint8Array, encoding: AnswerShape['encoding']): string {
  const text = Buffer.from(body).toString('latin1');
  return encoding === 'json'
    ? text.replace(/"executionTimeMs":[\d.]+/, '')
    : text.replace(/executionTimeMs[\s\S]{9}/, '');
}

t.test('a thread answers what is answered at once, byte by byte', async t => {
  const seed = testSeed();
  t.comment(`DAKKIO_TEST_SEED=${seed}`);
  const random = new Random(seed);
  const engine = await filledEngine(t, random);
  const atOnce = new Queries({ storage: engine, ...LIMITS });
  const inThread = new Queries({ storage: engine, ...LIMITS, pool: newPool(t), inlineMicrosecondsMax: -1 });
  for (let round = 0; round < 120; round++) {
    const request = randomRequest(random);
    const encoding = random.pick(['json', 'msgpack'] as const);
    const shape = shapeOf(random.pick(['rows', 'columns'] as const), encoding);
    const [one, other] = await Promise.all([
      atOnce.answer(request, shape, never),
      inThread.answer(request, shape, never),
    ]);
    const isSame = comparable(one, encoding) === comparable(other, encoding);
    t.ok(isSame, isSame ? `round ${round}` : `round ${round}: ${JSON.stringify({ request, shape })}`);
    if (random.next() < 0.05) {
      await engine.append(randomBatch(random, { sources: [1, 2], rowsMax: 50, timeMax: TIME_MAX }));
      if (random.next() < 0.5) await engine.flush();
      if (random.next() < 0.5) await engine.compact();
    }
  }
});

const RAW: QueryRequest = {
  sources: [DENSE],
  startTime: 0,
  endTime: TIME_MAX,
  order: 'asc',
  limit: 100_000,
  offset: 0,
};

async function codeOf(answer: Promise<unknown>): Promise<{ code: string; status: number; message: string }> {
  try {
    await answer;
  } catch (error) {
    const { code, status, message } = toApiError(error);
    return { code, status, message };
  }
  return { code: 'answered', status: 200, message: '' };
}

t.test('a thread tells of a period what is told at once', async t => {
  const seed = testSeed();
  t.comment(`DAKKIO_TEST_SEED=${seed}`);
  const random = new Random(seed);
  const engine = await filledEngine(t, random);
  const atOnce = new Queries({ storage: engine, ...LIMITS });
  const inThread = new Queries({ storage: engine, ...LIMITS, pool: newPool(t), inlineMicrosecondsMax: -1 });
  for (let round = 0; round < 30; round++) {
    const startTime = random.integer(TIME_MAX);
    const detailed = SOURCES.filter(() => random.next() < 0.5);
    const endTime = startTime + 1 + random.integer(TIME_MAX);
    const request = { startTime, endTime, sources: SOURCES, detailed, byHour: random.next() < 0.5 };
    const [one, other] = await Promise.all([atOnce.period(request, never), inThread.period(request, never)]);
    t.same(other, one);
  }
  const all = { startTime: 0, endTime: TIME_MAX, sources: SOURCES, detailed: SOURCES, byHour: true };
  await t.rejects(inThread.period(all, AbortSignal.abort(new Error('gone'))), /gone/);
});

t.test('too many points, at once and in a thread', async t => {
  const engine = await filledEngine(t, new Random(1));
  for (const inlineMicrosecondsMax of [-1, Number.POSITIVE_INFINITY]) {
    const options = { storage: engine, pool: newPool(t), inlineMicrosecondsMax };
    const few = new Queries({ ...options, timeMaxMs: 60_000, pointsMax: 2_000 });
    const refused = await codeOf(few.answer(RAW, shapeOf('columns', 'json'), never));
    t.match(refused, { code: 'QUERY_TOO_LARGE', status: 400, message: /more than 2000 points/ });
    const summed = { ...RAW, aggregations: ['max' as const], groups: { unit: 'hour', count: 1 } as const };
    t.match(
      await codeOf(few.answer(summed, shapeOf('rows', 'json'), never)),
      { code: 'answered' },
      'the index needs few points',
    );
    t.match(
      await codeOf(new Queries({ ...options, ...LIMITS }).answer(RAW, shapeOf('rows', 'json'), never)),
      {
        code: 'answered',
      },
    );
  }
});

t.test('who leaves is not waited for, and what is after him has its turn', async t => {
  const engine = await filledEngine(t, new Random(2));
  const pool = newPool(t);
  const queries = new Queries({ storage: engine, ...LIMITS, pool, inlineMicrosecondsMax: -1 });
  const shape = shapeOf('rows', 'json');
  const leaving = Array.from({ length: 5 }, () => new AbortController());
  const left = leaving.map(({ signal }) =>
    queries.answer(RAW, shape, signal).then(
      () => 'answered',
      error => (error as Error).message,
    ),
  );
  const stays = queries.answer({ ...RAW, limit: 1 }, shape, never);
  for (const controller of leaving) controller.abort(new Error('gone'));
  for (const outcome of await Promise.all(left)) t.ok(['gone', 'answered'].includes(outcome), outcome);
  t.equal(JSON.parse(Buffer.from(await stays).toString()).data.length, 1);
  t.equal(pool.runningCount, 0, 'the thread is free');
  const before = new AbortController();
  before.abort(new Error('gone before'));
  await t.rejects(queries.answer(RAW, shape, before.signal), { message: 'gone before' });
});

t.test(
  'a query reads what there was when it was asked, while segments are merged and sources erased',
  async t => {
    const engine = await filledEngine(t, new Random(3));
    const queries = new Queries({ storage: engine, ...LIMITS, pool: newPool(t), inlineMicrosecondsMax: -1 });
    const shape = shapeOf('columns', 'json');
    const wanted = comparable(await queries.answer(RAW, shape, never), 'json');
    const answers = Array.from({ length: 4 }, () => queries.answer(RAW, shape, never));
    await engine.flush();
    await engine.compact();
    await engine.erase([DENSE]);
    await engine.compact();
    for (const body of await Promise.all(answers)) t.equal(comparable(body, 'json'), wanted);
    const after = JSON.parse(Buffer.from(await queries.answer(RAW, shape, never)).toString());
    t.same(after.columns, {}, 'erased');
  },
);
