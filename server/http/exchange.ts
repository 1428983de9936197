/** A request and its answer, from the head to the last byte sent. */
import type { Admission, Application, Reply, StreamedBody } from './application.js';
import { BodyBudget, type BodyRefusal, RequestBody } from './body.js';
import { type ReadableRequest, ReceivedHead } from './head.js';
import { type ResponseSink, sendReply } from './reply.js';
import { ResponseStream } from './response-stream.js';
import { Turns } from './turns.js';

/** A response of uWebSockets.js, as far as it is used. */
interface Response extends ResponseSink {
  onAborted(handler: () => void): unknown;
  onData(handler: (chunk: ArrayBuffer, isLast: boolean) => void): unknown;
  /** Reads no more from the connection, until `resume`. What has been read already may still come. */
  pause(): unknown;
  resume(): unknown;
  close(): unknown;
}

export interface ExchangeOptions {
  /** Bytes that all bodies being received or answered may hold together. */
  readonly inflightBodyBytesMax?: number;
  /** Bytes of the bodies that the application works on together; the others wait. */
  readonly workingBodyBytesMax?: number;
  /** How long a request may wait altogether: to be read on, and for its turn. */
  readonly waitMaxMs?: number;
  /** Told of errors that the application should have answered itself. */
  readonly onError?: (error: unknown) => void;
}

const INFLIGHT_BODY_BYTES_MAX = 256 * 1024 * 1024;

/** Two of the largest bodies of default settings, a hundred batches of a thousand points. */
const WORKING_BODY_BYTES_MAX = 32 * 1024 * 1024;

/** Half of what a connection may stand still in the middle of a body before it is closed without an answer. */
const WAIT_MS_MAX = 5_000;

/**
 * A refused body up to this size is read and thrown away, which keeps the connection; beyond, it is closed. That is
 * more than any body we take: a client that reads only once it has sent all finds its connection broken instead of
 * the answer that says why.
 */
const DISCARDED_BYTES_MAX = 64 * 1024 * 1024;

const CONFLICTING_LENGTHS: Reply = {
  status: 400,
  headers: { 'Content-Type': 'application/json' },
  body: '{"error":"Validation Error","message":"Content-Length is given more than once"}',
};

/** What the requests of one listening socket share. */
export class Exchanges {
  readonly application: Application;
  readonly budget: BodyBudget;
  readonly waitMaxMs: number;
  readonly onError: (error: unknown) => void;
  draining = false;
  /** Exchanges whose bodies are not read on before there is room for them. */
  readonly paused = new Set<Exchange>();
  /** One kind of requests must not wait for the other: a disk that stands still stops no queries. */
  readonly #readTurns: Turns;
  readonly #writeTurns: Turns;
  readonly #exchanges = new Set<Exchange>();
  #onDrained: (() => void) | undefined;

  constructor(application: Application, options: ExchangeOptions) {
    this.application = application;
    this.budget = new BodyBudget(options.inflightBodyBytesMax ?? INFLIGHT_BODY_BYTES_MAX);
    this.waitMaxMs = options.waitMaxMs ?? WAIT_MS_MAX;
    const workingBytesMax = options.workingBodyBytesMax ?? WORKING_BODY_BYTES_MAX;
    this.#readTurns = new Turns(workingBytesMax);
    this.#writeTurns = new Turns(workingBytesMax, () => this.#resumeAll());
    this.onError = options.onError ?? (() => {});
  }

  accept(response: Response, request: ReadableRequest): void {
    const exchange = new Exchange(this, response, request);
    this.#exchanges.add(exchange);
    exchange.begin();
  }

  turnsOf(admission: Admission): Turns {
    return admission.waitsForDisk === true ? this.#writeTurns : this.#readTurns;
  }

