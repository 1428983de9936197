/** The work of `canonical.ts` by another store: the same series, the same questions, the same reference. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkAnswer, type SourceAnswer } from '../answer.js';
import { Connection } from '../connection.js';
import { occupiedBytes } from '../data-directory.js';
import type { Figure } from '../figures.js';
import type { IngestWork } from '../ingest.js';
import { cpuQuestionCases, sensorQuestionCases } from '../query-cases.js';
import type { Question } from '../questions.js';
import { expectedAnswer, readingsOf } from '../reference.js';
import { sendBatches } from '../sender.js';
import { settle } from '../settled.js';
import { timeRequests } from '../timed-case.js';
import type { Series } from '../workload.js';
import type { Peer, PeerPath, PeerWork } from './peer.js';
import { PeerProcess } from './process.js';

const CONNECTIONS = 2;
const VISIBLE_TIME_MAX_MS = 30_000;
/** Values are kept in other ways, and sums added in another order. */
const RELATIVE_ERROR_MAX = 1e-9;

export interface PeerOptions {
  readonly works: readonly { readonly work: IngestWork; series(): readonly Series[] }[];
  /** Of each query. */
  readonly runs: number;
  /** How long it must have had nothing to do before its bytes are counted. */
  readonly restMs?: number;
  onStep?(step: string): void;
}

/** What did not work is told in `missing` of its figure; the others are measured all the same. */
export async function benchPeer(peer: Peer, options: PeerOptions): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const path of peer.paths) {
    for (const { work, series } of options.works) {
      options.onStep?.(`${peer.title}: ${work} by ${path.name}`);
      const peerWork = workOf(work, series());
      try {
        figures.push(...(await benchWork(peer, path, work, peerWork, options)));
      } catch (error) {
        const missing = (error as Error).message;
        const id = `ingest.${path.name}.${work}.rate`;
        figures.push({ id, title: `${path.name} ${work}`, unit: 'M values/s', better: 'more', missing });
      }
    }
  }
  return figures;
}

function workOf(work: IngestWork, series: readonly Series[]): PeerWork {
  const [{ timestamps }] = series;
  return {
    name: work.replace(/-.*/, ''),
    readings: series.map(readingsOf),
    startTime: timestamps[0],
    endTime: timestamps[timestamps.length - 1] + timestamps[1] - timestamps[0],
  };
}

/** Ingestion by each path; sizes and queries once. */
function benchWork(
  peer: Peer,
  path: PeerPath,
  work: IngestWork,
  peerWork: PeerWork,
  options: PeerOptions,
): Promise<Figure[]> {
  return withPeer(peer, async (server, directory) => {
    const figures = await ingestWith(server, peer, path, work, peerWork);
    if (path !== peer.paths[0]) return figures;
    const bytes = await storedBytes(server, peer, directory, options.restMs);
    figures.push({
      id: `size.${work}`,
      title: `${work}, on disk`,
      unit: 'bytes a value',
      value: bytes / valuesOf(peerWork),
      better: 'less',
    });
    if (work !== 'cpu-int') figures.push(...(await queryWith(peer, directory, peerWork, options)));
    return figures;
  });
}

async function ingestWith(
  server: PeerProcess,
  peer: Peer,
  path: PeerPath,
  work: IngestWork,
  peerWork: PeerWork,
): Promise<Figure[]> {
  const values = valuesOf(peerWork);
  const { seconds, cpuSeconds, requestMs } = await loadInto(server, peer, path, peerWork);
  const { peakMemoryBytes } = server.usage();
  const figure = (
    name: string,
    what: string,
    value: number,
    unit: Figure['unit'],
    better: Figure['better'],
  ): Figure => ({
    id: `ingest.${path.name}.${work}.${name}`,
    title: `${path.name} ${work}, ${what}`,
    unit,
    value,
    better,
  });
  return [
    figure('rate', 'ingested', values / seconds / 1e6, 'M values/s', 'more'),
    figure('cpu-rate', 'a server CPU second', values / cpuSeconds / 1e6, 'M values/s', 'more'),
    figure('peak', 'peak memory', peakMemoryBytes / 2 ** 20, 'MiB', 'less'),
    figure('p50', 'a request, p50', requestMs.p50, 'ms', 'less'),
    figure('p95', 'a request, p95', requestMs.p95, 'ms', 'less'),
    figure('p99', 'a request, p99', requestMs.p99, 'ms', 'less'),
  ];
}

function valuesOf({ readings }: PeerWork): number {
  return readings.reduce((sum, { rowCount, fields }) => sum + rowCount * fields.size, 0);
}

