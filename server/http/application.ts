/** What the transport and the application know of each other. Neither knows how the other is made. */

export interface RequestHead {
  /** Names the request in logs and in the header X-Request-Id of its answer. */
  readonly id: string;
  /** Upper case. */
  readonly method: string;
  /** As sent, without the query string; not percent-decoded. */
  readonly path: string;
  /** As sent, without the question mark; '' where there is none. */
  readonly query: string;
  /** Value of a header by its lower-case name; '' where it is absent. */
  header(name: string): string;
  /** Aborts when the client goes away before the answer. */
  readonly signal: AbortSignal;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text is sent as UTF-8. The content type is among the headers. */
  readonly body?: string | Uint8Array;
  /** In the place of a body: an answer that goes on until one of the two sides has enough of it. */
  readonly stream?: StreamedBody;
}

/**
 * Called once the head is on its way.
 * @returns what is called, once, when nothing can be written any more: the client has left, or it was ended.
 */
export type StreamedBody = (sink: StreamSink) => () => void;

export interface StreamSink {
  /** Sends bytes, or keeps them, which must not change, until the client has read what came before. */
  write(bytes: Uint8Array): void;
  /** Bytes that are kept. */
  readonly bufferedBytes: number;
  /** What was written is still sent, and nothing after it. */
  end(): void;
}

/** The head was accepted: the body is wanted, up to a limit. */
export interface Admission {
  readonly bodyBytesMax: number;
  /**
   * Whether the answer may have to wait for the disk to take something: while it does not, such requests wait for each
   * other, and no others wait for them.
   */
  readonly waitsForDisk?: boolean;
  /** Called once with the whole body (empty where there is none). Never rejects. */
  respond(body: Uint8Array): Promise<Reply>;
}

export interface Application {
  /**
   * Decides on a request by its head, before any of its body is read: what must be refused (route, key, rights)
   * is refused without reading 16 MiB first. Never throws.
   */
  admit(head: RequestHead): Reply | Admission;
  /** The answer where a body is larger than admitted, as received or inflated (413). */
  tooLarge(head: RequestHead, bodyBytesMax: number): Reply;
  /** The answer where the Content-Encoding is not one we know (415), or the gzip stream is broken (400). */
  unreadable(head: RequestHead, reason: 'encoding' | 'gzip'): Reply;
  /** The answer where too many bytes of other bodies are held already, or for too long (503, with Retry-After). */
  overloaded(head: RequestHead): Reply;
}
