/** The API as the importer uses it: which failures may be tried again, and which must not. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ColumnType } from './cells.js';

const ATTEMPTS_MAX = 8;
const BACKOFF_MS_MIN = 250;
const BACKOFF_MS_MAX = 10_000;

/** A server that asks for more patience than this has a monthly limit, not a busy moment. */
const RETRY_AFTER_MS_MAX = 60_000;

const PAGE_ITEMS = 1_000;

export interface Point {
  readonly dataSourceId: string;
  readonly timestamp: string | number;
  readonly values: Readonly<Record<string, unknown>>;
}

/** A point of a batch that the server does not take, by its place in the batch. */
export interface RefusedPoint {
  readonly index: number;
  readonly message: string;
}

export type BatchOutcome =
  | { readonly kind: 'stored' }
  /** Nothing was stored. Not all points that are wrong need be among these. */
  | { readonly kind: 'refused'; readonly points: readonly RefusedPoint[] }
  | { readonly kind: 'tooLarge' };

export interface Source {
  readonly id: string;
  readonly name: string;
  readonly declared: ReadonlyMap<string, ColumnType>;
}

/** The connection broke after the request had gone out: it may have been done or not. */
export class UncertainError extends Error {
  constructor(cause: unknown) {
    const reason = (cause as Error).cause ?? cause;
    super(`The connection was lost before the answer came (${(reason as Error).message})`, { cause });
    this.name = 'UncertainError';
  }
}

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: whatever a server says, read with care below
  readonly body: any;
}

export interface ApiClientOptions {
  readonly url: string;
  readonly key: string;
  /** First wait before a request is tried again; it doubles. */
  readonly backoffMsMin?: number;
}

export class ApiClient {
  readonly #origin: string;
  readonly #key: string;
  readonly #backoffMsMin: number;
  #hasToldOfWaiting = false;

  constructor({ url, key, backoffMsMin = BACKOFF_MS_MIN }: ApiClientOptions) {
    this.#origin = url.replace(/\/+$/, '');
    this.#key = key;
    this.#backoffMsMin = backoffMsMin;
  }

  /** Id of a bucket by its id or its name; names need an Admin key. */
  async bucketId(idOrName: string): Promise<string> {
    if (isId(idOrName)) return idOrName;
    for await (const { _id, name } of this.#list('/api/buckets', 'buckets')) {
      if (name === idOrName) return _id;
    }
    throw new Error(`There is no bucket ${JSON.stringify(idOrName)}`);
  }

  async source(bucketId: string, idOrName: string): Promise<Source> {
    const path = `/api/buckets/${bucketId}/sources`;
    if (isId(idOrName)) return readSource((await this.#get(`${path}/${idOrName}`)).dataSource);
    for await (const item of this.#list(path, 'dataSources')) {
      if (item.name === idOrName) return readSource(item);
    }
    throw new Error(`There is no data source ${JSON.stringify(idOrName)} in this bucket`);
  }

  /**
   * Stores points, all or none.
   * @throws UncertainError (rejects), and others where it can be said that nothing was stored.
   */
  async store(bucketId: string, dataPoints: readonly Point[]): Promise<BatchOutcome> {
    const { status, body } = await this.#request('POST', '/api/data/batch', { bucketId, dataPoints });
    if (status === 201) return { kind: 'stored' };
    if (status === 413) return { kind: 'tooLarge' };
    const points = status === 400 ? refusedPoints(body, dataPoints.length) : [];
    if (points.length > 0) return { kind: 'refused', points };
    throw failure(status, body);
  }

  async *#list(path: string, member: string): AsyncGenerator<Answer['body']> {
    for (let offset = 0; ; offset += PAGE_ITEMS) {
      const items = (await this.#get(`${path}?limit=${PAGE_ITEMS}&offset=${offset}`))[member] ?? [];
      yield* items;
      if (items.length < PAGE_ITEMS) return;
    }
  }

  async #get(path: string): Promise<Answer['body']> {
    const { status, body } = await this.#request('GET', path);
    if (status !== 200) throw failure(status, body);
    return body;
  }

  async #request(method: string, path: string, content?: unknown): Promise<Answer> {
    // The same for every attempt: a server that did store the first one answers as it did then.
    const headers = {
      'Content-Type': 'application/json',
      'X-API-Key': this.#key,
      'Idempotency-Key': randomUUID(),
    };
    const body = content === undefined ? undefined : JSON.stringify(content);
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#attempt(path, { method, headers, body });
      const waitMs =
        outcome.retryAfterMs ?? Math.min(BACKOFF_MS_MAX, this.#backoffMsMin * 2 ** (attempt - 1));
      if (outcome.answer !== undefined && !isBusy(outcome.answer.status)) return outcome.answer;
      if (attempt === ATTEMPTS_MAX || waitMs > RETRY_AFTER_MS_MAX) {
        throw outcome.error ?? failure(outcome.answer!.status, outcome.answer!.body);
      }
      if (outcome.error !== undefined) this.#tellOfWaiting(outcome.error);
      await sleep(waitMs);
    }
  }

