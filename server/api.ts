/** The application behind the socket: which route, who calls, what is meant, and the answer. */
import type { Catalog } from './catalog/catalog.js';
import type { ApiKey, Bucket } from './catalog/model.js';
import { ApiError, type ErrorCode, toApiError } from './errors.js';
import type { Admission, Application, Reply, RequestHead } from './http/application.js';
import { authenticate } from './http/auth.js';
import { type Dialect, OUR_DIALECT } from './http/dialect.js';
import { parseMessagePack } from './http/message-pack-reader.js';
import type { Routed } from './http/observed.js';
import { idempotencyKeyOf, requestHash, type Store, storeIn } from './idempotency/idempotency.js';
import type { LiveHub } from './live/hub.js';
import type { Metrics } from './metrics/metrics.js';
import type { Assets } from './pages/assets.js';
import { Router } from './router.js';
import { alertRoutes } from './routes/alerts.js';
import { analyticsRoutes } from './routes/analytics.js';
import { bucketRoutes } from './routes/buckets.js';
import { dashboardRoutes } from './routes/dashboards.js';
import { deliveryRoutes } from './routes/deliveries.js';
import { healthRoutes } from './routes/health.js';
import { influxRoutes } from './routes/influx.js';
import { ingestRoutes } from './routes/ingest.js';
import { keyRoutes } from './routes/keys.js';
import { metricsRoutes } from './routes/metrics.js';
import { openApiRoutes } from './routes/openapi.js';
import { pageRoutes } from './routes/pages.js';
import { queryRoutes } from './routes/query.js';
import {
  type BucketInQuery,
  Call,
  type Route,
  refuseArchived,
  type Scope,
  type Services,
} from './routes/route.js';
import { sourceRoutes } from './routes/sources.js';
import { streamRoutes } from './routes/stream.js';
import { writeRoutes } from './routes/write.js';
import { isId, parseJson } from './schemas/common.js';

/** The registered name, and those in use before it was. */
const MESSAGE_PACK_TYPES = new Set([
  'application/msgpack',
  'application/vnd.msgpack',
  'application/x-msgpack',
]);

/** What the API asks of a log; pino's has it. */
export interface ApiLogger {
  error(context: object, message: string): void;
}

export interface ApiOptions extends Services {
  readonly logger: ApiLogger;
  readonly live: LiveHub;
  /** What the pages are made of; without it there are none. */
  readonly assets?: Assets;
  /** What `/metrics` answers; without it there is no such page. */
  readonly metrics?: Metrics;
}

/** The application, and what it answers. */
export interface RoutedApplication extends Application, Routed {
  readonly routes: readonly Pick<Route, 'method' | 'path'>[];
}

export function createApi(options: ApiOptions): RoutedApplication {
  return new Api(options);
}

class Api implements RoutedApplication {
  readonly routes: readonly Route[];
  readonly #services: Services;
  readonly #logger: ApiLogger;
  readonly #router: Router<Route>;
  readonly #store: Store;

  constructor(options: ApiOptions) {
    this.#services = options;
    this.#store = storeIn(options.storage);
    this.#logger = options.logger;
    const routes = [
      ...healthRoutes,
      ...bucketRoutes,
      ...keyRoutes,
      ...sourceRoutes,
      ...deliveryRoutes,
      ...ingestRoutes(options.limits, options.catalog),
      ...queryRoutes,
      ...alertRoutes,
      ...dashboardRoutes,
      ...analyticsRoutes,
      ...writeRoutes(options.catalog),
      ...influxRoutes,
      ...streamRoutes(options.live),
      ...(options.metrics === undefined ? [] : metricsRoutes(options.metrics)),
    ];
    this.routes = [...routes, ...openApiRoutes(routes)];
    const pages = options.assets === undefined ? [] : pageRoutes(options.assets);
    this.#router = new Router([...this.routes, ...pages]);
  }

  admit(head: RequestHead): Reply | Admission {
    try {
      return this.#admit(head);
    } catch (error) {
      return this.#refuse(error, head);
    }
  }

  tooLarge(head: RequestHead, bodyBytesMax: number): Reply {
    const message = `Request body must be at most ${bodyBytesMax} bytes`;
    return this.#dialect(head).refuse(new ApiError('BODY_TOO_LARGE', { message }), head);
  }

