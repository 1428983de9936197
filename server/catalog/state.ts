import { assert } from '../../engine/base/assert.js';
import type { CatalogChange } from './changes.js';
import { childrenOf, dropChild } from './children.js';
import { DashboardState } from './dashboard-state.js';
import { sharedFields } from './field-lists.js';
import type { AlertRule, ApiKey, Bucket, Dashboard, DataSource, Organization } from './model.js';
import { RuleState } from './rule-state.js';

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
  /** Not there where a version without alert rules wrote it. */
  readonly rules?: readonly AlertRule[];
  /** Not there where a version without dashboards wrote it. */
  readonly dashboards?: readonly Dashboard[];
}

/** What the changes so far make of the catalog. Nothing but `apply` changes it, save for the last use of keys. */
export class CatalogState {
  readonly buckets = new Map<string, Bucket>();
  readonly keys = new Map<string, ApiKey>();
  readonly sources = new Map<string, DataSource>();
  readonly lastUsed = new Map<string, number>();
  readonly rules = new RuleState();
  readonly dashboards = new DashboardState();
  organization: Organization | undefined;
  nextOrdinal = 1;
  /** Grows whenever a source is no longer what it was: those that are new change nothing that was found before. */
  sourcesVersion = 0;
  readonly #sourcesByOrdinal = new Map<number, DataSource>();
  readonly #keysByHash = new Map<string, ApiKey>();
  readonly #keysByBucket = new Map<string, Map<string, ApiKey>>();
  readonly #sourcesByBucket = new Map<string, Map<string, DataSource>>();
  /** Sources of series by bucket and key. */
  readonly #seriesByBucket = new Map<string, Map<string, DataSource>>();
  readonly #bucketsByName = new Map<string, Map<string, Bucket>>();

  static fromImage(image: CatalogImage): CatalogState {
    const state = new CatalogState();
    state.organization = image.organization ?? undefined;
    for (const bucket of image.buckets) state.#putBucket(bucket);
    for (const key of image.keys) state.#putKey(key);
    for (const source of image.sources) state.#putSource(source);
    for (const [id, time] of image.lastUsed) state.lastUsed.set(id, time);
    for (const rule of image.rules ?? []) state.#putRule(rule);
    for (const dashboard of image.dashboards ?? []) state.dashboards.put(dashboard);
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
      rules: [...this.rules.all.values()],
      dashboards: [...this.dashboards.all.values()],
    };
  }

  keyByHash(hash: string): ApiKey | undefined {
    return this.#keysByHash.get(hash);
  }

  sourceByOrdinal(ordinal: number): DataSource | undefined {
    return this.#sourcesByOrdinal.get(ordinal);
  }

  keysOf(bucketId: string): ReadonlyMap<string, ApiKey> {
    return this.#keysByBucket.get(bucketId) ?? new Map();
  }

  sourcesOf(bucketId: string): ReadonlyMap<string, DataSource> {
    return this.#sourcesByBucket.get(bucketId) ?? new Map();
  }

  /** Sources of series, by key. */
  seriesOf(bucketId: string): ReadonlyMap<string, DataSource> {
    return this.#seriesByBucket.get(bucketId) ?? new Map();
  }

  bucketsNamed(name: string): ReadonlyMap<string, Bucket> {
    return this.#bucketsByName.get(name) ?? new Map();
  }

  /** @throws Error for a kind this version does not know. */
  apply(change: CatalogChange): void {
    switch (change.kind) {
      case 'organization':
        this.organization = change.organization;
        return;
      case 'bucket':
        this.#putBucket(change.bucket);
        return;
      case 'bucketDeleted':
        for (const id of [...this.keysOf(change.id).keys()]) this.#dropKey(id);
        for (const id of [...this.sourcesOf(change.id).keys()]) this.#dropSource(id);
        this.dashboards.dropOf(change.id);
        this.#dropBucket(change.id);
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
      case 'series':
        for (const source of change.sources) this.#putSource(source);
        return;
      case 'sourceDeleted':
        this.#dropSource(change.id);
        return;
      case 'rule':
        this.#putRule(change.rule);
        return;
      case 'ruleDeleted':
        this.rules.drop(change.id);
        return;
      case 'dashboard':
        this.dashboards.put(change.dashboard);
        return;
      case 'dashboardDeleted':
        this.dashboards.drop(change.id);
        return;
      default:
        throw new Error(
          `A newer version wrote a catalog change of kind ${(change as { kind: unknown }).kind}`,
        );
    }
  }

  #putBucket(bucket: Bucket): void {
    const before = this.buckets.get(bucket.id);
    if (before !== undefined && before.name !== bucket.name) {
      dropChild(this.#bucketsByName, before.name, bucket.id);
    }
    this.buckets.set(bucket.id, bucket);
    childrenOf(this.#bucketsByName, bucket.name).set(bucket.id, bucket);
  }

  #dropBucket(id: string): void {
    const bucket = this.buckets.get(id);
    if (bucket === undefined) return;
    this.buckets.delete(id);
    dropChild(this.#bucketsByName, bucket.name, id);
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

  #putSource(given: DataSource): void {
    const before = this.sources.get(given.id);
    assert(before === undefined || before.ordinal === given.ordinal, 'a source keeps its ordinal');
    if (before !== undefined) this.sourcesVersion++;
    const fields = sharedFields(given.fields);
    const source = fields === given.fields ? given : { ...given, fields };
    this.sources.set(source.id, source);
    this.#sourcesByOrdinal.set(source.ordinal, source);
    childrenOf(this.#sourcesByBucket, source.bucketId).set(source.id, source);
    if (source.series !== undefined) {
      childrenOf(this.#seriesByBucket, source.bucketId).set(source.series, source);
    }
    this.nextOrdinal = Math.max(this.nextOrdinal, source.ordinal + 1);
  }

  #putRule(rule: AlertRule): void {
    const source = this.sources.get(rule.sourceId);
    assert(source !== undefined, 'a rule has a source');
    this.rules.put(rule, source);
  }

  #dropSource(id: string): void {
    const source = this.sources.get(id);
    if (source === undefined) return;
    this.rules.dropOf(source);
    this.sourcesVersion++;
    this.sources.delete(id);
    this.#sourcesByOrdinal.delete(source.ordinal);
    dropChild(this.#sourcesByBucket, source.bucketId, id);
    if (source.series !== undefined) dropChild(this.#seriesByBucket, source.bucketId, source.series);
  }
}
