/** What the overview and the analytics of a bucket take, over as many points as one likes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from './client.js';
import { Connection, type RawAnswer, requestBytes } from './connection.js';
import type { Figure } from './figures.js';
import { checkPointCount, makeSources } from './load.js';
import { longReadings } from './long-series.js';
import type { Readings } from './reference.js';
import { writeLongSources } from './segment-loader.js';
import { ADMIN_KEY, ServerProcess } from './server-process.js';
import { settle, settleDirectory } from './settled.js';
import { alignedLines } from './table.js';
import { type Timings, timeRequests } from './timed-case.js';

const DAY_MS = 86_400_000;
const STEP_MS = 1_000;
const PERIOD_DAYS = { '24h': 1, '7d': 7, '30d': 30, '90d': 90 } as const;
const GOAL_MS = 10;

export interface AnalyticsOptions {
  /** In all. */
  readonly points: number;
  readonly sources: number;
  readonly runs: number;
  onProgress?(points: number): void;
}

export interface AnalyticsCase extends Timings {
  readonly name: string;
  readonly bytes: number;
}

export interface AnalyticsReport {
  readonly points: number;
  readonly sources: number;
  readonly cases: readonly AnalyticsCase[];
}

interface SourceStats {
  readonly dataPointCount: number;
  readonly lastDataPoint: string | null;
  readonly avgValues: Readonly<Record<string, number>>;
  readonly minValues: Readonly<Record<string, number>>;
  readonly maxValues: Readonly<Record<string, number>>;
}

