/** Sealing: heads as ingestion makes them → segment files, in this process, without a server. */
import { createHash, type Hash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RegionPool } from '../engine/head/arena.js';
import { Head } from '../engine/head/head.js';
import { type HeadImage, imageOf } from '../engine/head/image.js';
import { FLUSH_PARTITIONS_MAX } from '../engine/limits.js';
import { flushHead } from '../engine/upkeep/flush.js';
import { nodeDisk } from '../wal/disk.js';
import { BATCH_POINTS } from './load.js';
import { cpuMilliseconds, median } from './median.js';
import { cpuSeries, type Series, sensorSeries } from './workload.js';

export interface SealingReport {
  readonly work: string;
  readonly values: number;
  /** Of all files. */
  readonly bytes: number;
  readonly bytesPerValue: number;
  /** All threads of the process; the median. */
  readonly cpuNanosecondsPerValue: number;
  readonly wallNanosecondsPerValue: number;
}

export interface SealingSize {
  readonly cpuSources: number;
  readonly cpuRows: number;
  readonly sensorRows: number;
}

/** Each work is sealed `rounds` times after one that is not counted. `hash` gets the bytes of all files. */
export async function benchSealing(
  { cpuSources, cpuRows, sensorRows }: SealingSize,
  rounds: number,
  hash: Hash,
): Promise<SealingReport[]> {
  const works: [name: string, series: Series[]][] = [
    ['cpu int', cpuSeries('int', cpuSources, cpuRows)],
    ['cpu dec', cpuSeries('dec', cpuSources, cpuRows)],
    ['sensor', [sensorSeries(sensorRows)]],
  ];
  const reports: SealingReport[] = [];
  for (const [work, series] of works) reports.push(await seal(work, series, rounds, hash));
  return reports;
}

/** @throws (rejects) where a round writes other bytes than the one before. */
async function seal(
  work: string,
  series: readonly Series[],
  rounds: number,
  hash: Hash,
): Promise<SealingReport> {
  const image = imageOf(headOf(series));
  const cpu: number[] = [];
  const wall: number[] = [];
  let written: { readonly bytes: number; readonly digest: string } | undefined;
  for (let round = -1; round < rounds; round++) {
    const directory = mkdtempSync(join(tmpdir(), 'dakkio-sealing-'));
    try {
      const started = performance.now();
      const cpuBefore = cpuMilliseconds();
      const files = await flush(image, directory);
      const cpuTime = cpuMilliseconds() - cpuBefore;
      const wallTime = performance.now() - started;
      const now = contentOf(files);
      if (written !== undefined && now.digest !== written.digest) throw new Error(`${work}: other bytes`);
      written = now;
      if (round < 0) continue;
      cpu.push(cpuTime);
      wall.push(wallTime);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }
  const { bytes, digest } = written!;
  hash.update(digest);
  const values = series.reduce((sum, { timestamps, fields }) => sum + timestamps.length * fields.size, 0);
  return {
    work,
    values,
    bytes,
    bytesPerValue: bytes / values,
    cpuNanosecondsPerValue: (median(cpu) * 1e6) / values,
    wallNanosecondsPerValue: (median(wall) * 1e6) / values,
  };
}

/** Points come time by time, source by source, in batches. All series have one clock. */
function headOf(series: readonly Series[]): Head {
  const head = new Head(new RegionPool());
  const rowsPerBatch = Math.ceil(BATCH_POINTS / series.length);
  const rowCount = series[0].timestamps.length;
  for (let from = 0; from < rowCount; from += rowsPerBatch) {
    const to = Math.min(rowCount, from + rowsPerBatch);
    for (const [index, { timestamps, fields }] of series.entries()) {
      const columns = Array.from(fields, ([name, values]) => ({
        name,
        type: 'number' as const,
        values: values.subarray(from, to),
      }));
      const batch = { source: index + 1, timestamps: timestamps.subarray(from, to), fields: columns };
      head.append(batch, from);
    }
  }
  return head;
}

async function flush(image: HeadImage, directory: string): Promise<readonly string[]> {
  const paths = Array.from({ length: FLUSH_PARTITIONS_MAX }, (_, part) => join(directory, `${part}`));
  const result = await flushHead(nodeDisk, { image, paths, lastSequence: 1 });
  if (result.kind !== 'written') throw new Error(result.message);
  return result.files;
}

function contentOf(files: readonly string[]): { bytes: number; digest: string } {
  const hash = createHash('sha256');
  let bytes = 0;
  for (const file of files) {
    const content = readFileSync(file);
    hash.update(content);
    bytes += content.length;
  }
  return { bytes, digest: hash.digest('hex') };
}
