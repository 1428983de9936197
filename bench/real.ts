/**
 * The main job on real data, with the worst end: every series goes in over HTTP, the server is killed while the
 * last batches are in flight, and after a restart every acknowledged point must be there bit by bit.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from './client.js';
import { directoryBytes } from './data-directory.js';
import { ADMIN_KEY, ServerProcess } from './server-process.js';
import type { Series } from './workload.js';

const BATCH_POINTS = 1_000;
/** Batches, each of another series, that are on their way when the power goes. */
const IN_FLIGHT = 8;

export interface RealReport {
  readonly series: number;
  readonly points: number;
  readonly acknowledgedBeforeKill: number;
  /** Batches that were not answered, and how many of them turned out to be stored (whole, or this would fail). */
  readonly unanswered: number;
  readonly unansweredStored: number;
  readonly ingestSeconds: number;
  readonly restartMs: number;
  readonly bytes: number;
  readonly bytesPerPoint: number;
}

export function realText(report: RealReport): string {
  const count = (value: number) => value.toLocaleString('en');
  return [
    `${report.series} series, ${count(report.points)} points, in ${report.ingestSeconds.toFixed(1)} s`,
    `killed with ${report.unanswered} batches unanswered; ready again after ${Math.round(report.restartMs)} ms`,
    `${count(report.acknowledgedBeforeKill)} acknowledged points: all there, bit by bit`,
    `${report.unansweredStored} of the unanswered batches are there whole, the others not at all; nothing else is`,
    `${count(report.bytes)} bytes on disk, ${report.bytesPerPoint.toFixed(2)} a point`,
    '',
  ].join('\n');
}

interface Batch {
  readonly source: number;
  readonly from: number;
  readonly to: number;
}

type Verdict = 'acknowledged' | 'unanswered';

