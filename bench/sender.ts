/**
 * The load: requests made beforehand over a few connections, each with one request under way, every answer checked.
 * It takes as little of the machine as it can; `null-sink.ts` shows how much that is.
 */
import { Connection, type RawAnswer } from './connection.js';
import { quantileOf } from './timed-case.js';

export interface PreparedBatch {
  /** Head and body of the request. */
  readonly bytes: Buffer;
  readonly points: number;
  /** Requests of one lane go over one connection, in their order; without lanes each goes over the next that is free. */
  readonly lane?: number;
}

export interface SendOptions {
  readonly connections: number;
  /** Throws where the answer is not the right one. */
  check(answer: RawAnswer, batch: PreparedBatch): void;
  onProgress?(points: number): void;
}

export interface SendReport {
  readonly seconds: number;
  /** Of this process. */
  readonly clientCpuSeconds: number;
  /** Milliseconds from the first byte sent to the last byte received. */
  readonly requestMs: { readonly p50: number; readonly p95: number; readonly p99: number };
}

/** @throws (rejects) where a batch is not answered as it should be. */
export async function sendBatches(
  origin: string,
  batches: readonly PreparedBatch[],
  { connections: count, check, onProgress }: SendOptions,
): Promise<SendReport> {
  const connections: Connection[] = [];
  while (connections.length < count) connections.push(await Connection.open(origin));
  const elapsed = new Float64Array(batches.length);
  let points = 0;
  let answers = 0;
  const work = async (connection: Connection, queue: Iterator<PreparedBatch>) => {
    for (let next = queue.next(); !next.done; next = queue.next()) {
      const answer = await connection.send(next.value.bytes);
      check(answer, next.value);
      elapsed[answers++] = answer.elapsedMs;
      points += next.value.points;
      onProgress?.(points);
    }
  };
  const queues = queuesOf(batches, count);
  const cpuBefore = process.cpuUsage();
  const started = performance.now();
  try {
    await Promise.all(connections.map((connection, index) => work(connection, queues[index])));
  } finally {
    for (const connection of connections) connection.close();
  }
  const seconds = (performance.now() - started) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  elapsed.sort();
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map(share => quantileOf(elapsed, share));
  return { seconds, clientCpuSeconds: (user + system) / 1e6, requestMs: { p50, p95, p99 } };
}

function queuesOf(batches: readonly PreparedBatch[], count: number): Iterator<PreparedBatch>[] {
  if (batches.every(({ lane }) => lane === undefined)) return new Array(count).fill(batches.values());
  return Array.from({ length: count }, (_, index) =>
    batches.filter(({ lane = 0 }) => lane % count === index).values(),
  );
}
