/** The socket: HTTP/1.1 through uWebSockets.js, which nothing else imports. */
import './header-limit.js';
import {
  App,
  type HttpRequest,
  type HttpResponse,
  LIBUS_LISTEN_EXCLUSIVE_PORT,
  type TemplatedApp,
  type us_listen_socket,
  us_listen_socket_close,
  us_socket_local_port,
} from 'uWebSockets.js';
import { createServer } from 'node:net';
import type { Admission, Application, Reply } from './application.js';
import { BodyBudget, type BodyRefusal, RequestBody } from './body.js';
import { ReceivedHead } from './head.js';
import { sendReply } from './reply.js';

declare module 'uWebSockets.js' {
  /** Without it a second process may share the port, and the kernel deals connections to both. */
  export const LIBUS_LISTEN_EXCLUSIVE_PORT: number;
  interface TemplatedApp {
    listen(
      host: string,
      port: number,
      options: number,
      listening: (socket: us_listen_socket | false) => void,
    ): TemplatedApp;
  }
}

export interface ListenOptions {
  /** Name or address, IPv4 or IPv6. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Bytes that all bodies being received or answered may hold together. */
  readonly inflightBodyBytesMax?: number;
  /** Told of errors that the application should have answered itself. */
  readonly onError?: (error: unknown) => void;
}

export interface Listening {
  readonly port: number;
  /** The origin, such as `http://127.0.0.1:8080`. */
  readonly address: string;
  /** Takes no new connections, waits until the requests in flight are answered (at most 10 s), closes the rest. */
  close(): Promise<void>;
}

/** The host cannot be bound. `code` is the system's: EADDRINUSE, EACCES, EADDRNOTAVAIL, ENOTFOUND, … */
export class ListenError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'ListenError';
    this.code = code;
  }
}

const INFLIGHT_BODY_BYTES_MAX = 256 * 1024 * 1024;

const CONFLICTING_LENGTHS: Reply = {
  status: 400,
  headers: { 'Content-Type': 'application/json' },
  body: '{"error":"Validation Error","message":"Content-Length is given more than once"}',
};

/** How long requests in flight may take once we are closing. */
const DRAIN_MS_MAX = 10_000;

/** A refused body up to this size is read and thrown away, which keeps the connection; beyond, it is closed. */
const DISCARDED_BYTES_MAX = 1024 * 1024;

/**
 * Serves an application.
 *
 * A request that arrives on a connection whose last answer is still being made closes that connection:
 * uWebSockets.js does not queue them, and no client in use sends them. HTTP/1.0 is answered with 505, and so is a
 * request line that comes in pieces. Connections that stand still for ten seconds in the middle of a head, a body
 * (less than 16 KiB a second) or an answer are closed by it, and so are idle ones.
 * @throws ListenError (rejects)
 */
export async function listen(application: Application, options: ListenOptions): Promise<Listening> {
  const server = new Server(application, options);
  const app = App().any('/*', (response, request) => server.accept(response, request));
  const socket = await new Promise<us_listen_socket | false>(resolve => {
    app.listen(options.host, options.port, LIBUS_LISTEN_EXCLUSIVE_PORT, resolve);
  });
  if (socket === false) {
    app.close();
    throw await reasonNotListening(options.host, options.port);
  }
  const port = us_socket_local_port(socket);
  let closed: Promise<void> | undefined;
  return {
    port,
    address: `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`,
    close() {
      closed ??= closeServer(app, socket, server);
      return closed;
    },
  };
}

async function closeServer(app: TemplatedApp, socket: us_listen_socket, server: Server): Promise<void> {
  us_listen_socket_close(socket);
  await server.drain(DRAIN_MS_MAX);
  app.close();
}

/** uWebSockets.js only says that it failed; trying the same with `net` tells why. */
function reasonNotListening(host: string, port: number): Promise<ListenError> {
  const reasons: Record<string, string> = {
    EADDRINUSE: 'the port is in use by another process; stop it, or choose another port',
    EACCES: 'the port may not be opened by this user; ports from 1024 on may',
    EADDRNOTAVAIL: 'no interface of this machine has that address',
    ENOTFOUND: 'the host name is not known',
  };
  const failed = (code: string) =>
    new ListenError(code, `Cannot listen on ${host}:${port}: ${reasons[code] ?? code}`);
  return new Promise(resolve => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(failed(error.code ?? 'EUNKNOWN')));
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(failed('EAGAIN'))));
  });
}

