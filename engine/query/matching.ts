/** A scan of only the rows that a query's conditions let through, with only the fields that it answers. */
import type { Readable, ScanChunk, ScanRequest } from '../storage.js';
import { filteredFields, type RowFilter } from './filter.js';
import type { Progress } from './progress.js';
import type { QueryRequest } from './request.js';

export async function* matchingRows(
  readable: Readable,
  scan: ScanRequest,
  request: QueryRequest,
  filter: RowFilter | undefined,
  progress: Progress,
): AsyncGenerator<ScanChunk> {
  const { fields } = request;
  const wanted = fields && new Set(fields);
  const chunks = readable.scan({
    ...scan,
    fields: fields && [...new Set([...fields, ...filteredFields(request)])],
    metadata: scan.metadata || request.metadata !== undefined,
    // A condition of no members is met by points without metadata, too.
    hints: { values: request.values, metadata: Object.keys(request.metadata ?? {}).length > 0 },
  });
  for await (const chunk of chunks) {
    await progress.advance(chunk.timestamps.length);
    const positions = filter?.(chunk);
    const matching = positions === undefined ? chunk : pickRows(chunk, positions);
    if (matching.timestamps.length === 0) continue;
    yield wanted === undefined
      ? matching
      : { ...matching, fields: matching.fields.filter(column => wanted.has(column.name)) };
  }
}

/** The rows at these positions, in their order, copied. */
export function pickRows(chunk: ScanChunk, positions: Uint32Array): ScanChunk {
  const pick = (values: Float64Array) => {
    const picked = new Float64Array(positions.length);
    for (let index = 0; index < positions.length; index++) picked[index] = values[positions[index]];
    return picked;
  };
  const { source, metadata } = chunk;
  return {
    source,
    timestamps: pick(chunk.timestamps),
    rows: pick(chunk.rows),
    fields: chunk.fields.map(column => ({ ...column, values: pick(column.values) })),
    ...(metadata && { metadata: { ...metadata, values: pick(metadata.values) } }),
  };
}
