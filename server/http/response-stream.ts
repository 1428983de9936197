/** An answer without an end: what it is given goes out as the client reads. */
import type { Reply, StreamedBody, StreamSink } from './application.js';
import { type ResponseSink, writeHead } from './reply.js';

export class ResponseStream implements StreamSink {
  readonly #response: ResponseSink;
  readonly #reply: Reply;
  readonly #onEnded: () => void;
  /** Pieces that wait for the client. */
  readonly #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  /** The socket has taken all it can: more would be kept there, uncounted. */
  #isBlocked = false;
  #isEnding = false;
  /** The response must not be touched. */
  #isClosed = false;
  #onClosed: (() => void) | undefined;

  /** @param onEnded called when the last byte was handed over; never after an abort */
  constructor(response: ResponseSink, reply: Reply, onEnded: () => void) {
    this.#response = response;
    this.#reply = reply;
    this.#onEnded = onEnded;
  }

  begin(body: StreamedBody): void {
    this.#response.onWritable(() => this.#flush());
    this.#response.cork(() => {
      writeHead(this.#response, this.#reply);
      const onClosed = body(this);
      if (this.#isClosed) onClosed();
      else this.#onClosed = onClosed;
    });
  }

  get bufferedBytes(): number {
    return this.#waitingBytes;
  }

  write(bytes: Uint8Array): void {
    if (this.#isEnding || this.#isClosed || bytes.length === 0) return;
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (!this.#isBlocked) this.#response.cork(() => this.#flush());
  }

  end(): void {
    if (this.#isEnding || this.#isClosed) return;
    this.#isEnding = true;
    if (!this.#isBlocked) this.#response.cork(() => this.#flush());
  }

  aborted(): void {
    this.#close();
  }

  /** Returns whether the socket has taken everything. */
  #flush(): boolean {
    this.#isBlocked = false;
    while (!this.#isBlocked && !this.#isClosed && this.#waiting.length > 0) {
      const bytes = this.#waiting.shift() as Uint8Array;
      this.#waitingBytes -= bytes.length;
      this.#isBlocked = !this.#response.write(bytes);
    }
    if (this.#isEnding && !this.#isBlocked && !this.#isClosed) {
      this.#close();
      this.#response.end();
      this.#onEnded();
    }
    return !this.#isBlocked;
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#waiting.length = 0;
    this.#waitingBytes = 0;
    this.#onClosed?.();
  }
}
