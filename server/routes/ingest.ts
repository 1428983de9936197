import { pointId } from '../../engine/base/ids.js';
import { type PackedBatch, packBatch } from '../../engine/batch.js';
import { scalarOf } from '../../engine/query/values.js';
import { FieldTypeError } from '../../engine/storage.js';
import type { Catalog } from '../catalog/catalog.js';
import { knownTypes } from '../catalog/fields.js';
import type { Bucket, DataSource } from '../catalog/model.js';
import { ApiError } from '../errors.js';
import type { Reply } from '../http/application.js';
import { jsonReply, scalarText } from '../http/json.js';
import type { Store } from '../idempotency/idempotency.js';
import { storeScanned } from '../ingest/admit.js';
import { parseColumns } from '../ingest/column-body.js';
import { JsonColumns } from '../ingest/json-columns.js';
import { JsonPoints } from '../ingest/json-points.js';
import { type PointContext, parsePoints, pathOfRefused } from '../ingest/points.js';
import { SourceIndex } from '../ingest/source-index.js';
import type { RequestLimits } from '../limits.js';
import { isId } from '../schemas/common.js';
import { batchSchema, columnsSchema, ingestSchema } from '../schemas/ingest.js';
import { formatTimestamp } from '../schemas/timestamp.js';
import type { Path } from '../schemas/validate.js';
import { defineRoute, type Route, type Services } from './route.js';

const access = { who: 'writers', action: 'ingest data' } as const;

export function ingestRoutes(limits: RequestLimits, catalog: Catalog): readonly Route[] {
  const index = new SourceIndex(catalog);
  const points = new JsonPoints(index);
  const columns = new JsonColumns(index);
  return [
    defineRoute({
      method: 'POST',
      path: '/api/data',
      access,
      writes: true,
      writesBucket: true,
      bucketInBody: true,
      takesIdempotencyKey: true,
      packedBody: true,
      body: ingestSchema,
      checkForm(body) {
        checkSourceId(body.dataSourceId);
        checkPoints([body], () => ['body']);
      },
      answerBytes: async ({ storage, clock }, bytes, bucketOf, store) => {
        const now = clock.now();
        const scanned = points.readPoint(bytes, now);
        if (scanned === undefined) return undefined;
        const reply = await storeScanned({ storage, store, index, bucketOf }, scanned, ([row]) =>
          pointReply(scanned.sources[0].source, scanned.batch, row, now),
        );
        if (reply !== undefined) points.release(scanned);
        return reply;
      },
      handle: ({ services, bucket, body, store }) => {
        checkSourceId(body.dataSourceId);
        const context = pointContext(services, bucket, () => ['body']);
        return storePoints([body], context, store, ({ sources, batch }, [row]) =>
          pointReply(sources[0], batch, row, context.now),
        );
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/api/data/batch',
      access,
      writes: true,
      writesBucket: true,
      bucketInBody: true,
      takesIdempotencyKey: true,
      packedBody: true,
      body: batchSchema(limits),
      columnBody: columnsSchema,
      checkForm(body) {
        const { dataPoints, columns } = batchOf(body);
        if (dataPoints === undefined) checkColumns(columns);
        else checkPoints(dataPoints, pointOfBatch);
      },
      answerBytes: async ({ storage, clock }, bytes, bucketOf, store) => {
        const isPoints = bytes.length <= limits.bodyBytesMax;
        const scanned =
          (isPoints ? points.readBatch(bytes, clock.now(), limits.batchPointsMax) : undefined) ??
          columns.read(bytes);
        if (scanned === undefined) return undefined;
        const reply = await storeScanned({ storage, store, index, bucketOf }, scanned, firstRows =>
          batchReply(scanned.count, firstRows.length),
        );
        if (reply !== undefined) points.release(scanned);
        return reply;
      },
      handle: ({ services, bucket, body, store }) => {
        const { dataPoints, columns } = batchOf(body);
        const context = pointContext(services, bucket, pointOfBatch);
        if (dataPoints === undefined) return storeColumns(columns, context, store);
        return storePoints(dataPoints, context, store, ({ sources }) =>
          batchReply(dataPoints.length, sources.length),
        );
      },
    }),
  ];
}

function checkSourceId(id: string): void {
  if (!isId(id)) throw new ApiError('INVALID_SOURCE_ID');
}

/** For what is wrong with the form alone, whatever sources there are. */
const NO_SOURCES = { now: 0, source: () => undefined, types: () => new Map() };

function checkPoints(points: readonly unknown[], pathOf: (index: number) => Path): void {
  checkForm(() => parsePoints(points, { ...NO_SOURCES, pathOf }));
}

function checkColumns(columns: unknown): void {
  checkForm(() => parseColumns(columns, NO_SOURCES));
}

function checkForm(parse: () => void): void {
  try {
    parse();
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'SOURCE_NOT_FOUND') throw error;
  }
}

