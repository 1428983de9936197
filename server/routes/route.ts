/** A route is data: what the pipeline of `api.ts` must know to decide who may call it with what. */

import { assert } from '../../engine/base/assert.js';
import type { Clock } from '../../engine/base/time.js';
import type { Storage } from '../../engine/storage.js';
import type { Alerts } from '../alerts/alerts.js';
import type { AlertFigures } from '../analytics/alert-figures.js';
import type { Catalog } from '../catalog/catalog.js';
import type { AlertRule, ApiKey, Bucket, Dashboard, DataSource } from '../catalog/model.js';
import { ApiError } from '../errors.js';
import { prefersMessagePack } from '../http/accept.js';
import type { Reply, RequestHead } from '../http/application.js';
import { type Dialect, OUR_DIALECT } from '../http/dialect.js';
import type { Idempotency, Store } from '../idempotency/idempotency.js';
import type { RequestLimits } from '../limits.js';
import type { Queries } from '../query/queries.js';
import type { Static, TSchema, TUnsafe } from '../schemas/typebox.js';
import { type CompiledSchema, compile } from '../schemas/validate.js';
import type { RateLimits } from '../usage/rate-limits.js';
import type { Usage } from '../usage/usage.js';
import type { Delivery } from '../webhooks/model.js';
import type { Webhooks } from '../webhooks/webhooks.js';

/** What handlers work with. */
export interface Services {
  readonly catalog: Catalog;
  readonly storage: Storage;
  readonly queries: Queries;
  readonly clock: Clock;
  readonly webhooks: Webhooks;
  readonly limits: RequestLimits;
  readonly alerts: Alerts;
  readonly idempotency: Idempotency;
  readonly rateLimits: RateLimits;
  readonly usage: Usage;
  readonly alertFigures: AlertFigures;
  /** What the data takes on the disk. */
  storedBytes(): Promise<number>;
  /** Whether recovery is over. */
  ready(): boolean;
  /** Why writes are refused; undefined while they are not. */
  failure(): Error | undefined;
}

/** Who may call; the action ends the sentence of the 403. */
export type Access =
  | { readonly who: 'anyone' }
  | { readonly who: 'admin'; readonly action: string }
  | { readonly who: 'writers'; readonly action: string }
  | { readonly who: 'readers' };

/** The records that the path and the key name, checked to exist and to be the key's. */
export interface Scope {
  readonly bucket?: Bucket;
  readonly source?: DataSource;
  readonly apiKey?: ApiKey;
  readonly rule?: AlertRule;
  readonly delivery?: Delivery;
  readonly dashboard?: Dashboard;
}

/** One request that has passed all checks but those of its handler. */
export class Call<Body> {
  readonly services: Services;
  readonly body: Body;
  /** Stores the points of the request: with its answer, where it has an idempotency key. */
  readonly store: Store;
  readonly #scope: Scope;
  readonly #head: RequestHead;
  readonly #key: ApiKey | undefined;

  constructor(
    services: Services,
    scope: Scope,
    body: Body,
    head: RequestHead,
    key: ApiKey | undefined,
    store: Store,
  ) {
    this.services = services;
    this.body = body;
    this.store = store;
    this.#scope = scope;
    this.#head = head;
    this.#key = key;
  }

