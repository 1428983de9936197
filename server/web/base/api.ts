/** The API of the server that the page came from. */

export interface Answer<Body> {
  readonly status: number;
  readonly body: Body;
  readonly headers: Headers;
  /** From the call to the last byte. */
  readonly milliseconds: number;
}

/** A member of a request that does not fit. */
export interface Detail {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** An answer that is an error, or none at all. The message says what to do, where the server has said so. */
export class ApiFailure extends Error {
  /** 0 where there was no answer. */
  readonly status: number;
  readonly details: readonly Detail[];

  constructor(status: number, message: string, details: readonly Detail[] = []) {
    super(message);
    this.name = 'ApiFailure';
    this.status = status;
    this.details = details;
  }
}

/** What went wrong, in words. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
}

export class Api {
  readonly key: string;

  constructor(key: string) {
    this.key = key;
  }

  get<Body>(path: string, options?: CallOptions): Promise<Body> {
    return this.call<Body>('GET', path, undefined, options).then(({ body }) => body);
  }

  post<Body>(path: string, body: unknown, options?: CallOptions): Promise<Body> {
    return this.call<Body>('POST', path, body, options).then(answer => answer.body);
  }

  patch<Body>(path: string, body: unknown): Promise<Body> {
    return this.call<Body>('PATCH', path, body).then(answer => answer.body);
  }

  delete<Body>(path: string): Promise<Body> {
    return this.call<Body>('DELETE', path).then(({ body }) => body);
  }

  /**
   * Every item of a list, page by page.
   * @param path without limit and offset
   * @param member name of the list in the answer
   */
  async all<Item>(path: string, member: string, options?: CallOptions): Promise<Item[]> {
    const items: Item[] = [];
    const separator = path.includes('?') ? '&' : '?';
    for (;;) {
      const query = `${separator}limit=${LIMIT}&offset=${items.length}`;
      const page = await this.get<Record<string, Item[]>>(path + query, options);
      items.push(...page[member]);
      if (page[member].length < LIMIT) return items;
    }
  }

  /** @throws (rejects) ApiFailure; AbortError where the signal aborts. */
  async call<Body>(
    method: Method,
    path: string,
    body?: unknown,
    { signal, headers }: CallOptions = {},
  ): Promise<Answer<Body>> {
    const begun = performance.now();
    let response: Response;
    try {
      response = await fetch(path, {
        method,
        headers: {
          'X-API-Key': this.key,
          ...headers,
          ...(body !== undefined && { 'Content-Type': 'application/json' }),
        },
        body: body === undefined ? undefined : JSON.stringify(body),
        signal,
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new ApiFailure(0, 'The server does not answer. Is it running?');
    }
    const text = await response.text();
    const milliseconds = performance.now() - begun;
    if (!response.ok) throw failureOf(response.status, text);
    return {
      status: response.status,
      body: JSON.parse(text) as Body,
      headers: response.headers,
      milliseconds,
    };
  }
}

const LIMIT = 1_000;

function failureOf(status: number, text: string): ApiFailure {
  try {
    const { message, details } = JSON.parse(text) as { message: string; details?: Detail[] };
    return new ApiFailure(status, message, details);
  } catch {
    return new ApiFailure(status, `The server answered ${status}`);
  }
}