  unreadable(head: RequestHead, reason: 'encoding' | 'gzip'): Reply {
    const error = new ApiError(reason === 'encoding' ? 'UNSUPPORTED_ENCODING' : 'INVALID_GZIP');
    return this.#dialect(head).refuse(error, head);
  }

  overloaded(head: RequestHead): Reply {
    return this.#dialect(head).refuse(new ApiError('OVERLOADED'), head);
  }

  routeOf(head: RequestHead): string {
    const match = this.#router.match(head.method, head.path);
    return match.kind === 'found' ? match.route.path : match.kind;
  }

  #dialect(head: RequestHead): Dialect {
    const match = this.#router.match(head.method, head.path);
    return match.kind === 'found' ? match.route.dialect : OUR_DIALECT;
  }

  #admit(head: RequestHead): Admission | Reply {
    const match = this.#router.match(head.method, head.path);
    if (match.kind === 'notFound') throw new ApiError('ROUTE_NOT_FOUND');
    if (match.kind === 'methodNotAllowed') {
      if (head.method === 'OPTIONS') return { status: 204, headers: { Allow: match.allow } };
      throw new ApiError('METHOD_NOT_ALLOWED', { headers: { Allow: match.allow } });
    }
    const { route, params } = match;
    const key = this.#identify(head, route);
    this.#resolve(route, params, key, head);
    if (route.writes && this.#services.failure() !== undefined) throw new ApiError('STORAGE_UNAVAILABLE');
    if (route.body !== undefined) checkContentType(route, head);
    if (route.takesIdempotencyKey) idempotencyKeyOf(head);
    const { bodyBytesMax, columnBytesMax } = this.#services.limits;
    return {
      bodyBytesMax: route.columnBody ? columnBytesMax : bodyBytesMax,
      waitsForDisk: route.writes,
      respond: async body => {
        try {
          return await this.#respond(route, params, key, head, body);
        } catch (error) {
          return this.#refuse(error, head);
        }
      },
    };
  }

  #respond(
    route: Route,
    params: ReadonlyMap<string, string>,
    key: ApiKey | undefined,
    head: RequestHead,
    bytes: Uint8Array,
  ): Promise<Reply> {
    const idempotencyKey = route.takesIdempotencyKey ? idempotencyKeyOf(head) : undefined;
    if (idempotencyKey === undefined || key === undefined) {
      return this.#answer(route, params, key, head, bytes, this.#store);
    }
    this.#checkKey(key);
    const { idempotency, storage } = this.#services;
    return idempotency.once(key, idempotencyKey, requestHash(head, bytes), storage, store =>
      this.#answer(route, params, key, head, bytes, store),
    );
  }

  /** @throws ApiError where a key was deleted while the body arrived, or others had their turn */
  #checkKey(key: ApiKey | undefined): void {
    if (key !== undefined && this.#services.catalog.key(key.id) === undefined) {
      throw new ApiError('UNAUTHORIZED');
    }
  }

  async #answer(
    route: Route,
    params: ReadonlyMap<string, string>,
    key: ApiKey | undefined,
    head: RequestHead,
    bytes: Uint8Array,
    store: Store,
  ): Promise<Reply> {
    this.#checkKey(key);
    // The bucket or the source may have been deleted, too.
    let scope = this.#resolve(route, params, key, head);
    let body: unknown = route.isRaw ? bytes : undefined;
    const isPacked = route.packedBody && isMessagePack(head.header('content-type'));
    if (route.answerBytes !== undefined && !isPacked) {
      const bucketOf = (id: string) => this.#writableBucket(id, route, key);
      const reply = await route.answerBytes(this.#services, bytes, bucketOf, store);
      if (reply !== undefined) return reply;
    }
    if (route.body !== undefined) {
      const parsed = isPacked ? parseMessagePack(bytes) : this.#parseJson(bytes);
      checkBucketId(parsed, route);
      body = route.body.parse(parsed, 'body');
      if (route.bucketInBody) scope = { bucket: this.#bucketOfBody(body, route, key) };
    }
    return route.handle(new Call(this.#services, scope, body, head, key, store));
  }

  /** Large bodies are columns of numbers, which have been read by now; to parse anything else would stop all others. */
  #parseJson(bytes: Uint8Array): unknown {
    const { bodyBytesMax } = this.#services.limits;
    if (bytes.length <= bodyBytesMax) return parseJson(bytes);
    const message = `Request body must be at most ${bodyBytesMax} bytes where it is not columns of numbers`;
    throw new ApiError('BODY_TOO_LARGE', { message });
  }

  #identify(head: RequestHead, { access, dialect }: Route): ApiKey | undefined {
    if (access.who === 'anyone') return undefined;
    if (!this.#services.ready()) throw new ApiError('NOT_READY');
    const key = authenticate(dialect.keyOf(head), this.#services.catalog);
    if (key === undefined) throw new ApiError('UNAUTHORIZED');
    this.#services.catalog.markUsed(key.id);
    this.#services.rateLimits.admit(key, head);
    if (access.who === 'admin' && key.type !== 'admin') {
      throw new ApiError('FORBIDDEN', { message: `Only Admin keys can ${access.action}` });
    }
    if (access.who === 'writers' && key.type === 'read') {
      throw new ApiError('FORBIDDEN', { message: `Read keys cannot ${access.action}` });
    }
    return key;
  }

  /** The records that the path names: first the form of all ids, then the key's bucket, then what exists. */
  #resolve(
    route: Route,
    params: ReadonlyMap<string, string>,
    key: ApiKey | undefined,
    head: RequestHead,
  ): Scope {
    const { catalog, webhooks } = this.#services;
    if (route.bucketInQuery !== undefined) {
      return { bucket: this.#bucketOfQuery(route.bucketInQuery, route, key, head) };
    }
    if (route.bucketIdInQuery) return { bucket: this.#bucket(bucketIdOf(head.query), route, key) };
    const bucketId = paramId(params, 'bucketId', 'INVALID_BUCKET_ID');
    const sourceId = paramId(params, 'dataSourceId', 'INVALID_SOURCE_ID');
    const keyId = paramId(params, 'keyId', 'INVALID_KEY_ID');
    const ruleId = paramId(params, 'alertId', 'INVALID_ALERT_ID');
    const deliveryId = paramId(params, 'deliveryId', 'INVALID_DELIVERY_ID');
    const dashboardId = paramId(params, 'dashboardId', 'INVALID_DASHBOARD_ID');
    if (dashboardId !== undefined) return this.#dashboard(dashboardId, route, key);
    if (bucketId === undefined) return {};
    const bucket = this.#bucket(bucketId, route, key);
    const source = sourceId === undefined ? undefined : catalog.source(sourceId);
    if (sourceId !== undefined && source?.bucketId !== bucketId) throw new ApiError('SOURCE_NOT_FOUND');
    const apiKey = keyId === undefined ? undefined : catalog.key(keyId);
    if (keyId !== undefined && apiKey?.bucketId !== bucketId) throw new ApiError('KEY_NOT_FOUND');
    const rule = ruleId === undefined ? undefined : catalog.rule(ruleId);
    if (ruleId !== undefined && rule?.bucketId !== bucketId) throw new ApiError('ALERT_NOT_FOUND');
    const delivery = deliveryId === undefined ? undefined : webhooks.outbox.delivery(deliveryId);
    if (deliveryId !== undefined && delivery?.ruleId !== ruleId) throw new ApiError('DELIVERY_NOT_FOUND');
    if (route.writesBucket) refuseArchived(bucket);
    return { bucket, source, apiKey, rule, delivery };
  }

  /** It alone names its bucket. A key of another bucket is told that it is not there. */
  #dashboard(id: string, route: Route, key: ApiKey | undefined): Scope {
    const { catalog } = this.#services;
    const dashboard = catalog.dashboard(id);
    const bucket = dashboard && catalog.bucket(dashboard.bucketId);
    const isOwn = key?.type === 'admin' || key?.bucketId === bucket?.id;
    if (bucket === undefined || !isOwn) throw new ApiError('DASHBOARD_NOT_FOUND');
    if (route.writesBucket) refuseArchived(bucket);
    return { bucket, dashboard };
  }

  #bucketOfBody(body: unknown, route: Route, key: ApiKey | undefined): Bucket {
    try {
      const bucket = this.#bucket((body as { bucketId: string }).bucketId, route, key);
      if (route.writesBucket) refuseArchived(bucket);
      return bucket;
    } catch (error) {
      // What is wrong with the form of the body comes before what is wrong with the bucket.
      route.checkForm(body, this.#services);
      throw error;
    }
  }

  #bucketOfQuery(
    { parameter, missing }: BucketInQuery,
    route: Route,
    key: ApiKey | undefined,
    head: RequestHead,
  ): Bucket {
    const { catalog } = this.#services;
    const name = new URLSearchParams(head.query).get(parameter) ?? '';
    const own = key?.bucketId == null ? undefined : catalog.bucket(key.bucketId);
    // A key of a bucket means its own or none: it must not learn which others there are.
    const found = own === undefined ? bucketsCalled(name, catalog) : [own];
    if (own !== undefined && name !== own.id && name !== own.name) throw new ApiError('FORBIDDEN_BUCKET');
    if (found.length === 0) throw new ApiError('BUCKET_NOT_FOUND', { message: missing(name) });
    if (found.length > 1) throw new ApiError('BUCKET_AMBIGUOUS');
    if (route.writesBucket) refuseArchived(found[0]);
    return found[0];
  }

  #writableBucket(id: string, route: Route, key: ApiKey | undefined): Bucket | undefined {
    if (key?.type !== 'admin' && key?.bucketId !== id) return undefined;
    const bucket = this.#services.catalog.bucket(id);
    return bucket?.status === 'archived' && route.writesBucket ? undefined : bucket;
  }

  #bucket(id: string, route: Route, key: ApiKey | undefined): Bucket {
    // Before existence: a key must not learn which other buckets there are.
    if (route.access.who !== 'anyone' && key?.type !== 'admin' && key?.bucketId !== id) {
      throw new ApiError('FORBIDDEN_BUCKET');
    }
    const bucket = this.#services.catalog.bucket(id);
    if (bucket === undefined) throw new ApiError('BUCKET_NOT_FOUND');
    return bucket;
  }

  #refuse(error: unknown, head: RequestHead): Reply {
    const answer = toApiError(error);
    // A caller who has left needs no answer, and what his leaving interrupted is no failure; nor is what he asked wrong.
    const isFailure = !(error instanceof ApiError) && answer.status >= 500;
    if (isFailure && !head.signal.aborted) {
      const { id: requestId, method, path } = head;
      this.#logger.error({ err: error, requestId, method, path }, 'Request failed');
    }
    return this.#dialect(head).refuse(answer, head);
  }
}

