/** Rows of one source as columns: parts of them, and their reverse. */
import type { SourceColumns } from './request.js';

/** The rows `from … to` (exclusive), in the same arrays. */
export function sliceRows(batch: SourceColumns, from: number, to: number): SourceColumns {
  if (from === 0 && to === batch.timestamps.length) return batch;
  return mapValues(batch, values => values.subarray(from, to));
}

/** The rows in reverse, in arrays of their own. */
export function reverseRows(batch: SourceColumns): SourceColumns {
  return mapValues(batch, values => values.toReversed());
}

function mapValues(
  { source, timestamps, columns, counts, rows, metadata }: SourceColumns,
  map: (values: Float64Array) => Float64Array,
): SourceColumns {
  return {
    source,
    timestamps: map(timestamps),
    columns: columns.map(column => ({ ...column, values: map(column.values) })),
    ...(counts && { counts: map(counts) }),
    ...(rows && { rows: map(rows) }),
    ...(metadata && { metadata: { ...metadata, values: map(metadata.values) } }),
  };
}
