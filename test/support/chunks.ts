/** One source's rows as a scan may give them: cut anywhere, and with arrays that are used again for other rows. */
import type { FieldType } from '../../engine/batch.js';
import type { Scalar } from '../../engine/query/request.js';
import type { ScanChunk } from '../../engine/storage.js';
import { columnOf, metadataColumnOf } from './columns.js';

export interface ChunkRow {
  readonly time: number;
  readonly row: number;
  readonly values: ReadonlyMap<string, Scalar>;
  readonly metadata?: string;
}

/** @param lengthOf rows of the next chunk, at least 1 */
export async function* chunksOf(
  rows: readonly ChunkRow[],
  lengthOf: () => number,
): AsyncGenerator<ScanChunk> {
  for (let from = 0; from < rows.length; ) {
    const length = lengthOf();
    const chunk = chunkOf(rows.slice(from, from + length));
    yield chunk;
    const { timestamps, fields, metadata } = chunk;
    for (const values of [timestamps, chunk.rows, ...fields.map(field => field.values), metadata?.values]) {
      values?.fill(-1);
    }
    from += length;
  }
}

function chunkOf(rows: readonly ChunkRow[]): ScanChunk {
  const types = new Map<string, FieldType>();
  for (const { values } of rows) {
    for (const [name, value] of values) types.set(name, typeof value as FieldType);
  }
  const texts = rows.map(({ metadata }) => metadata);
  return {
    source: 1,
    timestamps: Float64Array.from(rows, ({ time }) => time),
    rows: Float64Array.from(rows, ({ row }) => row),
    fields: Array.from(types, ([name, type]) =>
      columnOf(
        name,
        type,
        rows.map(({ values }) => values.get(name)),
      ),
    ),
    ...(texts.some(text => text !== undefined) && { metadata: metadataColumnOf(texts) }),
  };
}
