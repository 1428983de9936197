import type { Command } from 'commander';
import { onDirectory } from './directory.js';
import { CommandError } from './errors.js';

export function addVerify(root: Command): void {
  root
    .command('verify')
    .description('Read every byte of a data directory and say what is damaged; changes nothing')
    .argument('<directory>', 'Data directory of a stopped server')
    .action(async (given: string) => {
      const { verifyDirectory } = await import('../verify.js');
      const { nodeDisk } = await import('../../wal/disk.js');
      const { damages } = await onDirectory(given, directory =>
        verifyDirectory(nodeDisk, directory, line => process.stdout.write(`${line}\n`)),
      );
      for (const damage of damages) process.stderr.write(`${damage}\n`);
      if (damages.length === 0) process.stdout.write('No damage\n');
      else throw new CommandError(`${given} is damaged in ${damages.length} places, named above`);
    });
}
