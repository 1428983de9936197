/** The socket: HTTP/1.1 through uWebSockets.js, which nothing else imports. */
import './header-limit.js';
import {
  App,
  LIBUS_LISTEN_EXCLUSIVE_PORT,
  type TemplatedApp,
  type us_listen_socket,
  us_listen_socket_close,
  us_socket_local_port,
} from 'uWebSockets.js';
import { createServer } from 'node:net';
import type { Application } from './application.js';
import { type ExchangeOptions, Exchanges } from './exchange.js';

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

export interface ListenOptions extends ExchangeOptions {
  /** Name or address, IPv4 or IPv6. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
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

/** How long requests in flight may take once we are closing. */
const DRAIN_MS_MAX = 10_000;

/**
 * Serves an application.
 *
 * A request that arrives on a connection whose last answer is still being made closes that connection:
 * uWebSockets.js does not queue them, and no client in use sends them. HTTP/1.0 is answered with 505, and so is a
 * request line that comes in pieces. Connections that stand still for ten seconds in the middle of a head, a body
 * (less than 16 KiB a second) or an answer are closed by it, and so are idle ones. Bodies that we do not read on, for
 * others wait for the disk already, are answered with 503 before that.
 * @throws ListenError (rejects)
 */
export async function listen(application: Application, options: ListenOptions): Promise<Listening> {
  const exchanges = new Exchanges(application, options);
  const app = App().any('/*', (response, request) => exchanges.accept(response, request));
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
      closed ??= closeAll(app, socket, exchanges);
      return closed;
    },
  };
}

async function closeAll(app: TemplatedApp, socket: us_listen_socket, exchanges: Exchanges): Promise<void> {
  us_listen_socket_close(socket);
  await exchanges.drain(DRAIN_MS_MAX);
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
