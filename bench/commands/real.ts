import type { Command } from 'commander';
import { readNab } from '../nab.js';
import { withProgress } from '../progress.js';
import { benchReal, realText } from '../real.js';

export function addReal(program: Command): void {
  program
    .command('real')
    .description(
      'ingests real series over HTTP, kills the server on the way, and compares what it has afterwards',
    )
    .option('--data <directory>', 'folder of timestamp,value files in folders', '../shared/data/nab')
    .option('--json', 'print JSON', false)
    .action(async (options: { data: string; json: boolean }) => {
      const series = readNab(options.data);
      if (series === undefined)
        throw new Error(`There is no ${options.data}: give a copy of NAB's data with --data`);
      const total = series.reduce((sum, { timestamps }) => sum + timestamps.length, 0);
      const report = await withProgress('points', total, onProgress => benchReal(series, onProgress));
      process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : realText(report));
    });
}