  finished(exchange: Exchange): void {
    this.#exchanges.delete(exchange);
    if (this.#exchanges.size === 0) this.#onDrained?.();
  }

  async drain(limitMs: number): Promise<void> {
    this.draining = true;
    for (const exchange of [...this.#exchanges]) exchange.endStream();
    if (this.#exchanges.size === 0) return;
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, limitMs);
      this.#onDrained = () => {
        clearTimeout(timer);
        // Not in this turn: the last answer still waits in the cork of its socket.
        setImmediate(resolve);
      };
    });
  }

  #resumeAll(): void {
    for (const exchange of [...this.paused]) exchange.resume();
  }
}

/** One request and its answer. Over when the answer has been sent or the client is gone, and no work is left. */
class Exchange {
  readonly #shared: Exchanges;
  readonly #response: Response;
  readonly #head: ReceivedHead;
  #body: RequestBody | undefined;
  /** Bytes of the body that were declared and have not arrived; Infinity where nothing was declared. */
  #unreadBytes: number;
  /** The response must not be touched: it has been answered whole, or the client has left. */
  #closed = false;
  /** An answer is on its way, or the application is at work: more of the body means nothing. */
  #decided = false;
  #working = false;
  /** Milliseconds that this request may still wait. */
  #waitLeftMs: number;
  #pausedAt = 0;
  #stream: ResponseStream | undefined;
  /** Runs while the body is not read on. */
  #pauseTimer: NodeJS.Timeout | undefined;

