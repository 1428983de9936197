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

export class Connection {
  readonly #socket: Socket;
  #waiting: Waiting | undefined;
  #sentAt = 0;
  #parts: Buffer[] = [];
  #received = 0;
  /** Of head and body together; undefined until the head is there. */
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
    if (this.#received < (this.#expected as number)) return;
    const elapsedMs = performance.now() - this.#sentAt;
    const whole = this.#parts.length === 1 ? this.#parts[0] : Buffer.concat(this.#parts);
    const waiting = this.#waiting;
    this.#waiting = undefined;
    this.#parts = [];
    this.#received = 0;
    this.#expected = undefined;
    waiting?.resolve({ status: this.#status, body: whole.subarray(this.#bodyAt), elapsedMs });
  }

  #readHead(): boolean {
    if (this.#parts.length > 1) this.#parts = [Buffer.concat(this.#parts)];
    const [bytes] = this.#parts;
    const end = bytes.indexOf(HEAD_END);
    if (end < 0) return false;
    const head = bytes.toString('latin1', 0, end);
    const length = /\r\ncontent-length: *(\d+)/i.exec(head);
    if (length === null) {
      this.#fail(new Error(`An answer says nothing of its length:\n${head}`));
      return false;
    }
    this.#status = Number(head.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length));
    this.#bodyAt = end + HEAD_END.length;
    this.#expected = this.#bodyAt + Number(length[1]);
    return true;
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }
}

export interface RequestOptions {
  readonly key: string;
  readonly accept?: string;
  readonly body?: Buffer;
}

/** Head and body of a request, to be sent as often as one likes. */
export function requestBytes(method: string, path: string, options: RequestOptions): Buffer {
  const { key, accept = 'application/json', body = Buffer.alloc(0) } = options;
  const lines = [`${method} ${path} HTTP/1.1`, 'Host: 127.0.0.1', `X-API-Key: ${key}`, `Accept: ${accept}`];
  if (body.length > 0) lines.push('Content-Type: application/json', `Content-Length: ${body.length}`);
  return Buffer.concat([Buffer.from(lines.join('\r\n')), HEAD_END, body]);
}
