import type { Command } from 'commander';
import { analyticsFigures, analyticsText, benchAnalytics } from '../analytics.js';
import { withProgress } from '../progress.js';
import { type OutputFlags, positiveWhole, withOutput, writeOutput } from './output.js';

interface AnalyticsFlags extends OutputFlags {
  readonly points: number;
  readonly sources: number;
  readonly runs: number;
}

export function addAnalytics(program: Command): void {
  withOutput(
    program
      .command('analytics')
      .description(
        "the overview and a bucket's analytics over long sources: warm, one client, answers checked",
      )
      .option('--points <count>', 'in all, put into segments without HTTP', positiveWhole, 100_000_000)
      .option('--sources <count>', 'that they are of', positiveWhole, 100)
      .option('--runs <count>', 'times that each is asked', positiveWhole, 200),
  ).action(async (flags: AnalyticsFlags) => {
    const { points, sources, runs } = flags;
    const report = await withProgress('points', points, onProgress =>
      benchAnalytics({ points, sources, runs, onProgress }),
    );
    const measured = { figures: analyticsFigures(report), hashes: {} };
    writeOutput('analytics', flags, measured, () => analyticsText(report), report);
  });
}
