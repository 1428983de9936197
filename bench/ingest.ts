/** Ingestion over HTTP: two connections, requests made beforehand, every answer checked, everything read back. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from './client.js';
import { directoryBytes } from './data-directory.js';
import type { Figure } from './figures.js';
import { checkPointCount, type LoadedBucket, makeSources } from './load.js';
import { sendToNullSink } from './null-sink.js';
import {
  batchRequest,
  checkStored,
  findLineSources,
  type IngestPath,
  probePath,
  rectanglesFor,
} from './paths.js';
import { readBack } from './read-back.js';
import { type Readings, readingsOf } from './reference.js';
import { type PreparedBatch, type SendReport, sendBatches } from './sender.js';
import { ADMIN_KEY, ServerProcess } from './server-process.js';
import { settle, settleDirectory } from './settled.js';
import { cpuSeries, type Series, sensorSeries } from './workload.js';

const CONNECTIONS = 2;

export interface IngestReport extends SendReport {
  readonly path: IngestPath;
  readonly points: number;
  readonly values: number;
  readonly requests: number;
  readonly requestBytes: number;
  readonly valuesPerSecond: number;
  /** Until the last answer. */
  readonly serverCpuSeconds: number;
  readonly valuesPerCpuSecond: number;
  /** Until it has nothing left to do. */
  readonly serverCpuSecondsAtRest: number;
  readonly peakMemoryBytes: number;
  /** After the server has been stopped: everything in the data directory. */
  readonly storedBytes: number;
  readonly bytesPerValue: number;
  /** Of what was read back. */
  readonly hash: string;
  /** The same requests to a server that does nothing with them. */
  readonly nullSink?: SendReport;
}

export interface IngestOptions {
  readonly path?: IngestPath;
  /** Two, unless it matters in which order requests are taken. */
  readonly connections?: number;
  /** Flags for the server's Node, such as `--cpu-prof`. */
  readonly nodeFlags?: readonly string[];
  /** Sends all to a server that does nothing, too. */
  readonly nullSink?: boolean;
  /** Lets the server compact before sizes are taken. */
  readonly settled?: boolean;
  /** Reads each so manieth source back only. */
  readonly readBackEvery?: number;
  /** What else there is before the points come. */
  prepare?(origin: string, made: LoadedBucket): Promise<void>;
  /** Called when all is read back, before the server ends. */
  afterwards?(client: Client, made: LoadedBucket): Promise<void>;
  /** Told of the sources that are made, before the points. */
  onSources?(made: number): void;
  onProgress?(points: number): void;
}

/**
 * All series have one clock.
 * @throws (rejects) where a batch is refused, or a value is missing or another; NotSpokenError where the server does
 * not take points in this way.
 */
