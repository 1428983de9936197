import { assert } from '../../engine/base/assert.js';
import type { ApiKey } from '../catalog/model.js';
import { jsonReply } from '../http/json.js';
import { parsePage } from '../schemas/common.js';
import { createKeySchema } from '../schemas/keys.js';
import { formatTimestamp, formatTimestampOrNull } from '../schemas/timestamp.js';
import { defineRoute, type Route } from './route.js';

export const keyRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/api/key',
    access: { who: 'readers' },
    handle: ({ services: { catalog }, key }) => {
      assert(key !== undefined, 'the route has a caller');
      const bucket = key.bucketId === null ? undefined : catalog.bucket(key.bucketId);
      return jsonReply(200, {
        apiKey: listedKey(key, catalog.lastUsedAt(key.id)),
        bucket: bucket === undefined ? null : { _id: bucket.id, name: bucket.name, status: bucket.status },
      });
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/buckets/:bucketId/keys',
    access: { who: 'admin', action: 'list API keys' },
    handle: ({ services: { catalog }, bucket, query }) => {
      const keys = catalog.keys(bucket.id, parsePage(query));
      return jsonReply(200, { apiKeys: keys.map(key => listedKey(key, catalog.lastUsedAt(key.id))) });
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/api/buckets/:bucketId/keys',
    access: { who: 'admin', action: 'create API keys' },
    writes: true,
    body: createKeySchema,
    handle: async ({ services: { catalog }, bucket, body }) => {
      const { apiKey, key } = await catalog.createKey({
        name: body.name,
        type: body.type,
        bucketId: bucket.id,
      });
      return jsonReply(201, {
        message: 'API key created successfully',
        apiKey: {
          _id: apiKey.id,
          name: apiKey.name,
          type: apiKey.type,
          key,
          keyPrefix: apiKey.keyPrefix,
          bucketId: apiKey.bucketId,
          createdAt: formatTimestamp(apiKey.createdAt),
        },
      });
    },
  }),
  defineRoute({
    method: 'DELETE',
    path: '/api/buckets/:bucketId/keys/:keyId',
    access: { who: 'admin', action: 'delete API keys' },
    writes: true,
    handle: async ({ services: { catalog }, apiKey }) => {
      await catalog.deleteKey(apiKey.id);
      return jsonReply(200, {
        message: 'API key deleted successfully',
        deletedKey: { _id: apiKey.id, name: apiKey.name, type: apiKey.type },
      });
    },
  }),
];

function listedKey(key: ApiKey, lastUsedAt: number | undefined) {
  return {
    _id: key.id,
    name: key.name,
    type: key.type,
    keyPrefix: key.keyPrefix,
    bucketId: key.bucketId,
    createdAt: formatTimestamp(key.createdAt),
    lastUsedAt: formatTimestampOrNull(lastUsedAt),
  };
}
