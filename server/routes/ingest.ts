import { pointId } from '../../engine/base/ids.js';
import { type PackedBatch, packBatch } from '../../engine/batch.js';
import { scalarOf } from '../../engine/query/values.js';
import { FieldTypeError, type Storage } from '../../engine/storage.js';
import type { Catalog } from '../catalog/catalog.js';
import { knownTypes } from '../catalog/fields.js';
import type { Bucket, DataSource } from '../catalog/model.js';
import { ApiError } from '../errors.js';
import type { Reply } from '../http/application.js';
import { jsonReply, scalarText } from '../http/json.js';
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
      packedBody: true,
      body: ingestSchema,
      checkForm(body) {
        checkSourceId(body.dataSourceId);
        checkPoints([body], () => ['body']);
      },
      answerBytes: async ({ storage, clock }, bytes, bucketOf) => {
        const now = clock.now();
        const scanned = points.readPoint(bytes, now);
        if (scanned === undefined) return undefined;
        const firstRows = await storeScanned(storage, index, scanned, bucketOf);
        if (firstRows === undefined) return undefined;
        const reply = pointReply(scanned.sources[0].source, scanned.batch, firstRows[0], now);
        points.release(scanned);
        return reply;
      },
      handle: async ({ services, bucket, body }) => {
        checkSourceId(body.dataSourceId);
        const context = pointContext(services, bucket, () => ['body']);
        const { batch, sources, firstRows } = await store(services, [body], context);
        return pointReply(sources[0], batch, firstRows[0], context.now);
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/api/data/batch',
      access,
      writes: true,
      writesBucket: true,
      bucketInBody: true,
      packedBody: true,
      body: batchSchema(limits),
      columnBody: columnsSchema,
      checkForm(body) {
        const { dataPoints, columns } = batchOf(body);
        if (dataPoints === undefined) checkColumns(columns);
        else checkPoints(dataPoints, pointOfBatch);
      },
      answerBytes: async ({ storage, clock }, bytes, bucketOf) => {
        const isPoints = bytes.length <= limits.bodyBytesMax;
        const scanned =
          (isPoints ? points.readBatch(bytes, clock.now(), limits.batchPointsMax) : undefined) ??
          columns.read(bytes);
        if (scanned === undefined) return undefined;
        const firstRows = await storeScanned(storage, index, scanned, bucketOf);
        if (firstRows === undefined) return undefined;
        points.release(scanned);
        return batchReply(scanned.count, firstRows.length);
      },
      handle: async ({ services, bucket, body }) => {
        const { dataPoints, columns } = batchOf(body);
        const context = pointContext(services, bucket, pointOfBatch);
        if (dataPoints === undefined) return batchReply(await storeColumns(services, columns, context), 1);
        const { sources } = await store(services, dataPoints, context);
        return batchReply(dataPoints.length, sources.length);
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

/** Returns how many rows there were. */
async function storeColumns({ storage }: Services, columns: unknown, context: PointContext): Promise<number> {
  const { rows } = parseColumns(columns, context);
  const pathOf = ({ field }: FieldTypeError) => ['body', 'columns', 'values', field];
  await append(storage, packBatch({ sources: [rows] }), pathOf);
  return rows.timestamps.length;
}

interface Stored {
  readonly batch: PackedBatch;
  /** In the order of the batch. */
  readonly sources: readonly DataSource[];
  readonly firstRows: readonly number[];
}

async function store(
  { storage }: Services,
  points: readonly unknown[],
  context: PointContext,
): Promise<Stored> {
  const parsed = parsePoints(points, context);
  const batch = packBatch(parsed.batch);
  const firstRows = await append(storage, batch, error => pathOfRefused(points, error, context));
  return { batch, sources: parsed.sources, firstRows };
}

/** @param pathOf where the value stands that the storage refused, though it fitted when it was parsed */
async function append(
  storage: Storage,
  batch: PackedBatch,
  pathOf: (error: FieldTypeError) => Path,
): Promise<readonly number[]> {
  try {
    const { firstRows } = await storage.append(batch);
    return firstRows;
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
