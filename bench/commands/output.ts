/** What every command can do with its result: print it, keep it, hold it against an older one, draw it. */
import { writeFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { reportPage } from '../report/page.js';
import { comparisonText } from '../result-text.js';
import { type Result, readResult, resultOf, saveResult } from '../results.js';

export interface OutputFlags {
  readonly json: boolean;
  readonly save?: boolean;
  readonly compare?: string;
  readonly report?: string;
}

/** @param compared what `--compare` takes */
export function withOutput(command: Command, compared = '<file>'): Command {
  return command
    .option('--json', 'print JSON', false)
    .option('--save', 'keep the figures in a dated file in bench/results', false)
    .option(
      `--compare ${compared}`,
      'print the figures beside those of a saved file; of two, without measuring',
    )
    .option('--report <file.html>', 'write a page with charts');
}

export function writeOutput(
  command: string,
  flags: OutputFlags,
  measured: Pick<Result, 'figures' | 'hashes' | 'peers'>,
  text: (result: Result) => string,
  report?: unknown,
): void {
  const result = resultOf(command, measured);
  process.stdout.write(flags.json ? `${JSON.stringify({ ...result, report })}\n` : text(result));
  if (flags.compare !== undefined) {
    process.stdout.write(`\n${comparisonText(readResult(flags.compare), result)}`);
  }
  if (flags.save) process.stderr.write(`kept in ${saveResult(result)}\n`);
  if (flags.report !== undefined) writeFileSync(flags.report, reportPage(result));
}

/** For numbers on the command line. @throws InvalidArgumentError */
export function positiveWhole(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('It must be a whole number from 1.');
  return value;
}

/** Tells on standard error what begins, and when. */
export function stepTeller(): (step: string) => void {
  const started = performance.now();
  return step => {
    const seconds = Math.round((performance.now() - started) / 1_000);
    process.stderr.write(`${String(seconds).padStart(4)} s  ${step}\n`);
  };
}
