import { Argument, type Command, Option } from 'commander';
import { medianFigures } from '../figures.js';
import {
  benchIngest,
  INGEST_WORKS,
  type IngestReport,
  type IngestWork,
  ingestFigures,
  ingestText,
  ingestWork,
  sizeFigure,
} from '../ingest.js';
import {
  benchManySourcesIngest,
  manySourcesIngestFigures,
  manySourcesIngestText,
} from '../many-sources-ingest.js';
import { INGEST_PATHS, type IngestPath } from '../paths.js';
import { withProgress } from '../progress.js';
import { type OutputFlags, positiveWhole, stepTeller, withOutput, writeOutput } from './output.js';

interface IngestFlags extends OutputFlags {
  readonly path: IngestPath;
  readonly rows?: number;
  readonly runs: number;
  readonly sources?: readonly number[];
  readonly points: number;
  readonly nullSink: boolean;
  readonly profile?: string;
}

export function addIngest(program: Command): void {
  withOutput(
    program
      .command('ingest')
      .description('canonical work over HTTP: 2 connections, every answer checked, everything read back')
      .addArgument(new Argument('[work]', 'what is ingested').choices(INGEST_WORKS).default('cpu-int'))
      .addOption(new Option('--path <path>', 'the way in').choices(INGEST_PATHS).default('json'))
      .option(
        '--rows <count>',
        'readings of each source; a day, or 30 of the sensor, where absent',
        positiveWhole,
      )
      .option('--runs <count>', 'of the whole; figures are the medians', positiveWhole, 1)
      .option(
        '--sources <counts>',
        'the same number of points from each of these numbers of sources: 100,1000',
        countsOf,
      )
      .option('--points <count>', 'with --sources: in all', positiveWhole, 1_000_000)
      .option('--null-sink', 'also to a server that does nothing: what the client can do', false)
      .option('--profile <directory>', "keep a CPU profile of the server's main thread there"),
  ).action((work: IngestWork, flags: IngestFlags) =>
    flags.sources === undefined ? ingest(work, flags) : ingestFromMany(flags.sources, flags),
  );
}

function countsOf(text: string): number[] {
  return text.split(',').map(positiveWhole);
}

async function ingest(work: IngestWork, flags: IngestFlags): Promise<void> {
  const { path, rows, runs, nullSink } = flags;
  const series = ingestWork(work, rows);
  const total = series.reduce((sum, { timestamps }) => sum + timestamps.length, 0);
  const reports: IngestReport[] = [];
  while (reports.length < runs) {
    const report = await withProgress('points', total, onProgress =>
      benchIngest(series, { path, nullSink, nodeFlags: profileFlags(flags), onProgress }),
    );
    reports.push(report);
  }
  const figures = medianFigures(
    reports.map(report => [...ingestFigures(path, work, report), sizeFigure(work, report.bytesPerValue)]),
  );
  const hashes = { [`ingest ${path} ${work}`]: reports[0].hash };
  const text = () => reports.map(report => ingestText(work, report)).join('\n');
  writeOutput('ingest', flags, { figures, hashes }, text, reports);
}

async function ingestFromMany(sources: readonly number[], flags: IngestFlags): Promise<void> {
  const { path, points } = flags;
  const tell = stepTeller();
  let told = '';
  const parts = await benchManySourcesIngest({
    path,
    sources,
    points,
    nodeFlags: profileFlags(flags),
    onProgress(count, what, done) {
      const step = what === 'points' ? 'points' : `${Math.floor(done / SOURCES_TOLD) * SOURCES_TOLD} made`;
      const news = `${count} sources: ${step}`;
      if (news !== told) tell(news);
      told = news;
    },
  });
  const hashes = Object.fromEntries(parts.map(part => [`${part.sources} sources`, part.report.hash]));
  const measured = { figures: manySourcesIngestFigures(path, parts), hashes };
  writeOutput('ingest-sources', flags, measured, () => manySourcesIngestText(path, parts), parts);
}

const SOURCES_TOLD = 10_000;

function profileFlags({ profile }: IngestFlags): string[] {
  return profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
}