/** @throws (rejects) where an answer is not the right one. */
export async function benchAnalytics(options: AnalyticsOptions): Promise<AnalyticsReport> {
  const { sources, runs, onProgress = () => {} } = options;
  const rows = Math.ceil(options.points / sources);
  const points = rows * sources;
  const startTime = Math.floor(Date.now() / STEP_MS) * STEP_MS - (rows - 1) * STEP_MS;
  const readings = longReadings(rows, startTime);
  const directory = mkdtempSync(join(tmpdir(), 'dakkio-analytics-'));
  let server = await ServerProcess.start(directory);
  try {
    const setup = new Client(server.origin, ADMIN_KEY, 1);
    const named = Array.from({ length: sources }, (_, index) => ({ ...readings, source: `long ${index}` }));
    const { bucketId } = await makeSources(setup, 'long', named);
    setup.close();
    await server.end('SIGTERM');
    // Of a new catalog: one after another from 1.
    const ordinals = Array.from({ length: sources }, (_, index) => index + 1);
    await writeLongSources(directory, ordinals, rows, onProgress, startTime);
    await settleDirectory(directory);
    server = await ServerProcess.start(directory);
    await settle(server);
    const client = new Client(server.origin, ADMIN_KEY, 1);
    await checkPointCount(client, bucketId, points);
    client.close();
    const wanted = { readings, sources };
    const cases = [
      await timeOne(server, 'overview', '/api/analytics/overview', runs, (answer, asked) =>
        checkOverview(answer, asked, wanted),
      ),
    ];
    for (const [period, days] of Object.entries(PERIOD_DAYS)) {
      const path = `/api/analytics/buckets/${bucketId}?period=${period}`;
      cases.push(
        await timeOne(server, period, path, runs, (answer, asked) =>
          checkBucket(answer, asked, days * DAY_MS, wanted),
        ),
      );
    }
    await server.end('SIGTERM');
    return { points, sources, cases };
  } finally {
    await server.end('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  }
}

interface Wanted {
  readonly readings: Readings;
  readonly sources: number;
}

/** Between when the server's clock was read: it is this machine's. */
interface Asked {
  readonly from: number;
  readonly to: number;
}

async function timeOne(
  server: ServerProcess,
  name: string,
  path: string,
  runs: number,
  check: (body: unknown, asked: Asked) => void,
): Promise<AnalyticsCase> {
  const connection = await Connection.open(server.origin);
  const request = requestBytes('GET', path, { key: ADMIN_KEY });
  const checked = ({ status, body }: RawAnswer) => {
    if (status !== 200) throw new Error(`${name} was answered with ${status}: ${body}`);
    return JSON.parse(body.toString()) as unknown;
  };
  const from = Date.now();
  const first = await connection.send(request);
  check(checked(first), { from, to: Date.now() });
  const timings = await timeRequests(server, connection, [request], runs, checked);
  connection.close();
  return { name, bytes: first.body.length, ...timings };
}

function checkOverview(body: unknown, asked: Asked, { readings, sources }: Wanted): void {
  const { totals, recentActivity } = (
    body as {
      overview: { totals: { dataPoints: number }; recentActivity: { dataPointsLast24h: number } };
    }
  ).overview;
  expectWithin('points of all', totals.dataPoints, [readings.rowCount * sources]);
  expectWithin(
    'points of 24 hours',
    recentActivity.dataPointsLast24h,
    countsOf(readings, asked, DAY_MS).map(count => count * sources),
  );
}

function checkBucket(body: unknown, asked: Asked, periodMs: number, { readings, sources }: Wanted): void {
  const { summary, dataSourceStats, ingestionRate } = (
    body as {
      analytics: {
        summary: { totalDataPoints: number; dataPointsInPeriod: number };
        dataSourceStats: SourceStats[];
        ingestionRate: { dataPointsPerHour: { hour: string; count: number }[] };
      };
    }
  ).analytics;
  const counts = countsOf(readings, asked, periodMs);
  const inPeriod = counts.map(count => count * sources);
  expectWithin('points of all', summary.totalDataPoints, [readings.rowCount * sources]);
  expectWithin('points of the period', summary.dataPointsInPeriod, inPeriod);
  const byHour = ingestionRate.dataPointsPerHour.reduce((sum, { count }) => sum + count, 0);
  expectWithin('points by hour', byHour, [summary.dataPointsInPeriod]);
  if (dataSourceStats.length !== Math.min(sources, 1_000)) throw new Error('Sources are missing');
  for (const stats of [dataSourceStats[0], dataSourceStats[dataSourceStats.length - 1]]) {
    expectWithin('points of a source', stats.dataPointCount, counts);
    const wanted = figuresOf(readings, stats.dataPointCount);
    expectWithin('minimum', stats.minValues.temperature, [wanted.min]);
    expectWithin('maximum', stats.maxValues.temperature, [wanted.max]);
    if (Math.abs(stats.avgValues.temperature - wanted.avg) > 1e-9) {
      throw new Error(`The average is ${stats.avgValues.temperature}, wanted ${wanted.avg}`);
    }
  }
}

/** Rows of a source in a period that ended at one end of `asked` or the other; all of them are of the past. */
function countsOf({ rowCount, timeAt }: Readings, { from, to }: Asked, periodMs: number): number[] {
  const last = timeAt(rowCount - 1);
  return [to, from].map(now => {
    const since = Math.ceil((now - periodMs) / STEP_MS) * STEP_MS;
    return Math.min(rowCount, Math.max(0, (last - since) / STEP_MS + 1));
  });
}

/** Of the last rows of a source. */
function figuresOf({ rowCount, fields }: Readings, count: number) {
  const valueAt = fields.get('temperature') as (row: number) => number;
  let sum = 0;
  let min = Infinity;
  let max = -Infinity;
  for (let row = rowCount - count; row < rowCount; row++) {
    const value = valueAt(row);
    sum += value;
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  return { avg: sum / count, min, max };
}

/** @param wanted the least and the most, or the only one */
function expectWithin(what: string, found: number, wanted: readonly number[]): void {
  const [least, most = least] = wanted;
  if (found >= least && found <= most) return;
  throw new Error(`${what}: ${found}, wanted ${wanted.join(' to ')}`);
}

export function analyticsFigures({ points, sources, cases }: AnalyticsReport): Figure[] {
  return cases.map(({ name, p50 }) => ({
    id: `analytics.${points}.${sources}.${name}.p50`,
    title: `${points.toLocaleString('en')} points of ${sources} sources, ${name}, p50`,
    unit: 'ms',
    value: p50,
    better: 'less',
    goal: GOAL_MS,
  }));
}

export function analyticsText({ points, sources, cases }: AnalyticsReport): string {
  const lines = cases.map(({ name, bytes, p50, p95, p99, serverCpu }) => [
    name,
    String(bytes),
    ...[p50, p95, p99, serverCpu].map(ms => ms.toFixed(2)),
    String(GOAL_MS),
  ]);
  return [
    `${points.toLocaleString('en')} points of ${sources} sources`,
    '',
    ...alignedLines([['', 'bytes', 'p50', 'p95', 'p99', 'CPU', 'goal'], ...lines], 1),
    '',
  ].join('\n');
}
