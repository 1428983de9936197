import type { Column } from '../../engine/batch.js';
import { BLOCK_ROWS_MAX } from '../../engine/limits.js';
import type { SegmentSource } from '../../engine/segment/writer.js';

/** All rows of one source, in order of (time, row number). */
export interface Rows {
  readonly timestamps: Float64Array;
  readonly rows: Float64Array;
  readonly columns: readonly Column[];
}

/** Rows as the writer of a segment wants them; each chunk of a string column has a dictionary of its own. */
export function segmentSource(source: number, { timestamps, rows, columns }: Rows): SegmentSource {
  function* chunks(): Generator<[from: number, to: number]> {
    for (let from = 0; from < timestamps.length; from += BLOCK_ROWS_MAX)
      yield [from, Math.min(timestamps.length, from + BLOCK_ROWS_MAX)];
  }
  return {
    source,
    columns: columns.map(({ name, type }) => ({ name, type })),
    *keys() {
      for (const [from, to] of chunks())
        yield { timestamps: timestamps.subarray(from, to), rows: rows.subarray(from, to) };
    },
    *values(index) {
      const { values, dictionary } = columns[index];
      for (const [from, to] of chunks()) {
        const part = values.subarray(from, to);
        yield dictionary === undefined ? { values: part } : renumbered(part, dictionary);
      }
    },
  };
}

function renumbered(values: Float64Array, dictionary: readonly string[]) {
  const used = [...new Set(values)].filter(value => !Number.isNaN(value)).reverse();
  return {
    values: values.map(value => (Number.isNaN(value) ? value : used.indexOf(value))),
    dictionary: used.map(value => dictionary[value]),
  };
}
