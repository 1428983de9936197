/** The same number of points from few sources and from many: ingestion should cost the same. */
import type { Figure } from './figures.js';
import { benchIngest, type IngestReport } from './ingest.js';
import type { IngestPath } from './paths.js';
import { alignedLines } from './table.js';
import { cpuSeries } from './workload.js';

export interface ManySourcesIngestOptions {
  readonly path: IngestPath;
  /** Each of 10 fields. */
  readonly sources: readonly number[];
  /** In all, however many sources there are. */
  readonly points: number;
  readonly nodeFlags?: readonly string[];
  /** Told of sources made and points sent, of this part. */
  onProgress?(sources: number, what: 'sources' | 'points', done: number): void;
}

interface ManySourcesIngestPart {
  readonly sources: number;
  readonly report: IngestReport;
  /** Of the rate of the first part, by the clock and by server CPU time. */
  readonly rateShare: number;
  readonly cpuRateShare: number;
}

export type ManySourcesIngestReport = readonly ManySourcesIngestPart[];

/** More would take longer than the ingestion. */
const SOURCES_READ_BACK = 1_000;

/** @throws (rejects) where a batch is refused, or a value is missing or another. */
export async function benchManySourcesIngest(
  options: ManySourcesIngestOptions,
): Promise<ManySourcesIngestReport> {
  const { path, points, nodeFlags, onProgress } = options;
  const parts: ManySourcesIngestPart[] = [];
  for (const sources of options.sources) {
    const series = cpuSeries('dec', sources, Math.max(1, Math.round(points / sources)));
    const report = await benchIngest(series, {
      path,
      nodeFlags,
      readBackEvery: Math.ceil(sources / SOURCES_READ_BACK),
      onSources: made => onProgress?.(sources, 'sources', made),
      onProgress: sent => onProgress?.(sources, 'points', sent),
    });
    const first = parts[0]?.report ?? report;
    parts.push({
      sources,
      report,
      rateShare: report.valuesPerSecond / first.valuesPerSecond,
      cpuRateShare: report.valuesPerCpuSecond / first.valuesPerCpuSecond,
    });
  }
  return parts;
}

/** Of the rate of a hundred sources, at a hundred thousand. */
const SHARE_GOAL = 0.7;

export function manySourcesIngestFigures(path: IngestPath, parts: ManySourcesIngestReport): Figure[] {
  return parts.flatMap(({ sources, report, rateShare }): Figure[] => {
    const id = `sources.${path}.${sources}`;
    const title = `${path}, ${sources.toLocaleString('en')} sources`;
    return [
      { id: `${id}.rate`, title, unit: 'M values/s', value: report.valuesPerSecond / 1e6, better: 'more' },
      {
        id: `${id}.cpu-rate`,
        title: `${title}, a server CPU second`,
        unit: 'M values/s',
        value: report.valuesPerCpuSecond / 1e6,
        better: 'more',
      },
      {
        id: `${id}.share`,
        title: `${title}, share of the first rate`,
        unit: '',
        value: rateShare,
        better: 'more',
        goal: SHARE_GOAL,
      },
      {
        id: `${id}.peak`,
        title: `${title}, peak memory`,
        unit: 'MiB',
        value: report.peakMemoryBytes / 2 ** 20,
        better: 'less',
      },
    ];
  });
}

export function manySourcesIngestText(path: IngestPath, parts: ManySourcesIngestReport): string {
  const rows = parts.map(({ sources, report, rateShare, cpuRateShare }) => [
    sources.toLocaleString('en'),
    report.points.toLocaleString('en'),
    (report.valuesPerSecond / 1e6).toFixed(2),
    `${Math.round(rateShare * 100)} %`,
    (report.valuesPerCpuSecond / 1e6).toFixed(2),
    `${Math.round(cpuRateShare * 100)} %`,
    String(Math.round(report.peakMemoryBytes / 2 ** 20)),
    report.hash,
  ]);
  const head = ['sources', 'points', 'M values/s', 'of first', 'a CPU s', 'of first', 'peak MiB', 'hash'];
  const title = `${path}: the same number of points from few sources and from many; goal: ${SHARE_GOAL * 100} % of the first rate`;
  return [title, ...alignedLines([head, ...rows], 0), ''].join('\n');
}