  constructor(shared: Exchanges, response: Response, request: ReadableRequest) {
    this.#shared = shared;
    this.#response = response;
    this.#waitLeftMs = shared.waitMaxMs;
    // Before anything that may fail: a request left without it ends the process.
    response.onAborted(() => this.#aborted());
    this.#head = new ReceivedHead(request);
    const length = this.#head.header('content-length');
    const chunked = this.#head.header('transfer-encoding') !== '';
    this.#unreadBytes = chunked || length.includes(',') ? Number.POSITIVE_INFINITY : Number(length);
  }

  begin(): void {
    if (this.#head.header('content-length').includes(',')) {
      // uWebSockets.js reads the first of several lengths. A proxy that reads another takes part of this body for
      // the next request, or lets somebody write one into it.
      this.#answer(CONFLICTING_LENGTHS);
      return;
    }
    try {
      const decision = this.#shared.application.admit(this.#head);
      if ('respond' in decision) this.#receive(decision);
      else this.#answer(decision);
    } catch (error) {
      this.#fail(error);
    }
  }

  #receive(admission: Admission): void {
    const encoding = contentEncoding(this.#head.header('content-encoding'));
    if (encoding === undefined) {
      this.#answer(this.#shared.application.unreadable(this.#head, 'encoding'));
      return;
    }
    const body = new RequestBody(admission.bodyBytesMax, this.#shared.budget);
    this.#body = body;
    if (this.#unreadBytes > 0 && this.#unreadBytes < Number.POSITIVE_INFINITY) {
      const refusal = body.expect(this.#unreadBytes);
      if (refusal !== undefined) {
        this.#refuse(refusal, admission);
        return;
      }
    }
    this.#response.onData((chunk, isLast) => {
      if (this.#decided) return;
      this.#unreadBytes = isLast ? 0 : this.#unreadBytes - chunk.byteLength;
      const refusal = body.add(chunk);
      if (refusal !== undefined) this.#refuse(refusal, admission);
      else if (isLast) void this.#respond(admission, body, encoding);
      else this.#pauseIfCrowded(admission);
    });
    this.#pauseIfCrowded(admission);
  }

  /**
   * Leaves the rest of a body to the client while whole bodies wait for the disk: what is not read costs us nothing.
   * Other requests are read all the same: they do not wait for it, and mostly have no body.
   */
  #pauseIfCrowded(admission: Admission): void {
    if (admission.waitsForDisk !== true || !this.#shared.turnsOf(admission).isCrowded) return;
    if (this.#pauseTimer !== undefined || this.#unreadBytes === 0) return;
    this.#response.pause();
    this.#shared.paused.add(this);
    this.#pausedAt = performance.now();
    this.#pauseTimer = setTimeout(() => this.#refuse('overloaded', admission), this.#waitLeftMs);
  }

  resume(): void {
    if (this.#pauseTimer === undefined) return;
    clearTimeout(this.#pauseTimer);
    this.#pauseTimer = undefined;
    this.#waitLeftMs = Math.max(0, this.#waitLeftMs - (performance.now() - this.#pausedAt));
    this.#shared.paused.delete(this);
    if (!this.#closed) this.#response.resume();
  }

  async #respond(admission: Admission, body: RequestBody, encoding: 'identity' | 'gzip'): Promise<void> {
    this.#decided = true;
    this.#working = true;
    this.resume();
    try {
      const bytes = encoding === 'gzip' ? await body.inflate() : body.take();
      if (typeof bytes === 'string') this.#refuse(bytes, admission);
      else await this.#work(admission, bytes);
    } catch (error) {
      this.#fail(error);
    } finally {
      // Now, not when the answer is sent: a client that reads slowly must not hold the memory of others.
      body.release();
      this.#working = false;
      this.#settle();
    }
  }

  async #work(admission: Admission, bytes: Uint8Array): Promise<void> {
    const turns = this.#shared.turnsOf(admission);
    const turn = turns.begin(bytes.length, this.#waitLeftMs);
    if (turn !== true && !(await turn)) {
      this.#refuse('overloaded', admission);
      return;
    }
    try {
      if (!this.#closed) this.#answer(await admission.respond(bytes));
    } finally {
      turns.end(bytes.length);
    }
  }

  #refuse(refusal: BodyRefusal, admission: Admission): void {
    const { application } = this.#shared;
    if (refusal === 'tooLarge') this.#answer(application.tooLarge(this.#head, admission.bodyBytesMax));
    else if (refusal === 'overloaded') this.#answer(application.overloaded(this.#head));
    else this.#answer(application.unreadable(this.#head, 'gzip'));
  }

  #answer(reply: Reply): void {
    this.#decided = true;
    if (this.#closed) return;
    // First: what is left of the body is read and thrown away.
    this.resume();
    if (reply.stream !== undefined && this.#head.method !== 'HEAD') {
      this.#beginStream(reply, reply.stream);
      return;
    }
    const options = {
      head: this.#head.method === 'HEAD',
      close: this.#unreadBytes > DISCARDED_BYTES_MAX,
      lastOfConnection: this.#shared.draining,
    };
    sendReply(this.#response, reply, options, () => {
      this.#closed = true;
      this.#settle();
    });
  }

  #beginStream(reply: Reply, body: StreamedBody): void {
    this.#stream = new ResponseStream(this.#response, reply, () => {
      this.#closed = true;
      this.#settle();
    });
    this.#stream.begin(body);
    if (this.#shared.draining) this.#stream.end();
  }

  /** Before we close: it would never end by itself. */
  endStream(): void {
    this.#stream?.end();
  }

  /** The application broke its word and threw; the client learns nothing of it but that. */
  #fail(error: unknown): void {
    this.#shared.onError(error);
    try {
      this.#answer({
        status: 500,
        headers: { 'Content-Type': 'application/json' },
        body: '{"error":"Internal Server Error","message":"Something went wrong"}',
      });
    } catch {
      // Part of an answer is out already: only a broken connection tells the client that it was not whole.
      this.#response.close();
    }
  }

  #aborted(): void {
    this.#decided = true;
    this.#closed = true;
    this.resume();
    this.#stream?.aborted();
    this.#head.abort();
    this.#settle();
  }

  #settle(): void {
    if (!this.#closed || this.#working) return;
    this.#body?.release();
    this.#body = undefined;
    this.#shared.finished(this);
  }
}

function contentEncoding(value: string): 'identity' | 'gzip' | undefined {
  switch (value.trim().toLowerCase()) {
    case '':
    case 'identity':
      return 'identity';
    case 'gzip':
    case 'x-gzip':
      return 'gzip';
    default:
      return undefined;
  }
}