/** @throws (rejects) where a point was lost, changed or invented. */
export async function benchReal(
  series: readonly Series[],
  onProgress: (points: number) => void,
): Promise<RealReport> {
  const directory = mkdtempSync(join(tmpdir(), 'dakkio-real-'));
  try {
    return await run(series, directory, onProgress);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function run(
  series: readonly Series[],
  directory: string,
  onProgress: (points: number) => void,
): Promise<RealReport> {
  let server = await ServerProcess.start(directory);
  try {
    const started = performance.now();
    const setup = new Client(server.origin, ADMIN_KEY, 1);
    const { bucket } = await setup.json<{ bucket: { _id: string } }>('POST', '/api/buckets', { name: 'NAB' });
    const ids: string[] = [];
    for (const { source } of series) {
      const made = await setup.json<{ dataSource: { _id: string } }>(
        'POST',
        `/api/buckets/${bucket._id}/sources`,
        {
          name: source,
          schema: { value: 'number' },
        },
      );
      ids.push(made.dataSource._id);
    }
    setup.close();

    const verdicts = new Map<Batch, Verdict>();
    const { lanes, last } = planBatches(series);
    const bodyOf = (batch: Batch) => encodeBatch(bucket._id, ids[batch.source], series[batch.source], batch);
    await sendLanes(new Client(server.origin, ADMIN_KEY, 2), lanes, bodyOf, verdicts, onProgress);
    await sendAndKill(server, last, bodyOf, verdicts);
    const ingestSeconds = (performance.now() - started) / 1_000;

    const restarting = performance.now();
    server = await ServerProcess.start(directory);
    const client = new Client(server.origin, ADMIN_KEY, 2);
    const restartMs = performance.now() - restarting;
    const stored = await checkStored(client, bucket._id, ids, series, verdicts);
    const answered = [...verdicts].filter(([, verdict]) => verdict === 'acknowledged');

    // What was refused or lost on the way is sent again: that is what a client does.
    for (const [batch, verdict] of verdicts) {
      if (verdict === 'acknowledged' || stored.has(batch)) continue;
      await client.json('POST', '/api/data/batch', JSON.parse(bodyOf(batch).toString()));
      verdicts.set(batch, 'acknowledged');
    }
    await checkStored(client, bucket._id, ids, series, verdicts);
    client.close();
    await server.end('SIGTERM');
    const points = series.reduce((sum, { timestamps }) => sum + timestamps.length, 0);
    const bytes = directoryBytes(directory);
    return {
      series: series.length,
      points,
      acknowledgedBeforeKill: answered.reduce((sum, [{ from, to }]) => sum + to - from, 0),
      unanswered: verdicts.size - answered.length,
      unansweredStored: stored.size,
      ingestSeconds,
      restartMs,
      bytes,
      bytesPerPoint: bytes / points,
    };
  } finally {
    await server.end('SIGKILL');
  }
}

/** Batches of one series go one after another; the last ones of the longest series wait for the end. */
function planBatches(series: readonly Series[]): { lanes: Batch[][]; last: Batch[] } {
  const lanes = series.map(({ timestamps }, source) => {
    const batches: Batch[] = [];
    for (let from = 0; from < timestamps.length; from += BATCH_POINTS) {
      batches.push({ source, from, to: Math.min(timestamps.length, from + BATCH_POINTS) });
    }
    return batches;
  });
  const longest = [...lanes].sort((left, right) => right.length - left.length).slice(0, IN_FLIGHT);
  return { lanes, last: longest.map(lane => lane.pop() as Batch) };
}

function encodeBatch(
  bucketId: string,
  dataSourceId: string,
  { timestamps, fields }: Series,
  { from, to }: Batch,
): Buffer {
  const points: string[] = [];
  for (let row = from; row < to; row++) {
    const values = Array.from(fields, ([name, column]) => `${JSON.stringify(name)}:${column[row]}`);
    const timestamp = new Date(timestamps[row]).toISOString();
    points.push(`{"dataSourceId":"${dataSourceId}","timestamp":"${timestamp}","values":{${values}}}`);
  }
  return Buffer.from(`{"bucketId":"${bucketId}","dataPoints":[${points}]}`);
}

async function sendLanes(
  client: Client,
  lanes: readonly (readonly Batch[])[],
  bodyOf: (batch: Batch) => Buffer,
  verdicts: Map<Batch, Verdict>,
  onProgress: (points: number) => void,
): Promise<void> {
  const waiting = [...lanes];
  let points = 0;
  const work = async () => {
    for (let lane = waiting.shift(); lane !== undefined; lane = waiting.shift()) {
      for (const batch of lane) {
        await send(client, bodyOf(batch));
        verdicts.set(batch, 'acknowledged');
        points += batch.to - batch.from;
        onProgress(points);
      }
    }
  };
  await Promise.all([work(), work()]);
  client.close();
}

/** Longest time between sending and the kill: about as long as the batches take, so that it falls among them. */
const KILL_DELAY_MAX_MS = 8;

/** Kills the server while it works on the batches; at the latest when the first of them is answered. */
async function sendAndKill(
  server: ServerProcess,
  batches: readonly Batch[],
  bodyOf: (batch: Batch) => Buffer,
  verdicts: Map<Batch, Verdict>,
): Promise<void> {
  const client = new Client(server.origin, ADMIN_KEY, batches.length);
  let killed: Promise<void> | undefined;
  const kill = () => {
    killed ??= server.end('SIGKILL');
  };
  const bodies = batches.map(bodyOf);
  setTimeout(kill, Math.random() * KILL_DELAY_MAX_MS);
  await Promise.all(
    batches.map(async (batch, index) => {
      verdicts.set(batch, 'unanswered');
      try {
        await send(client, bodies[index]);
        verdicts.set(batch, 'acknowledged');
        kill();
      } catch (error) {
        // Without the kill there is no reason for a batch to go unanswered.
        if (killed === undefined) throw error;
      }
    }),
  );
  kill();
  await killed;
  client.close();
}

async function send(client: Client, body: Buffer): Promise<void> {
  const { status, body: answer } = await client.send('POST', '/api/data/batch', body);
  if (status !== 201) throw new Error(`A batch was answered with ${status}: ${answer}`);
}

interface StoredRows {
  readonly data: readonly { readonly timestamp: string; readonly values: Record<string, number> }[];
  readonly metadata: { readonly hasMore: boolean };
}

/** Returns the unanswered batches that are stored. */
async function checkStored(
  client: Client,
  bucketId: string,
  ids: readonly string[],
  series: readonly Series[],
  verdicts: ReadonlyMap<Batch, Verdict>,
): Promise<Set<Batch>> {
  const stored = new Set<Batch>();
  for (let source = 0; source < series.length; source++) {
    const filters = { dataSourceId: ids[source], limit: 100_000 };
    const query = { bucketId, filters, aggregation: 'none' };
    const { data, metadata } = await client.json<StoredRows>('POST', '/api/data/query', query, 200);
    if (metadata.hasMore) throw new Error(`${series[source].source} has more points than were sent`);
    const batches = [...verdicts].filter(([batch]) => batch.source === source);
    const uncertain = batches.filter(([, verdict]) => verdict === 'unanswered').map(([batch]) => batch);
    const certainRows = rowsOf(
      series[source],
      batches.filter(([, verdict]) => verdict === 'acknowledged'),
    );
    if (sameRows(data, certainRows, series[source])) continue;
    // At most one batch of a series was on its way: it is there whole, or it is not there at all.
    if (uncertain.length !== 1 || !sameRows(data, rowsOf(series[source], batches), series[source])) {
      throw new Error(`${series[source].source} holds other points than were sent`);
    }
    stored.add(uncertain[0]);
  }
  return stored;
}

/** Positions in the series that the batches cover, in the order a query gives them. */
function rowsOf({ timestamps }: Series, batches: readonly (readonly [Batch, Verdict])[]): number[] {
  const rows = batches.flatMap(([{ from, to }]) =>
    Array.from({ length: to - from }, (_, index) => from + index),
  );
  return rows.sort((left, right) => timestamps[left] - timestamps[right] || left - right);
}

function sameRows(
  data: StoredRows['data'],
  rows: readonly number[],
  { timestamps, fields }: Series,
): boolean {
  return (
    data.length === rows.length &&
    data.every(({ timestamp, values }, index) => {
      const row = rows[index];
      const isSame = [...fields].every(([name, column]) => Object.is(values[name], column[row]));
      return (
        Date.parse(timestamp) === timestamps[row] && isSame && Object.keys(values).length === fields.size
      );
    })
  );
}
