import { knownTypes, typesOf } from '../catalog/fields.js';
import type { DataSource } from '../catalog/model.js';
import { parseSeries } from '../catalog/series.js';
import { jsonReply } from '../http/json.js';
import { parseFlag, parsePage } from '../schemas/common.js';
import {
  createSourceSchema,
  mergeDeclarations,
  parseDeclarations,
  updateSourceSchema,
} from '../schemas/sources.js';
import { formatTimestamp, formatTimestampOrNull } from '../schemas/timestamp.js';
import { refuseSourceBeyondPlan } from '../usage/plan-limits.js';
import { defineRoute, type Route, type Services } from './route.js';

const SOURCE_TYPE_DEFAULT = 'sensor';

export const sourceRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/api/buckets/:bucketId/sources',
    access: { who: 'readers' },
    handle: ({ services, bucket, query }) => {
      const sources = services.catalog.sources(bucket.id, parsePage(query));
      const viewOf = parseFlag(query, 'stats')
        ? (source: DataSource) => viewWithStats(services, source)
        : sourceView;
      return jsonReply(200, { dataSources: sources.map(viewOf) });
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/api/buckets/:bucketId/sources',
    access: { who: 'writers', action: 'create data sources' },
    writes: true,
    writesBucket: true,
    body: createSourceSchema,
    handle: async ({ services: { catalog, storage }, bucket, body }) => {
      const fields = parseDeclarations(body.schema);
      refuseSourceBeyondPlan(catalog);
      const source = await catalog.createSource(bucket.id, {
        name: body.name,
        type: body.type ?? SOURCE_TYPE_DEFAULT,
        description: body.description ?? null,
        fields,
        downsampling: body.downsampling ?? true,
      });
      storage.declare(source.ordinal, typesOf(fields));
      return jsonReply(201, {
        message: 'Data source created successfully',
        dataSource: sourceView(source),
      });
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/buckets/:bucketId/sources/:dataSourceId',
    access: { who: 'readers' },
    handle: ({ services, source }) => jsonReply(200, { dataSource: viewWithStats(services, source) }),
  }),
  defineRoute({
    method: 'PATCH',
    path: '/api/buckets/:bucketId/sources/:dataSourceId',
    access: { who: 'writers', action: 'update data sources' },
    writes: true,
    writesBucket: true,
    body: updateSourceSchema,
    handle: async ({ services: { catalog, storage }, source, body }) => {
      const { name, type, description, schema, downsampling, status } = body;
      const declarations = parseDeclarations(schema ?? {});
      const fields = mergeDeclarations(source.fields, knownTypes(storage, source), declarations);
      // First: the storage still refuses what a batch on its way to the disk has made impossible.
      storage.declare(source.ordinal, typesOf(fields));
      const updated = await catalog.updateSource(source, {
        ...(name !== undefined && { name }),
        ...(type !== undefined && { type }),
        ...(description !== undefined && { description }),
        ...(downsampling !== undefined && { downsampling }),
        ...(status !== undefined && { status }),
        fields,
      });
      return jsonReply(200, {
        message: 'Data source updated successfully',
        dataSource: sourceView(updated),
      });
    },
  }),
  defineRoute({
    method: 'DELETE',
    path: '/api/buckets/:bucketId/sources/:dataSourceId',
    access: { who: 'writers', action: 'delete data sources' },
    writes: true,
    writesBucket: true,
    handle: async ({ services: { catalog, storage }, source }) => {
      const deletedDataPoints = storage.stats(source.ordinal).rowCount;
      // Both in one turn: no batch can come between them, and no query sees half of it.
      await Promise.all([catalog.deleteSource(source.id), storage.erase([source.ordinal])]);
      return jsonReply(200, {
        message: 'Data source deleted successfully',
        deletedDataSource: { _id: source.id, name: source.name },
        deletedDataPoints,
      });
    },
  }),
];

function sourceView(source: DataSource) {
  return {
    _id: source.id,
    bucketId: source.bucketId,
    name: source.name,
    type: source.type,
    description: source.description,
    // fromEntries defines members, where an assignment to `__proto__` would not.
    schema: Object.fromEntries(source.fields.map(({ name, ...declaration }) => [name, declaration])),
    downsampling: source.downsampling,
    status: source.status,
    ...(source.series !== undefined && parseSeries(source.series)),
    createdAt: formatTimestamp(source.createdAt),
    updatedAt: formatTimestamp(source.updatedAt),
  };
}

function viewWithStats({ storage }: Services, source: DataSource) {
  const { rowCount, firstTime, lastTime } = storage.stats(source.ordinal);
  const stats = {
    dataPointCount: rowCount,
    firstDataPoint: formatTimestampOrNull(firstTime),
    lastDataPoint: formatTimestampOrNull(lastTime),
    averageIntervalMs: rowCount < 2 ? null : (lastTime! - firstTime!) / (rowCount - 1),
  };
  return { ...sourceView(source), stats };
}
