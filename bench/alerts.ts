/** Ingestion with alert rules on every source, and without any: by turns, so that both have the same neighbours. */
import { Client } from './client.js';
import { type Figure, medianOf } from './figures.js';
import { benchIngest, type IngestReport } from './ingest.js';
import type { LoadedBucket } from './load.js';
import { ADMIN_KEY } from './server-process.js';
import { alignedLines } from './table.js';
import { cpuSeries, type Series } from './workload.js';

export interface AlertsOptions {
  readonly sources: number;
  /** Each on a field of its own, as far as there are. */
  readonly rulesPerSource: number;
  /** In all. */
  readonly points: number;
  /** With and without, each. */
  readonly rounds: number;
  onProgress?(parts: number): void;
}

export interface AlertsReport {
  readonly sources: number;
  readonly rules: number;
  readonly points: number;
  /** Rules that have fired: as many as the values say. */
  readonly fired: number;
  readonly without: readonly IngestReport[];
  readonly with: readonly IngestReport[];
  readonly hash: string;
}

/** Of two one is overtaken now and then, and rules leave out what comes late: nobody could say which fire. */
const CONNECTIONS = 1;

/** Of fields that wander from 50: a few rules in a hundred fire, some wait, most have nothing to do. */
const THRESHOLD = 90;
const LASTS_MS = 60_000;

/** @throws (rejects) where a batch is refused, a value is missing or another, or other rules have fired than should. */
export async function benchAlerts(options: AlertsOptions): Promise<AlertsReport> {
  const { sources, rulesPerSource, points, rounds, onProgress } = options;
  const series = cpuSeries('dec', sources, Math.max(1, Math.round(points / sources)));
  const expected = series.map(one => firingsOf(one, rulesPerSource));
  const fired = expected.flat().filter(has => has).length;
  const without: IngestReport[] = [];
  const withRules: IngestReport[] = [];
  for (let round = 0; round < rounds; round++) {
    without.push(await benchIngest(series, { connections: CONNECTIONS }));
    onProgress?.(2 * round + 1);
    withRules.push(
      await benchIngest(series, {
        connections: CONNECTIONS,
        prepare: (origin, made) => makeRules(origin, made, series, rulesPerSource),
        afterwards: (client, made) => checkFired(client, made, fired),
      }),
    );
    onProgress?.(2 * round + 2);
  }
  const rules = sources * rulesPerSource;
  return { sources, rules, points, fired, without, with: withRules, hash: withRules[0].hash };
}

function fieldOf({ fields }: Series, rule: number): string {
  const names = [...fields.keys()];
  return names[rule % names.length];
}

/** Whether each rule of a source fires. */
function firingsOf(series: Series, rulesPerSource: number): boolean[] {
  const { timestamps, fields } = series;
  return Array.from({ length: rulesPerSource }, (_, rule) => {
    const values = fields.get(fieldOf(series, rule)) as Float64Array;
    let since = Number.POSITIVE_INFINITY;
    for (let row = 0; row < values.length; row++) {
      since = values[row] > THRESHOLD ? Math.min(since, timestamps[row]) : Number.POSITIVE_INFINITY;
      if (timestamps[row] - since >= LASTS_MS) return true;
    }
    return false;
  });
}

/** Rules are made as many at a time: each waits for a sync, which they share. */
const SETUP_CONNECTIONS = 32;

async function makeRules(
  origin: string,
  { bucketId, ids }: LoadedBucket,
  series: readonly Series[],
  rulesPerSource: number,
): Promise<void> {
  const client = new Client(origin, ADMIN_KEY, SETUP_CONNECTIONS);
  const condition = (source: number, rule: number) =>
    `${fieldOf(series[source], rule)} > ${THRESHOLD} for ${LASTS_MS / 60_000} minute`;
  let next = 0;
  const work = async () => {
    while (next < ids.length * rulesPerSource) {
      const [source, rule] = [Math.floor(next / rulesPerSource), next++ % rulesPerSource];
      await client.json('POST', '/api/alerts', {
        bucketId,
        dataSourceId: ids[source],
        name: `rule ${rule}`,
        condition: condition(source, rule),
      });
    }
  };
  try {
    await Promise.all(Array.from({ length: client.connections }, work));
  } finally {
    client.close();
  }
}

