import type { Command } from 'commander';
import { benchCompression } from '../compression.js';

export function addCompression(program: Command): void {
  program
    .command('compression')
    .description('sizes of columns of files, each verified bit by bit')
    .argument('<file...>', 'a number a line, timestamp,value lines, or .bin of little-endian float64')
    .option('--json', 'print JSON', false)
    .action((files: string[], options: { json: boolean }) =>
      benchCompression(files, options, text => process.stdout.write(text)),
    );
}
