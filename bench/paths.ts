/** The ways in which points come into the store, as requests made beforehand. */
import { columnarBody } from './bodies/columnar.js';
import { jsonBody } from './bodies/json.js';
import { LINE_TAG, lineBody } from './bodies/line.js';
import { pointsOf, type Rectangle, rectanglesOf, sourceRectangles } from './bodies/rectangle.js';
import { Client } from './client.js';
import { Connection, type RawAnswer, requestBytes } from './connection.js';
import { BATCH_POINTS, type LoadedBucket, makeSources } from './load.js';
import type { Readings } from './reference.js';
import type { PreparedBatch } from './sender.js';
import { ADMIN_KEY } from './server-process.js';

export const INGEST_PATHS = ['json', 'columnar', 'line'] as const;
export type IngestPath = (typeof INGEST_PATHS)[number];

/** Of one source in a columnar request: what a gateway sends that has been alone for a while. */
export const COLUMNAR_ROWS = 10_000;

const BATCH_PATH = '/api/data/batch';

/** What each request brings. */
export function rectanglesFor(path: IngestPath, readings: readonly Readings[]): Rectangle[] {
  return path === 'columnar'
    ? sourceRectangles(readings, COLUMNAR_ROWS)
    : rectanglesOf(readings, BATCH_POINTS);
}

/** The request that brings it. */
export function batchRequest(
  path: IngestPath,
  bucket: LoadedBucket,
  readings: readonly Readings[],
  rectangle: Rectangle,
): PreparedBatch {
  const points = pointsOf(rectangle);
  if (path === 'line') {
    const target = `/write?db=${bucket.bucketId}&precision=ms`;
    const body = lineBody(readings, rectangle);
    const options = { key: ADMIN_KEY, body, contentType: 'text/plain; charset=utf-8' };
    return { bytes: requestBytes('POST', target, options), points };
  }
  const isColumnar = path === 'columnar';
  const body = (isColumnar ? columnarBody : jsonBody)(bucket, readings, rectangle);
  const contentType = isColumnar ? 'application/msgpack' : 'application/json';
  return { bytes: requestBytes('POST', BATCH_PATH, { key: ADMIN_KEY, body, contentType }), points };
}

/** @throws Error where the batch was not stored whole. */
export function checkStored(path: IngestPath, { status, body }: RawAnswer, points: number): void {
  if (path === 'line' ? status === 204 : status === 201 && body.includes(insertedText(points))) return;
  throw new Error(
    `A batch of ${points} points was answered with ${status}: ${body.toString('latin1', 0, 500)}`,
  );
}

const insertedTexts = new Map<number, Buffer>();

function insertedText(points: number): Buffer {
  let text = insertedTexts.get(points);
  if (text === undefined) {
    text = Buffer.from(`"inserted":${points},`);
    insertedTexts.set(points, text);
  }
  return text;
}

/** Ids of the sources that line protocol has made, in the order of the readings. @throws (rejects) where one is missing. */
export async function findLineSources(
  client: Client,
  bucketId: string,
  readings: readonly Readings[],
): Promise<LoadedBucket> {
  const idByName = new Map<string, string>();
  for (let offset = 0, isLast = false; !isLast; offset += SOURCES_LISTED) {
    const path = `/api/buckets/${bucketId}/sources?limit=${SOURCES_LISTED}&offset=${offset}`;
    const { dataSources } = await client.json<{ dataSources: { _id: string }[] }>('GET', path);
    for (const source of dataSources) {
      // The tag is in the name or in what is kept beside it.
      const [, name] = new RegExp(`${LINE_TAG}(?:=|":")(\\w+)`).exec(JSON.stringify(source)) ?? [];
      if (name !== undefined) idByName.set(name, source._id);
    }
    isLast = dataSources.length < SOURCES_LISTED;
  }
  const ids = readings.map(({ source }) => {
    const id = idByName.get(source);
    if (id === undefined) throw new Error(`Line protocol has made no source of ${LINE_TAG}=${source}`);
    return id;
  });
  return { bucketId, ids };
}

const SOURCES_LISTED = 1_000;

/** A server does not take points in this way: what is asked of it cannot be measured. */
export class NotSpokenError extends Error {
  constructor(path: IngestPath, status: number, answer: string) {
    super(`${path} is not spoken by this server: it answered ${status} ${answer}`);
    this.name = 'NotSpokenError';
  }
}

const PROBE: Readings = { source: 'probe', rowCount: 1, timeAt: () => 0, fields: new Map([['v', () => 1]]) };

/** Sends one point in this way to a bucket of its own. @throws (rejects) NotSpokenError */
export async function probePath(origin: string, path: IngestPath): Promise<void> {
  const client = new Client(origin, ADMIN_KEY, 1);
  const bucket = await makeSources(client, `probe of ${path}`, path === 'line' ? [] : [PROBE]);
  client.close();
  const rectangle = { sourceFrom: 0, sourceTo: 1, rowFrom: 0, rowTo: 1 };
  const connection = await Connection.open(origin);
  const { status, body } = await connection.send(batchRequest(path, bucket, [PROBE], rectangle).bytes);
  connection.close();
  if (status >= 400) throw new NotSpokenError(path, status, body.toString('latin1', 0, 200));
}
