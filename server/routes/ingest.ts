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
import { storeScanned } from '../ingest/admit.js';
import { parseColumns } from '../ingest/column-body.js';
import { JsonColumns } from '../ingest/json-columns.js';
import { JsonPoints } from '../ingest/json-points.js';
import { type ParsedPoints, type PointContext, parsePoints, pathOfRefused } from '../ingest/points.js';
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
        const bucket = scanned && bucketOf(scanned.bucketId);
        const firstRows = bucket && (await storeScanned(storage, index, bucket, scanned));
        if (firstRows === undefined) return undefined;
        const [{ source }] = scanned!.sources;
        const reply = pointReply(source, scanned!.batch, firstRows[0], now);
        points.release(scanned!);
        return reply;
      },
      handle: async ({ services, bucket, body }) => {
        checkSourceId(body.dataSourceId);
        const context = pointContext(services, bucket, () => ['body']);
        const { parsed, firstRows } = await store(services, [body], context);
        return pointReply(parsed.sources[0], packBatch(parsed.batch), firstRows[0], context.now);
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
        const bucket = scanned && bucketOf(scanned.bucketId);
        const firstRows = bucket && (await storeScanned(storage, index, bucket, scanned));
        if (firstRows === undefined) return undefined;
        points.release(scanned!);
        return batchReply(scanned!.count, firstRows.length);
      },
      handle: async ({ services, bucket, body }) => {
        const { dataPoints, columns } = batchOf(body);
        const context = pointContext(services, bucket, pointOfBatch);
        if (dataPoints === undefined) return batchReply(await storeColumns(services, columns, context), 1);
        const { parsed } = await store(services, dataPoints, context);
        return batchReply(dataPoints.length, parsed.sources.length);
      },
    }),
  ];
}

function checkSourceId(id: string): void {
  if (!isId(id)) throw new ApiError('INVALID_SOURCE_ID');
}

/** The form of points alone, whatever sources there are. */
function checkPoints(points: readonly unknown[], pathOf: (index: number) => Path): void {
  try {
    parsePoints(points, { now: 0, pathOf, source: () => undefined, types: () => new Map() });
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'SOURCE_NOT_FOUND') throw error;
  }
}

/** The form of columns alone, whatever sources there are. */
function checkColumns(columns: unknown): void {
  try {
    parseColumns(columns, { source: () => undefined, types: () => new Map() });
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
  try {
    await storage.append({ sources: [rows] });
  } catch (error) {
    if (!(error instanceof FieldTypeError)) throw error;
    const message = `Expected ${error.expected}, received ${error.received}`;
    const details = [{ path: ['body', 'columns', 'values', error.field], message }];
    throw new ApiError('INVALID_REQUEST', { details });
  }
  return rows.timestamps.length;
}

interface Stored {
  readonly parsed: ParsedPoints;
  readonly firstRows: readonly number[];
}

async function store(services: Services, points: readonly unknown[], context: PointContext): Promise<Stored> {
  const parsed = parsePoints(points, context);
  try {
    const { firstRows } = await services.storage.append(parsed.batch);
    return { parsed, firstRows };
  } catch (error) {
    if (!(error instanceof FieldTypeError)) throw error;
    const message = `Expected ${error.expected}, received ${error.received}`;
    const details = [{ path: pathOfRefused(points, error, context), message }];
    throw new ApiError('INVALID_REQUEST', { details });
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
