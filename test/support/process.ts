import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { projectRoot } from './root.js';

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A child that runs a compiled file of the project, such as `test/support/command-line.js`. */
export class NodeProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  stdout = '';
  stderr = '';
  #wake: () => void = () => {};

  constructor(script: string, commandLine: readonly string[], environment: Record<string, string> = {}) {
    const { PATH } = process.env;
    this.child = spawn(process.execPath, [join(projectRoot, 'dist', script), ...commandLine], {
      env: { PATH, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout!.on('data', chunk => {
      this.stdout += chunk;
      this.#wake();
    });
    this.child.stderr!.on('data', chunk => {
      this.stderr += chunk;
      this.#wake();
    });
    this.ended = new Promise(resolve => {
      this.child.on('close', (status, signal) => {
        resolve({ status, signal, stdout: this.stdout, stderr: this.stderr });
        this.#wake();
      });
    });
  }

  /** Resolves with the match once stdout has it; rejects where the process ends first. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.stdout);
      if (match !== null) return match;
      if (this.child.exitCode !== null || this.child.signalCode !== null) {
        throw new Error(`Ended without printing ${pattern}: ${this.stdout}${this.stderr}`);
      }
      await new Promise<void>(resolve => {
        this.#wake = resolve;
      });
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }
}