export async function benchIngest(
  series: readonly Series[],
  options: IngestOptions = {},
): Promise<IngestReport> {
  const { path = 'json', nodeFlags, settled = false, readBackEvery: every, onProgress } = options;
  const readings = series.map(readingsOf);
  const directory = mkdtempSync(join(tmpdir(), 'dakkio-ingest-'));
  const server = await ServerProcess.start(directory, nodeFlags);
  const setup = new Client(server.origin, ADMIN_KEY, 1);
  try {
    if (path !== 'json') await probePath(server.origin, path);
    const made = await makeTarget(server.origin, path, readings, options.onSources);
    const batches = rectanglesFor(path, readings).map(part => batchRequest(path, made, readings, part));
    await options.prepare?.(server.origin, made);
    const nullSink = options.nullSink ? await sendToNullSink(batches, CONNECTIONS) : undefined;
    await settle(server);
    const cpuBefore = server.usage().cpuSeconds;
    const sent = await sendBatches(server.origin, batches, {
      connections: options.connections ?? CONNECTIONS,
      check: (answer, { points }) => checkStored(path, answer, points),
      onProgress,
    });
    const { cpuSeconds, peakMemoryBytes } = server.usage();
    await settle(server);
    const serverCpuSecondsAtRest = server.usage().cpuSeconds - cpuBefore;

    const points = readings.reduce((sum, { rowCount }) => sum + rowCount, 0);
    const values = readings.reduce((sum, { rowCount, fields }) => sum + rowCount * fields.size, 0);
    await checkPointCount(setup, made.bucketId, points);
    const bucket = path === 'line' ? await findLineSources(setup, made.bucketId, readings) : made;
    const hash = await readBack(server.origin, bucket, readings, { every });
    await options.afterwards?.(setup, made);
    await server.end('SIGTERM');
    if (settled) await settleDirectory(directory);
    const storedBytes = directoryBytes(directory);
    const serverCpuSeconds = cpuSeconds - cpuBefore;
    return {
      path,
      points,
      values,
      requests: batches.length,
      requestBytes: requestBytesOf(batches),
      ...sent,
      valuesPerSecond: values / sent.seconds,
      serverCpuSeconds,
      valuesPerCpuSecond: values / serverCpuSeconds,
      serverCpuSecondsAtRest,
      peakMemoryBytes,
      storedBytes,
      bytesPerValue: storedBytes / values,
      hash,
      ...(nullSink !== undefined && { nullSink }),
    };
  } finally {
    setup.close();
    await server.end('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Line protocol makes its sources by itself. */
async function makeTarget(
  origin: string,
  path: IngestPath,
  readings: readonly Readings[],
  onSources?: (made: number) => void,
): Promise<LoadedBucket> {
  const client = new Client(origin, ADMIN_KEY, SETUP_CONNECTIONS);
  try {
    return await makeSources(client, 'bench', path === 'line' ? [] : readings, onSources);
  } finally {
    client.close();
  }
}

/** Sources are made as many at a time: each waits for a sync, which they share. */
const SETUP_CONNECTIONS = 32;

function requestBytesOf(batches: readonly PreparedBatch[]): number {
  return batches.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

const CPU_SOURCES = 100;
const CPU_ROWS = 8_640;
const SENSOR_ROWS = 2_592_000;

export const INGEST_WORKS = ['cpu-int', 'cpu-dec', 'sensor'] as const;
export type IngestWork = (typeof INGEST_WORKS)[number];

/** The series of a kind of work. */
export function ingestWork(work: IngestWork, rows: number | undefined, sources = CPU_SOURCES): Series[] {
  if (work === 'cpu-int') return cpuSeries('int', sources, rows ?? CPU_ROWS);
  if (work === 'cpu-dec') return cpuSeries('dec', sources, rows ?? CPU_ROWS);
  return [sensorSeries(rows ?? SENSOR_ROWS)];
}

/** M values a second of wall time and of server CPU time, and where the goals say so bytes a value. */
const GOALS: Record<IngestPath, { readonly rate?: number; readonly cpuRate: number }> = {
  json: { rate: 7, cpuRate: 8 },
  columnar: { rate: 25, cpuRate: 18 },
  // Twice what VictoriaMetrics takes of it on such a machine.
  line: { cpuRate: 3.4 },
};

const PEAK_MEMORY_GOAL_MIB = 300;

export const SIZE_GOALS: Record<IngestWork, number> = { 'cpu-int': 0.32, 'cpu-dec': 1.14, sensor: 0.28 };

/** @param report absent where the path is not spoken */
export function ingestFigures(
  path: IngestPath,
  work: IngestWork,
  report: IngestReport | undefined,
  missing?: string,
): Figure[] {
  const id = (name: string) => `ingest.${path}.${work}.${name}`;
  const title = (what: string) => `${path} ${work}, ${what}`;
  const figure = (
    name: string,
    what: string,
    unit: Figure['unit'],
    value: number | undefined,
    more: Pick<Figure, 'better' | 'goal'>,
  ): Figure => ({ id: id(name), title: title(what), unit, value, missing, ...more });
  const { rate, cpuRate } = GOALS[path];
  const { requestMs } = report ?? {};
  return [
    figure('rate', 'ingested', 'M values/s', report && report.valuesPerSecond / 1e6, {
      better: 'more',
      goal: rate,
    }),
    figure('cpu-rate', 'a server CPU second', 'M values/s', report && report.valuesPerCpuSecond / 1e6, {
      better: 'more',
      goal: cpuRate,
    }),
    figure('peak', 'peak memory', 'MiB', report && report.peakMemoryBytes / 2 ** 20, {
      better: 'less',
      goal: PEAK_MEMORY_GOAL_MIB,
    }),
    figure('p50', 'a request, p50', 'ms', requestMs?.p50, { better: 'less' }),
    figure('p95', 'a request, p95', 'ms', requestMs?.p95, { better: 'less' }),
    figure('p99', 'a request, p99', 'ms', requestMs?.p99, { better: 'less' }),
  ];
}

export function sizeFigure(work: IngestWork, bytesPerValue: number | undefined): Figure {
  return {
    id: `size.${work}`,
    title: `${work}, on disk`,
    unit: 'bytes a value',
    value: bytesPerValue,
    better: 'less',
    goal: SIZE_GOALS[work],
  };
}

export function ingestText(work: string, report: IngestReport): string {
  const millions = (value: number) => (value / 1e6).toFixed(2);
  const count = (value: number) => value.toLocaleString('en');
  const { points, values, seconds, serverCpuSeconds, serverCpuSecondsAtRest, requestMs, nullSink } = report;
  const lines = [
    `${work} by ${report.path}: ${count(points)} points, ${count(values)} values in ${seconds.toFixed(2)} s, ${report.requests} requests of ${count(Math.round(points / report.requests))} points`,
    `  ${millions(report.valuesPerSecond)} M values/s, ${millions(report.valuesPerCpuSecond)} M per server CPU second`,
    `  CPU: server ${serverCpuSeconds.toFixed(2)} s to the last answer, ${serverCpuSecondsAtRest.toFixed(2)} s until at rest; client ${report.clientCpuSeconds.toFixed(2)} s`,
    `  a request: p50 ${requestMs.p50.toFixed(2)} ms, p95 ${requestMs.p95.toFixed(2)} ms, p99 ${requestMs.p99.toFixed(2)} ms`,
    `  peak memory ${Math.round(report.peakMemoryBytes / 2 ** 20)} MiB`,
    `  ${count(report.storedBytes)} bytes on disk, ${report.bytesPerValue.toFixed(3)} a value`,
    `  read back bit by bit, hash ${report.hash}`,
  ];
  if (nullSink !== undefined) lines.push(`  ${nullSinkText(values, nullSink)}`);
  return `${lines.join('\n')}\n`;
}

/** What the client can do: the rate of the server is worth little where it is near this. */
export function nullSinkText(values: number, { seconds, clientCpuSeconds }: SendReport): string {
  return `the same client against a server that does nothing: ${(values / seconds / 1e6).toFixed(1)} M values/s, client CPU ${clientCpuSeconds.toFixed(2)} s`;
}
