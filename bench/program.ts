import { Command } from 'commander';
import { benchCompression } from './compression.js';

/** The benchmarks as commands; each writes its result to standard output. */
export function benchProgram(): Command {
  const program = new Command('bench').description('Measure the store');
  program
    .command('compression')
    .description('sizes of columns of files, each verified bit by bit')
    .argument('<file...>', 'a number a line, timestamp,value lines, or .bin of little-endian float64')
    .option('--json', 'print JSON', false)
    .action((files: string[], options: { json: boolean }) =>
      benchCompression(files, options, text => process.stdout.write(text)),
    );
  return program;
}
