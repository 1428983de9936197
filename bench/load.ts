/** Series over HTTP into a bucket: sources made, bodies made beforehand, every answer checked. */
import { Client } from './client.js';
import { ADMIN_KEY } from './server-process.js';
import type { Series } from './workload.js';

export const BATCH_POINTS = 1_000;

/** Where series are. */
export interface LoadedBucket {
  readonly bucketId: string;
  /** Of the sources, in the order of the series. */
  readonly ids: readonly string[];
}

/** Makes a bucket, and a source in it for each of the series. */
export async function makeSources(
  client: Client,
  name: string,
  series: readonly { readonly source: string; readonly fields: ReadonlyMap<string, unknown> }[],
): Promise<LoadedBucket> {
  const { bucket } = await client.json<{ bucket: { _id: string } }>('POST', '/api/buckets', { name });
  const ids: string[] = [];
  for (const { source, fields } of series) {
    const schema = Object.fromEntries(Array.from(fields.keys(), field => [field, 'number']));
    const path = `/api/buckets/${bucket._id}/sources`;
    const made = await client.json<{ dataSource: { _id: string } }>('POST', path, { name: source, schema });
    ids.push(made.dataSource._id);
  }
  return { bucketId: bucket._id, ids };
}

/** Points in the order in which they come about: time by time, source by source. All series have one clock. */
export function encodeBodies({ bucketId, ids }: LoadedBucket, series: readonly Series[]): Buffer[] {
  const bodies: Buffer[] = [];
  let points: string[] = [];
  const finish = () => {
    if (points.length > 0) bodies.push(Buffer.from(`{"bucketId":"${bucketId}","dataPoints":[${points}]}`));
    points = [];
  };
  const { timestamps } = series[0];
  for (let row = 0; row < timestamps.length; row++) {
    const timestamp = new Date(timestamps[row]).toISOString().replace('.000Z', 'Z');
    for (let source = 0; source < series.length; source++) {
      const values = Array.from(series[source].fields, ([name, column]) => `"${name}":${column[row]}`);
      points.push(`{"dataSourceId":"${ids[source]}","timestamp":"${timestamp}","values":{${values}}}`);
      if (points.length === BATCH_POINTS) finish();
    }
  }
  finish();
  return bodies;
}

/** @throws (rejects) where a batch is not answered with 201. */
export async function sendAll(
  origin: string,
  bodies: readonly Buffer[],
  connections: number,
  onProgress: (points: number) => void,
): Promise<void> {
  const client = new Client(origin, ADMIN_KEY, connections);
  let next = 0;
  const work = async () => {
    while (next < bodies.length) {
      const { status, body } = await client.send('POST', '/api/data/batch', bodies[next++]);
      if (status !== 201) throw new Error(`A batch was answered with ${status}: ${body}`);
      onProgress(next * BATCH_POINTS);
    }
  };
  await Promise.all(Array.from({ length: connections }, work));
  client.close();
}

/** @throws (rejects) where the bucket does not count as many points. */
export async function checkPointCount(client: Client, bucketId: string, points: number): Promise<void> {
  const path = `/api/buckets/${bucketId}`;
  const { bucket } = await client.json<{ bucket: { stats: { dataPointCount: number } } }>('GET', path);
  const found = bucket.stats.dataPointCount;
  if (found !== points) throw new Error(`There are ${found} points instead of ${points}`);
}
