/** A peer as a process of its own, on ports of its own, with its data in a temporary directory. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection, type RawAnswer, requestBytes } from '../connection.js';
import { type CpuClock, MeasuredProcess, type ProcessUsage } from '../measured-process.js';
import { checkOk, type Peer } from './peer.js';

const START_TIME_MAX_MS = 60_000;
const ASK_AGAIN_MS = 5;

export class PeerProcess implements CpuClock {
  readonly origin: string;
  readonly #process: MeasuredProcess;

  private constructor(process: MeasuredProcess, origin: string) {
    this.#process = process;
    this.origin = origin;
  }

  /** Resolves when it takes requests. @throws (rejects) with what it printed where it does not. */
  static async start(peer: Peer, directory: string, atRest = false): Promise<PeerProcess> {
    const [port, secondPort] = [await freePort(), await freePort()];
    const { flags, environment } = peer.launch(directory, port, secondPort, atRest);
    const process_ = MeasuredProcess.start(peer.program, flags, { env: { ...process.env, ...environment } });
    const started = new PeerProcess(process_, `http://127.0.0.1:${port}`);
    try {
      await started.#untilReady(peer);
    } catch (error) {
      await process_.end('SIGKILL');
      throw error;
    }
    return started;
  }

  usage(): ProcessUsage {
    return this.#process.usage();
  }

  cpuMs(): number {
    return this.#process.cpuMs();
  }

  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    return this.#process.end(signal);
  }

  /** One request by itself. @throws (rejects) where it is not answered with 2xx. */
  async ask(request: Buffer): Promise<RawAnswer> {
    const connection = await Connection.open(this.origin);
    try {
      const answer = await connection.send(request);
      checkOk(answer);
      return answer;
    } finally {
      connection.close();
    }
  }

  async #untilReady({ readyPath, title }: Peer): Promise<void> {
    const endBy = performance.now() + START_TIME_MAX_MS;
    for (;;) {
      try {
        await this.ask(requestBytes('GET', readyPath, {}));
        return;
      } catch (error) {
        if (this.#process.hasEnded || performance.now() > endBy) {
          throw new Error(`${title} did not start: ${this.#process.printed}`, { cause: error });
        }
        await sleep(ASK_AGAIN_MS);
      }
    }
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
