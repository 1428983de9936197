/** Replies on their way out. */
import { STATUS_CODES } from 'node:http';
import { assert } from '../../engine/base/assert.js';
import type { Reply } from './application.js';

/** What is needed of a response of uWebSockets.js. Every call after an abort or the end of the body is an error there. */
export interface ResponseSink {
  cork(write: () => void): unknown;
  writeStatus(status: string): unknown;
  writeHeader(name: string, value: string): unknown;
  /** A piece of a body whose length is not told. Returns whether no bytes had to wait. */
  write(chunk: Uint8Array): boolean;
  end(body?: Uint8Array, closeConnection?: boolean): unknown;
  endWithoutBody(): unknown;
  /** Returns whether no bytes had to wait, and whether the whole answer has been taken. */
  tryEnd(rest: Uint8Array, totalLength: number): [boolean, boolean];
  onWritable(handler: (offset: number) => boolean): unknown;
}

export interface SendOptions {
  /** The method was HEAD: the same headers, no body. */
  readonly head: boolean;
  /** Close the connection afterwards, whatever the client is still sending. */
  readonly close: boolean;
  /** Say that this connection will be closed soon, without closing it. */
  readonly lastOfConnection: boolean;
}

const HEADER_BREAK = /[\r\n\0]/;

/**
 * Sends a reply. A body the socket does not take at once is kept and sent as the client reads it.
 * `onSent` runs once the last byte is handed to the kernel; never after an abort.
 */
export function sendReply(
  response: ResponseSink,
  reply: Reply,
  options: SendOptions,
  onSent: () => void,
): void {
  const { status } = reply;
  const body = typeof reply.body === 'string' ? Buffer.from(reply.body) : reply.body;
  response.cork(() => {
    writeHead(response, reply);
    if (options.lastOfConnection && !options.close) response.writeHeader('Connection', 'close');
    if (status === 204 || status === 304) {
      response.endWithoutBody();
    } else if (options.head) {
      // Told the length instead, endWithoutBody would wait for that many bytes and close the next request.
      response.writeHeader('Content-Length', String(body?.length ?? 0));
      response.endWithoutBody();
    } else if (body === undefined || body.length === 0 || options.close) {
      response.end(body, options.close);
    } else {
      sendBody(response, body, onSent);
      return;
    }
    onSent();
  });
}

/** Status and headers; within a cork. */
export function writeHead(response: ResponseSink, { status, headers = {} }: Reply): void {
  for (const name in headers) {
    // A line break would let whoever chose the value write headers, and a second answer, of his own.
    assert(!HEADER_BREAK.test(headers[name]), `the header ${name} is one line`);
  }
  response.writeStatus(`${status} ${STATUS_CODES[status] ?? 'Unknown'}`);
  for (const name in headers) response.writeHeader(name, headers[name]);
}

function sendBody(response: ResponseSink, body: Uint8Array, onSent: () => void): void {
  const [, done] = response.tryEnd(body, body.length);
  if (done) {
    onSent();
    return;
  }
  response.onWritable(offset => {
    const [ok, doneNow] = response.tryEnd(body.subarray(offset), body.length);
    if (doneNow) onSent();
    return ok;
  });
}
