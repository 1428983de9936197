/** Single points, each durable before it is answered: how long that takes, however many ask at once. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pointBody } from './bodies/json.js';
import { Client } from './client.js';
import { requestBytes } from './connection.js';
import type { Figure } from './figures.js';
import { checkPointCount, makeSources } from './load.js';
import { readCounters, type ServerCounters } from './metrics.js';
import { type FloorReport, floorText, timeFloor } from './query.js';
import { readBack } from './read-back.js';
import { readingsOf } from './reference.js';
import { type PreparedBatch, type SendReport, sendBatches } from './sender.js';
import { ADMIN_KEY, ServerProcess } from './server-process.js';
import { settle } from './settled.js';
import { alignedLines } from './table.js';
import { cpuSeries } from './workload.js';

const SOURCES = 100;
const FLOOR_RUNS = 500;

export interface HttpOptions {
  /** Connections, and points to send over them. */
  readonly levels: readonly { readonly connections: number; readonly points: number }[];
  onProgress?(points: number): void;
}

export const HTTP_LEVELS = [
  { connections: 1, points: 4_000 },
  { connections: 32, points: 40_000 },
  { connections: 1_000, points: 60_000 },
] as const;

interface HttpLevel extends SendReport {
  readonly connections: number;
  readonly points: number;
  readonly pointsPerSecond: number;
  /** Milliseconds, a point. */
  readonly serverCpu: number;
  /** Absent where the server does not count them. */
  readonly syncsPerSecond?: number;
  readonly pointsPerSync?: number;
}

export interface HttpReport {
  readonly floor: FloorReport;
  readonly levels: readonly HttpLevel[];
  readonly peakMemoryBytes: number;
  /** Of what was read back. */
  readonly hash: string;
}

/** @throws (rejects) where a point is refused, or is not there afterwards. */
export async function benchHttp({ levels, onProgress }: HttpOptions): Promise<HttpReport> {
  const total = levels.reduce((sum, { points }) => sum + points, 0);
  const readings = cpuSeries('dec', SOURCES, Math.ceil(total / SOURCES)).map(readingsOf);
  const directory = mkdtempSync(join(tmpdir(), 'dakkio-http-'));
  const server = await ServerProcess.start(directory);
  const client = new Client(server.origin, ADMIN_KEY, 1);
  try {
    const bucket = await makeSources(client, 'http', readings);
    const requestOf = (point: number): PreparedBatch => {
      const body = pointBody(bucket, readings, point % SOURCES, Math.floor(point / SOURCES));
      return { bytes: requestBytes('POST', '/api/data', { key: ADMIN_KEY, body }), points: 1 };
    };
    const floor = await timeFloor(server, FLOOR_RUNS);
    const reports: HttpLevel[] = [];
    let sent = 0;
    for (const { connections, points } of levels) {
      const requests = Array.from({ length: points }, (_, index) => requestOf(sent + index));
      await settle(server);
      const before = await readCounters(client);
      const cpuBefore = server.cpuMs();
      const report = await sendBatches(server.origin, requests, {
        connections,
        check({ status, body }) {
          if (status !== 201) throw new Error(`A point was answered with ${status}: ${body}`);
        },
        onProgress: done => onProgress?.(sent + done),
      });
      const serverCpu = (server.cpuMs() - cpuBefore) / points;
      const counted = perSync(before, await readCounters(client), points, report.seconds);
      sent += points;
      reports.push({
        connections,
        points,
        pointsPerSecond: points / report.seconds,
        serverCpu,
        ...report,
        ...counted,
      });
    }
    await checkPointCount(client, bucket.bucketId, sent);
    const rowsOf = (source: number) => Math.ceil((sent - source) / SOURCES);
    const hash = await readBack(server.origin, bucket, readings, { rowsOf });
    const { peakMemoryBytes } = server.usage();
    return { floor, levels: reports, peakMemoryBytes, hash };
  } finally {
    client.close();
    await server.end('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  }
}

function perSync(
  before: ServerCounters | undefined,
  after: ServerCounters | undefined,
  points: number,
  seconds: number,
): Pick<HttpLevel, 'syncsPerSecond' | 'pointsPerSync'> {
  if (before === undefined || after === undefined) return {};
  const syncs = after.syncs - before.syncs;
  return { syncsPerSecond: syncs / seconds, pointsPerSync: points / syncs };
}

export function httpFigures({ floor, levels }: HttpReport): Figure[] {
  const figures: Figure[] = [
    { id: 'http.floor.p50', title: '/health, p50', unit: 'ms', value: floor.p50, better: 'less' },
  ];
  for (const { connections, requestMs, pointsPerSecond } of levels) {
    const id = `http.${connections}`;
    const title = `single points, ${connections.toLocaleString('en')} connections`;
    figures.push(
      { id: `${id}.p50`, title: `${title}, p50`, unit: 'ms', value: requestMs.p50, better: 'less' },
      { id: `${id}.p95`, title: `${title}, p95`, unit: 'ms', value: requestMs.p95, better: 'less' },
      { id: `${id}.p99`, title: `${title}, p99`, unit: 'ms', value: requestMs.p99, better: 'less' },
      { id: `${id}.rate`, title, unit: 'points/s', value: pointsPerSecond, better: 'more' },
    );
  }
  return figures;
}

export function httpText({ floor, levels, peakMemoryBytes, hash }: HttpReport): string {
  const optional = (value: number | undefined, digits: number) => value?.toFixed(digits) ?? '–';
  const rows = levels.map(level => [
    String(level.connections),
    String(level.points),
    ...[level.requestMs.p50, level.requestMs.p95, level.requestMs.p99].map(ms => ms.toFixed(2)),
    String(Math.round(level.pointsPerSecond)),
    level.serverCpu.toFixed(3),
    ((level.clientCpuSeconds / level.points) * 1_000).toFixed(3),
    optional(level.syncsPerSecond, 0),
    optional(level.pointsPerSync, 1),
  ]);
  const head = [
    'connections',
    'points',
    'p50',
    'p95',
    'p99',
    'points/s',
    'CPU',
    'client',
    'syncs/s',
    'points/sync',
  ];
  return [
    'single points of 10 values, each durable before its answer; times and CPU a point in ms',
    floorText(floor),
    '',
    ...alignedLines([head, ...rows], 0),
    '',
    `peak memory ${Math.round(peakMemoryBytes / 2 ** 20)} MiB; read back bit by bit, hash ${hash}`,
    '',
  ].join('\n');
}
