/** The registry of errors: what a caller is told, and with which status. One code is one message, unless given. */
import { QueryPointsError } from '../engine/query/progress.js';
import { BATCH_VALUES_MAX, BUCKET_DASHBOARDS_MAX, DETAILS_MAX, SOURCE_RULES_MAX } from './limits.js';

export interface ErrorDetail {
  /** Starts with `body`, `params` or `query`; positions in arrays are numbers. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

interface ErrorEntry {
  readonly status: number;
  /** The `error` member of the answer. */
  readonly title: string;
  readonly message: string;
}

const BAD_REQUEST = { status: 400, title: 'Validation Error' };
const FORBIDDEN = { status: 403, title: 'Forbidden' };
const NOT_FOUND = { status: 404, title: 'Not Found' };
const CONFLICT = { status: 409, title: 'Conflict' };
const UNAVAILABLE = { status: 503, title: 'Service Unavailable' };

const REGISTRY = {
  INVALID_REQUEST: { ...BAD_REQUEST, message: 'Invalid request parameters' },
  INVALID_JSON: { ...BAD_REQUEST, message: 'Request body is not valid JSON' },
  INVALID_UTF8: { ...BAD_REQUEST, message: 'Request body is not valid UTF-8' },
  INVALID_MESSAGE_PACK: { ...BAD_REQUEST, message: 'Request body is not valid MessagePack' },
  INVALID_GZIP: { ...BAD_REQUEST, message: 'Request body is not valid gzip' },
  INVALID_LINES: { ...BAD_REQUEST, message: 'Lines are refused' },
  INVALID_STATEMENT: { ...BAD_REQUEST, message: 'Statement is not supported' },
  INVALID_PRECISION: { ...BAD_REQUEST, message: 'Precision is not known' },
  INVALID_BUCKET_ID: { ...BAD_REQUEST, message: 'Invalid bucket ID format' },
  INVALID_SOURCE_ID: { ...BAD_REQUEST, message: 'Invalid data source ID format' },
  INVALID_KEY_ID: { ...BAD_REQUEST, message: 'Invalid API key ID format' },
  INVALID_ALERT_ID: { ...BAD_REQUEST, message: 'Invalid alert rule ID format' },
  INVALID_DASHBOARD_ID: { ...BAD_REQUEST, message: 'Invalid dashboard ID format' },
  INVALID_DELIVERY_ID: { ...BAD_REQUEST, message: 'Invalid webhook delivery ID format' },
  INVALID_IDEMPOTENCY_KEY: {
    ...BAD_REQUEST,
    message: 'Idempotency-Key must be 1 to 128 visible ASCII characters',
  },
  ANSWER_TOO_LARGE: {
    ...BAD_REQUEST,
    message: 'The answer is larger than 256 MiB; ask for fewer rows or fields',
  },
  PICTURE_TOO_LARGE: {
    ...BAD_REQUEST,
    message: 'Too many points for lttb, which needs all at once; ask for a shorter range, or for m4',
  },
  QUERY_TOO_LARGE: { ...BAD_REQUEST, message: 'The query would read too many points; ask for fewer' },
  UNAUTHORIZED: { status: 401, title: 'Unauthorized', message: 'Invalid or missing API key' },
  FORBIDDEN: { ...FORBIDDEN, message: 'This API key may not do that' },
  FORBIDDEN_BUCKET: { ...FORBIDDEN, message: 'API key does not have access to this bucket' },
  PLAN_LIMIT: { ...FORBIDDEN, message: 'The plan does not allow that' },
  ROUTE_NOT_FOUND: { ...NOT_FOUND, message: 'Route not found' },
  BUCKET_NOT_FOUND: { ...NOT_FOUND, message: 'Bucket not found' },
  BUCKET_AMBIGUOUS: { ...BAD_REQUEST, message: 'Several buckets have that name; name it by its id' },
  KEY_NOT_FOUND: { ...NOT_FOUND, message: 'API key not found' },
  SOURCE_NOT_FOUND: { ...NOT_FOUND, message: 'Data source not found' },
  ALERT_NOT_FOUND: { ...NOT_FOUND, message: 'Alert rule not found' },
  DASHBOARD_NOT_FOUND: { ...NOT_FOUND, message: 'Dashboard not found' },
  DELIVERY_NOT_FOUND: { ...NOT_FOUND, message: 'Webhook delivery not found' },
  TOO_MANY_RULES: { ...CONFLICT, message: `A data source has at most ${SOURCE_RULES_MAX} alert rules` },
  TOO_MANY_DASHBOARDS: { ...CONFLICT, message: `A bucket has at most ${BUCKET_DASHBOARDS_MAX} dashboards` },
  DASHBOARD_CHANGED: { ...CONFLICT, message: 'Dashboard was changed by another' },
  METHOD_NOT_ALLOWED: {
    status: 405,
    title: 'Method Not Allowed',
    message: 'Method not allowed for this route',
  },
  BUCKET_ARCHIVED: { ...CONFLICT, message: 'Bucket is archived' },
  IDEMPOTENCY_KEY_REUSED: { ...CONFLICT, message: 'Idempotency-Key was used for another request' },
  SOURCE_ARCHIVED: { ...CONFLICT, message: 'Data source is archived' },
  WEBHOOK_NOT_SET: { ...CONFLICT, message: 'Alert rule has no webhook' },
  DELIVERY_DISCARDED: {
    ...CONFLICT,
    message: 'The outbox was full, and what this webhook would have said is no longer kept',
  },
  BODY_TOO_LARGE: { status: 413, title: 'Payload Too Large', message: 'Request body is too large' },
  BATCH_TOO_LARGE: {
    status: 413,
    title: 'Payload Too Large',
    message: `A batch holds at most ${BATCH_VALUES_MAX} values, times included`,
  },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    title: 'Unsupported Media Type',
    message:
      'Content-Type must be application/json in UTF-8; ingestion and query also take application/msgpack',
  },
  UNSUPPORTED_ENCODING: {
    status: 415,
    title: 'Unsupported Media Type',
    message: 'Content-Encoding must be gzip or identity',
  },
  TOO_MANY_REQUESTS: { status: 429, title: 'Too Many Requests', message: 'Rate limit exceeded' },
  INTERNAL: { status: 500, title: 'Internal Server Error', message: 'Something went wrong' },
  NOT_READY: { ...UNAVAILABLE, message: 'The server is starting' },
  OVERLOADED: { ...UNAVAILABLE, message: 'The server is busy; try again later' },
  TOO_MANY_STREAMS: { ...UNAVAILABLE, message: 'There are too many live streams; try again later' },
  QUERY_TOO_LONG: { ...UNAVAILABLE, message: 'The query took too long; ask for less' },
  STORAGE_UNAVAILABLE: {
    ...UNAVAILABLE,
    message: 'The disk can no longer be written; reads go on, writes are refused',
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof REGISTRY;

export interface ApiErrorOptions {
  /** In the place of the registered one. */
  readonly message?: string;
  readonly details?: readonly ErrorDetail[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Number of the line of the body that is refused, or of the first of several. */
  readonly line?: number;
}

/** An answer that refuses. */
export class ApiError extends Error {
  readonly code: ErrorCode;
  readonly details: readonly ErrorDetail[] | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly line: number | undefined;

  constructor(code: ErrorCode, options: ApiErrorOptions = {}) {
    super(options.message ?? REGISTRY[code].message);
    this.name = 'ApiError';
    this.code = code;
    this.details = options.details;
    this.headers = options.headers ?? {};
    this.line = options.line;
  }

  get status(): number {
    return REGISTRY[this.code].status;
  }

  get title(): string {
    return REGISTRY[this.code].title;
  }
}

/** Codes of the layers below that say: the disk refuses writes. */
const UNAVAILABLE_CODES: ReadonlySet<unknown> = new Set(['LOG_UNAVAILABLE', 'STORAGE_UNAVAILABLE']);

/** What a caller is told of an error; INTERNAL where it says nothing that concerns a caller. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const { code } = (error ?? {}) as { code?: unknown };
  if (code === 'PICTURE_TOO_LARGE') return new ApiError(code);
  if (error instanceof QueryPointsError) return new ApiError('QUERY_TOO_LARGE', { message: error.message });
  return new ApiError(UNAVAILABLE_CODES.has(code) ? 'STORAGE_UNAVAILABLE' : 'INTERNAL');
}

/** @throws ApiError (INVALID_REQUEST) where there are details; the first hundred are told */
export function refuseInvalid(details: readonly ErrorDetail[]): void {
  if (details.length > 0) throw new ApiError('INVALID_REQUEST', { details: details.slice(0, DETAILS_MAX) });
}
