/** The head of a request, copied while it can be read. */
import { randomBytes } from 'node:crypto';
import type { RequestHead } from './application.js';

/** What is read of a request of uWebSockets.js, which lives on the stack until its handler returns or awaits. */
export interface ReadableRequest {
  getCaseSensitiveMethod(): string;
  getUrl(): string;
  getQuery(): string;
  forEach(each: (name: string, value: string) => void): void;
}

/** Tells this process from those before it. */
const PROCESS = randomBytes(4).toString('hex');

/** What a caller may call a request. */
const GIVEN_ID = /^[\w.:-]{1,128}$/;

let requests = 0;

export class ReceivedHead implements RequestHead {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly #headers = new Map<string, string>();
  #id: string | undefined;
  /** Made when it is first asked for: most requests are answered before anybody could wait for it. */
  #controller: AbortController | undefined;
  #aborted = false;

  constructor(request: ReadableRequest) {
    this.method = request.getCaseSensitiveMethod().toUpperCase();
    this.path = request.getUrl();
    this.query = request.getQuery() ?? '';
    request.forEach((name, value) => {
      const earlier = this.#headers.get(name);
      this.#headers.set(name, earlier === undefined ? value : `${earlier}, ${value}`);
    });
  }

  /** The caller's own, where it is one. */
  get id(): string {
    const given = this.header('x-request-id');
    this.#id ??= GIVEN_ID.test(given) ? given : `${PROCESS}-${++requests}`;
    return this.#id;
  }

  header(name: string): string {
    return this.#headers.get(name) ?? '';
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted) this.#controller.abort();
    }
    return this.#controller.signal;
  }

  abort(): void {
    this.#aborted = true;
    this.#controller?.abort();
  }
}
