/** One query, asked many times over one connection: what it takes, and whether each answer is right. */
import { type AnswerHash, checkAnswer, dataPart, decodeAnswer, type SourceAnswer } from './answer.js';
import { Connection, type RawAnswer, requestBytes } from './connection.js';
import type { CpuClock } from './measured-process.js';
import type { AnswerFormat, Question } from './questions.js';
import { ADMIN_KEY, type ServerProcess } from './server-process.js';

export interface AskedQuestion {
  readonly question: Question;
  /** Of the request. */
  readonly body: Buffer;
  expected(): ReadonlyMap<number, SourceAnswer>;
}

export interface TimedCase {
  readonly name: string;
  readonly what: string;
  /** Of the median. */
  readonly goalMs?: number;
  readonly format: AnswerFormat;
  readonly accept: string;
  /** Of the sources, by position. */
  readonly ids: readonly string[];
  /** Asked in turn. */
  readonly asked: readonly AskedQuestion[];
}

/** Milliseconds. */
export interface Timings {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** How often it was asked: less often than was wished for where that would take too long. */
  readonly runs: number;
  /** Of all threads of the server, a request. */
  readonly serverCpu: number;
}

export interface CaseReport extends Timings {
  readonly name: string;
  readonly what: string;
  readonly rows: number;
  /** Of the body of an answer. */
  readonly bytes: number;
  readonly pointsScanned: number;
  readonly goalMs?: number;
  /** p50 ÷ goal. */
  readonly ratio?: number;
}

/**
 * Runs before time is taken, for each run after: a server that has been up for a while has compiled its code, which takes
 * the engine some thousand calls.
 */
const WARM_UPS_PER_RUN = 8;
const WARM_UP_TIME_MAX_MS = 5_000;
const TIME_MAX_MS = 60_000;
const RUNS_MIN = 3;

/** @throws (rejects) where an answer is not the right one. */
export async function timeCase(
  server: ServerProcess,
  timed: TimedCase,
  runs: number,
  hash: AnswerHash,
): Promise<CaseReport> {
  const { name, what, accept, goalMs } = timed;
  const path = '/api/data/query';
  const requests = timed.asked.map(({ body }) =>
    requestBytes('POST', path, { key: ADMIN_KEY, accept, body }),
  );
  // Before the connection is opened: the server closes one that says nothing for seconds.
  const wanted = timed.asked.map(({ expected }) => expected());
  const connection = await Connection.open(server.origin);
  const rightParts: Buffer[] = [];
  let rows = 0;
  let pointsScanned = 0;
  let bytes = 0;
  for (const [index, request] of requests.entries()) {
    const first = await connection.send(request);
    const metadata = checkFirst(timed, timed.asked[index].question, first, wanted[index], hash);
    rows = Math.max(rows, metadata.count);
    pointsScanned = Math.max(pointsScanned, metadata.pointsScanned);
    bytes = Math.max(bytes, first.body.length);
    rightParts.push(Buffer.from(dataPart(first.body)));
  }
  // An answer as the first one is right as the first one is.
  const check = ({ status, body }: RawAnswer, index: number) => {
    if (status !== 200 || !dataPart(body).equals(rightParts[index])) {
      throw new Error(`${name}: an answer (${status}) is unlike the first one`);
    }
  };
  const timings = await timeRequests(server, connection, requests, runs, check);
  connection.close();
  const ratio = goalMs && timings.p50 / goalMs;
  return { name, what, ...timings, rows, bytes, pointsScanned, goalMs, ratio };
}

function checkFirst(
  timed: TimedCase,
  question: Question,
  answer: RawAnswer,
  wanted: ReadonlyMap<number, SourceAnswer>,
  hash: AnswerHash,
) {
  const { name, accept, format, ids } = timed;
  if (answer.status !== 200) throw new Error(`${name}: ${answer.status} ${answer.body}`);
  try {
    const { answer: found, metadata } = decodeAnswer(answer.body, accept, format, ids);
    checkAnswer(found, wanted, question);
    const { groups } = question;
    if (metadata.hasMore) throw new Error('There is more than was answered');
    if (metadata.groupBy !== (groups?.name ?? null)) throw new Error(`The groups are ${metadata.groupBy}`);
    hash.add(name, found);
    return metadata;
  } catch (error) {
    throw new Error(`${name}: ${(error as Error).message}`, { cause: error });
  }
}

/** Sends the requests in turn, one after another. `check` is not timed. */
export async function timeRequests(
  server: CpuClock,
  connection: Connection,
  requests: readonly Buffer[],
  runs: number,
  check: (answer: RawAnswer, index: number) => void,
): Promise<Timings> {
  const ask = async (run: number) => {
    const index = run % requests.length;
    const answer = await connection.send(requests[index]);
    check(answer, index);
    return answer.elapsedMs;
  };
  const started = performance.now();
  const warmUps = Math.ceil(runs * WARM_UPS_PER_RUN);
  for (let run = 0; run < warmUps && performance.now() - started < WARM_UP_TIME_MAX_MS; run++) await ask(run);

  const cpuBefore = server.cpuMs();
  const endBy = performance.now() + TIME_MAX_MS;
  const elapsed: number[] = [];
  while (elapsed.length < runs && (elapsed.length < RUNS_MIN || performance.now() < endBy)) {
    elapsed.push(await ask(elapsed.length));
  }
  const serverCpu = (server.cpuMs() - cpuBefore) / elapsed.length;
  elapsed.sort((left, right) => left - right);
  return {
    p50: quantileOf(elapsed, 0.5),
    p95: quantileOf(elapsed, 0.95),
    p99: quantileOf(elapsed, 0.99),
    runs: elapsed.length,
    serverCpu,
  };
}

/** Nearest rank. @param sorted ascending, not empty */
export function quantileOf(sorted: ArrayLike<number>, share: number): number {
  return sorted[Math.ceil(share * sorted.length) - 1];
}
