/**
 * The worst end, again and again: the server is killed under full load and started on the same directory. What was
 * acknowledged must be there bit by bit; of what was not, each request is there whole or not at all.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Rectangle } from './bodies/rectangle.js';
import { Client } from './client.js';
import { Connection } from './connection.js';
import type { Figure } from './figures.js';
import { checkPointCount, type LoadedBucket, makeSources } from './load.js';
import { batchRequest, checkStored, findLineSources, type IngestPath, probePath } from './paths.js';
import { readBack } from './read-back.js';
import type { Readings } from './reference.js';
import { type PreparedBatch, sendBatches } from './sender.js';
import { ADMIN_KEY, ServerProcess } from './server-process.js';

/** Connections, each with sources of its own and one request under way. */
const LANES = 4;
/** Of a request: several, so that a half of one would be seen. */
const LANE_SOURCES = 10;
const LANE_ROWS = 100;
/** A columnar request has one source. */
const COLUMNAR_ROWS = 1_000;
const FIELDS = 10;
const START_MS = Date.UTC(2024, 0, 1);
const STEP_MS = 1_000;

export interface KillRoundsOptions {
  readonly path: IngestPath;
  readonly rounds: number;
  /** Requests that each connection has ready: a round ends when they are used up, or before. */
  readonly requestsMax: number;
  /** A round is killed at a time up to this, in milliseconds after its first request. */
  readonly killAfterMaxMs: number;
  readonly seed: number;
  onProgress?(rounds: number): void;
}

export interface KillRoundsReport {
  readonly path: IngestPath;
  readonly rounds: number;
  readonly acknowledgedPoints: number;
  /** Requests that were under way when the server was killed, and those that turned out to be stored whole. */
  readonly unanswered: number;
  readonly unansweredStored: number;
  readonly restartMsMax: number;
  /** Acknowledged points that are missing, and points that were never sent or only half of a request: 0, or it fails. */
  readonly lost: 0;
}

/** Rows of some sources by number; what one connection sends, in order. */
interface Lane {
  readonly sourceFrom: number;
  readonly sourceTo: number;
  readonly rowsARequest: number;
  /** That are stored for certain. */
  rows: number;
  /** Of those, the ones that have been compared. */
  rowsChecked: number;
}

