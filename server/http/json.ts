/** Answers in JSON, errors among them. */
import { ApiError, type ErrorCode } from '../errors.js';
import { RETRY_AFTER_SECONDS } from '../limits.js';
import type { Reply } from './application.js';

const JSON_HEADERS = { 'Content-Type': 'application/json; charset=utf-8' };

/** @param body a JSON text, the bytes of one, or what JSON.stringify makes one of. */
export function jsonReply(status: number, body: object | string | Uint8Array): Reply {
  const isText = typeof body === 'string' || body instanceof Uint8Array;
  return { status, headers: JSON_HEADERS, body: isText ? body : JSON.stringify(body) };
}

export function errorReply(error: ApiError): Reply {
  const { title, message, details } = error;
  return withErrorHeaders(error, { error: title, message, details }, 'Bearer');
}

/**
 * A problem of RFC 9457. It has no page of its own, so its type is a name.
 * @param id of the request
 */
export function problemReply(error: ApiError, id: string): Reply {
  const { title, message, details, status, code } = error;
  const type = `urn:dakkio:error:${code.toLowerCase().replaceAll('_', '-')}`;
  const problem = { type, title, status, detail: message, instance: `urn:dakkio:request:${id}`, details };
  const reply = withErrorHeaders(error, problem, 'Bearer');
  return { ...reply, headers: { ...reply.headers, 'Content-Type': 'application/problem+json' } };
}

/** @param challenge how a caller without a key may say who it is */
export function withErrorHeaders(error: ApiError, body: object, challenge: string): Reply {
  const headers: Record<string, string> = { ...JSON_HEADERS, ...error.headers };
  if (error.status === 401) headers['WWW-Authenticate'] = challenge;
  if (error.status === 503) headers['Retry-After'] = String(RETRY_AFTER_SECONDS);
  return { status: error.status, headers, body: JSON.stringify(body) };
}

export function refusal(code: ErrorCode): Reply {
  return errorReply(new ApiError(code));
}

/** JSON.stringify turns -0 into 0; here numbers come back as they were given. What JSON cannot say is null. */
export function numberText(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  return Number.isFinite(value) ? String(value) : 'null';
}

export function scalarText(value: number | string | boolean): string {
  return typeof value === 'number' ? numberText(value) : JSON.stringify(value);
}
