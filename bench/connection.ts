/**
 * One connection to the server that costs next to nothing itself: requests are bytes made beforehand, of answers only
 * what tells their end is read. Node's own client takes as long as a fast query.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  readonly body: Buffer;
  /** From the first byte sent to the last byte received. */
  readonly elapsedMs: number;
}

interface Waiting {
  resolve(answer: RawAnswer): void;
  reject(error: Error): void;
}

const HEAD_END = Buffer.from('\r\n\r\n');
/** The end of a body in pieces. A body of text never has it within. */
const LAST_CHUNK = Buffer.from('\r\n0\r\n\r\n');

export class Connection {
  readonly #socket: Socket;
  #waiting: Waiting | undefined;
  #sentAt = 0;
  #parts: Buffer[] = [];
  #received = 0;
  /** Of head and body together; undefined until the head is there, no number where the body comes in pieces. */
  #expected: number | undefined;
  #bodyAt = 0;
  #status = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', part => this.#read(part));
    socket.on('error', error => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('The server has closed the connection')));
  }

  static async open(origin: string): Promise<Connection> {
    const { hostname, port } = new URL(origin);
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    await once(socket, 'connect');
    return new Connection(socket);
  }

  /** One request at a time. @param request of `requestBytes` @throws (rejects) where the answer does not come whole. */
  send(request: Buffer): Promise<RawAnswer> {
    if (this.#socket.destroyed) return Promise.reject(new Error('The server has closed the connection'));
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#sentAt = performance.now();
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(part: Buffer): void {
    this.#parts.push(part);
    this.#received += part.length;
    if (this.#expected === undefined && !this.#readHead()) return;
    const isChunked = this.#expected === Infinity;
    if (isChunked ? !this.#endsWithLastChunk() : this.#received < (this.#expected as number)) return;
    const elapsedMs = performance.now() - this.#sentAt;
    const whole = this.#parts.length === 1 ? this.#parts[0] : Buffer.concat(this.#parts);
    const waiting = this.#waiting;
    this.#waiting = undefined;
    this.#parts = [];
    this.#received = 0;
    this.#expected = undefined;
    const body = whole.subarray(this.#bodyAt);
    waiting?.resolve({ status: this.#status, body: isChunked ? joinChunks(body) : body, elapsedMs });
  }

  /** Peers only: the store says how long its answers are. */
  #endsWithLastChunk(): boolean {
    let tail = this.#parts[this.#parts.length - 1];
    if (tail.length < LAST_CHUNK.length && this.#parts.length > 1) {
      tail = Buffer.concat(this.#parts);
      this.#parts = [tail];
    }
    return tail.subarray(-LAST_CHUNK.length).equals(LAST_CHUNK);
  }

  #readHead(): boolean {
    if (this.#parts.length > 1) this.#parts = [Buffer.concat(this.#parts)];
    const [bytes] = this.#parts;
    const end = bytes.indexOf(HEAD_END);
    if (end < 0) return false;
    const head = bytes.toString('latin1', 0, end);
    this.#status = Number(head.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length));
    const length = this.#status === NO_CONTENT ? 0 : bodyLength(head);
    if (length === undefined) {
      this.#fail(new Error(`An answer says nothing of its length:\n${head}`));
      return false;
    }
    this.#bodyAt = end + HEAD_END.length;
    this.#expected = this.#bodyAt + length;
    return true;
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }
}

const NO_CONTENT = 204;

/** Infinity where it comes in pieces, undefined where nothing is said. */
function bodyLength(head: string): number | undefined {
  const length = /\r\ncontent-length: *(\d+)/i.exec(head);
  if (length !== null) return Number(length[1]);
  return /\r\ntransfer-encoding: *chunked/i.test(head) ? Infinity : undefined;
}

function joinChunks(body: Buffer): Buffer {
  const chunks: Buffer[] = [];
  for (let at = 0; at < body.length; ) {
    const lineEnd = body.indexOf('\r\n', at);
    const length = Number.parseInt(body.toString('latin1', at, lineEnd), 16);
    chunks.push(body.subarray(lineEnd + 2, lineEnd + 2 + length));
    if (length === 0) break;
    at = lineEnd + 2 + length + 2;
  }
  return Buffer.concat(chunks);
}

export interface RequestOptions {
  /** Absent for servers that ask for none. */
  readonly key?: string;
  readonly accept?: string;
  readonly body?: Buffer;
  readonly contentType?: string;
  readonly contentEncoding?: string;
}

/** Head and body of a request, to be sent as often as one likes. */
export function requestBytes(method: string, path: string, options: RequestOptions): Buffer {
  const { key, accept = 'application/json', contentType = 'application/json' } = options;
  const { contentEncoding, body = Buffer.alloc(0) } = options;
  const lines = [`${method} ${path} HTTP/1.1`, 'Host: 127.0.0.1', `Accept: ${accept}`];
  if (key !== undefined) lines.push(`X-API-Key: ${key}`);
  if (contentEncoding !== undefined) lines.push(`Content-Encoding: ${contentEncoding}`);
  if (body.length > 0) lines.push(`Content-Type: ${contentType}`, `Content-Length: ${body.length}`);
  else if (method === 'POST') lines.push('Content-Length: 0');
  return Buffer.concat([Buffer.from(lines.join('\r\n')), HEAD_END, body]);
}
