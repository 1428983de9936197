/** Sealing: heads as ingestion makes them → segment files, in this process, without a server. */

import { createHash, type Hash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packBatch } from '../engine/batch.js';
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
  /** The same of the quickest round, to which neighbours have added least. */
  readonly leastCpuNanosecondsPerValue: number;
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
  const sensor = [sensorSeries(sensorRows)];
  return [
    await seal('cpu int', headOf(cpuSeries('int', cpuSources, cpuRows)), rounds, hash),
    await seal('cpu dec', headOf(cpuSeries('dec', cpuSources, cpuRows)), rounds, hash),
    await seal(
      'many sources',
      headOf(cpuSeries('dec', cpuSources * 100, Math.ceil(cpuRows / 100))),
      rounds,
      hash,
    ),
    await seal('sensor', headOf(sensor), rounds, hash),
    await seal('sensor, swapped', headOf(sensor, true), rounds, hash),
  ];
}

/** @throws (rejects) where a round writes other bytes than the one before. */
async function seal(work: string, head: Head, rounds: number, hash: Hash): Promise<SealingReport> {
  const image = imageOf(head);
  const values = valuesOf(head);
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
  return {
    work,
    values,
    bytes,
    bytesPerValue: bytes / values,
    cpuNanosecondsPerValue: (median(cpu) * 1e6) / values,
    leastCpuNanosecondsPerValue: (Math.min(...cpu) * 1e6) / values,
    wallNanosecondsPerValue: (median(wall) * 1e6) / values,
  };
}

function valuesOf(head: Head): number {
  let values = 0;
  for (const { rowCount, columns } of head.sources()) values += rowCount * columns.length;
  return values;
}

/**
 * Points come time by time, source by source, in batches. All series have one clock. Where batches are swapped, every
 * second one comes after the next: what two connections make of them.
 */
function headOf(series: readonly Series[], isSwapped = false): Head {
  const head = new Head(new RegionPool());
  const rowsPerBatch = Math.ceil(BATCH_POINTS / series.length);
  const rowCount = series[0].timestamps.length;
  const batches = Math.ceil(rowCount / rowsPerBatch);
  let firstRow = 0;
  for (let place = 0; place < batches; place++) {
    const batch = isSwapped ? swapped(place, batches) : place;
    const from = batch * rowsPerBatch;
    const to = Math.min(rowCount, from + rowsPerBatch);
    const sources = series.map(({ timestamps, fields }, index) => {
      const columns = Array.from(fields, ([name, values]) => ({
        name,
        type: 'number' as const,
        values: values.subarray(from, to),
      }));
      return { source: index + 1, timestamps: timestamps.subarray(from, to), fields: columns };
    });
    const packed = packBatch({ sources });
    for (const source of packed.sources) head.append(source, packed.values, firstRow);
    firstRow += to - from;
  }
  return head;
}

function swapped(place: number, batches: number): number {
  const step = [0, 1, -1][place % 3];
  return place + step === batches ? place : place + step;
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