  get query(): URLSearchParams {
    return new URLSearchParams(this.#head.query);
  }

  /** Whether the answer is wanted in MessagePack instead of JSON. */
  get prefersMessagePack(): boolean {
    return prefersMessagePack(this.#head.header('accept'));
  }

  /** Of a stream that goes on: the last event that was seen; '' where it begins. */
  get lastEventId(): string {
    return this.#head.header('last-event-id') || (this.query.get('lastEventId') ?? '');
  }

  /** As sent; not percent-decoded. */
  get path(): string {
    return this.#head.path;
  }

  /** Value of a header by its lower-case name; '' where it is absent. */
  header(name: string): string {
    return this.#head.header(name);
  }

  /** Aborts when nobody waits for the answer any more. */
  get signal(): AbortSignal {
    return this.#head.signal;
  }

  /** The key it was made with; undefined where anyone may call. */
  get key(): ApiKey | undefined {
    return this.#key;
  }

  get bucket(): Bucket {
    assert(this.#scope.bucket !== undefined, 'the route has a bucket');
    return this.#scope.bucket;
  }

  get source(): DataSource {
    assert(this.#scope.source !== undefined, 'the route has a data source');
    return this.#scope.source;
  }

  get apiKey(): ApiKey {
    assert(this.#scope.apiKey !== undefined, 'the route has an API key');
    return this.#scope.apiKey;
  }

  get rule(): AlertRule {
    assert(this.#scope.rule !== undefined, 'the route has an alert rule');
    return this.#scope.rule;
  }

  get delivery(): Delivery {
    assert(this.#scope.delivery !== undefined, 'the route has a webhook delivery');
    return this.#scope.delivery;
  }

  get dashboard(): Dashboard {
    assert(this.#scope.dashboard !== undefined, 'the route has a dashboard');
    return this.#scope.dashboard;
  }
}

/** A bucket that callers name by its id or by its name. */
export interface BucketInQuery {
  readonly parameter: string;
  /** Message of the 404 where there is none. */
  missing(name: string): string;
}

/**
 * Answers a body of the usual form straight from its bytes. Undefined where there is anything unusual about it: then it is
 * parsed, checked and answered as all others are, and refused where it must be.
 * @param bucketOf the bucket of an id, where the caller may write to it
 * @param store as of a Call
 */
export type AnswerBytes = (
  services: Services,
  bytes: Uint8Array,
  bucketOf: (id: string) => Bucket | undefined,
  store: Store,
) => Promise<Reply | undefined>;

export interface RouteOptions<T extends TSchema> {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /**
   * `:bucketId`, `:dataSourceId`, `:keyId`, `:alertId`, `:deliveryId` and `:dashboardId` are looked up before the handler
   * is called.
   */
  readonly path: string;
  readonly access: Access;
  /** Whether it changes anything: refused while the disk takes no writes. */
  readonly writes?: boolean;
  /** Whether it is refused while the bucket is archived. */
  readonly writesBucket?: boolean;
  readonly body?: T;
  /** Whether the body may also be MessagePack. */
  readonly packedBody?: boolean;
  /** Of a body that has `columns`, which may have more bytes than others. */
  readonly columnBody?: TSchema;
  /** The body, not the path, names the bucket. */
  readonly bucketInBody?: boolean;
  /** Whether it has one answer however often it comes with the same idempotency key. Its handler stores with `store`. */
  readonly takesIdempotencyKey?: boolean;
  /** The query, not the path, names the bucket. */
  readonly bucketInQuery?: BucketInQuery;
  /** The same, by its id only, in `bucketId`. */
  readonly bucketIdInQuery?: boolean;
  /** Ours where it is not given. */
  readonly dialect?: Dialect;
  /** What the form of the body must be beyond its schema. @throws ApiError */
  checkForm?(body: Static<T>, services: Services): void;
  answerBytes?: AnswerBytes;
  /** Everything up to the first await happens in the turn in which the checks were made. */
  handle(call: Call<Static<T>>): Reply | Promise<Reply>;
}

export interface Route {
  readonly method: string;
  readonly path: string;
  readonly access: Access;
  readonly writes: boolean;
  readonly writesBucket: boolean;
  readonly bucketInBody: boolean;
  readonly takesIdempotencyKey: boolean;
  readonly bucketInQuery: BucketInQuery | undefined;
  readonly bucketIdInQuery: boolean;
  readonly dialect: Dialect;
  /** Whether the handler is given the bytes of the body. */
  readonly isRaw: boolean;
  readonly packedBody: boolean;
  readonly columnBody: boolean;
  readonly body: CompiledSchema<unknown> | undefined;
  /** What `body` was compiled of, for whoever describes it. */
  readonly bodySchema: TSchema | undefined;
  readonly columnSchema: TSchema | undefined;
  readonly answerBytes: AnswerBytes | undefined;
  checkForm(body: unknown, services: Services): void;
  handle(call: Call<unknown>): Reply | Promise<Reply>;
}

/** A route that takes bytes of a body as they are. */
export function defineRawRoute(
  options: Omit<RouteOptions<TUnsafe<Uint8Array>>, 'body' | 'checkForm'>,
): Route {
  return { ...defineRoute(options), isRaw: true };
}

function compileBody(schema: TSchema, columnSchema: TSchema | undefined): CompiledSchema<unknown> {
  const body = compile(schema);
  if (columnSchema === undefined) return body;
  const columnBody = compile(columnSchema);
  const of = (value: unknown) =>
    (value as { columns?: unknown } | null)?.columns === undefined ? body : columnBody;
  return {
    parse: (value, root) => of(value).parse(value, root),
    failures: (value, path) => of(value).failures(value, path),
  };
}

export function defineRoute<T extends TSchema>(options: RouteOptions<T>): Route {
  return {
    method: options.method,
    path: options.path,
    access: options.access,
    writes: options.writes ?? false,
    writesBucket: options.writesBucket ?? false,
    bucketInBody: options.bucketInBody ?? false,
    takesIdempotencyKey: options.takesIdempotencyKey ?? false,
    bucketInQuery: options.bucketInQuery,
    bucketIdInQuery: options.bucketIdInQuery ?? false,
    dialect: options.dialect ?? OUR_DIALECT,
    isRaw: false,
    packedBody: options.packedBody ?? false,
    columnBody: options.columnBody !== undefined,
    body: options.body === undefined ? undefined : compileBody(options.body, options.columnBody),
    bodySchema: options.body,
    columnSchema: options.columnBody,
    answerBytes: options.answerBytes,
    checkForm: (body, services) => options.checkForm?.(body as Static<T>, services),
    // The pipeline gives the handler what the schema of the same route has let through.
    handle: call => options.handle(call as Call<Static<T>>),
  };
}

/** @throws ApiError */
export function refuseArchived(bucket: Bucket): void {
  if (bucket.status === 'archived') throw new ApiError('BUCKET_ARCHIVED');
}
