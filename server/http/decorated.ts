/** An application whose answers another adds to: whatever way they come about, they pass here once. */
import type { Admission, Application, Reply, RequestHead } from './application.js';

export abstract class DecoratedApplication implements Application {
  readonly #inner: Application;

  constructor(inner: Application) {
    this.#inner = inner;
  }

  /** What is to be sent in the place of an answer. @param bodyBytes of the request, inflated; 0 where it was not read */
  protected abstract decorate(reply: Reply, head: RequestHead, bodyBytes: number): Reply;

  admit(head: RequestHead): Reply | Admission {
    const decision = this.#inner.admit(head);
    if (!('respond' in decision)) return this.decorate(decision, head, 0);
    return {
      ...decision,
      respond: async body => {
        const { length } = body;
        return this.decorate(await decision.respond(body), head, length);
      },
    };
  }

  tooLarge(head: RequestHead, bodyBytesMax: number): Reply {
    return this.decorate(this.#inner.tooLarge(head, bodyBytesMax), head, 0);
  }

  unreadable(head: RequestHead, reason: 'encoding' | 'gzip'): Reply {
    return this.decorate(this.#inner.unreadable(head, reason), head, 0);
  }

  overloaded(head: RequestHead): Reply {
    return this.decorate(this.#inner.overloaded(head), head, 0);
  }
}
