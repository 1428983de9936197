/** Readings into segments of a stopped server's data directory, as fast as they are packed: HTTP would take hours. */
import { BLOCK_ROWS_MAX } from '../engine/limits.js';
import { SegmentStore } from '../engine/segment/store.js';
import { type KeyChunk, type SegmentSource, writeSegment } from '../engine/segment/writer.js';
import { nodeDisk } from '../wal/disk.js';
import type { Readings } from './reference.js';

/** At least as many rows a segment as long compactions leave. */
const SEGMENT_ROWS_MIN = 2 ** 26;
/** Of one size: a fourth would have the server merge them. */
const SEGMENTS_MAX = 3;

/** @param source ordinal; it has no rows yet */
export async function writeReadings(
  directory: string,
  source: number,
  readings: Readings,
  onProgress: (rows: number) => void,
): Promise<void> {
  const { rowCount } = readings;
  const segmentRows = Math.max(SEGMENT_ROWS_MIN, Math.ceil(rowCount / SEGMENTS_MAX));
  const store = await SegmentStore.open(nodeDisk, directory);
  try {
    for (let from = 0; from < rowCount; from += segmentRows) {
      const to = Math.min(from + segmentRows, rowCount);
      const file = await store.temporaryPath('bench');
      const rows = new RowRange(readings, source, from, to, onProgress);
      await writeSegment(nodeDisk, file, [rows], store.sealedThrough);
      await store.publish({ file, erased: new Set(store.erased), onPublished() {} });
    }
  } finally {
    store.close();
  }
}

/** Rows `from … to` (exclusive) of a source, numbered as they are. */
class RowRange implements SegmentSource {
  readonly source: number;
  readonly columns: SegmentSource['columns'];
  readonly #readings: Readings;
  readonly #from: number;
  readonly #to: number;
  readonly #onProgress: (rows: number) => void;

  constructor(
    readings: Readings,
    source: number,
    from: number,
    to: number,
    onProgress: (rows: number) => void,
  ) {
    this.source = source;
    this.columns = Array.from(readings.fields.keys(), name => ({ name, type: 'number' }));
    this.#readings = readings;
    this.#from = from;
    this.#to = to;
    this.#onProgress = onProgress;
  }

  *keys(): Iterable<KeyChunk> {
    for (const rows of this.#chunks()) {
      const timestamps = new Float64Array(rows.length);
      for (let index = 0; index < rows.length; index++)
        timestamps[index] = this.#readings.timeAt(rows[index]);
      yield { timestamps, rows };
    }
  }

  *values(index: number): Iterable<{ readonly values: Float64Array }> {
    const valueAt = this.#readings.fields.get(this.columns[index].name) as (row: number) => number;
    for (const rows of this.#chunks()) {
      const values = new Float64Array(rows.length);
      for (let index = 0; index < rows.length; index++) values[index] = valueAt(rows[index]);
      yield { values };
      this.#onProgress(rows[rows.length - 1] + 1);
    }
  }

  *#chunks(): Iterable<Float64Array> {
    for (let start = this.#from; start < this.#to; start += BLOCK_ROWS_MAX) {
      const rows = new Float64Array(Math.min(BLOCK_ROWS_MAX, this.#to - start));
      for (let index = 0; index < rows.length; index++) rows[index] = start + index;
      yield rows;
    }
  }
}
