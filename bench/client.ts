/** A client that holds a few connections, as a load generator does. */
import { Agent, type IncomingHttpHeaders, request } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export class Client {
  readonly #origin: URL;
  readonly #key: string;
  readonly #agent: Agent;
  /** How many requests may be under way. */
  readonly connections: number;

  constructor(origin: string, key: string, connections: number) {
    this.#origin = new URL(origin);
    this.#key = key;
    this.connections = connections;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  close(): void {
    this.#agent.destroy();
  }

  /** Rejects only where there was no answer. */
  send(method: string, path: string, body?: Buffer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          host: this.#origin.hostname,
          port: this.#origin.port,
          method,
          path,
          agent: this.#agent,
          headers: {
            'X-API-Key': this.#key,
            ...(body && { 'Content-Type': 'application/json', 'Content-Length': body.length }),
          },
        },
        incoming => {
          const parts: Buffer[] = [];
          incoming.on('data', part => parts.push(part));
          incoming.on('error', reject);
          incoming.on('end', () =>
            resolve({
              status: incoming.statusCode as number,
              headers: incoming.headers,
              body: Buffer.concat(parts),
            }),
          );
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  /** @throws (rejects) where the status is another: the answer's text is in the message. */
  async json<T>(
    method: string,
    path: string,
    body?: unknown,
    status = method === 'POST' ? 201 : 200,
  ): Promise<T> {
    const answer = await this.send(
      method,
      path,
      body === undefined ? undefined : Buffer.from(JSON.stringify(body)),
    );
    if (answer.status !== status) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`);
    return JSON.parse(answer.body.toString());
  }
}
