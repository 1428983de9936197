/** The queries of the goals, over HTTP: warm, one client, every answer checked. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AnswerHash } from './answer.js';
import { Client } from './client.js';
import { Connection, requestBytes } from './connection.js';
import { directoryBytes } from './data-directory.js';
import type { Figure } from './figures.js';
import { checkPointCount, encodeBodies, makeSources, sendAll } from './load.js';
import { cpuCases, type LoadedWork, sensorCases } from './query-cases.js';
import { readingsOf } from './reference.js';
import { ADMIN_KEY, ServerProcess } from './server-process.js';
import { settleDirectory, startAndAsk } from './settled.js';
import { alignedLines } from './table.js';
import { type CaseReport, type Timings, timeCase, timeRequests } from './timed-case.js';
import { cpuSeries, type Series, sensorSeries } from './workload.js';

const LOAD_CONNECTIONS = 2;

export interface QueryOptions {
  /** Values of the cpu work. */
  readonly kind: 'int' | 'dec';
  readonly runs: number;
  readonly cpuSources: number;
  /** Of each source. */
  readonly cpuRows: number;
  readonly sensorRows: number;
  /** Names of the cases to run; all where absent. */
  readonly cases?: readonly string[];
  /** Flags for the server's Node, such as `--cpu-prof`. */
  readonly nodeFlags?: readonly string[];
  /** Told of the points that are loaded. */
  onProgress?(done: number): void;
  /** Told of the case that begins. */
  onCase?(name: string): void;
}

export const CANONICAL_SIZE = { cpuSources: 100, cpuRows: 8_640, sensorRows: 2_592_000 };
/** Enough for each case to have several groups. */
export const SMOKE_SIZE = { cpuSources: 12, cpuRows: 1_000, sensorRows: 8_000 };

export interface FloorReport extends Timings {
  /** CPU time of this process, a request. */
  readonly clientCpu: number;
}

export interface QueryReport {
  readonly points: number;
  readonly values: number;
  readonly storedBytes: number;
  /** From the start of the process to the answer of its first query. */
  readonly firstAnswerMs: number;
  /** What the client, the socket and a request that does nothing take. */
  readonly floor: FloorReport;
  readonly cases: readonly CaseReport[];
  readonly residentBytes: number;
  /** Of all answers: the same for the same work. */
  readonly hash: string;
}

