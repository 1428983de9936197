/** Thousands of sources with a few points each: what a server holds of them, between flushes and after. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { segmentNumberOf } from '../engine/segment/manifest.js';
import { SEGMENTS_DIRECTORY } from '../engine/segment/store.js';
import { AnswerHash } from './answer.js';
import { Client } from './client.js';
import { checkPointCount, encodeBodies, makeSources, sendAll } from './load.js';
import { caseTable } from './query.js';
import { caseOf, type LoadedWork } from './query-cases.js';
import type { Question } from './questions.js';
import { readingsOf } from './reference.js';
import { ADMIN_KEY, ServerProcess } from './server-process.js';
import { settle } from './settled.js';
import { type CaseReport, timeCase } from './timed-case.js';
import { cpuSeries, type Series } from './workload.js';

/** One more and they are merged. */
const ROUNDS_BEFORE_COMPACTION = 3;
const FLUSH_TIME_MAX_MS = 60_000;
const FIELDS = 2;
/** How long a server has had nothing to do. A compaction begins with the start of a thread. */
const LOOK_AFTER_MS = 1_000;
/** Of one source each: with those that are checked and those that warm up, a thousand. */
const QUERIES_TIMED = 400;
const QUERIES_CHECKED = 500;
const QUERIES_OF_ALL = 8;

/** Of the server, at rest. */
export interface Footprint {
  readonly when: string;
  readonly segments: number;
  readonly residentBytes: number;
  readonly openFiles: number;
}

export interface ManySourcesOptions {
  readonly sources: number;
  /** Each brings a point of every source, and a flush. */
  readonly rounds: number;
  /** Age at which points are flushed: longer than it takes to send those of a round. */
  readonly headAgeSeconds: number;
  onProgress?(rounds: number): void;
}

export interface ManySourcesReport {
  readonly points: number;
  readonly sources: number;
  readonly footprints: readonly Footprint[];
  readonly cases: readonly CaseReport[];
  readonly hash: string;
}

/** @throws (rejects) where a batch is refused or an answer is not the right one. */
export async function benchManySources(options: ManySourcesOptions): Promise<ManySourcesReport> {
  const { sources, rounds, headAgeSeconds, onProgress = () => {} } = options;
  const series = cpuSeries('dec', sources, rounds).map(({ fields, ...rest }) => ({
    ...rest,
    fields: new Map([...fields].slice(0, FIELDS)),
  }));
  const directory = mkdtempSync(join(tmpdir(), 'dakkio-many-'));
  const server = await ServerProcess.start(directory, [], ['--head-age-max', `${headAgeSeconds}s`]);
  const footprints: Footprint[] = [];
  const look = async (when: string) => {
    await settle(server, LOOK_AFTER_MS);
    const { residentBytes, openFiles } = server.usage();
    const segments = segmentNumbers(directory).length;
    footprints.push({ when, segments, residentBytes, openFiles });
  };
  try {
    const setup = new Client(server.origin, ADMIN_KEY, 1);
    const bucket = await makeSources(setup, 'many', series);
    await look('sources made');
    for (let round = 0; round < rounds; round++) {
      const bodies = encodeBodies(
        bucket,
        series.map(one => rowOf(one, round)),
      );
      const before = newestSegment(directory);
      await sendAll(server.origin, bodies, 2, () => {});
      await until(() => newestSegment(directory) > before);
      if (round + 1 === ROUNDS_BEFORE_COMPACTION) await look(`${round + 1} flushes`);
      onProgress(round + 1);
    }
    await look(`${rounds} flushes, compacted`);
    await checkPointCount(setup, bucket.bucketId, sources * rounds);
    setup.close();

    const hash = new AnswerHash();
    const cases: CaseReport[] = [];
    const [one, all] = manyCases(bucket, series);
    cases.push(await timeCase(server, one, QUERIES_TIMED, hash));
    await look('1,000 queries');
    cases.push(await timeCase(server, all, QUERIES_OF_ALL, hash));
    await look('queries of all sources');
    return { points: sources * rounds, sources, footprints, cases, hash: hash.finish() };
  } finally {
    await server.end('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  }
}

function segmentNumbers(directory: string): number[] {
  const numbers = readdirSync(join(directory, SEGMENTS_DIRECTORY)).map(segmentNumberOf);
  return numbers.filter(number => number !== undefined);
}

/** Segments are numbered as they come; 0 where there is none. */
function newestSegment(directory: string): number {
  return Math.max(0, ...segmentNumbers(directory));
}

async function until(isSo: () => boolean): Promise<void> {
  const endBy = performance.now() + FLUSH_TIME_MAX_MS;
  while (!isSo()) {
    if (performance.now() > endBy) throw new Error('There was no flush');
    await sleep(50);
  }
}

function rowOf({ source, timestamps, fields }: Series, row: number): Series {
  return {
    source,
    timestamps: timestamps.slice(row, row + 1),
    fields: new Map(Array.from(fields, ([name, values]) => [name, values.slice(row, row + 1)])),
  };
}

function manyCases(bucket: LoadedWork['bucket'], series: readonly Series[]) {
  const [{ timestamps, fields }] = series;
  const startTime = timestamps[0];
  const endTime = timestamps[timestamps.length - 1] + 1;
  const work: LoadedWork = { bucket, readings: series.map(readingsOf), startTime, endTime };
  const asked = { fields: [...fields.keys()], startTime, endTime };
  const one = Array.from(
    { length: QUERIES_CHECKED },
    (_, index): Question => ({
      ...asked,
      sources: [(index * 7_919) % series.length],
      aggregation: 'none',
    }),
  );
  const all: Question = { ...asked, sources: series.map((_, source) => source), aggregation: 'last' };
  return [
    caseOf('one', `${timestamps.length} raw points of 1 source`, work, one),
    caseOf('all', 'last point of each source', work, [all]),
  ];
}

export function manySourcesText(report: ManySourcesReport): string {
  const { points, sources, footprints, cases, hash } = report;
  const lines = footprints.map(({ when, segments, residentBytes, openFiles }) =>
    [
      when.padEnd(26),
      `${segments} segment files`.padStart(18),
      `${Math.round(residentBytes / 2 ** 20)} MiB resident`.padStart(18),
      `${openFiles} open files`.padStart(16),
    ].join(''),
  );
  const name = `${sources.toLocaleString('en')} sources of ${FIELDS} fields, ${points.toLocaleString('en')} points`;
  return [name, ...lines, '', ...caseTable(cases), '', `hash of all answers ${hash}`, ''].join('\n');
}
