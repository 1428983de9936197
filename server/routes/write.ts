/** Line protocol, as clients of InfluxDB 1.x and 2.x send it. */
import { FieldTypeError } from '../../engine/storage.js';
import type { Catalog } from '../catalog/catalog.js';
import type { Bucket } from '../catalog/model.js';
import { ApiError } from '../errors.js';
import { INFLUX_1, INFLUX_2 } from '../http/dialect.js';
import { LineBody } from '../ingest/line-body.js';
import type { LineContext } from '../ingest/line-run.js';
import { TIME_UNITS_1, TIME_UNITS_2, type TimeUnit } from '../ingest/line-times.js';
import { type LineBatch, LineReader } from '../ingest/lines.js';
import { echo } from '../schemas/validate.js';
import { defineRawRoute, type Route, refuseArchived, type Services } from './route.js';

const access = { who: 'writers', action: 'ingest data' } as const;

export function writeRoutes(catalog: Catalog): readonly Route[] {
  const reader = new LineReader(catalog);
  return [
    defineRawRoute({
      method: 'POST',
      path: '/write',
      access,
      writes: true,
      writesBucket: true,
      dialect: INFLUX_1,
      bucketInQuery: {
        parameter: 'db',
        missing: name => (name === '' ? 'database is required' : `database not found: "${echo(name)}"`),
      },
      handle: ({ services, bucket, body, query }) =>
        write(services, reader, bucket, body, unitOf(query, TIME_UNITS_1)),
    }),
    defineRawRoute({
      method: 'POST',
      path: '/api/v2/write',
      access,
      writes: true,
      writesBucket: true,
      dialect: INFLUX_2,
      bucketInQuery: {
        parameter: 'bucket',
        missing: name => (name === '' ? 'bucket not found' : `bucket "${echo(name)}" not found`),
      },
      handle: ({ services, bucket, body, query }) =>
        write(services, reader, bucket, body, unitOf(query, TIME_UNITS_2)),
    }),
  ];
}

function unitOf(query: URLSearchParams, units: ReadonlyMap<string, TimeUnit>): TimeUnit {
  const precision = query.get('precision') ?? '';
  const unit = units.get(precision);
  if (unit !== undefined) return unit;
  const known = [...units.keys()].filter(name => name !== '').join(', ');
  throw new ApiError('INVALID_PRECISION', {
    message: `invalid precision "${echo(precision)}" (use ${known})`,
  });
}

/** Stores what can be stored. @throws ApiError where lines are refused: the others have been stored */
async function write(
  services: Services,
  reader: LineReader,
  bucket: Bucket,
  bytes: Uint8Array,
  unit: TimeUnit,
): Promise<{ status: number }> {
  const { storage, clock } = services;
  const body = new LineBody(bytes);
  const context: LineContext = { bucketId: bucket.id, unit, now: clock.now(), storage };
  let isStored = false;
  while (!body.isRead) isStored = (await storeNext(services, reader, body, context)) || isStored;
  if (body.refusedCount === 0) return { status: 204 };
  const message = `${isStored ? 'partial write: ' : ''}${body.reasons} dropped=${body.refusedCount}`;
  throw new ApiError('INVALID_LINES', { message, line: body.firstRefused });
}

/** Stores lines of one record of the log. @returns whether there were any */
async function storeNext(
  services: Services,
  reader: LineReader,
  body: LineBody,
  context: LineContext,
): Promise<boolean> {
  const mark = body.mark();
  refuseGone(services, context.bucketId);
  let lines = reader.read(body, context);
  for (;;) {
    try {
      await store(services, lines);
      if (lines.batch === undefined) return false;
      reader.release(lines.batch);
      return true;
    } catch (error) {
      reader.forget(context.bucketId);
      // While there was no room for the batch, another has given a field its type. Types never change: this ends.
      if (!(error instanceof FieldTypeError)) throw error;
      refuseGone(services, context.bucketId);
      lines = reader.readAgain(body, mark, context);
    }
  }
}

/** While lines before these became durable, others have had their turn. */
function refuseGone({ catalog }: Services, bucketId: string): void {
  const bucket = catalog.bucket(bucketId);
  if (bucket === undefined) throw new ApiError('BUCKET_NOT_FOUND');
  refuseArchived(bucket);
}

/** New sources stand in the log before their points, and are durable with the same sync. */
async function store({ catalog, storage }: Services, { batch, drafts }: LineBatch): Promise<void> {
  if (batch === undefined) return;
  await Promise.all([catalog.createSeries(drafts), storage.append(batch)]);
}
