import type { Catalog } from '../catalog/catalog.js';
import type { Bucket } from '../catalog/model.js';
import { ApiError } from '../errors.js';
import { QUERY_SOURCES_MAX } from '../limits.js';
import { parseEventId } from '../live/events.js';
import type { LiveHub } from '../live/hub.js';
import { isId } from '../schemas/common.js';
import { type Call, defineRoute, type Route } from './route.js';

const HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-cache',
  // Proxies such as nginx would hold back events until their buffer is full.
  'X-Accel-Buffering': 'no',
};

export function streamRoutes(hub: LiveHub): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/api/data/stream',
      access: { who: 'readers' },
      bucketIdInQuery: true,
      handle: call => {
        const { bucket, key, services, lastEventId } = call;
        const ordinals = wantedOrdinals(call);
        const seen = seenEvent(lastEventId);
        hub.checkRoom();
        return {
          status: 200,
          headers: HEADERS,
          stream: sink => {
            const reader = {
              sink,
              wants: (ordinal: number) => ordinals === undefined || ordinals.has(ordinal),
              refusal: () => refusalOf(services.catalog, bucket, key?.id),
            };
            return hub.read(bucket.id, reader, seen);
          },
        };
      },
    }),
  ];
}

/** Numbers of the sources asked for; undefined for all of the bucket. @throws ApiError */
function wantedOrdinals({ query, bucket, services: { catalog } }: Call<unknown>): Set<number> | undefined {
  const ids = query.getAll('dataSourceId').flatMap(text => text.split(','));
  if (ids.length === 0) return undefined;
  if (ids.length > QUERY_SOURCES_MAX) {
    const message = `At most ${QUERY_SOURCES_MAX} data sources can be named; leave them out for all of the bucket`;
    throw new ApiError('INVALID_REQUEST', { message });
  }
  const ordinals = ids.map(id => {
    if (!isId(id)) throw new ApiError('INVALID_SOURCE_ID');
    const source = catalog.source(id);
    if (source?.bucketId !== bucket.id) throw new ApiError('SOURCE_NOT_FOUND');
    return source.ordinal;
  });
  return new Set(ordinals);
}

/** @throws ApiError */
function seenEvent(text: string) {
  if (text === '') return undefined;
  const seen = parseEventId(text);
  if (seen !== undefined) return seen;
  const message = 'Last-Event-ID must be the id of an event of this stream';
  throw new ApiError('INVALID_REQUEST', { message });
}

function refusalOf(catalog: Catalog, bucket: Bucket, keyId: string | undefined): string | undefined {
  if (catalog.bucket(bucket.id) === undefined) return 'The bucket was deleted';
  return keyId !== undefined && catalog.key(keyId) === undefined ? 'The API key was deleted' : undefined;
}