async function withPeer<Result>(
  peer: Peer,
  use: (server: PeerProcess, directory: string) => Promise<Result>,
): Promise<Result> {
  const parent = mkdtempSync(join(tmpdir(), `dakkio-${peer.name}-`));
  const directory = mkdtempSync(join(parent, 'data-'));
  let server: PeerProcess | undefined;
  try {
    server = await PeerProcess.start(peer, directory);
    return await use(server, directory);
  } finally {
    await server?.end('SIGKILL');
    rmSync(parent, { recursive: true, force: true });
  }
}

async function loadInto(server: PeerProcess, peer: Peer, path: PeerPath, work: PeerWork) {
  for (const request of peer.prepare?.(work) ?? []) await server.ask(request);
  const batches = path.encode(work);
  const cpuBefore = server.usage().cpuSeconds;
  const report = await sendBatches(server.origin, batches, {
    connections: CONNECTIONS,
    check({ status, body }) {
      if (status < 200 || status > 299) throw new Error(`A batch was answered with ${status}: ${body}`);
    },
  });
  const cpuSeconds = server.usage().cpuSeconds - cpuBefore;
  if (peer.show !== undefined) await server.ask(peer.show);
  await untilVisible(server, peer, work);
  return { ...report, cpuSeconds };
}

/** Some answer before what they were sent is found. @throws (rejects) where values are missing. */
async function untilVisible(server: PeerProcess, peer: Peer, work: PeerWork): Promise<void> {
  const values = valuesOf(work);
  const { request, decode } = peer.count(work);
  const endBy = performance.now() + VISIBLE_TIME_MAX_MS;
  for (;;) {
    const found = decode(await server.ask(request));
    if (found === values) return;
    if (performance.now() > endBy) throw new Error(`${work.name} has ${found} values instead of ${values}`);
    await sleep(200);
  }
}

async function storedBytes(
  server: PeerProcess,
  peer: Peer,
  directory: string,
  restMs = REST_MS,
): Promise<number> {
  if (peer.flush !== undefined) await server.ask(peer.flush);
  await settle(server, restMs);
  await server.end('SIGTERM');
  if (peer.restsAfterRestart) {
    const resting = await PeerProcess.start(peer, directory, true);
    await settle(resting, restMs);
    await resting.end('SIGTERM');
  }
  const places = peer.storedIn?.(directory) ?? [directory];
  return places.reduce((sum, place) => sum + occupiedBytes(place), 0);
}

const REST_MS = 3_000;

/** Starts it again on what it has stored. */
async function queryWith(
  peer: Peer,
  directory: string,
  work: PeerWork,
  { runs, onStep }: PeerOptions,
): Promise<Figure[]> {
  const figures: Figure[] = [];
  const cases = work.name === 'cpu' ? cpuQuestionCases(work) : sensorQuestionCases(work);
  const started = performance.now();
  const server = await PeerProcess.start(peer, directory);
  try {
    await server.ask(peer.query(work, cases[0].questions[0]).request);
    const value = performance.now() - started;
    const id = `start.${work.name}.first-answer`;
    figures.push({ id, title: `${work.name}, start to first answer`, unit: 'ms', value, better: 'less' });
    await settle(server);
    for (const { name, questions } of cases) {
      onStep?.(`${peer.title}: query ${name}`);
      figures.push(await timeQuestions(server, peer, name, work, questions, runs));
    }
  } finally {
    await server.end('SIGKILL');
  }
  return figures;
}

async function timeQuestions(
  server: PeerProcess,
  peer: Peer,
  name: string,
  work: PeerWork,
  questions: readonly Question[],
  runs: number,
): Promise<Figure> {
  const figure = {
    id: `query.${name}.p50`,
    title: `query ${name}, p50`,
    unit: 'ms',
    better: 'less',
  } as const;
  const connection = await Connection.open(server.origin);
  try {
    const queries = questions.map(question => peer.query(work, question));
    for (const [index, { request, decode }] of queries.entries()) {
      const question = questions[index];
      const found = decode(await connection.send(request));
      checkAnswer(
        found,
        withoutCounts(expectedAnswer(work.readings, question)),
        question,
        RELATIVE_ERROR_MAX,
      );
    }
    const requests = queries.map(({ request }) => request);
    const { p50 } = await timeRequests(server, connection, requests, runs, ({ status }) => {
      if (status !== 200) throw new Error(`A query was answered with ${status}`);
    });
    return { ...figure, value: p50 };
  } catch (error) {
    return { ...figure, missing: (error as Error).message };
  } finally {
    connection.close();
  }
}

/** Peers are not asked for them. */
function withoutCounts(answers: ReadonlyMap<number, SourceAnswer>): Map<number, SourceAnswer> {
  return new Map(Array.from(answers, ([source, { timestamps, fields }]) => [source, { timestamps, fields }]));
}
