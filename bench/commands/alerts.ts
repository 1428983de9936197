import type { Command } from 'commander';
import { alertsFigures, alertsText, benchAlerts } from '../alerts.js';
import { withProgress } from '../progress.js';
import { type OutputFlags, positiveWhole, withOutput, writeOutput } from './output.js';

interface AlertsFlags extends OutputFlags {
  readonly sources: number;
  readonly rules: number;
  readonly points: number;
  readonly rounds: number;
}

export function addAlerts(program: Command): void {
  withOutput(
    program
      .command('alerts')
      .description('ingestion with alert rules on every source, and without any')
      .option('--sources <count>', 'of 10 fields', positiveWhole, 1_000)
      .option('--rules <count>', 'of each source', positiveWhole, 10)
      .option('--points <count>', 'in all', positiveWhole, 300_000)
      .option('--rounds <count>', 'with and without them, each', positiveWhole, 3),
  ).action(async (flags: AlertsFlags) => {
    const { sources, rules: rulesPerSource, points, rounds } = flags;
    const report = await withProgress('parts', rounds * 2, onProgress =>
      benchAlerts({ sources, rulesPerSource, points, rounds, onProgress }),
    );
    const measured = { figures: alertsFigures(report), hashes: { alerts: report.hash } };
    writeOutput('alerts', flags, measured, () => alertsText(report), report);
  });
}
