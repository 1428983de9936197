import type { Command } from 'commander';

export function addBench(root: Command): void {
  root
    .command('bench')
    .description('Run the benchmarks; bench --help lists them')
    .argument('[arguments...]')
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (rest: string[]) => {
      // Computed, so that the compiler does not see it: bench imports the server, and the server must build, and be
      // shipped, without bench.
      const path = ['#', 'bench'].join('');
      const { benchProgram } = (await import(path)) as { benchProgram: () => Command };
      await benchProgram().parseAsync(rest, { from: 'user' });
    });
}