const RULES_LISTED = 1_000;

async function checkFired(client: Client, { bucketId }: LoadedBucket, expected: number): Promise<void> {
  let fired = 0;
  for (let offset = 0, isLast = false; !isLast; offset += RULES_LISTED) {
    const path = `/api/buckets/${bucketId}/alerts?limit=${RULES_LISTED}&offset=${offset}`;
    const { alertRules } = await client.json<{ alertRules: { lastTriggeredAt: string | null }[] }>(
      'GET',
      path,
    );
    fired += alertRules.filter(rule => rule.lastTriggeredAt !== null).length;
    isLast = alertRules.length < RULES_LISTED;
  }
  if (fired !== expected) throw new Error(`${fired} rules have fired instead of ${expected}`);
}

/** How much longer ingestion may take. */
const SLOWDOWN_GOAL = 0.2;

type Rate = 'valuesPerSecond' | 'valuesPerCpuSecond';

function medianRate(reports: readonly IngestReport[], rate: Rate): number {
  return medianOf(reports.map(report => report[rate]));
}

/** By how much a point takes longer: 0 is not at all. */
function slowdown(report: AlertsReport, rate: Rate): number {
  return medianRate(report.without, rate) / medianRate(report.with, rate) - 1;
}

export function alertsFigures(report: AlertsReport): Figure[] {
  const title = `${report.rules.toLocaleString('en')} alert rules on ${report.sources.toLocaleString('en')} sources`;
  const millions = (reports: readonly IngestReport[], rate: Rate) => medianRate(reports, rate) / 1e6;
  return [
    {
      id: 'alerts.slowdown',
      title: `${title}, a point takes longer by`,
      unit: '',
      value: Math.max(0, slowdown(report, 'valuesPerSecond')),
      better: 'less',
      goal: SLOWDOWN_GOAL,
    },
    {
      id: 'alerts.cpu-slowdown',
      title: `${title}, a point takes more server CPU by`,
      unit: '',
      value: Math.max(0, slowdown(report, 'valuesPerCpuSecond')),
      better: 'less',
      goal: SLOWDOWN_GOAL,
    },
    {
      id: 'alerts.cpu-rate',
      title: `${title}, a server CPU second`,
      unit: 'M values/s',
      value: millions(report.with, 'valuesPerCpuSecond'),
      better: 'more',
    },
    {
      id: 'alerts.without.cpu-rate',
      title: 'the same without rules, a server CPU second',
      unit: 'M values/s',
      value: millions(report.without, 'valuesPerCpuSecond'),
      better: 'more',
    },
  ];
}

export function alertsText(report: AlertsReport): string {
  const { sources, rules, points, fired, hash } = report;
  const rows = (['without', 'with'] as const).map(part => [
    `${part} rules`,
    (medianRate(report[part], 'valuesPerSecond') / 1e6).toFixed(2),
    (medianRate(report[part], 'valuesPerCpuSecond') / 1e6).toFixed(2),
    String(Math.round(medianOf(report[part].map(({ peakMemoryBytes }) => peakMemoryBytes)) / 2 ** 20)),
  ]);
  const percent = (rate: Rate) => `${(slowdown(report, rate) * 100).toFixed(1)} %`;
  return [
    `${rules.toLocaleString('en')} alert rules on ${sources.toLocaleString('en')} sources: ${points.toLocaleString('en')} points of 10 values by json, medians of ${report.with.length}; ${fired.toLocaleString('en')} rules fired, as they should`,
    ...alignedLines([['', 'M values/s', 'a CPU s', 'peak MiB'], ...rows], 0),
    `a point takes ${percent('valuesPerSecond')} longer, and ${percent('valuesPerCpuSecond')} more server CPU time; goal: at most ${SLOWDOWN_GOAL * 100} %`,
    `read back bit by bit, hash ${hash}`,
    '',
  ].join('\n');
}