/** What the requests of one listening socket share. */
class Server {
  readonly application: Application;
  readonly budget: BodyBudget;
  readonly onError: (error: unknown) => void;
  draining = false;
  readonly #exchanges = new Set<Exchange>();
  #onDrained: (() => void) | undefined;

  constructor(application: Application, options: ListenOptions) {
    this.application = application;
    this.budget = new BodyBudget(options.inflightBodyBytesMax ?? INFLIGHT_BODY_BYTES_MAX);
    this.onError = options.onError ?? (() => {});
  }

  accept(response: HttpResponse, request: HttpRequest): void {
    const exchange = new Exchange(this, response, request);
    this.#exchanges.add(exchange);
    exchange.begin();
  }

  finished(exchange: Exchange): void {
    this.#exchanges.delete(exchange);
    if (this.#exchanges.size === 0) this.#onDrained?.();
  }

  async drain(limitMs: number): Promise<void> {
    this.draining = true;
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
}

/** One request and its answer. Over when the answer has been sent or the client is gone, and no work is left. */
class Exchange {
  readonly #server: Server;
  readonly #response: HttpResponse;
  readonly #head: ReceivedHead;
  #body: RequestBody | undefined;
  /** Bytes of the body that were declared and have not arrived; Infinity where nothing was declared. */
  #unreadBytes: number;
  /** The response must not be touched: it has been answered whole, or the client has left. */
  #closed = false;
  /** An answer is on its way, or the application is at work: more of the body means nothing. */
  #decided = false;
  #working = false;

  constructor(server: Server, response: HttpResponse, request: HttpRequest) {
    this.#server = server;
    this.#response = response;
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
      const decision = this.#server.application.admit(this.#head);
      if ('respond' in decision) this.#receive(decision);
      else this.#answer(decision);
    } catch (error) {
      this.#fail(error);
    }
  }

  #receive(admission: Admission): void {
    const encoding = contentEncoding(this.#head.header('content-encoding'));
    if (encoding === undefined) {
      this.#answer(this.#server.application.unreadable(this.#head, 'encoding'));
      return;
    }
    const body = new RequestBody(admission.bodyBytesMax, this.#server.budget);
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
    });
  }

  async #respond(admission: Admission, body: RequestBody, encoding: 'identity' | 'gzip'): Promise<void> {
    this.#decided = true;
    this.#working = true;
    try {
      const bytes = encoding === 'gzip' ? await body.inflate() : body.take();
      if (typeof bytes === 'string') this.#refuse(bytes, admission);
      else if (!this.#closed) this.#answer(await admission.respond(bytes));
    } catch (error) {
      this.#fail(error);
    } finally {
      // Now, not when the answer is sent: a client that reads slowly must not hold the memory of others.
      body.release();
      this.#working = false;
      this.#settle();
    }
  }

  #refuse(refusal: BodyRefusal, admission: Admission): void {
    const { application } = this.#server;
    if (refusal === 'tooLarge') this.#answer(application.tooLarge(this.#head, admission.bodyBytesMax));
    else if (refusal === 'overloaded') this.#answer(application.overloaded(this.#head));
    else this.#answer(application.unreadable(this.#head, 'gzip'));
  }

  #answer(reply: Reply): void {
    this.#decided = true;
    if (this.#closed) return;
    const options = {
      head: this.#head.method === 'HEAD',
      close: this.#unreadBytes > DISCARDED_BYTES_MAX,
      lastOfConnection: this.#server.draining,
    };
    sendReply(this.#response, reply, options, () => {
      this.#closed = true;
      this.#settle();
    });
  }

  /** The application broke its word and threw; the client learns nothing of it but that. */
  #fail(error: unknown): void {
    this.#server.onError(error);
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
    this.#head.abort();
    this.#settle();
  }

  #settle(): void {
    if (!this.#closed || this.#working) return;
    this.#body?.release();
    this.#body = undefined;
    this.#server.finished(this);
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
