/** Whether a bucket's sources take rows that were read from bytes. Where not, others say why. */
import type { Layout } from '../../engine/batch.js';
import { FieldTypeError, type Storage } from '../../engine/storage.js';
import { knownTypes } from '../catalog/fields.js';
import type { Bucket } from '../catalog/model.js';
import type { Reply } from '../http/application.js';
import type { Store } from '../idempotency/idempotency.js';
import { SOURCE_FIELDS_MAX } from '../limits.js';
import type { RowSource } from './row-source.js';
import type { ScannedPoints } from './scanned.js';
import type { SourceIndex } from './source-index.js';

export interface ScannedContext {
  readonly storage: Storage;
  readonly store: Store;
  readonly index: SourceIndex;
  bucketOf(id: string): Bucket | undefined;
}

/**
 * Stores what was read, and gives the answer.
 * @param replyOf the answer, from the first row of each source
 * @returns undefined where any of it must be refused
 */
export async function storeScanned(
  { storage, store, index, bucketOf }: ScannedContext,
  { bucketId, batch, sources }: ScannedPoints,
  replyOf: (firstRows: readonly number[]) => Reply,
): Promise<Reply | undefined> {
  const bucket = bucketOf(bucketId);
  if (bucket === undefined) return undefined;
  for (let at = 0; at < sources.length; at++) {
    const { source } = sources[at];
    const isTaken =
      index.isCurrent(sources[at]) && source.bucketId === bucket.id && source.status === 'active';
    if (!isTaken || !takesLayout(storage, sources[at], batch.sources[at].layout)) return undefined;
  }
  try {
    return await store(batch, replyOf);
  } catch (error) {
    if (error instanceof FieldTypeError) return undefined;
    throw error;
  }
}

/** Whether every field of the layout has the type that the source's field has, or would be new and fits in. */
export function takesLayout(storage: Storage, source: RowSource, layout: Layout): boolean {
  if (source.checked === layout) return true;
  if (!isDeclared(source, layout)) {
    const known = knownTypes(storage, source.source);
    let count = known.size;
    for (const { name, type } of layout.fields) {
      const expected = known.get(name);
      if (expected === undefined) count++;
      else if (expected !== type) return false;
    }
    if (count > SOURCE_FIELDS_MAX) return false;
  }
  source.checked = layout;
  return true;
}

/** Whether the declaration of the source names all of them: most sources begin with one, and then need no look-up. */
function isDeclared({ source: { fields } }: RowSource, layout: Layout): boolean {
  return layout.fields.every(({ name, type }, index) => {
    const declared = fields[index]?.name === name ? fields[index] : fields.find(field => field.name === name);
    return declared?.type === type;
  });
}
