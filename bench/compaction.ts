/** Compaction: the cpu work in many small segments, merged until nothing is worth it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Engine } from '../engine/engine.js';
import { BLOCK_ROWS_MAX } from '../engine/limits.js';
import { SegmentStore } from '../engine/segment/store.js';
import { type SegmentSource, writeSegment } from '../engine/segment/writer.js';
import { verifyEngine } from '../engine/verify.js';
import { nodeDisk } from '../wal/disk.js';
import { cpuSeries, type Series } from './workload.js';

export interface CompactionReport {
  readonly rows: number;
  readonly values: number;
  readonly seconds: number;
  readonly valuesPerSecond: number;
  readonly before: StoredParts;
  readonly after: StoredParts;
}

export interface StoredParts {
  readonly segments: number;
  readonly bytes: number;
  readonly blocks: number;
}

export interface CompactionOptions {
  readonly sources: number;
  readonly rows: number;
  /** Each with the next rows of all sources. */
  readonly segments: number;
}

/** @throws (rejects) where rows are missing afterwards, or something is damaged. */
export async function benchCompaction(options: CompactionOptions): Promise<CompactionReport> {
  const series = cpuSeries('dec', options.sources, options.rows);
  const directory = mkdtempSync(join(tmpdir(), 'dakkio-compaction-'));
  try {
    await writeSegments(directory, series, options);
    const before = await storedParts(directory, options.sources * options.rows);
    const engine = await Engine.open({ disk: nodeDisk, directory });
    const started = performance.now();
    await engine.compact();
    const seconds = (performance.now() - started) / 1_000;
    await engine.close();
    const rows = options.sources * options.rows;
    const after = await storedParts(directory, rows);
    const values = rows * series[0].fields.size;
    return { rows, values, seconds, valuesPerSecond: values / seconds, before, after };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function writeSegments(
  directory: string,
  series: readonly Series[],
  { rows, segments }: CompactionOptions,
): Promise<void> {
  const store = await SegmentStore.open(nodeDisk, directory);
  try {
    for (let segment = 0; segment < segments; segment++) {
      const from = Math.floor((segment * rows) / segments);
      const to = Math.floor(((segment + 1) * rows) / segments);
      const file = await store.temporaryPath('bench');
      const sources = series.map((one, index) => segmentSource(index + 1, one, from, to));
      await writeSegment(nodeDisk, file, sources, store.sealedThrough);
      await store.publish({ files: [file], erased: new Set(), onPublished() {} });
    }
  } finally {
    store.close();
  }
}

/** Rows `from … to` (exclusive) of a series, as a flush would write them. */
function segmentSource(source: number, series: Series, from: number, to: number): SegmentSource {
  const columns = Array.from(series.fields, ([name, values]) => ({ name, type: 'number' as const, values }));
  function* chunks(values: Float64Array): Iterable<Float64Array> {
    for (let start = from; start < to; start += BLOCK_ROWS_MAX) {
      yield values.slice(start, Math.min(start + BLOCK_ROWS_MAX, to));
    }
  }
  return {
    source,
    columns,
    *keys() {
      let row = from;
      for (const timestamps of chunks(series.timestamps)) {
        yield { timestamps, rows: timestamps.map((_, index) => row + index) };
        row += timestamps.length;
      }
    },
    *values(index) {
      for (const values of chunks(columns[index].values)) yield { values };
    },
  };
}

/** What is on disk, by part; every byte of it is read. @throws (rejects) where it is not as many rows, or damaged. */
async function storedParts(directory: string, rows: number): Promise<StoredParts> {
  const { segments, damages } = await verifyEngine(nodeDisk, directory);
  if (damages.length > 0) throw new Error(damages[0]);
  const sum = (part: 'rowCount' | 'bytes' | 'blockCount') =>
    segments.reduce((total, segment) => total + segment[part], 0);
  if (sum('rowCount') !== rows) throw new Error(`${sum('rowCount')} rows instead of ${rows}`);
  return { segments: segments.length, bytes: sum('bytes'), blocks: sum('blockCount') };
}

export function compactionText(report: CompactionReport): string {
  const { rows, values, seconds, valuesPerSecond, before, after } = report;
  const count = (value: number) => value.toLocaleString('en');
  const parts = ({ segments, bytes, blocks }: StoredParts) =>
    `${segments} segments, ${count(blocks)} blocks, ${count(bytes)} bytes, ${(bytes / values).toFixed(3)} a value`;
  return [
    `compaction of ${count(rows)} rows, ${count(values)} values: ${seconds.toFixed(2)} s, ${(valuesPerSecond / 1e6).toFixed(2)} M values/s, ${(before.bytes / seconds / 1e6).toFixed(2)} MB/s`,
    `  before: ${parts(before)}`,
    `  after:  ${parts(after)}`,
    '',
  ].join('\n');
}
