/** The whole canonical work: ingestion by each path, sizes, start, memory and the queries, beside their goals. */
import { type Figure, medianFigures } from './figures.js';
import {
  benchIngest,
  INGEST_WORKS,
  type IngestReport,
  type IngestWork,
  ingestFigures,
  ingestWork,
  sizeFigure,
} from './ingest.js';
import { INGEST_PATHS, type IngestPath, NotSpokenError } from './paths.js';
import { benchPeer } from './peers/bench-peer.js';
import type { Peer } from './peers/peer.js';
import { benchQuery, CANONICAL_SIZE, queryFigures, SMOKE_SIZE } from './query.js';
import type { PeerResult, Result } from './results.js';
import type { SendReport } from './sender.js';

export interface CanonicalOptions {
  /** Of each ingestion; medians are told. */
  readonly runs: number;
  /** Of each query. */
  readonly queryRuns: number;
  readonly smoke: boolean;
  /** What goes in by which path; all by each where absent. */
  readonly works?: Readonly<Record<IngestPath, readonly IngestWork[]>>;
  /** Names of the queries; all where absent. */
  readonly cases?: readonly string[];
  readonly peers?: readonly Peer[];
  /** Told what begins. */
  onStep?(step: string): void;
}

export interface CanonicalReport extends Pick<Result, 'figures' | 'hashes' | 'peers'> {
  /** Ways that the server does not speak: a failure. */
  readonly notSpoken: readonly string[];
  readonly nullSink?: SendReport & { readonly values: number };
}

/** Rows of each source, where little is enough to tell whether it works. */
const SMOKE_ROWS: Record<IngestWork, number> = { 'cpu-int': 30, 'cpu-dec': 30, sensor: 3_000 };
const PEER_SMOKE_ROWS: Record<IngestWork, number> = { 'cpu-int': 500, 'cpu-dec': 500, sensor: 86_400 };
/** A work that takes longer than this is not run again. */
const RUNS_TIME_MAX_MS = 12_000;

/** @throws (rejects) where a batch is refused, or an answer is not the right one. */
export async function benchCanonical(options: CanonicalOptions): Promise<CanonicalReport> {
  const { smoke, onStep = () => {} } = options;
  const figures: Figure[] = [];
  const sizes: Figure[] = [];
  const hashes: Record<string, string> = {};
  const notSpoken: string[] = [];
  let nullSink: CanonicalReport['nullSink'];
  for (const path of INGEST_PATHS) {
    for (const work of options.works?.[path] ?? INGEST_WORKS) {
      onStep(`ingest ${work} by ${path}`);
      try {
        const reports = await ingestRuns(path, work, options);
        const [first] = reports;
        figures.push(...medianFigures(reports.map(report => ingestFigures(path, work, report))));
        hashes[`ingest ${path} ${work}`] = first.hash;
        if (path === 'json') sizes.push(sizeFigure(work, first.bytesPerValue));
        if (path === 'json' && work === 'cpu-int' && first.nullSink !== undefined) {
          nullSink = { ...first.nullSink, values: first.values };
        }
      } catch (error) {
        if (!(error instanceof NotSpokenError)) throw error;
        notSpoken.push(error.message);
        for (const work of INGEST_WORKS) figures.push(...ingestFigures(path, work, undefined, 'NOT SPOKEN'));
        break;
      }
    }
  }
  onStep('queries');
  const size = smoke ? SMOKE_SIZE : CANONICAL_SIZE;
  const query = await benchQuery({
    ...size,
    kind: 'dec',
    cases: options.cases,
    runs: options.queryRuns,
    onCase: name => onStep(`query ${name}`),
  });
  hashes.queries = query.hash;
  const peers: PeerResult[] = [];
  for (const peer of options.peers ?? []) peers.push(await peerResult(peer, options));
  return {
    figures: [...figures, ...sizes, ...queryFigures(query)],
    hashes,
    notSpoken,
    ...(nullSink !== undefined && { nullSink }),
    ...(peers.length > 0 && { peers }),
  };
}

async function ingestRuns(
  path: IngestPath,
  work: IngestWork,
  { runs, smoke }: CanonicalOptions,
): Promise<[IngestReport, ...IngestReport[]]> {
  const series = ingestWork(work, smoke ? SMOKE_ROWS[work] : undefined);
  const started = performance.now();
  // The client alone, and sizes at rest, are the same in each run.
  const first = await benchIngest(series, {
    path,
    nullSink: work === 'cpu-int',
    settled: path === 'json' && !smoke,
  });
  const reports: [IngestReport, ...IngestReport[]] = [first];
  while (reports.length < runs && performance.now() - started < RUNS_TIME_MAX_MS) {
    reports.push(await benchIngest(series, { path }));
  }
  return reports;
}

async function peerResult(peer: Peer, { smoke, queryRuns, onStep }: CanonicalOptions): Promise<PeerResult> {
  const { name, title } = peer;
  const version = peer.version();
  if (version === undefined) throw new Error(`${title} is not installed: ${peer.origin}`);
  const works = INGEST_WORKS.map(work => ({
    work,
    series: () => ingestWork(work, smoke ? PEER_SMOKE_ROWS[work] : undefined),
  }));
  return { name, title, version, figures: await benchPeer(peer, { works, runs: queryRuns, onStep }) };
}
