/** A process that is measured: what it takes, and its end by its id. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';

/** CPU time finer than the ticks of `usage`. */
export interface CpuClock {
  cpuMs(): number;
}

export interface ProcessUsage {
  /** Of all threads, user and system. */
  readonly cpuSeconds: number;
  readonly peakMemoryBytes: number;
  /** Now, shared pages included. */
  readonly residentBytes: number;
  /** Sockets and all else that has a descriptor. */
  readonly openFiles: number;
}

export class MeasuredProcess implements CpuClock {
  readonly #child: ChildProcess;
  #printed = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    const read = (text: Buffer) => {
      this.#printed = (this.#printed + text).slice(-PRINTED_CHARACTERS_MAX);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    // Told by `failure`; without a listener it would end this process.
    child.on('error', error => read(Buffer.from(error.message)));
  }

  static start(file: string, flags: readonly string[], options: SpawnOptions = {}): MeasuredProcess {
    return new MeasuredProcess(spawn(file, flags, { stdio: ['ignore', 'pipe', 'pipe'], ...options }));
  }

  /** The end of what it has printed. */
  get printed(): string {
    return this.#printed;
  }

  get hasEnded(): boolean {
    return this.#child.pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Resolves with the match once it has been printed. @throws (rejects) where it ends before, or takes too long. */
  async untilPrinted(pattern: RegExp, timeMaxMs: number): Promise<RegExpExecArray> {
    const endBy = performance.now() + timeMaxMs;
    for (;;) {
      const found = pattern.exec(this.#printed);
      if (found !== null) return found;
      if (this.hasEnded) throw new Error(`The server ended with ${this.#child.exitCode}:\n${this.#printed}`);
      const left = endBy - performance.now();
      if (left <= 0) throw new Error(`The server did not start:\n${this.#printed}`);
      await this.#somethingNew(left);
    }
  }

  /** Linux only, from /proc; zeros elsewhere. */
  usage(): ProcessUsage {
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
    if (this.hasEnded) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill(signal);
    await gone;
  }

  /** How it has ended; undefined while it runs. */
  get ending(): number | NodeJS.Signals | undefined {
    return this.#child.exitCode ?? this.#child.signalCode ?? undefined;
  }

  #somethingNew(timeMaxMs: number): Promise<void> {
    return new Promise(resolve => {
      const wake = () => {
        clearTimeout(timer);
        this.#child.stdout?.off('data', wake);
        this.#child.off('exit', wake);
        resolve();
      };
      const timer = setTimeout(wake, timeMaxMs);
      this.#child.stdout?.on('data', wake);
      this.#child.on('exit', wake);
    });
  }
}

const PRINTED_CHARACTERS_MAX = 100_000;
