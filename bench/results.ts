/** Results as they are kept: figures, with where and when they were measured. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { arch, cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Figure } from './figures.js';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
/** Kept with the code: a result belongs to the commit it is of. */
const RESULTS = join(PROJECT, 'bench', 'results');

export interface PeerResult {
  readonly name: string;
  readonly title: string;
  readonly version: string;
  readonly figures: readonly Figure[];
}

export interface Result {
  readonly command: string;
  /** ISO 8601. */
  readonly date: string;
  /** With a `+` where files had been changed; `unknown` outside of a clone. */
  readonly commit: string;
  readonly node: string;
  readonly machine: {
    readonly processor: string;
    readonly cores: number;
    readonly memoryBytes: number;
    readonly system: string;
  };
  readonly figures: readonly Figure[];
  /** Of what was answered, by part: the same for the same work. */
  readonly hashes: Readonly<Record<string, string>>;
  readonly peers?: readonly PeerResult[];
}

export function resultOf(
  command: string,
  measured: Pick<Result, 'figures' | 'hashes' | 'peers'>,
  date = new Date(),
): Result {
  const [{ model } = { model: 'unknown' }, ...others] = cpus();
  return {
    command,
    date: date.toISOString(),
    commit: commitOf(),
    node: process.version,
    machine: {
      processor: model,
      cores: others.length + 1,
      memoryBytes: totalmem(),
      system: `${type()} ${release()} ${arch()}`,
    },
    ...measured,
  };
}

function commitOf(): string {
  const git = (...flags: string[]) =>
    execFileSync('git', flags, { cwd: PROJECT, stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim();
  try {
    return git('rev-parse', '--short=12', 'HEAD') + (git('status', '--porcelain') === '' ? '' : '+');
  } catch {
    return 'unknown';
  }
}

/** Writes a dated file. @returns its path */
export function saveResult(result: Result, directory = RESULTS): string {
  mkdirSync(directory, { recursive: true });
  const stamp = result.date.slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
  const path = join(directory, `${stamp}-${result.command.replaceAll(/[^a-z0-9]+/g, '-')}.json`);
  writeFileSync(path, `${JSON.stringify(result, null, 2)}\n`);
  return path;
}

/** @throws Error where it is no result */
export function readResult(path: string): Result {
  const result = JSON.parse(readFileSync(path, 'utf8')) as Partial<Result>;
  if (!Array.isArray(result.figures)) throw new Error(`${path} is no saved result`);
  return result as Result;
}