function paramId(params: ReadonlyMap<string, string>, name: string, code: ErrorCode): string | undefined {
  const id = params.get(name);
  if (id !== undefined && !isId(id)) throw new ApiError(code);
  return id;
}

/** @throws ApiError */
function bucketIdOf(query: string): string {
  const id = new URLSearchParams(query).get('bucketId');
  if (id === null) {
    throw new ApiError('INVALID_REQUEST', {
      details: [{ path: ['query', 'bucketId'], message: 'Required' }],
    });
  }
  if (!isId(id)) throw new ApiError('INVALID_BUCKET_ID');
  return id;
}

/** A text that is no id has an answer of its own; what is not even a text is the schema's to refuse. */
function checkBucketId(parsed: unknown, route: Route): void {
  const bucketId = (parsed as { bucketId?: unknown } | null)?.bucketId;
  if (route.bucketInBody && typeof bucketId === 'string' && !isId(bucketId)) {
    throw new ApiError('INVALID_BUCKET_ID');
  }
}

/** An id comes before a name that looks like one. */
function bucketsCalled(name: string, catalog: Catalog): Bucket[] {
  const bucket = catalog.bucket(name);
  return bucket === undefined ? catalog.bucketsNamed(name) : [bucket];
}

function checkContentType({ packedBody }: Route, head: RequestHead): void {
  const type = head.header('content-type');
  if (!isJson(type) && !(packedBody && isMessagePack(type))) throw new ApiError('UNSUPPORTED_MEDIA_TYPE');
}

function isMessagePack(contentType: string): boolean {
  const [type] = contentType.split(';');
  return MESSAGE_PACK_TYPES.has(type.trim().toLowerCase());
}

/** `application/json`, in UTF-8 where a charset is named. A request without a type is taken for one. */
function isJson(contentType: string): boolean {
  const [type, ...parameters] = contentType.split(';').map(part => part.trim().toLowerCase());
  if (type !== '' && type !== 'application/json') return false;
  return parameters.every(
    parameter => !parameter.startsWith('charset=') || /^charset="?utf-?8"?$/.test(parameter),
  );
}
