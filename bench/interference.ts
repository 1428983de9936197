/** What eight clients that export raw points do to the one who writes: the same batches with and without them, in turns. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { Client } from './client.js';
import { Connection, requestBytes } from './connection.js';
import type { ExportOrders } from './export-worker.js';
import type { Figure } from './figures.js';
import { BATCH_POINTS, checkPointCount, encodeBodies, makeSources, sendAll } from './load.js';
import { type Question, questionBody } from './questions.js';
import { ADMIN_KEY, ServerProcess } from './server-process.js';
import { settle, settleDirectory } from './settled.js';
import { quantileOf } from './timed-case.js';
import { cpuSeries, sensorSeries } from './workload.js';

const EXPORTS = 8;
const EXPORT_ROWS = 86_400;
const WRITER_SOURCES = 100;

export interface InterferenceOptions {
  /** Pairs of a quiet and a busy part. */
  readonly rounds: number;
  /** Batches of 1,000 points a part. */
  readonly batches: number;
  readonly sensorRows: number;
  onProgress?(parts: number): void;
}

/** Milliseconds. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export interface InterferenceReport {
  readonly batches: number;
  readonly quiet: Latency;
  readonly busy: Latency;
  /** Busy ÷ quiet. */
  readonly p50Ratio: number;
  readonly p99Ratio: number;
  readonly exports: number;
  readonly exportsPerSecond: number;
}

/**
 * The writer is a closed loop on one connection: the next batch goes out when the last one is answered, so that a
 * slow answer delays the others instead of queueing them.
 * @throws (rejects) where a batch or an export is refused, or an export is not whole.
 */
