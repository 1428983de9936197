/** Sending what a form shows, and what is learned of the answer. */
import { signal } from '@preact/signals';
import type { Detail } from '../base/api.js';
import { keyType } from '../base/keys.js';
import type { Operation } from './document.js';
import type { ShownForm, Typed } from './form.js';
import { type Hint, hintsFor } from './hints.js';
import { withEntry } from './history.js';
import { forget, learn } from './ids.js';
import { forgetKey, forgetKeysOfBucket, introduce } from './key-ring.js';
import type { ApiRequest } from './request.js';
import { type SentAnswer, type StreamEvent, send } from './send.js';
import { done, history, ids } from './state.js';

export interface Exchange {
  readonly isUnderWay: boolean;
  /** Of the request before, until there is a newer one. */
  readonly answer?: SentAnswer;
  /** Of the answer, where it is one. */
  readonly text?: string;
  readonly hints: readonly Hint[];
  readonly details: readonly Detail[];
  /** Of a stream, the latest first. */
  readonly events: readonly StreamEvent[];
  readonly eventCount: number;
  /** A key that the answer has shown, now kept. */
  readonly madeKey?: string;
}

const NOTHING: Exchange = { isUnderWay: false, hints: [], details: [], events: [], eventCount: 0 };
const EVENTS_SHOWN_MAX = 100;

/** By operation. */
const exchanges = signal<Readonly<Record<string, Exchange>>>({});
const controllers = new Map<string, AbortController>();

export function exchangeOf(id: string): Exchange {
  return exchanges.value[id] ?? NOTHING;
}

function change(id: string, next: Partial<Exchange>): void {
  exchanges.value = { ...exchanges.value, [id]: { ...exchangeOf(id), ...next } };
}

export function stop(id: string): void {
  controllers.get(id)?.abort();
}

/** Resolves with the answer; undefined where it was stopped before there was one. */
export async function exchange(
  operation: Operation,
  form: ShownForm,
  request: ApiRequest,
  typed: Typed,
): Promise<SentAnswer | undefined> {
  const { id } = operation;
  stop(id);
  const controller = new AbortController();
  controllers.set(id, controller);
  const sentAt = Date.now();
  change(id, { isUnderWay: true, ...(request.isStream && { answer: undefined, events: [], eventCount: 0 }) });
  let answer: SentAnswer | undefined;
  try {
    answer = await send(
      request,
      controller.signal,
      request.isStream ? event => showEvent(id, event) : undefined,
      head => {
        change(id, { answer: head, text: undefined, hints: [], details: [] });
        markDone(id);
      },
    );
    await finish(operation, form, request, answer);
  } catch (error) {
    if (!controller.signal.aborted) throw error;
    // Of a stream that was ended there is the head.
    answer = request.isStream ? exchangeOf(id).answer : undefined;
  } finally {
    if (controllers.get(id) === controller) {
      controllers.delete(id);
      change(id, { isUnderWay: false });
    }
  }
  if (answer !== undefined) {
    const { method, target } = request;
    const { status, milliseconds } = answer;
    history.value = withEntry(history.value, {
      ...{ operation: id, method, target, status, milliseconds, sentAt },
      typed: { ...typed, values: form.values, ...(form.body !== undefined && { body: form.body }) },
    });
  }
  return answer;
}

function markDone(id: string): void {
  if (!done.value.includes(id)) done.value = [...done.value, id];
}

function showEvent(id: string, event: StreamEvent): void {
  const { events, eventCount } = exchangeOf(id);
  change(id, { events: [event, ...events].slice(0, EVENTS_SHOWN_MAX), eventCount: eventCount + 1 });
}

async function finish(
  operation: Operation,
  form: ShownForm,
  request: ApiRequest,
  answer: SentAnswer,
): Promise<void> {
  const { id } = operation;
  const isText = !/msgpack|octet-stream/.test(answer.type);
  const text = isText ? new TextDecoder().decode(answer.bytes) : undefined;
  const isGood = isWholeAndGood(answer);
  const body = parsed(text);
  const madeKey = isGood ? await learnFrom(operation, form, body) : undefined;
  if (isGood) markDone(id);
  change(id, {
    answer,
    text,
    madeKey,
    ...(isGood ? { hints: [], details: [] } : refused(operation, form, request, answer, text)),
  });
}

export function isWholeAndGood({ status, isCutOff }: SentAnswer): boolean {
  return status >= 200 && status < 300 && !isCutOff;
}

const CUT_OFF: Hint = { text: 'The connection broke off before the end. What came until then is below.' };

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

function refused(
  operation: Operation,
  { missing }: ShownForm,
  { headers }: ApiRequest,
  answer: SentAnswer,
  text: string | undefined,
) {
  if (answer.isCutOff) return { hints: [CUT_OFF], details: [] };
  const {
    message,
    error,
    details = [],
  } = (parsed(text) ?? {}) as {
    message?: string;
    error?: string;
    details?: Detail[];
  };
  const key = headers.find(([name]) => name === 'X-API-Key')?.[1] ?? '';
  const retryAfter = answer.headers.find(([name]) => name === 'retry-after')?.[1] ?? '';
  const refusal = { status: answer.status, message: message ?? error ?? '', details, retryAfter };
  return { details, hints: hintsFor(refusal, { operation, key, keyType: keyType(key), missing }) };
}

/** @returns the key that was made, if one was */
async function learnFrom(operation: Operation, form: ShownForm, body: unknown): Promise<string | undefined> {
  const { method, path } = operation;
  const inPath = operation.parameters.filter(({ place }) => place === 'path').map(({ name }) => name);
  const isDelete = method === 'DELETE';
  const used = Object.fromEntries(
    (isDelete ? inPath.slice(0, -1) : inPath).map(name => [name, form.values[name]]),
  );
  ids.value = learn(ids.value, `${method} ${path}`, used, body);
  if (isDelete) forgetDeleted(inPath.at(-1) ?? '', form);
  const made = (body as { apiKey?: { key?: unknown } } | undefined)?.apiKey?.key;
  if (typeof made !== 'string') return undefined;
  await introduce(made).catch(() => {});
  return made;
}

function forgetDeleted(name: string, { values }: ShownForm): void {
  ids.value = forget(ids.value, name, values[name]);
  if (name === 'keyId') forgetKey(values[name]);
  if (name === 'bucketId') forgetKeysOfBucket(values[name]);
}
