import type { Command } from 'commander';
import { benchInterference, interferenceFigures, interferenceText } from '../interference.js';
import { withProgress } from '../progress.js';
import { CANONICAL_SIZE } from '../query.js';
import { type OutputFlags, positiveWhole, withOutput, writeOutput } from './output.js';

interface InterferenceFlags extends OutputFlags {
  readonly rounds: number;
  readonly batches: number;
}

export function addInterference(program: Command): void {
  withOutput(
    program
      .command('interference')
      .description('latency of ingestion beside eight clients that export raw points, and without them')
      .option('--rounds <count>', 'a part with and a part without them each', positiveWhole, 4)
      .option('--batches <count>', 'of 1,000 points, a part', positiveWhole, 250),
  ).action(async (flags: InterferenceFlags) => {
    const { rounds, batches } = flags;
    const report = await withProgress('parts', rounds * 2, onProgress =>
      benchInterference({ rounds, batches, sensorRows: CANONICAL_SIZE.sensorRows, onProgress }),
    );
    const measured = { figures: interferenceFigures(report), hashes: {} };
    writeOutput('interference', flags, measured, () => interferenceText(report), report);
  });
}
