import { pointId } from '../../engine/base/ids.js';
import { FieldTypeError } from '../../engine/storage.js';
import { knownTypes } from '../catalog/fields.js';
import type { Bucket } from '../catalog/model.js';
import { ApiError } from '../errors.js';
import { jsonReply, scalarText } from '../http/json.js';
import { type ParsedPoints, type PointContext, parsePoints, pathOfRefused } from '../ingest/points.js';
import type { RequestLimits } from '../limits.js';
import { isId } from '../schemas/common.js';
import { batchSchema, ingestSchema } from '../schemas/ingest.js';
import { formatTimestamp } from '../schemas/timestamp.js';
import type { Path } from '../schemas/validate.js';
import { defineRoute, type Route, type Services } from './route.js';

const access = { who: 'writers', action: 'ingest data' } as const;

export function ingestRoutes(limits: RequestLimits): readonly Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/api/data',
      access,
      writes: true,
      writesBucket: true,
      bucketInBody: true,
      body: ingestSchema,
      checkForm(body) {
        checkSourceId(body.dataSourceId);
        checkPoints([body], () => ['body']);
      },
      handle: async ({ services, bucket, body }) => {
        checkSourceId(body.dataSourceId);
        const context = pointContext(services, bucket, () => ['body']);
        const { parsed, firstRows } = await store(services, [body], context);
        const [source] = parsed.sources;
        const [{ timestamps, metadata }] = parsed.batch.sources;
        const point = {
          _id: pointId(source.ordinal, firstRows[0]),
          bucketId: bucket.id,
          dataSourceId: source.id,
          timestamp: formatTimestamp(timestamps[0]),
        };
        return jsonReply(
          201,
          `{"message":"Data point ingested successfully","dataPoint":${JSON.stringify(point).slice(0, -1)}` +
            `,"values":${valuesText(parsed)},"metadata":${metadata?.dictionary[0] ?? 'null'}` +
            `,"createdAt":"${formatTimestamp(context.now)}"}}`,
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
      body: batchSchema(limits),
      checkForm: ({ dataPoints }) => checkPoints(dataPoints, index => ['body', 'dataPoints', index]),
      handle: async ({ services, bucket, body: { dataPoints } }) => {
        const context = pointContext(services, bucket, index => ['body', 'dataPoints', index]);
        const { parsed } = await store(services, dataPoints, context);
        return jsonReply(201, {
          message: 'Batch ingested successfully',
          inserted: dataPoints.length,
          dataSources: parsed.sources.length,
        });
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

/** The values of the one row of a batch, as they were stored. */
function valuesText({ batch }: ParsedPoints): string {
  const members = batch.sources[0].fields.map(({ name, type, values, dictionary }) => {
    const value =
      type === 'string' ? dictionary![values[0]] : type === 'boolean' ? values[0] === 1 : values[0];
    return `${JSON.stringify(name)}:${scalarText(value)}`;
  });
  return `{${members.join(',')}}`;
}
