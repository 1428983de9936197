import { type Command, Option } from 'commander';
import { benchLong, longFigures, longText } from '../long.js';
import { withProgress } from '../progress.js';
import { benchQuery, CANONICAL_SIZE, queryFigures, queryText, SMOKE_SIZE } from '../query.js';
import { type OutputFlags, positiveWhole, withOutput, writeOutput } from './output.js';

interface QueryFlags extends OutputFlags {
  readonly kind: 'int' | 'dec';
  readonly runs: number;
  readonly case?: string[];
  readonly points?: number;
  readonly smoke: boolean;
  readonly profile?: string;
}

export function addQuery(program: Command): void {
  withOutput(
    program
      .command('query')
      .description('queries a to h of the goals over HTTP: warm, one client, every answer checked')
      .addOption(new Option('--kind <kind>', 'values of the cpu work').choices(['int', 'dec']).default('dec'))
      .option('--runs <count>', 'times that each is asked', positiveWhole, 200)
      .option('--case <name...>', 'only these')
      .option(
        '--points <count>',
        'of one source at 1 Hz instead, put into segments without HTTP',
        positiveWhole,
      )
      .option('--smoke', 'few rows, few runs: whether it works', false)
      .option('--profile <directory>', "keep a CPU profile of the server's main thread there"),
  ).action((flags: QueryFlags) => (flags.points === undefined ? query(flags) : long(flags.points, flags)));
}

async function query(flags: QueryFlags): Promise<void> {
  const { kind, runs, case: cases, smoke } = flags;
  const size = smoke ? SMOKE_SIZE : CANONICAL_SIZE;
  const points = size.cpuSources * size.cpuRows + size.sensorRows;
  const report = await withProgress('points', points, onProgress =>
    benchQuery({ ...size, kind, runs: smoke ? 5 : runs, cases, nodeFlags: profileFlags(flags), onProgress }),
  );
  const measured = { figures: queryFigures(report), hashes: { queries: report.hash } };
  writeOutput('query', flags, measured, () => queryText(report), report);
}

async function long(points: number, flags: QueryFlags): Promise<void> {
  const { runs } = flags;
  const report = await withProgress('points', points, onProgress =>
    benchLong({ points, runs, nodeFlags: profileFlags(flags), onProgress }),
  );
  const measured = { figures: longFigures(report), hashes: { [`${points} points`]: report.hash } };
  writeOutput('query-long', flags, measured, () => longText(report), report);
}

function profileFlags({ profile }: QueryFlags): string[] {
  return profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
}