export async function benchInterference(options: InterferenceOptions): Promise<InterferenceReport> {
  const { rounds, batches, sensorRows, onProgress = () => {} } = options;
  const directory = mkdtempSync(join(tmpdir(), 'dakkio-interference-'));
  let server = await ServerProcess.start(directory);
  try {
    const sensor = [sensorSeries(sensorRows)];
    const rows = (rounds * 2 * batches * BATCH_POINTS) / WRITER_SOURCES;
    const written = cpuSeries('dec', WRITER_SOURCES, rows);
    const setup = new Client(server.origin, ADMIN_KEY, 1);
    const sensorBucket = await makeSources(setup, 'sensor', sensor);
    const writeBucket = await makeSources(setup, 'written', written);
    setup.close();
    await sendAll(server.origin, encodeBodies(sensorBucket, sensor), 2, () => {});
    await server.end('SIGTERM');
    await settleDirectory(directory);
    server = await ServerProcess.start(directory);

    const { timestamps } = sensor[0];
    const question: Question = {
      sources: [0],
      fields: [...sensor[0].fields.keys()],
      startTime: timestamps[Math.max(0, sensorRows - EXPORT_ROWS)],
      endTime: timestamps[sensorRows - 1] + 1,
      aggregation: 'none',
    };
    const body = questionBody(sensorBucket, question, 'columns');
    const orders = {
      request: requestBytes('POST', '/api/data/query', { key: ADMIN_KEY, body }),
      connections: EXPORTS,
      rows: Math.min(EXPORT_ROWS, sensorRows),
    };
    const requests = encodeBodies(writeBucket, written).map(body =>
      requestBytes('POST', '/api/data/batch', { key: ADMIN_KEY, body }),
    );
    const quiet: number[] = [];
    const busy: number[] = [];
    let exports = 0;
    let exportSeconds = 0;
    for (let part = 0; part < rounds * 2; part++) {
      const slice = requests.slice(part * batches, (part + 1) * batches);
      // Quiet, busy, busy, quiet: what drifts with time falls on both alike.
      const isBusy = part % 4 === 1 || part % 4 === 2;
      if (isBusy) {
        const started = performance.now();
        const others = await Exports.start({ origin: server.origin, ...orders });
        busy.push(...(await writeAll(server.origin, slice)));
        exports += await others.stop();
        exportSeconds += (performance.now() - started) / 1_000;
      } else quiet.push(...(await writeAll(server.origin, slice)));
      await settle(server);
      onProgress(part + 1);
    }
    const client = new Client(server.origin, ADMIN_KEY, 1);
    await checkPointCount(client, writeBucket.bucketId, rounds * 2 * batches * BATCH_POINTS);
    client.close();
    const [quietLatency, busyLatency] = [latencyOf(quiet), latencyOf(busy)];
    return {
      batches: quiet.length + busy.length,
      quiet: quietLatency,
      busy: busyLatency,
      p50Ratio: busyLatency.p50 / quietLatency.p50,
      p99Ratio: busyLatency.p99 / quietLatency.p99,
      exports,
      exportsPerSecond: exports / exportSeconds,
    };
  } finally {
    await server.end('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Over a connection of its own: one that waits for the server to settle may be closed by it meanwhile. */
async function writeAll(origin: string, requests: readonly Buffer[]): Promise<number[]> {
  const writer = await Connection.open(origin);
  try {
    const elapsed: number[] = [];
    for (const request of requests) {
      const { status, body, elapsedMs } = await writer.send(request);
      if (status !== 201) throw new Error(`A batch was answered with ${status}: ${body}`);
      elapsed.push(elapsedMs);
    }
    return elapsed;
  } finally {
    writer.close();
  }
}

class Exports {
  readonly #worker: Worker;
  readonly #failed: Promise<never>;

  private constructor(worker: Worker) {
    this.#worker = worker;
    this.#failed = once(worker, 'error').then(([error]) => Promise.reject(error));
    this.#failed.catch(() => {});
  }

  /** Resolves when they are under way. */
  static async start(orders: ExportOrders): Promise<Exports> {
    const worker = new Worker(new URL('./export-worker.js', import.meta.url), { workerData: orders });
    const exports = new Exports(worker);
    await exports.#message();
    return exports;
  }

  /** Resolves to the number of answers, when the last ones are there. @throws (rejects) where one was wrong. */
  async stop(): Promise<number> {
    const answers = this.#message();
    this.#worker.postMessage('stop');
    return (await answers) as number;
  }

  async #message(): Promise<unknown> {
    const [message] = await Promise.race([once(this.#worker, 'message'), this.#failed]);
    return message;
  }
}

function latencyOf(elapsed: number[]): Latency {
  elapsed.sort((left, right) => left - right);
  return {
    p50: quantileOf(elapsed, 0.5),
    p99: quantileOf(elapsed, 0.99),
    max: elapsed[elapsed.length - 1],
  };
}

const RATIO_GOAL = 2;

export function interferenceFigures({ quiet, busy, p99Ratio }: InterferenceReport): Figure[] {
  const ms = (id: string, title: string, value: number): Figure => ({
    id: `interference.${id}`,
    title,
    unit: 'ms',
    value,
    better: 'less',
  });
  return [
    ms('quiet.p99', 'a batch alone, p99', quiet.p99),
    ms('busy.p99', `a batch beside ${EXPORTS} exports, p99`, busy.p99),
    {
      id: 'interference.ratio',
      title: 'ratio of p99',
      unit: '',
      value: p99Ratio,
      better: 'less',
      goal: RATIO_GOAL,
    },
  ];
}

export function interferenceText(report: InterferenceReport): string {
  const { quiet, busy, p50Ratio, p99Ratio, batches, exports, exportsPerSecond } = report;
  const line = (name: string, { p50, p99, max }: Latency) =>
    `${name.padEnd(20)}p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, at most ${max.toFixed(2)} ms`;
  return [
    `${batches} batches of 1,000 points, one after another on one connection`,
    line('alone', quiet),
    line(`beside ${EXPORTS} exports`, busy),
    `ratio of p50 ${p50Ratio.toFixed(2)}, of p99 ${p99Ratio.toFixed(2)} (goal: at most ${RATIO_GOAL})`,
    `${exports} exports, ${exportsPerSecond.toFixed(1)} a second`,
    '',
  ].join('\n');
}
