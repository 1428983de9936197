import type { Bucket } from '../catalog/model.js';
import { jsonReply } from '../http/json.js';
import { createBucketSchema, updateBucketSchema } from '../schemas/buckets.js';
import { paginationOf, parsePage } from '../schemas/common.js';
import { formatTimestamp } from '../schemas/timestamp.js';
import { refuseBucketBeyondPlan, retentionWithinPlan } from '../usage/plan-limits.js';
import { defineRoute, type Route, type Services } from './route.js';

export const bucketRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/api/buckets',
    access: { who: 'admin', action: 'list buckets' },
    handle: ({ services: { catalog }, query }) => {
      const page = parsePage(query);
      const buckets = catalog.buckets(page).map(listedBucket);
      return jsonReply(200, { buckets, pagination: paginationOf(page, buckets.length, catalog.bucketCount) });
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/api/buckets',
    access: { who: 'admin', action: 'create buckets' },
    writes: true,
    body: createBucketSchema,
    handle: async ({ services: { catalog }, body }) => {
      refuseBucketBeyondPlan(catalog);
      const bucket = await catalog.createBucket({
        name: body.name,
        description: body.description ?? null,
        retentionDays: retentionWithinPlan(catalog, body.retentionDays),
      });
      return jsonReply(201, { message: 'Bucket created successfully', bucket: bucketView(bucket) });
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/buckets/:bucketId',
    access: { who: 'admin', action: 'access bucket details' },
    handle: ({ services, bucket }) => {
      const stats = {
        dataSourceCount: services.catalog.sourceCount(bucket.id),
        dataPointCount: pointCount(services, bucket),
        apiKeyCount: services.catalog.keyCount(bucket.id),
      };
      return jsonReply(200, { bucket: { ...bucketView(bucket), stats } });
    },
  }),
  defineRoute({
    method: 'PATCH',
    path: '/api/buckets/:bucketId',
    access: { who: 'admin', action: 'update buckets' },
    writes: true,
    body: updateBucketSchema,
    handle: async ({ services: { catalog }, bucket, body }) => {
      const { name, description, retentionDays, status } = body;
      const updated = await catalog.updateBucket(bucket, {
        ...(name !== undefined && { name }),
        ...(description !== undefined && { description }),
        ...(retentionDays !== undefined && { retentionDays: retentionWithinPlan(catalog, retentionDays) }),
        ...(status !== undefined && { status }),
      });
      return jsonReply(200, { message: 'Bucket updated successfully', bucket: bucketView(updated) });
    },
  }),
  defineRoute({
    method: 'DELETE',
    path: '/api/buckets/:bucketId',
    access: { who: 'admin', action: 'delete buckets' },
    writes: true,
    handle: async ({ services, bucket }) => {
      const { catalog, storage } = services;
      const sources = catalog.sources(bucket.id);
      const deletedResources = {
        dataSources: sources.length,
        dataPoints: pointCount(services, bucket),
        apiKeys: catalog.keyCount(bucket.id),
        alertRules: catalog.ruleCount(bucket.id),
      };
      // Both in one turn: no batch can come between them, and no query sees half of it.
      await Promise.all([
        catalog.deleteBucket(bucket.id),
        storage.erase(sources.map(source => source.ordinal)),
      ]);
      return jsonReply(200, {
        message: 'Bucket deleted successfully',
        deletedBucket: { _id: bucket.id, name: bucket.name },
        deletedResources,
      });
    },
  }),
];

function pointCount({ catalog, storage }: Services, bucket: Bucket): number {
  let count = 0;
  for (const source of catalog.sources(bucket.id)) count += storage.stats(source.ordinal).rowCount;
  return count;
}

function listedBucket(bucket: Bucket) {
  return {
    _id: bucket.id,
    name: bucket.name,
    description: bucket.description,
    createdAt: formatTimestamp(bucket.createdAt),
    updatedAt: formatTimestamp(bucket.updatedAt),
    retentionDays: bucket.retentionDays,
    status: bucket.status,
  };
}

function bucketView(bucket: Bucket) {
  return {
    _id: bucket.id,
    name: bucket.name,
    description: bucket.description,
    organizationId: bucket.organizationId,
    retentionDays: bucket.retentionDays,
    status: bucket.status,
    createdAt: formatTimestamp(bucket.createdAt),
    updatedAt: formatTimestamp(bucket.updatedAt),
  };
}
