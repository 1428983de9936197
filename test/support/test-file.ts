/** One file of tests, run as a process of its own. */
import { execFile } from 'node:child_process';
import { projectRoot } from './root.js';

export interface TestFileResult {
  readonly path: string;
  readonly totals: Totals;
  /** What it printed, without what passed: undefined where all is well. */
  readonly failures?: string;
  readonly seconds: number;
}

export type Totals = Record<'total' | 'pass' | 'fail' | 'skip', number>;

const OUTPUT_BYTES_MAX = 256 << 20;
/** A test that hangs ends by tap's own clock, which tells what it waited for; one that cannot even do that is killed. */
const TEST_SECONDS_MAX = 300;
const KILL_AFTER_SECONDS = TEST_SECONDS_MAX + 15;

/** Never rejects: a file that cannot be run has failed. */
export function runTestFile(path: string): Promise<TestFileResult> {
  const began = performance.now();
  return new Promise(resolve => {
    execFile(
      process.execPath,
      ['--enable-source-maps', path],
      {
        cwd: projectRoot,
        env: { ...process.env, TAP_TIMEOUT: String(TEST_SECONDS_MAX) },
        maxBuffer: OUTPUT_BYTES_MAX,
        timeout: KILL_AFTER_SECONDS * 1000,
        killSignal: 'SIGKILL',
      },
      (error, stdout, stderr) => {
        const seconds = (performance.now() - began) / 1000;
        resolve({ path, seconds, ...verdictOf(stdout, stderr, error) });
      },
    );
  });
}

/** By what it printed and by how it ended: one that ends early without a word has not passed. */
export function verdictOf(
  stdout: string,
  stderr: string,
  error: Error | null,
): Pick<TestFileResult, 'totals' | 'failures'> {
  const totals = totalsOf(stdout);
  if (error === null && totals !== undefined && totals.fail === 0) return { totals };
  const failures = [withoutPassed(stdout), stderr.trimEnd(), error?.message.split('\n')[0] ?? ''];
  if (totals === undefined) failures.push('It ended without having printed its totals.');
  const { total = 0, pass = 0, fail = 0, skip = 0 } = totals ?? {};
  // A file that ends badly is a failure, whatever was counted.
  const counted = fail > 0 ? { total, pass, fail, skip } : { total: total + 1, pass, fail: 1, skip };
  return { totals: counted, failures: failures.filter(text => text !== '').join('\n') };
}

/** tap's last words: `# { total: 12, pass: 11, fail: 1 }`. */
function totalsOf(stdout: string): Totals | undefined {
  const [line] = stdout.match(/^# \{ total: \d+.*\}$/m) ?? [];
  if (line === undefined) return undefined;
  const of = (kind: string) => Number(line.match(new RegExp(`\\b${kind}: (\\d+)`))?.[1] ?? 0);
  return { total: of('total'), pass: of('pass'), fail: of('fail'), skip: of('skip') };
}

function withoutPassed(stdout: string): string {
  return stdout
    .split('\n')
    .filter(line => !/^\s*(?:ok \d|1\.\.\d|# Subtest: |$)/.test(line))
    .join('\n');
}
