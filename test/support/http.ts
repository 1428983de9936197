import { connect, type Socket } from 'node:net';

/** One answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** A client that says exactly the bytes it is told to, and reads answers one after another. */
export class RawClient {
  readonly socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #closed = false;
  #wake: () => void = () => {};

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', chunk => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#closed = true;
      this.#wake();
    });
  }

  static async open(port: number, host = '127.0.0.1'): Promise<RawClient> {
    const socket = connect({ port, host, noDelay: true });
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new RawClient(socket);
  }

  send(...parts: (string | Uint8Array)[]): void {
    for (const part of parts) this.socket.write(part);
  }

  /** One byte a packet. */
  async sendSlowly(bytes: string | Uint8Array): Promise<void> {
    for (const byte of Buffer.from(bytes as string)) {
      this.socket.write(Buffer.from([byte]));
      await new Promise(resolve => setImmediate(resolve));
    }
  }

  /** The next answer, or undefined where the connection ends first. */
  async answer(toHead = false): Promise<RawAnswer | undefined> {
    for (;;) {
      const headEnd = this.#received.indexOf('\r\n\r\n');
      if (headEnd >= 0) {
        const [statusLine, ...lines] = this.#received.toString('latin1', 0, headEnd).split('\r\n');
        const headers = new Map(
          lines.map(line => [
            line.slice(0, line.indexOf(':')).toLowerCase(),
            line.slice(line.indexOf(':') + 1).trim(),
          ]),
        );
        const length = toHead ? 0 : Number(headers.get('content-length') ?? 0);
        const bodyAt = headEnd + 4;
        if (this.#received.length >= bodyAt + length) {
          const body = this.#received.subarray(bodyAt, bodyAt + length);
          this.#received = this.#received.subarray(bodyAt + length);
          return { status: Number(statusLine.split(' ')[1]), headers, body };
        }
      }
      if (this.#closed) return undefined;
      await this.#news();
    }
  }

  /** Resolves when the connection has ended. */
  async closed(): Promise<void> {
    while (!this.#closed) await this.#news();
  }

  destroy(): void {
    this.socket.destroy();
  }

  #news(): Promise<void> {
    return new Promise(resolve => {
      this.#wake = resolve;
    });
  }
}
