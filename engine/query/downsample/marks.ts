/** Which rows of a chunk are chosen: a byte a row, so that those of several fields are their union. */
import type { ScanChunk } from '../../storage.js';
import { pickRows } from '../matching.js';

export type Marks = Uint8Array;

export function noMarks({ timestamps }: ScanChunk): Marks {
  return new Uint8Array(timestamps.length);
}

/** The marked ones of the rows `from … to` (exclusive), copied. */
export function markedRows(chunk: ScanChunk, marks: Marks, from: number, to: number): ScanChunk {
  let count = 0;
  for (let row = from; row < to; row++) count += marks[row];
  const positions = new Uint32Array(count);
  let at = 0;
  for (let row = from; row < to; row++) if (marks[row] === 1) positions[at++] = row;
  return pickRows(chunk, positions);
}
