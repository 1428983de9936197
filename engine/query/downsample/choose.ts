/** Rows chosen for drawing, of one source, in the place of all of them. */
import type { ScanChunk, TimeRange } from '../../storage.js';
import { pickRows } from '../matching.js';
import type { Progress } from '../progress.js';
import type { Downsample, QueryRequest } from '../request.js';
import { chooseOfColumns, markM4, markMinmax } from './columns.js';
import { chooseTriangles } from './triangles.js';

/**
 * Passes on, in their order and as they are, only the rows that `downsample` chooses of each column of the range.
 * What is chosen does not depend on how rows are cut into chunks. Chunks passed on are copies.
 * @param chunks rows of one source, ascending, all in the range
 * @throws PictureTooLargeError (rejects) where `lttb` would hold too much.
 */
export function chooseRows(
  chunks: AsyncIterable<ScanChunk>,
  downsample: Downsample,
  range: TimeRange,
  progress: Progress,
): AsyncGenerator<ScanChunk> {
  const columnCount = columnCountOf(downsample);
  switch (downsample.method) {
    case 'm4':
      return chooseOfColumns(chunks, range, columnCount, markM4);
    case 'minmax':
      return chooseOfColumns(chunks, range, columnCount, markMinmax);
    case 'lttb':
      return chooseTriangles(chunks, downsample.points, range, columnCount, progress);
  }
}

/** The rows chosen of a request, in its order: of a few, the reverse costs nothing. */
export async function* chosenRows(
  chunks: AsyncIterable<ScanChunk>,
  downsample: Downsample,
  request: QueryRequest,
  progress: Progress,
): AsyncGenerator<ScanChunk> {
  const chosen = chooseRows(chunks, downsample, request, progress);
  if (request.order === 'asc') yield* chosen;
  else {
    const all: ScanChunk[] = [];
    for await (const chunk of chosen) all.push(chunk);
    for (const chunk of all.reverse()) yield reversedRows(chunk);
  }
}

/** Whole columns of pixels; the least picture has one. */
function columnCountOf({ method, points }: Downsample): number {
  return Math.max(1, Math.floor(points / (method === 'm4' ? 4 : 2)));
}

function reversedRows(chunk: ScanChunk): ScanChunk {
  const { length } = chunk.timestamps;
  return pickRows(
    chunk,
    Uint32Array.from({ length }, (_, index) => length - 1 - index),
  );
}