interface BatchBody {
  readonly dataPoints?: readonly unknown[];
  readonly columns?: unknown;
}

/** @throws ApiError where it has both points and columns */
function batchOf(body: BatchBody): BatchBody {
  if (body.dataPoints === undefined || body.columns === undefined) return body;
  const details = [{ path: ['body', 'columns'], message: 'A batch has either dataPoints or columns' }];
  throw new ApiError('INVALID_REQUEST', { details });
}

function pointOfBatch(index: number): Path {
  return ['body', 'dataPoints', index];
}

/** @throws (rejects) ApiError */
async function storeColumns(columns: unknown, context: PointContext, store: Store): Promise<Reply> {
  const { rows } = parseColumns(columns, context);
  const reply = batchReply(rows.timestamps.length, 1);
  const pathOf = ({ field }: FieldTypeError) => ['body', 'columns', 'values', field];
  return refusingTypes(
    store(packBatch({ sources: [rows] }), () => reply),
    pathOf,
  );
}

interface Stored {
  readonly batch: PackedBatch;
  /** In the order of the batch. */
  readonly sources: readonly DataSource[];
}

/** @throws (rejects) ApiError */
async function storePoints(
  points: readonly unknown[],
  context: PointContext,
  store: Store,
  replyOf: (stored: Stored, firstRows: readonly number[]) => Reply,
): Promise<Reply> {
  const parsed = parsePoints(points, context);
  const batch = packBatch(parsed.batch);
  const stored = { batch, sources: parsed.sources };
  return refusingTypes(
    store(batch, firstRows => replyOf(stored, firstRows)),
    error => pathOfRefused(points, error, context),
  );
}

/** @param pathOf where the value stands that the storage refused, though it fitted when it was parsed */
async function refusingTypes(reply: Promise<Reply>, pathOf: (error: FieldTypeError) => Path): Promise<Reply> {
  try {
    return await reply;
  } catch (error) {
    if (!(error instanceof FieldTypeError)) throw error;
    const message = `Expected ${error.expected}, received ${error.received}`;
    throw new ApiError('INVALID_REQUEST', { details: [{ path: pathOf(error), message }] });
  }
}

function pointContext(
  { catalog, storage, clock }: Services,
  bucket: Bucket,
  pathOf: (index: number) => Path,
): PointContext {
  return {
    now: clock.now(),
    pathOf,
    source(id) {
      const source = catalog.source(id);
      return source?.bucketId === bucket.id ? source : undefined;
    },
    types: source => knownTypes(storage, source),
  };
}

function batchReply(inserted: number, dataSources: number): Reply {
  return jsonReply(201, { message: 'Batch ingested successfully', inserted, dataSources });
}

/** @param batch of one row, which says what was stored */
function pointReply(source: DataSource, { sources, values }: PackedBatch, row: number, now: number): Reply {
  const [{ offset, layout, dictionaries, metadata }] = sources;
  const point = {
    _id: pointId(source.ordinal, row),
    bucketId: source.bucketId,
    dataSourceId: source.id,
    timestamp: formatTimestamp(values[offset]),
  };
  const members = layout.fields.map(({ name, type }, index) => {
    const value = scalarOf(values[offset + 1 + index], type, dictionaries?.[index]);
    return `${JSON.stringify(name)}:${scalarText(value)}`;
  });
  return jsonReply(
    201,
    `{"message":"Data point ingested successfully","dataPoint":${JSON.stringify(point).slice(0, -1)}` +
      `,"values":{${members.join(',')}},"metadata":${metadata?.[0] ?? 'null'}` +
      `,"createdAt":"${formatTimestamp(now)}"}}`,
  );
}
