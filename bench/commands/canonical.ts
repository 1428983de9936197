import type { Command } from 'commander';
import { benchCanonical } from '../canonical.js';
import { nullSinkText } from '../ingest.js';
import { peersOf } from '../peers/list.js';
import { comparisonText, resultText } from '../result-text.js';
import { readResult } from '../results.js';
import { type OutputFlags, positiveWhole, stepTeller, withOutput, writeOutput } from './output.js';

interface CanonicalFlags extends Omit<OutputFlags, 'compare'> {
  readonly runs: number;
  readonly queryRuns: number;
  readonly smoke: boolean;
  readonly peers?: string;
  readonly compare?: string[];
}

/** What is done without a command. */
export function addCanonical(program: Command): void {
  // Here, and only here, two files may be given.
  withOutput(program, '<file...>')
    .option('--runs <count>', 'of each ingestion; the medians are told', positiveWhole, 3)
    .option('--query-runs <count>', 'times that each query is asked', positiveWhole, 200)
    .option('--smoke', 'few rows, few runs: whether it works', false)
    .option(
      '--peers <names>',
      'the same work by victoria-metrics, influxdb, prometheus, clickhouse, duckdb: those named',
    )
    .action(async (flags: CanonicalFlags) => {
      const { json, save, report: page, smoke, compare } = flags;
      // Two saved results need no measurement.
      if (compare !== undefined && compare.length > 1) {
        process.stdout.write(comparisonText(readResult(compare[0]), readResult(compare[1])));
        return;
      }
      const runs = smoke ? 1 : flags.runs;
      const queryRuns = smoke ? 5 : flags.queryRuns;
      const peers = flags.peers === undefined ? [] : peersOf(flags.peers);
      const measured = await benchCanonical({ runs, queryRuns, smoke, peers, onStep: stepTeller() });
      const { notSpoken, nullSink } = measured;
      const output = { json, save, report: page, compare: compare?.[0] };
      writeOutput('canonical', output, measured, result => {
        const client = nullSink && `${nullSinkText(nullSink.values, nullSink)}\n`;
        return `${resultText(result)}${client ?? ''}${notSpoken.map(text => `FAILED: ${text}\n`).join('')}`;
      });
      if (notSpoken.length > 0) process.exitCode = 1;
    });
}