  /** Once: half a minute of silence looks like work. */
  #tellOfWaiting({ message }: Error): void {
    if (!this.#hasToldOfWaiting) process.stderr.write(`${message}; trying again\n`);
    this.#hasToldOfWaiting = true;
  }

  async #attempt(
    path: string,
    init: RequestInit,
  ): Promise<{ answer?: Answer; error?: Error; retryAfterMs?: number }> {
    try {
      const response = await fetch(this.#origin + path, init);
      const text = await response.text();
      const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
      return {
        answer: { status: response.status, body: readJson(text) },
        retryAfterMs: Number.isNaN(seconds) ? undefined : seconds * 1_000,
      };
    } catch (error) {
      const code = causeCode(error);
      if (code === 'ECONNREFUSED' || code === 'UND_ERR_CONNECT_TIMEOUT') {
        return { error: new Error(`Cannot reach ${this.#origin}: nothing answers there`) };
      }
      if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
        throw new Error(`Cannot reach ${this.#origin}: the host is not known`);
      }
      throw new UncertainError(error);
    }
  }
}

function isBusy(status: number): boolean {
  return status === 503 || status === 429;
}

/** undici puts the system's error into `cause`, and several of them (one an address) into `errors` of that. */
function causeCode(error: unknown): string | undefined {
  const { cause } = error as { cause?: { code?: string; errors?: { code?: string }[] } };
  return cause?.code ?? cause?.errors?.[0]?.code;
}

function failure(status: number, body: Answer['body']): Error {
  const details = Array.isArray(body?.details) ? body.details : [];
  const first =
    details[0]?.message === undefined ? '' : `: ${details[0].path?.join('.')}: ${details[0].message}`;
  return new Error(`The server answered ${status}: ${body?.message ?? 'no message'}${first}`);
}

function refusedPoints(body: Answer['body'], count: number): RefusedPoint[] {
  if (!Array.isArray(body?.details)) return [];
  const messages = new Map<number, string>();
  for (const { path, message } of body.details) {
    if (!Array.isArray(path) || path[0] !== 'body' || path[1] !== 'dataPoints') continue;
    const index = path[2];
    if (!Number.isInteger(index) || index < 0 || index >= count) continue;
    const where = path.slice(3).join('.');
    const text = where === '' ? String(message) : `${where}: ${message}`;
    const earlier = messages.get(index);
    messages.set(index, earlier === undefined ? text : `${earlier}; ${text}`);
  }
  return [...messages].map(([index, message]) => ({ index, message })).sort((a, b) => a.index - b.index);
}

function readSource(item: Answer['body']): Source {
  const declared = new Map<string, ColumnType>();
  for (const [name, field] of Object.entries<Answer['body']>(item?.schema ?? {})) {
    declared.set(name, field?.type ?? field);
  }
  return { id: item._id, name: item.name, declared };
}

function readJson(text: string): Answer['body'] {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isId(text: string): boolean {
  return /^[0-9a-f]{24}$/.test(text);
}
