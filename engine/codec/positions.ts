import { type ByteReader, BytesError, type ByteWriter } from '../base/bytes.js';

/** Ascending positions as gaps. */
export function writePositions(writer: ByteWriter, positions: Int32Array, count: number): void {
  writer.varint(count);
  let previous = -1;
  for (let k = 0; k < count; k++) {
    writer.varint(positions[k] - previous - 1);
    previous = positions[k];
  }
}

/** Most columns have no exceptions, and an empty array costs as much to make as fifty numbers to unpack. */
const NONE = new Int32Array(0);

/** Reads what writePositions wrote: each is below `limit`, or BytesError. */
export function readPositions(reader: ByteReader, limit: number): Int32Array {
  const count = reader.count();
  if (count === 0) return NONE;
  const positions = new Int32Array(count);
  let position = -1;
  for (let k = 0; k < positions.length; k++) {
    position += reader.varint() + 1;
    if (position >= limit) throw new BytesError('A position lies past the end');
    positions[k] = position;
  }
  return positions;
}
