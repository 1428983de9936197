import { Command, Option } from 'commander';
import { benchCompaction, compactionText } from './compaction.js';
import { benchCompression } from './compression.js';
import { benchIngest, type IngestWork, ingestText, ingestWork } from './ingest.js';
import { benchInterference, interferenceText } from './interference.js';
import { benchLong, longText } from './long.js';
import { benchManySources, manySourcesText } from './many-sources.js';
import { readNab } from './nab.js';
import { withProgress } from './progress.js';
import { benchQuery, CANONICAL_SIZE, queryText, SMOKE_SIZE } from './query.js';
import { benchReal, realText } from './real.js';

/** The benchmarks as commands; each writes its result to standard output. */
export function benchProgram(): Command {
  const program = new Command('bench').description('Measure the store');
  program
    .command('compression')
    .description('sizes of columns of files, each verified bit by bit')
    .argument('<file...>', 'a number a line, timestamp,value lines, or .bin of little-endian float64')
    .option('--json', 'print JSON', false)
    .action((files: string[], options: { json: boolean }) =>
      benchCompression(files, options, text => process.stdout.write(text)),
    );
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
  program
    .command('ingest')
    .description('canonical work over HTTP: 2 connections, 1,000 points a request, every answer checked')
    .argument('[work]', 'cpu-int, cpu-dec or sensor', 'cpu-int')
    .option('--rows <count>', 'readings of each source; a day, or 30 of the sensor, where absent', Number)
    .option('--profile <directory>', "keep a CPU profile of the server's main thread there")
    .option('--json', 'print JSON', false)
    .action(async (work: IngestWork, options: { rows?: number; profile?: string; json: boolean }) => {
      const series = ingestWork(work, options.rows);
      const total = series.reduce((sum, { timestamps }) => sum + timestamps.length, 0);
      const nodeFlags =
        options.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.profile}`];
      const report = await withProgress('points', total, onProgress =>
        benchIngest(series, { nodeFlags, onProgress }),
      );
      process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : ingestText(work, report));
    });
  addQuery(program);
  addInterference(program);
  addUpkeep(program);
  return program;
}

function addInterference(program: Command): void {
  program
    .command('interference')
    .description('latency of ingestion beside eight clients that export raw points, and without them')
    .option('--rounds <count>', 'a part with and a part without them each', Number, 4)
    .option('--batches <count>', 'of 1,000 points, a part', Number, 250)
    .option('--json', 'print JSON', false)
    .action(async ({ rounds, batches, json }: { rounds: number; batches: number; json: boolean }) => {
      const report = await withProgress('parts', rounds * 2, onProgress =>
        benchInterference({ rounds, batches, sensorRows: CANONICAL_SIZE.sensorRows, onProgress }),
      );
      process.stdout.write(json ? `${JSON.stringify(report)}\n` : interferenceText(report));
    });
}

function addUpkeep(program: Command): void {
  program
    .command('upkeep')
    .description('compaction of many segments, and memory and open files with thousands of sources')
    .option('--sources <count>', 'of the second part', Number, 10_000)
    .option('--json', 'print JSON', false)
    .action(async ({ sources, json }: { sources: number; json: boolean }) => {
      const compaction = await benchCompaction({ sources: 100, rows: 8_640, segments: 48 });
      const rounds = 8;
      const manySources = await withProgress('flushes', rounds, onProgress =>
        benchManySources({ sources, rounds, headAgeSeconds: 4, onProgress }),
      );
      process.stdout.write(
        json
          ? `${JSON.stringify({ compaction, manySources })}\n`
          : `${compactionText(compaction)}\n${manySourcesText(manySources)}`,
      );
    });
}

interface QueryFlags {
  readonly kind: 'int' | 'dec';
  readonly runs: number;
  readonly case?: string[];
  readonly points?: number;
  readonly smoke: boolean;
  readonly profile?: string;
  readonly json: boolean;
}

function addQuery(program: Command): void {
  program
    .command('query')
    .description('queries a to h of the goals over HTTP: warm, one client, every answer checked')
    .addOption(new Option('--kind <kind>', 'values of the cpu work').choices(['int', 'dec']).default('dec'))
    .option('--runs <count>', 'times that each is asked', Number, 200)
    .option('--case <name...>', 'only these')
    .option('--points <count>', 'of one source at 1 Hz instead, put into segments without HTTP', Number)
    .option('--smoke', 'few rows, few runs: whether it works', false)
    .option('--profile <directory>', "keep a CPU profile of the server's main thread there")
    .option('--json', 'print JSON', false)
    .action(async ({ kind, runs, case: cases, points: longPoints, smoke, profile, json }: QueryFlags) => {
      const size = smoke ? SMOKE_SIZE : CANONICAL_SIZE;
      const points = size.cpuSources * size.cpuRows + size.sensorRows;
      const nodeFlags = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
      if (longPoints !== undefined) {
        const report = await withProgress('points', longPoints, onProgress =>
          benchLong({ points: longPoints, runs, nodeFlags, onProgress }),
        );
        process.stdout.write(json ? `${JSON.stringify(report)}\n` : longText(report));
        return;
      }
      const report = await withProgress('points', points, onProgress =>
        benchQuery({ ...size, kind, runs: smoke ? 5 : runs, cases, nodeFlags, onProgress }),
      );
      process.stdout.write(json ? `${JSON.stringify(report)}\n` : queryText(report));
    });
}
