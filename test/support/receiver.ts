/** Receivers of webhooks, real ones on this machine, that fail as they are told to. */
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { type AddressInfo, createServer as createNetServer, type Socket } from 'node:net';
import type { Test } from 'tap';

export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type Answer = (response: ServerResponse, received: Received) => void;

export interface Receiver {
  readonly origin: string;
  readonly received: Received[];
  /** Of the next request, and all after it. */
  answer: Answer;
}

export const ok: Answer = response => response.writeHead(204).end();

/** Takes requests until the test ends. */
export async function receive(t: Test, answer: Answer = ok): Promise<Receiver> {
  const received: Received[] = [];
  const receiver: Receiver = { origin: '', received, answer };
  const server = createHttpServer(async (request, response) => {
    const one = await read(request);
    received.push(one);
    receiver.answer(response, one);
  });
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return Object.assign(receiver, { origin: await listen(server) });
}

/** A server that is no server of HTTP. */
export async function receiveBytes(t: Test, onSocket: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createNetServer(socket => {
    sockets.add(socket);
    socket.on('error', () => {});
    onSocket(socket);
  });
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return listen(server);
}

/** Where nobody listens. */
export async function unusedOrigin(): Promise<string> {
  const server = createNetServer();
  const origin = await listen(server);
  await new Promise(resolve => server.close(resolve));
  return origin;
}

async function read(request: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const { method = '', url = '', headers } = request;
  return { method, url, headers: headers as Record<string, string>, body: Buffer.concat(chunks).toString() };
}

async function listen(server: Server | ReturnType<typeof createNetServer>): Promise<string> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
