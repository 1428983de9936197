/** The server as users start it: a process of its own, on a free port of this machine. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../server/cli.js', import.meta.url));
const START_TIME_MAX_MS = 60_000;

/** Any key of the right form will do: the server belongs to the benchmark alone. */
export const ADMIN_KEY = `dakkio_a_${'0123456789'.repeat(4)}`;

export interface ServerUsage {
  /** Of all threads, user and system. */
  readonly cpuSeconds: number;
  readonly peakMemoryBytes: number;
  /** Now, shared pages included. */
  readonly residentBytes: number;
  /** Sockets and all else that has a descriptor. */
  readonly openFiles: number;
}

export class ServerProcess {
  readonly origin: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, origin: string) {
    this.#child = child;
    this.origin = origin;
  }

  /** Resolves when it answers. @throws (rejects) with what it printed where it ends before. */
  static async start(
    dataDirectory: string,
    nodeFlags: readonly string[] = [],
    settings: readonly string[] = [],
  ): Promise<ServerProcess> {
    const flags = ['serve', '--host', '127.0.0.1', '--port', '0', '--data-dir', dataDirectory];
    const child = spawn(process.execPath, [...nodeFlags, CLI, ...flags, '--log-level', 'warn', ...settings], {
      env: { ...process.env, DAKKIO_ADMIN_KEY: ADMIN_KEY },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let printed = '';
    const origin = await new Promise<string>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`The server did not start:\n${printed}`)),
        START_TIME_MAX_MS,
      );
      const read = (text: Buffer) => {
        printed += text;
        const [found] = /http:\/\/127\.0\.0\.1:\d+/.exec(printed) ?? [];
        if (found === undefined) return;
        clearTimeout(timer);
        resolve(found);
      };
      child.stdout?.on('data', read);
      child.stderr?.on('data', text => {
        printed += text;
      });
      child.on('exit', code => {
        clearTimeout(timer);
        reject(new Error(`The server ended with ${code}:\n${printed}`));
      });
    });
    return new ServerProcess(child, origin);
  }

  /** Linux only, from /proc; zeros elsewhere. */
  usage(): ServerUsage {
    try {
      const ticks = readFileSync(`/proc/${this.#child.pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
      const bytesOf = (name: string) =>
        Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) * 1024;
      return {
        // Fields 14 and 15 of proc(5), in ticks of 10 ms.
        cpuSeconds: (Number(ticks[11]) + Number(ticks[12])) / 100,
        peakMemoryBytes: bytesOf('VmHWM'),
        residentBytes: bytesOf('VmRSS'),
        openFiles: readdirSync(`/proc/${this.#child.pid}/fd`).length,
      };
    } catch {
      return { cpuSeconds: 0, peakMemoryBytes: 0, residentBytes: 0, openFiles: 0 };
    }
  }

  /**
   * CPU time of all threads, finer than the ticks of `usage`: what a single query takes. Threads that have ended are
   * not in it. Linux only; 0 elsewhere.
   */
  cpuMs(): number {
    const tasks = `/proc/${this.#child.pid}/task`;
    try {
      let nanoseconds = 0;
      for (const task of readdirSync(tasks)) {
        nanoseconds += Number(readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ')[0]);
      }
      return nanoseconds / 1e6;
    } catch {
      return 0;
    }
  }

  /** Resolves when the process is gone. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill(signal);
    await gone;
  }
}
