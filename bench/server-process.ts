/** The server as users start it: a process of its own, on a free port of this machine. */
import { fileURLToPath } from 'node:url';
import { type CpuClock, MeasuredProcess, type ProcessUsage } from './measured-process.js';

const CLI = fileURLToPath(new URL('../bundle/cli.js', import.meta.url));
const START_TIME_MAX_MS = 60_000;

/** Any key of the right form will do: the server belongs to the benchmark alone. */
export const ADMIN_KEY = `dakkio_a_${'0123456789'.repeat(4)}`;

export class ServerProcess implements CpuClock {
  readonly origin: string;
  readonly #process: MeasuredProcess;

  private constructor(process: MeasuredProcess, origin: string) {
    this.#process = process;
    this.origin = origin;
  }

  /** Resolves when it answers. @throws (rejects) with what it printed where it ends before. */
  static async start(
    dataDirectory: string,
    nodeFlags: readonly string[] = [],
    settings: readonly string[] = [],
  ): Promise<ServerProcess> {
    const flags = ['serve', '--host', '127.0.0.1', '--port', '0', '--data-dir', dataDirectory];
    const server = MeasuredProcess.start(
      process.execPath,
      [...nodeFlags, CLI, ...flags, '--log-level', 'warn', ...settings],
      { env: { ...process.env, DAKKIO_ADMIN_KEY: ADMIN_KEY } },
    );
    try {
      const [origin] = await server.untilPrinted(/http:\/\/127\.0\.0\.1:\d+/, START_TIME_MAX_MS);
      return new ServerProcess(server, origin);
    } catch (error) {
      await server.end('SIGKILL');
      throw error;
    }
  }

  usage(): ProcessUsage {
    return this.#process.usage();
  }

  cpuMs(): number {
    return this.#process.cpuMs();
  }

  /** Resolves when the process is gone. @throws (rejects) where it was asked to close and ended otherwise. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    await this.#process.end(signal);
    const { ending, printed } = this.#process;
    if (signal === 'SIGTERM' && ending !== 0) throw new Error(`The server ended with ${ending}:\n${printed}`);
  }
}
