/** Ingestion over HTTP: two connections, batches of 1,000 points, bodies made beforehand, every answer checked. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from './client.js';
import { directoryBytes } from './data-directory.js';
import { checkPointCount, encodeBodies, makeSources, sendAll } from './load.js';
import { ADMIN_KEY, ServerProcess } from './server-process.js';
import { cpuSeries, type Series, sensorSeries } from './workload.js';

const CONNECTIONS = 2;

export interface IngestReport {
  readonly points: number;
  readonly values: number;
  readonly bodyBytes: number;
  readonly seconds: number;
  readonly valuesPerSecond: number;
  readonly serverCpuSeconds: number;
  readonly valuesPerCpuSecond: number;
  readonly peakMemoryBytes: number;
  /** After the server has been stopped: everything in the data directory. */
  readonly storedBytes: number;
  readonly bytesPerValue: number;
}

export interface IngestOptions {
  /** Flags for the server's Node, such as `--cpu-prof`. */
  readonly nodeFlags?: readonly string[];
  onProgress?(points: number): void;
}

/** All series have one clock. @throws (rejects) where a batch is not answered with 201, or points are missing. */
export async function benchIngest(
  series: readonly Series[],
  options: IngestOptions = {},
): Promise<IngestReport> {
  const directory = mkdtempSync(join(tmpdir(), 'dakkio-ingest-'));
  const server = await ServerProcess.start(directory, options.nodeFlags);
  try {
    const setup = new Client(server.origin, ADMIN_KEY, 1);
    const bucket = await makeSources(setup, 'bench', series);
    const bodies = encodeBodies(bucket, series);
    const cpuBefore = server.usage().cpuSeconds;
    const started = performance.now();
    await sendAll(server.origin, bodies, CONNECTIONS, options.onProgress ?? (() => {}));
    const seconds = (performance.now() - started) / 1_000;
    const { cpuSeconds, peakMemoryBytes } = server.usage();

    const points = series.reduce((sum, { timestamps }) => sum + timestamps.length, 0);
    const values = series.reduce((sum, { timestamps, fields }) => sum + timestamps.length * fields.size, 0);
    await checkPointCount(setup, bucket.bucketId, points);
    setup.close();
    await server.end('SIGTERM');
    const storedBytes = directoryBytes(directory);
    const serverCpuSeconds = cpuSeconds - cpuBefore;
    return {
      points,
      values,
      bodyBytes: bodies.reduce((sum, body) => sum + body.length, 0),
      seconds,
      valuesPerSecond: values / seconds,
      serverCpuSeconds,
      valuesPerCpuSecond: values / serverCpuSeconds,
      peakMemoryBytes,
      storedBytes,
      bytesPerValue: storedBytes / values,
    };
  } finally {
    await server.end('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  }
}

const CPU_SOURCES = 100;
const CPU_ROWS = 8_640;
const SENSOR_ROWS = 2_592_000;

/** The series of a kind of work. @throws Error where there is no such work. */
export function ingestWork(work: string, rows: number | undefined): Series[] {
  if (work === 'cpu-int') return cpuSeries('int', CPU_SOURCES, rows ?? CPU_ROWS);
  if (work === 'cpu-dec') return cpuSeries('dec', CPU_SOURCES, rows ?? CPU_ROWS);
  if (work === 'sensor') return [sensorSeries(rows ?? SENSOR_ROWS)];
  throw new Error(`There is no work ${work}: it is cpu-int, cpu-dec or sensor`);
}

export function ingestText(work: string, report: IngestReport): string {
  const millions = (value: number) => (value / 1e6).toFixed(2);
  return [
    `${work}: ${report.points.toLocaleString('en')} points, ${report.values.toLocaleString('en')} values in ${report.seconds.toFixed(1)} s`,
    `  ${millions(report.valuesPerSecond)} M values/s, ${millions(report.valuesPerCpuSecond)} M per server CPU second`,
    `  peak memory ${Math.round(report.peakMemoryBytes / 2 ** 20)} MiB`,
    `  ${report.storedBytes.toLocaleString('en')} bytes on disk, ${report.bytesPerValue.toFixed(3)} a value`,
    '',
  ].join('\n');
}
