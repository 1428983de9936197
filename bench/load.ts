/** Series over HTTP into a bucket: sources made, bodies made beforehand, every answer checked. */
import { jsonBody } from './bodies/json.js';
import { rectanglesOf } from './bodies/rectangle.js';
import type { Client } from './client.js';
import { requestBytes } from './connection.js';
import { readingsOf } from './reference.js';
import { sendBatches } from './sender.js';
import { ADMIN_KEY } from './server-process.js';
import type { Series } from './workload.js';

export const BATCH_POINTS = 1_000;

/** Where series are. */
export interface LoadedBucket {
  readonly bucketId: string;
  /** Of the sources, in the order of the series. */
  readonly ids: readonly string[];
}

/** Makes a bucket, and a source in it for each of the series: as many at a time as the client has connections. */
export async function makeSources(
  client: Client,
  name: string,
  series: readonly { readonly source: string; readonly fields: ReadonlyMap<string, unknown> }[],
  onMade: (sources: number) => void = () => {},
): Promise<LoadedBucket> {
  const { bucket } = await client.json<{ bucket: { _id: string } }>('POST', '/api/buckets', { name });
  const path = `/api/buckets/${bucket._id}/sources`;
  const ids: string[] = [];
  let next = 0;
  let made = 0;
  const work = async () => {
    while (next < series.length) {
      const index = next++;
      const { source, fields } = series[index];
      const schema = Object.fromEntries(Array.from(fields.keys(), field => [field, 'number']));
      const answer = await client.json<{ dataSource: { _id: string } }>('POST', path, {
        name: source,
        schema,
      });
      ids[index] = answer.dataSource._id;
      onMade(++made);
    }
  };
  await Promise.all(Array.from({ length: client.connections }, work));
  return { bucketId: bucket._id, ids };
}

/** JSON batches in the order in which points come about: time by time, source by source. All series have one clock. */
export function encodeBodies(bucket: LoadedBucket, series: readonly Series[]): Buffer[] {
  const readings = series.map(readingsOf);
  return rectanglesOf(readings, BATCH_POINTS).map(rectangle => jsonBody(bucket, readings, rectangle));
}

/** @throws (rejects) where a batch is not answered with 201. */
export async function sendAll(
  origin: string,
  bodies: readonly Buffer[],
  connections: number,
  onProgress: (points: number) => void,
): Promise<void> {
  const batches = bodies.map(body => ({
    bytes: requestBytes('POST', '/api/data/batch', { key: ADMIN_KEY, body }),
    points: BATCH_POINTS,
  }));
  await sendBatches(origin, batches, {
    connections,
    check: ({ status, body }) => {
      if (status !== 201) throw new Error(`A batch was answered with ${status}: ${body}`);
    },
    onProgress,
  });
}

/** @throws (rejects) where the bucket does not count as many points. */
export async function checkPointCount(client: Client, bucketId: string, points: number): Promise<void> {
  const path = `/api/buckets/${bucketId}`;
  const { bucket } = await client.json<{ bucket: { stats: { dataPointCount: number } } }>('GET', path);
  const found = bucket.stats.dataPointCount;
  if (found !== points) throw new Error(`There are ${found} points instead of ${points}`);
}