/** @throws (rejects) where a batch is refused or an answer is not the right one. */
export async function benchQuery(options: QueryOptions): Promise<QueryReport> {
  const { kind, cpuSources, cpuRows, sensorRows, nodeFlags = [], onProgress = () => {} } = options;
  const cpu = cpuSeries(kind, cpuSources, cpuRows);
  const sensor = [sensorSeries(sensorRows)];
  const directory = mkdtempSync(join(tmpdir(), 'dakkio-query-'));
  let server = await ServerProcess.start(directory);
  try {
    const cpuWork = await load(server.origin, 'cpu', cpu, onProgress);
    const sensorWork = await load(server.origin, 'sensor', sensor, done => onProgress(pointsOf(cpu) + done));
    // What is in memory only becomes a segment.
    await server.end('SIGTERM');
    await settleDirectory(directory);
    const cases = [...cpuCases(cpuWork), ...sensorCases(sensorWork)].filter(
      ({ name }) => options.cases?.includes(name) ?? true,
    );
    const restarted = await startAndAsk(directory, cases[0].asked[0].body, nodeFlags);
    server = restarted.server;
    const hash = new AnswerHash();
    const reports: CaseReport[] = [];
    const floor = await timeFloor(server, options.runs);
    for (const timed of cases) {
      options.onCase?.(timed.name);
      reports.push(await timeCase(server, timed, options.runs, hash));
    }
    const { residentBytes } = server.usage();
    await server.end('SIGTERM');
    return {
      points: pointsOf(cpu) + pointsOf(sensor),
      values: valuesOf(cpu) + valuesOf(sensor),
      storedBytes: directoryBytes(directory),
      firstAnswerMs: restarted.firstAnswerMs,
      floor,
      cases: reports,
      residentBytes,
      hash: hash.finish(),
    };
  } finally {
    await server.end('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  }
}

async function load(
  origin: string,
  name: string,
  series: readonly Series[],
  onProgress: (points: number) => void,
): Promise<LoadedWork> {
  const client = new Client(origin, ADMIN_KEY, 1);
  const bucket = await makeSources(client, name, series);
  await sendAll(origin, encodeBodies(bucket, series), LOAD_CONNECTIONS, onProgress);
  await checkPointCount(client, bucket.bucketId, pointsOf(series));
  client.close();
  const { timestamps } = series[0];
  const stepMs = timestamps[1] - timestamps[0];
  return {
    bucket,
    readings: series.map(readingsOf),
    startTime: timestamps[0],
    endTime: timestamps[timestamps.length - 1] + stepMs,
  };
}

/** A request that asks for nothing, by the client that asks for all else. */
export async function timeFloor(server: ServerProcess, runs: number): Promise<FloorReport> {
  const connection = await Connection.open(server.origin);
  const request = requestBytes('GET', '/health', { key: ADMIN_KEY });
  let answers = 0;
  const before = process.cpuUsage();
  const timings = await timeRequests(server, connection, [request], runs, ({ status, body }) => {
    if (status !== 200) throw new Error(`/health was answered with ${status}: ${body}`);
    answers++;
  });
  const { user, system } = process.cpuUsage(before);
  connection.close();
  return { ...timings, clientCpu: (user + system) / 1_000 / answers };
}

function pointsOf(series: readonly Series[]): number {
  return series.reduce((sum, { timestamps }) => sum + timestamps.length, 0);
}

function valuesOf(series: readonly Series[]): number {
  return series.reduce((sum, { timestamps, fields }) => sum + timestamps.length * fields.size, 0);
}

const FIRST_ANSWER_GOAL_MS = 250;

export function queryFigures({ cases, firstAnswerMs, residentBytes, floor }: QueryReport): Figure[] {
  const ms = (id: string, title: string, value: number, goal?: number): Figure => ({
    id,
    title,
    unit: 'ms',
    value,
    better: 'less',
    goal,
  });
  return [
    ms('start.cpu.first-answer', 'start to first answer', firstAnswerMs, FIRST_ANSWER_GOAL_MS),
    ms('query.floor.p50', 'a request that does nothing, p50', floor.p50),
    ...cases.map(({ name, what, p50, goalMs }) =>
      ms(`query.${name}.p50`, `${name}: ${what}, p50`, p50, goalMs),
    ),
    {
      id: 'query.resident',
      title: 'memory after all queries',
      unit: 'MiB',
      value: residentBytes / 2 ** 20,
      better: 'less',
    },
  ];
}

export function queryText(report: QueryReport): string {
  const { points, values, storedBytes, firstAnswerMs, residentBytes, cases, floor, hash } = report;
  const count = (value: number) => value.toLocaleString('en');
  return [
    `${count(points)} points, ${count(values)} values, ${count(storedBytes)} bytes on disk, ${(storedBytes / values).toFixed(3)} a value`,
    `start to first answer ${Math.round(firstAnswerMs)} ms; ${Math.round(residentBytes / 2 ** 20)} MiB resident after all queries`,
    floorText(floor),
    '',
    ...caseTable(cases),
    '',
    `hash of all answers ${hash}`,
    '',
  ].join('\n');
}

export function floorText(floor: FloorReport): string {
  const times = `p50 ${floor.p50.toFixed(3)} ms, p99 ${floor.p99.toFixed(3)} ms`;
  return `floor: /health ${times}; CPU a request: server ${floor.serverCpu.toFixed(3)} ms, client ${floor.clientCpu.toFixed(3)} ms`;
}

/** A line a case; times are milliseconds. */
export function caseTable(cases: readonly CaseReport[]): string[] {
  const lines = cases.map(({ name, what, rows, bytes, p50, p95, p99, serverCpu, goalMs, ratio }) => [
    name,
    what,
    String(rows),
    String(bytes),
    ...[p50, p95, p99, serverCpu].map(ms => ms.toFixed(2)),
    goalMs === undefined ? '' : String(goalMs),
    ratio === undefined ? '' : `${ratio.toFixed(1)}×`,
  ]);
  const head = ['', 'query', 'rows', 'bytes', 'p50', 'p95', 'p99', 'CPU', 'goal', 'p50/goal'];
  return alignedLines([head, ...lines], 2);
}