/** @throws (rejects) where a point was lost, changed or invented, or a request is there by half. */
export async function benchKillRounds(options: KillRoundsOptions): Promise<KillRoundsReport> {
  const { path, rounds, seed, killAfterMaxMs, onProgress = () => {} } = options;
  const lanes = lanesOf(path);
  const readings = Array.from({ length: lanes[LANES - 1].sourceTo }, (_, source) => readingsOfLane(source));
  const random = randomNumbers(seed);
  const directory = mkdtempSync(join(tmpdir(), 'dakkio-kill-'));
  let server = await ServerProcess.start(directory);
  try {
    if (path !== 'json') await probePath(server.origin, path);
    const setup = new Client(server.origin, ADMIN_KEY, 1);
    const target = await makeSources(setup, 'kill', path === 'line' ? [] : readings);
    await sendFirst(server.origin, path, target, readings, lanes);
    const bucket = path === 'line' ? await findLineSources(setup, target.bucketId, readings) : target;
    setup.close();
    let unanswered = 0;
    let unansweredStored = 0;
    let restartMsMax = 0;
    for (let round = 0; round < rounds; round++) {
      const requests = lanes.map(lane => requestsOf(path, bucket, readings, lane, options.requestsMax));
      const underWay = await loadAndKill(server, path, lanes, requests, random() * killAfterMaxMs);
      const restarting = performance.now();
      server = await ServerProcess.start(directory);
      restartMsMax = Math.max(restartMsMax, performance.now() - restarting);
      const client = new Client(server.origin, ADMIN_KEY, 1);
      for (const lane of underWay) {
        unanswered++;
        if (await isNextStored(client, bucket, readings, lane)) {
          lane.rows += lane.rowsARequest;
          unansweredStored++;
        }
      }
      await checkPointCount(client, bucket.bucketId, pointsOfLanes(lanes));
      client.close();
      await checkNewRows(server, bucket, readings, lanes);
      onProgress(round + 1);
    }
    for (const lane of lanes) lane.rowsChecked = 0;
    await checkNewRows(server, bucket, readings, lanes);
    const acknowledgedPoints = pointsOfLanes(lanes) - unansweredStored * BATCH_POINTS;
    return { path, rounds, acknowledgedPoints, unanswered, unansweredStored, restartMsMax, lost: 0 };
  } finally {
    await server.end('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  }
}

const BATCH_POINTS = LANE_SOURCES * LANE_ROWS;

function lanesOf(path: IngestPath): Lane[] {
  const sources = path === 'columnar' ? 1 : LANE_SOURCES;
  const rowsARequest = path === 'columnar' ? COLUMNAR_ROWS : LANE_ROWS;
  return Array.from({ length: LANES }, (_, lane) => ({
    sourceFrom: lane * sources,
    sourceTo: (lane + 1) * sources,
    rowsARequest,
    rows: 0,
    rowsChecked: 0,
  }));
}

/** Without an end, and without memory: a value is a function of its place. */
function readingsOfLane(source: number): Readings {
  const fields = Array.from({ length: FIELDS }, (_, field) => {
    const valueAt = (row: number) => (Math.imul(row * 31 + source * 7 + field, 0x9e3779b1) >>> 12) / 100;
    return [`f${field}`, valueAt] as const;
  });
  return {
    source: `kill_${source}`,
    rowCount: Number.MAX_SAFE_INTEGER,
    timeAt: row => START_MS + row * STEP_MS,
    fields: new Map(fields),
  };
}

function requestsOf(
  path: IngestPath,
  bucket: LoadedBucket,
  readings: readonly Readings[],
  { sourceFrom, sourceTo, rowsARequest, rows }: Lane,
  count: number,
): PreparedBatch[] {
  return Array.from({ length: count }, (_, index) => {
    const rowFrom = rows + index * rowsARequest;
    const rectangle: Rectangle = { sourceFrom, sourceTo, rowFrom, rowTo: rowFrom + rowsARequest };
    return batchRequest(path, bucket, readings, rectangle);
  });
}

/** One request a lane, before any is killed: by line protocol sources are there with their first points only. */
async function sendFirst(
  origin: string,
  path: IngestPath,
  target: LoadedBucket,
  readings: readonly Readings[],
  lanes: readonly Lane[],
): Promise<void> {
  const requests = lanes.flatMap(lane => requestsOf(path, target, readings, lane, 1));
  await sendBatches(origin, requests, {
    connections: 1,
    check: (answer, { points }) => checkStored(path, answer, points),
  });
  for (const lane of lanes) lane.rows += lane.rowsARequest;
}

/** @returns lanes whose last request was not answered. */
async function loadAndKill(
  server: ServerProcess,
  path: IngestPath,
  lanes: readonly Lane[],
  requests: readonly (readonly PreparedBatch[])[],
  killAfterMs: number,
): Promise<Lane[]> {
  const connections = await Promise.all(lanes.map(() => Connection.open(server.origin)));
  const underWay: Lane[] = [];
  let killed: Promise<void> | undefined;
  const kill = () => {
    killed ??= server.end('SIGKILL');
    return killed;
  };
  const work = async (lane: Lane, index: number) => {
    for (const { bytes, points } of requests[index]) {
      if (killed !== undefined) return;
      let answer: Awaited<ReturnType<Connection['send']>>;
      try {
        answer = await connections[index].send(bytes);
      } catch (error) {
        // Without the kill there is no reason for a request to go unanswered.
        if (killed === undefined) throw error;
        underWay.push(lane);
        return;
      }
      checkStored(path, answer, points);
      lane.rows += lane.rowsARequest;
    }
    // The others are under way.
    await kill();
  };
  const loads = Promise.all(lanes.map(work));
  await Promise.race([sleep(killAfterMs), loads]);
  await kill();
  await loads;
  for (const connection of connections) connection.close();
  return underWay;
}

/** Whether the request that was under way is there: told by its first point; the others are checked with all. */
async function isNextStored(
  client: Client,
  { bucketId, ids }: LoadedBucket,
  readings: readonly Readings[],
  { sourceFrom, rows }: Lane,
): Promise<boolean> {
  const { timeAt } = readings[sourceFrom];
  const filters = { dataSourceId: ids[sourceFrom], startTime: timeAt(rows), endTime: timeAt(rows) + 1 };
  const query = { bucketId, filters, aggregation: 'none' };
  const { data } = await client.json<{ data: unknown[] }>('POST', '/api/data/query', query, 200);
  return data.length > 0;
}

/** Rows that came since they were last compared. That there are no others is told by the number of all points. */
async function checkNewRows(
  server: ServerProcess,
  { bucketId, ids }: LoadedBucket,
  readings: readonly Readings[],
  lanes: readonly Lane[],
): Promise<void> {
  for (const lane of lanes) {
    const { sourceFrom, sourceTo, rows, rowsChecked: from } = lane;
    if (rows === from) continue;
    const stored = readings.slice(sourceFrom, sourceTo).map(one => ({
      source: one.source,
      rowCount: rows - from,
      timeAt: (row: number) => one.timeAt(from + row),
      fields: new Map(
        Array.from(one.fields, ([name, valueAt]) => [name, (row: number) => valueAt(from + row)]),
      ),
    }));
    await readBack(server.origin, { bucketId, ids: ids.slice(sourceFrom, sourceTo) }, stored);
    lane.rowsChecked = rows;
  }
}

function pointsOfLanes(lanes: readonly Lane[]): number {
  return lanes.reduce((sum, { sourceFrom, sourceTo, rows }) => sum + (sourceTo - sourceFrom) * rows, 0);
}

/** Uniform in [0, 1), repeatable: mulberry32. */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function killRoundsFigures({
  path,
  acknowledgedPoints,
  restartMsMax,
  lost,
}: KillRoundsReport): Figure[] {
  const id = `kill.${path}`;
  const title = `kill -9 by ${path}`;
  return [
    {
      id: `${id}.lost`,
      title: `${title}, acknowledged points lost`,
      unit: '',
      value: lost,
      better: 'less',
      goal: 0,
    },
    {
      id: `${id}.points`,
      title: `${title}, points compared`,
      unit: '',
      value: acknowledgedPoints,
      better: 'more',
    },
    {
      id: `${id}.restart`,
      title: `${title}, longest restart`,
      unit: 'ms',
      value: restartMsMax,
      better: 'less',
    },
  ];
}

export function killRoundsText(report: KillRoundsReport): string {
  const count = (value: number) => Math.round(value).toLocaleString('en');
  return [
    `${report.rounds} rounds of kill -9 under load by ${report.path}`,
    `${count(report.acknowledgedPoints)} acknowledged points: all there, bit by bit, after each round`,
    `${report.unansweredStored} of ${report.unanswered} unanswered requests are there whole, the others not at all; nothing else is`,
    `ready again after at most ${count(report.restartMsMax)} ms`,
    '',
  ].join('\n');
}
