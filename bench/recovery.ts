/** A start after a kill: how long until the server is ready, and until it has answered, with all that was acknowledged. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from './client.js';
import type { Figure } from './figures.js';
import { checkPointCount, makeSources } from './load.js';
import { batchRequest, checkStored, rectanglesFor } from './paths.js';
import { questionBody } from './questions.js';
import { readBack } from './read-back.js';
import { readingsOf } from './reference.js';
import { sendBatches } from './sender.js';
import { ADMIN_KEY, ServerProcess } from './server-process.js';
import { startAndAsk } from './settled.js';
import { cpuSeries } from './workload.js';

const SOURCES = 100;
const CONNECTIONS = 2;

/** With these nothing is written to segments: all is in the log when the server is killed. */
const ALL_IN_LOG = ['--head-bytes-max', '8GiB', '--head-age-max', '1d'] as const;

export interface RecoveryOptions {
  readonly points: number;
  onProgress?(points: number): void;
}

interface RecoveryPart {
  readonly readyMs: number;
  readonly firstAnswerMs: number;
}

export interface RecoveryReport {
  readonly points: number;
  /** On a directory without points. */
  readonly empty: RecoveryPart;
  /** With every point in the log. */
  readonly log: RecoveryPart;
  /** Of those, without the time that the empty start takes. */
  readonly pointsPerSecond: number;
  /** As it is without settings: most points are in segments. */
  readonly standard: RecoveryPart;
  /** Of what was read back. */
  readonly hash: string;
}

/** @throws (rejects) where an acknowledged value is missing or another. */
export async function benchRecovery({ points, onProgress }: RecoveryOptions): Promise<RecoveryReport> {
  const half = (from: number) => (sent: number) => onProgress?.(from + sent);
  const empty = await killAndStart(0, [], half(0));
  const log = await killAndStart(points, ALL_IN_LOG, half(0));
  const standard = await killAndStart(points, [], half(points));
  if (log.hash !== standard.hash) throw new Error('Two starts have given other rows for the same work');
  return {
    points,
    empty: empty.part,
    log: log.part,
    pointsPerSecond: (points / Math.max(1, log.part.readyMs - empty.part.readyMs)) * 1_000,
    standard: standard.part,
    hash: log.hash,
  };
}

async function killAndStart(
  points: number,
  settings: readonly string[],
  onProgress: (points: number) => void,
): Promise<{ readonly part: RecoveryPart; readonly hash: string }> {
  const readings = cpuSeries('dec', SOURCES, Math.ceil(points / SOURCES)).map(readingsOf);
  const directory = mkdtempSync(join(tmpdir(), 'dakkio-recovery-'));
  let server = await ServerProcess.start(directory, [], settings);
  try {
    const setup = new Client(server.origin, ADMIN_KEY, 1);
    const bucket = await makeSources(setup, 'recovery', readings);
    setup.close();
    const batches = rectanglesFor('json', readings).map(part => batchRequest('json', bucket, readings, part));
    if (batches.length > 0) {
      await sendBatches(server.origin, batches, {
        connections: CONNECTIONS,
        check: (answer, batch) => checkStored('json', answer, batch.points),
        onProgress,
      });
    }
    await server.end('SIGKILL');
    const question = { sources: [0], fields: [...readings[0].fields.keys()], startTime: 0, endTime: 1 };
    const body = questionBody(bucket, { ...question, aggregation: 'none' }, 'rows');
    const { server: restarted, ...part } = await startAndAsk(directory, body, [], settings);
    server = restarted;
    const client = new Client(server.origin, ADMIN_KEY, 1);
    await checkPointCount(client, bucket.bucketId, readings.length * readings[0].rowCount);
    client.close();
    const hash = await readBack(server.origin, bucket, readings);
    return { part, hash };
  } finally {
    await server.end('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  }
}

export function recoveryFigures({ empty, log, standard, pointsPerSecond }: RecoveryReport): Figure[] {
  const ms = (id: string, title: string, value: number, goal?: number): Figure => ({
    id: `recovery.${id}`,
    title,
    unit: 'ms',
    value,
    better: 'less',
    goal,
  });
  return [
    ms('empty.first-answer', 'empty start to first answer', empty.firstAnswerMs, 250),
    ms('log.ready', 'all in the log, start to ready', log.readyMs),
    ms('log.first-answer', 'all in the log, start to first answer', log.firstAnswerMs),
    { id: 'recovery.rate', title: 'replayed', unit: 'points/s', value: pointsPerSecond, better: 'more' },
    ms('standard.ready', 'after a kill, start to ready', standard.readyMs),
    ms('standard.first-answer', 'after a kill, start to first answer', standard.firstAnswerMs, 1_000),
  ];
}

export function recoveryText({
  points,
  empty,
  log,
  standard,
  pointsPerSecond,
  hash,
}: RecoveryReport): string {
  const line = (name: string, { readyMs, firstAnswerMs }: RecoveryPart) =>
    `${name.padEnd(34)}ready after ${Math.round(readyMs)} ms, first answer after ${Math.round(firstAnswerMs)} ms`;
  const count = (value: number) => Math.round(value).toLocaleString('en');
  return [
    `${count(points)} points of 10 values, then kill -9; times are from the start of the process`,
    line('nothing stored', empty),
    line('all of them in the log', log),
    line('as it is without settings', standard),
    `replayed: ${count(pointsPerSecond)} points/s, ${(pointsPerSecond / 1e5).toFixed(2)} M values/s`,
    `every point is there, bit by bit, hash ${hash}`,
    '',
  ].join('\n');
}
