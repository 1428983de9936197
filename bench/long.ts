/** One source of a month, a year or thirty years at 1 Hz: what an overview of it takes, by how much there is. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AnswerHash } from './answer.js';
import { Client } from './client.js';
import { directoryBytes } from './data-directory.js';
import type { Figure } from './figures.js';
import { checkPointCount, makeSources } from './load.js';
import { longReadings } from './long-series.js';
import { caseTable, type FloorReport, floorText, timeFloor } from './query.js';
import { caseOf, type LoadedWork } from './query-cases.js';
import { automaticGroups, groupsOf, MONTHS, type Question, unevenGroups } from './questions.js';
import { writeLongSources } from './segment-loader.js';
import { ADMIN_KEY, ServerProcess } from './server-process.js';
import { settleDirectory, startAndAsk } from './settled.js';
import { type CaseReport, type TimedCase, timeCase } from './timed-case.js';

const DAY_MS = 86_400_000;

/** Of the first source of a new catalog. Were it another one, the points would not be found. */
const FIRST_ORDINAL = 1;

export interface LongOptions {
  readonly points: number;
  readonly runs: number;
  readonly nodeFlags?: readonly string[];
  onProgress?(points: number): void;
}

export interface LongReport {
  readonly points: number;
  readonly loadSeconds: number;
  readonly storedBytes: number;
  readonly firstAnswerMs: number;
  /** After the first answer. */
  readonly startResidentBytes: number;
  /** After all answers, and at the peak. */
  readonly residentBytes: number;
  readonly peakMemoryBytes: number;
  readonly floor: FloorReport;
  readonly cases: readonly CaseReport[];
  readonly hash: string;
}

/** @throws (rejects) where an answer is not the right one. */
export async function benchLong(options: LongOptions): Promise<LongReport> {
  const { points, runs, nodeFlags, onProgress = () => {} } = options;
  const readings = longReadings(points);
  const directory = mkdtempSync(join(tmpdir(), 'dakkio-long-'));
  let server = await ServerProcess.start(directory);
  try {
    const setup = new Client(server.origin, ADMIN_KEY, 1);
    const bucket = await makeSources(setup, 'long', [readings]);
    setup.close();
    await server.end('SIGTERM');
    const started = performance.now();
    await writeLongSources(directory, [FIRST_ORDINAL], points, onProgress);
    const loadSeconds = (performance.now() - started) / 1_000;
    await settleDirectory(directory);
    const storedBytes = directoryBytes(directory);

    const [startTime, endTime] = [readings.timeAt(0), readings.timeAt(points)];
    const cases = longCases({ bucket, readings: [readings], startTime, endTime });
    const restarted = await startAndAsk(directory, cases[0].asked[0].body, nodeFlags);
    server = restarted.server;
    const { residentBytes: startResidentBytes } = server.usage();
    const client = new Client(server.origin, ADMIN_KEY, 1);
    await checkPointCount(client, bucket.bucketId, points);
    client.close();
    const floor = await timeFloor(server, runs);
    const hash = new AnswerHash();
    const reports: CaseReport[] = [];
    for (const timed of cases) reports.push(await timeCase(server, timed, runs, hash));
    const { residentBytes, peakMemoryBytes } = server.usage();
    await server.end('SIGTERM');
    return {
      points,
      loadSeconds,
      storedBytes,
      firstAnswerMs: restarted.firstAnswerMs,
      startResidentBytes,
      residentBytes,
      peakMemoryBytes,
      floor,
      cases: reports,
      hash: hash.finish(),
    };
  } finally {
    await server.end('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  }
}

function longCases(work: LoadedWork): TimedCase[] {
  const { startTime, endTime, readings } = work;
  const rangeMs = endTime - startTime;
  const asked = { sources: [0], fields: [...readings[0].fields.keys()], startTime, endTime };
  const question = (part: Pick<Question, 'aggregation' | 'groups'> & Partial<Question>): Question => ({
    ...asked,
    ...part,
  });
  const automatic = automaticGroups(rangeMs);
  const uneven = unevenGroups(rangeMs);
  const columns = (goalMs?: number) => ({ format: 'columns', goalMs }) as const;
  const dayStart = Math.max(startTime, endTime - DAY_MS);
  return [
    caseOf(
      'whole',
      `all of it, avg, by itself a ${automatic.name}`,
      work,
      [question({ aggregation: 'automatic', groups: automatic })],
      columns(1),
    ),
    caseOf(
      'uneven',
      `all of it, avg a ${uneven.name}`,
      work,
      [question({ aggregation: 'avg', groups: uneven })],
      columns(1),
    ),
    caseOf(
      'months',
      'all of it, max a month',
      work,
      [question({ aggregation: 'max', groups: MONTHS })],
      columns(),
    ),
    caseOf(
      'day',
      'the last day, avg a 3m',
      work,
      [question({ aggregation: 'avg', groups: groupsOf(3, 'm'), startTime: dayStart })],
      columns(0.5),
    ),
  ];
}

export function longFigures({ points, firstAnswerMs, cases, storedBytes }: LongReport): Figure[] {
  const id = `long.${points}`;
  const title = `${points.toLocaleString('en')} points`;
  const ms = (name: string, what: string, value: number, goal?: number): Figure => ({
    id: `${id}.${name}`,
    title: `${title}, ${what}`,
    unit: 'ms',
    value,
    better: 'less',
    goal,
  });
  return [
    ms('first-answer', 'start to first answer', firstAnswerMs, FIRST_ANSWER_GOAL_MS),
    ...cases.map(({ name, what, p50, goalMs }) => ms(`${name}.p50`, `${what}, p50`, p50, goalMs)),
    {
      id: `${id}.size`,
      title: `${title}, on disk`,
      unit: 'bytes a value',
      value: storedBytes / points,
      better: 'less',
    },
  ];
}

/** However much is stored. */
const FIRST_ANSWER_GOAL_MS = 1_000;

export function longText(report: LongReport): string {
  const { points, loadSeconds, storedBytes, firstAnswerMs, cases, floor, hash } = report;
  const mebibytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;
  return [
    `${points.toLocaleString('en')} points written as segments in ${loadSeconds.toFixed(1)} s, ${(points / loadSeconds / 1e6).toFixed(1)} M values/s`,
    `${storedBytes.toLocaleString('en')} bytes on disk, ${(storedBytes / points).toFixed(3)} a value`,
    `start to first answer ${Math.round(firstAnswerMs)} ms; resident then ${mebibytes(report.startResidentBytes)}, after all queries ${mebibytes(report.residentBytes)}, at the peak ${mebibytes(report.peakMemoryBytes)}`,
    floorText(floor),
    '',
    ...caseTable(cases),
    '',
    `hash of all answers ${hash}`,
    '',
  ].join('\n');
}
