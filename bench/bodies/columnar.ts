import { pack } from 'msgpackr';
import type { LoadedBucket } from '../load.js';
import type { Readings } from '../reference.js';
import type { Rectangle } from './rectangle.js';

/** Rows of one source in MessagePack; columns are the bytes of little-endian float64s. */
export function columnarBody(
  { bucketId, ids }: LoadedBucket,
  readings: readonly Readings[],
  { sourceFrom, rowFrom, rowTo }: Rectangle,
): Buffer {
  const { timeAt, fields } = readings[sourceFrom];
  const columnOf = (valueAt: (row: number) => number) => {
    const values = new Float64Array(rowTo - rowFrom);
    for (let row = rowFrom; row < rowTo; row++) values[row - rowFrom] = valueAt(row);
    return Buffer.from(values.buffer);
  };
  const values = Object.fromEntries(Array.from(fields, ([name, valueAt]) => [name, columnOf(valueAt)]));
  const columns = { dataSourceId: ids[sourceFrom], timestamps: columnOf(timeAt), values };
  // A copy: the packer's own buffer would be kept by each of its parts.
  return Buffer.from(pack({ bucketId, columns }));
}
