import { assert } from '../../engine/base/assert.js';
import type { CatalogChange } from './changes.js';
import type { ApiKey, Bucket, DataSource, Organization } from './model.js';

/** The state as plain data, each list oldest first. */
export interface CatalogImage {
  readonly organization: Organization | null;
  readonly buckets: readonly Bucket[];
  readonly keys: readonly ApiKey[];
  readonly sources: readonly DataSource[];
  /** Counted, not derived: the highest ordinal may belong to a source that is gone. */
  readonly nextOrdinal: number;
  /** Key ids with the time of their last call, milliseconds. */
  readonly lastUsed: readonly (readonly [string, number])[];
}

/** What the changes so far make of the catalog. Nothing but `apply` changes it, save for the last use of keys. */
export class CatalogState {
  readonly buckets = new Map<string, Bucket>();
  readonly keys = new Map<string, ApiKey>();
  readonly sources = new Map<string, DataSource>();
  readonly lastUsed = new Map<string, number>();
  organization: Organization | undefined;
  nextOrdinal = 1;
  readonly #keysByHash = new Map<string, ApiKey>();
  readonly #keysByBucket = new Map<string, Map<string, ApiKey>>();
  readonly #sourcesByBucket = new Map<string, Map<string, DataSource>>();

  static fromImage(image: CatalogImage): CatalogState {
    const state = new CatalogState();
    state.organization = image.organization ?? undefined;
    for (const bucket of image.buckets) state.buckets.set(bucket.id, bucket);
    for (const key of image.keys) state.#putKey(key);
    for (const source of image.sources) state.#putSource(source);
    for (const [id, time] of image.lastUsed) state.lastUsed.set(id, time);
    state.nextOrdinal = image.nextOrdinal;
    return state;
  }

  toImage(): CatalogImage {
    return {
      organization: this.organization ?? null,
      buckets: [...this.buckets.values()],
      keys: [...this.keys.values()],
      sources: [...this.sources.values()],
      nextOrdinal: this.nextOrdinal,
      lastUsed: [...this.lastUsed],
    };
  }

  keyByHash(hash: string): ApiKey | undefined {
    return this.#keysByHash.get(hash);
  }

  keysOf(bucketId: string): ReadonlyMap<string, ApiKey> {
    return this.#keysByBucket.get(bucketId) ?? new Map();
  }

  sourcesOf(bucketId: string): ReadonlyMap<string, DataSource> {
    return this.#sourcesByBucket.get(bucketId) ?? new Map();
  }

  /** @throws Error for a kind this version does not know. */
  apply(change: CatalogChange): void {
    switch (change.kind) {
      case 'organization':
        this.organization = change.organization;
        return;
      case 'bucket':
        this.buckets.set(change.bucket.id, change.bucket);
        return;
      case 'bucketDeleted':
        for (const id of [...this.keysOf(change.id).keys()]) this.#dropKey(id);
        for (const id of [...this.sourcesOf(change.id).keys()]) this.#dropSource(id);
        this.buckets.delete(change.id);
        return;
      case 'key':
        this.#putKey(change.key);
        return;
      case 'keyDeleted':
        this.#dropKey(change.id);
        return;
      case 'source':
        this.#putSource(change.source);
        return;
      case 'sourceDeleted':
        this.#dropSource(change.id);
        return;
      default:
        throw new Error(
          `A newer version wrote a catalog change of kind ${(change as { kind: unknown }).kind}`,
        );
    }
  }

  #putKey(key: ApiKey): void {
    this.keys.set(key.id, key);
    this.#keysByHash.set(key.hash, key);
    if (key.bucketId !== null) childrenOf(this.#keysByBucket, key.bucketId).set(key.id, key);
  }

  #dropKey(id: string): void {
    const key = this.keys.get(id);
    if (key === undefined) return;
    this.keys.delete(id);
    this.lastUsed.delete(id);
    this.#keysByHash.delete(key.hash);
    if (key.bucketId !== null) dropChild(this.#keysByBucket, key.bucketId, id);
  }

  #putSource(source: DataSource): void {
    const before = this.sources.get(source.id);
    assert(before === undefined || before.ordinal === source.ordinal, 'a source keeps its ordinal');
    this.sources.set(source.id, source);
    childrenOf(this.#sourcesByBucket, source.bucketId).set(source.id, source);
    this.nextOrdinal = Math.max(this.nextOrdinal, source.ordinal + 1);
  }

  #dropSource(id: string): void {
    const source = this.sources.get(id);
    if (source === undefined) return;
    this.sources.delete(id);
    dropChild(this.#sourcesByBucket, source.bucketId, id);
  }
}

function childrenOf<T>(byBucket: Map<string, Map<string, T>>, bucketId: string): Map<string, T> {
  let children = byBucket.get(bucketId);
  if (children === undefined) {
    children = new Map();
    byBucket.set(bucketId, children);
  }
  return children;
}

function dropChild<T>(byBucket: Map<string, Map<string, T>>, bucketId: string, id: string): void {
  const children = byBucket.get(bucketId);
  children?.delete(id);
  if (children?.size === 0) byBucket.delete(bucketId);
}
