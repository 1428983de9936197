/** The head of a request, copied while it can be read. */
import type { RequestHead } from './application.js';

/** What is read of a request of uWebSockets.js, which lives on the stack until its handler returns or awaits. */
export interface ReadableRequest {
  getCaseSensitiveMethod(): string;
  getUrl(): string;
  getQuery(): string;
  forEach(each: (name: string, value: string) => void): void;
}

export class ReceivedHead implements RequestHead {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly #headers = new Map<string, string>();
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
