/** Writes one segment of long sources, and tells how many rows have been added now and then. */
import { parentPort, workerData } from 'node:worker_threads';
import { BLOCK_ROWS_MAX } from '../engine/limits.js';
import { type KeyChunk, type SegmentSource, writeSegment } from '../engine/segment/writer.js';
import { nodeDisk } from '../wal/disk.js';
import { longReadings } from './long-series.js';
import type { Readings } from './reference.js';

export interface SegmentJob {
  /** The new file; it must not exist. */
  readonly path: string;
  /** Ordinals, ascending; all have the same readings. */
  readonly sources: readonly number[];
  /** Of a whole source. */
  readonly rowCount: number;
  /** As of `longReadings`. */
  readonly startTime: number | undefined;
  /** Rows of each source in this segment; the end is exclusive. */
  readonly from: number;
  readonly to: number;
  readonly lastSequence: number;
}

const { path, sources, rowCount, startTime, from, to, lastSequence } = workerData as SegmentJob;
const readings = longReadings(rowCount, startTime);
const written = sources.map(source => segmentSource(source, readings));
await writeSegment(nodeDisk, path, written, lastSequence);

function segmentSource(source: number, { timeAt, fields }: Readings): SegmentSource {
  const columns = Array.from(fields, ([name, valueAt]) => ({ name, type: 'number' as const, valueAt }));
  return {
    source,
    columns,
    *keys(): Iterable<KeyChunk> {
      for (const rows of rowChunks()) {
        const timestamps = new Float64Array(rows.length);
        for (let index = 0; index < rows.length; index++) timestamps[index] = timeAt(rows[index]);
        yield { timestamps, rows };
      }
    },
    *values(index: number): Iterable<{ readonly values: Float64Array }> {
      const { valueAt } = columns[index];
      for (const rows of rowChunks()) {
        const values = new Float64Array(rows.length);
        for (let index = 0; index < rows.length; index++) values[index] = valueAt(rows[index]);
        yield { values };
        parentPort?.postMessage(rows.length);
      }
    },
  };
}

/** Numbers of the rows, a block at a time. */
function* rowChunks(): Iterable<Float64Array> {
  for (let start = from; start < to; start += BLOCK_ROWS_MAX) {
    const rows = new Float64Array(Math.min(BLOCK_ROWS_MAX, to - start));
    for (let index = 0; index < rows.length; index++) rows[index] = start + index;
    yield rows;
  }
}
