/** Organization, buckets, keys, sources, alert rules and dashboards: state that is what replay of the log makes of it. */
import { assert } from '../../engine/base/assert.js';
import type { Clock } from '../../engine/base/time.js';
import { SOURCE_ORDINAL_MAX } from '../../engine/limits.js';
import type { Disk } from '../../wal/disk.js';
import type { LogParticipant, RecordLog } from '../../wal/records.js';
import { CATALOG_FILE } from '../journal/files.js';
import { Ledger } from '../journal/ledger.js';
import { SnapshotCorruptError, snapshotPath } from '../journal/snapshot.js';
import { type CatalogChange, packChanges, unpackChanges } from './changes.js';
import { sharedFields } from './field-lists.js';
import type {
  AlertRule,
  ApiKey,
  Bucket,
  Dashboard,
  DataSource,
  FieldDeclaration,
  KeyType,
  Organization,
  Plan,
  Status,
} from './model.js';
import { keepFromOf } from './retention.js';
import { hashKey, isAdminKey, newId, newKey, shownPrefix } from './secrets.js';
import { seriesSource } from './series-record.js';
import { type CatalogImage, CatalogState } from './state.js';

export interface CatalogOptions {
  readonly disk: Disk;
  /** The data directory; the snapshot lies in it. */
  readonly directory: string;
  readonly clock: Clock;
}

export interface Page {
  readonly limit: number;
  readonly offset: number;
}

export type NewBucket = Pick<Bucket, 'name' | 'description' | 'retentionDays'>;
export type BucketPatch = Partial<NewBucket & { readonly status: Status }>;
export type NewSource = Pick<DataSource, 'name' | 'type' | 'description' | 'fields' | 'downsampling'>;
export type SourcePatch = Partial<NewSource & { readonly status: Status }>;

export type NewRule = Pick<
  AlertRule,
  'sourceId' | 'name' | 'condition' | 'parsedCondition' | 'webhook' | 'cooldownMinutes'
>;
export type RulePatch = Partial<Omit<NewRule, 'sourceId'> & Pick<AlertRule, 'status'>>;

export type NewDashboard = Pick<Dashboard, 'name' | 'range' | 'timezone' | 'live' | 'panels'>;
export type DashboardPatch = Partial<NewDashboard>;

export interface SeriesDraft {
  readonly bucketId: string;
  /** As in `series.ts`. */
  readonly key: string;
  readonly fields: readonly FieldDeclaration[];
  readonly createdAt: number;
}

export interface NewKey {
  readonly name: string;
  readonly type: KeyType;
  /** Null exactly for admin keys. */
  readonly bucketId: string | null;
}

export interface CreatedKey {
  readonly apiKey: ApiKey;
  /** The key itself: shown now and never again. */
  readonly key: string;
}

/**
 * A change is in the state when its call returns, and durable when the promise resolves. Where the log cannot be
 * written the promise rejects with LogUnavailableError; only a restart then tells whether the change is there.
 */
export class Catalog {
  readonly #options: CatalogOptions;
  readonly #ledger: Ledger<CatalogChange, CatalogState>;

  /** @throws SnapshotCorruptError, SnapshotVersionError */
  static async open(options: CatalogOptions): Promise<Catalog> {
    const { disk, directory, clock } = options;
    const ledger = await Ledger.open<CatalogChange, CatalogState>({
      disk,
      directory,
      clock,
      file: CATALOG_FILE,
      records: { pack: packChanges, unpack: unpackChanges },
      stateOf: image =>
        image === undefined ? new CatalogState() : CatalogState.fromImage(image as CatalogImage),
    });
    return new Catalog(options, ledger);
  }

  private constructor(options: CatalogOptions, ledger: Ledger<CatalogChange, CatalogState>) {
    this.#options = options;
    this.#ledger = ledger;
  }

  /** The catalog's part in the log: give it to whoever opens the log, before `start`. */
  get participant(): LogParticipant {
    return this.#ledger.participant;
  }

  get #state(): CatalogState {
    return this.#ledger.state;
  }

  /**
   * Changes go to this log from now on.
   * @throws SnapshotCorruptError where the snapshot is gone: taken for new, the catalog would have every point erased.
   */
  start(log: RecordLog): void {
    if (this.isEmpty && log.lastSequence > 0) throw missingSnapshot(this.#options.directory);
    this.#ledger.start(log);
  }

  /**
   * Makes sure that there is an organization, and a key to begin with.
   * @param adminKey the operator's own; added where it is not known.
   * @param plan of the organization from now on; as it was where it is not given.
   * @returns the admin key made by the first start without one, to be shown once.
   * @throws Error where `adminKey` has not the form of an admin key.
   */
  async bootstrap(options: { adminKey?: string; plan?: Plan } = {}): Promise<{ adminKey?: string }> {
    const { adminKey, plan } = options;
    if (adminKey !== undefined && !isAdminKey(adminKey)) {
      throw new Error('An admin key is dakkio_a_ and 40 characters of a-z and 0-9');
    }
    const changes: CatalogChange[] = [];
    const isFirstStart = this.isEmpty;
    const organization = this.#state.organization ?? this.#newOrganization();
    if (isFirstStart || (plan !== undefined && plan !== organization.plan)) {
      changes.push({ kind: 'organization', organization: { ...organization, ...(plan && { plan }) } });
    }
    const isKnown = adminKey !== undefined && this.keyByHash(hashKey(adminKey)) !== undefined;
    const key = adminKey ?? newKey('admin');
    if (adminKey === undefined ? isFirstStart : !isKnown) {
      changes.push({
        kind: 'key',
        key: this.#recordOf({ name: 'Admin', type: 'admin', bucketId: null }, key),
      });
    }
    if (changes.length > 0) await this.#commit(changes);
    return isFirstStart && adminKey === undefined ? { adminKey: key } : {};
  }

  /** True until the first start. */
  get isEmpty(): boolean {
    return this.#state.organization === undefined;
  }

  get organization(): Organization {
    assert(this.#state.organization !== undefined, 'bootstrap makes the organization');
    return this.#state.organization;
  }

  get bucketCount(): number {
    return this.#state.buckets.size;
  }

  /** Oldest first. */
  buckets(page: Page): Bucket[] {
    return pageOf(this.#state.buckets, page);
  }

  bucket(id: string): Bucket | undefined {
    return this.#state.buckets.get(id);
  }

  /** Names need not be distinct. */
  bucketsNamed(name: string): Bucket[] {
    return [...this.#state.bucketsNamed(name).values()];
  }

  createBucket(bucket: NewBucket): Promise<Bucket> {
    const now = this.#options.clock.now();
    return this.#put({
      id: newId(now),
      organizationId: this.organization.id,
      name: bucket.name,
      description: bucket.description,
      retentionDays: bucket.retentionDays,
      status: 'active',
      createdAt: now,
      updatedAt: now,
    });
  }

  updateBucket(bucket: Bucket, patch: BucketPatch): Promise<Bucket> {
    return this.#put({ ...bucket, ...patch, updatedAt: this.#options.clock.now() });
  }

  /** With its keys, sources, alert rules and dashboards. Their points are the storage's to erase, by ordinals asked for before. */
  async deleteBucket(id: string): Promise<void> {
    await this.#commit([{ kind: 'bucketDeleted', id }]);
  }

  /** Every key, of the organization and of its buckets, oldest first. */
  allKeys(): ApiKey[] {
    return [...this.#state.keys.values()];
  }

  /** Of the organization and of its buckets. */
  get keyTotal(): number {
    return this.#state.keys.size;
  }

  keyCount(bucketId: string): number {
    return this.#state.keysOf(bucketId).size;
  }

  /** Keys of a bucket, oldest first. */
  keys(bucketId: string, page: Page): ApiKey[] {
    return pageOf(this.#state.keysOf(bucketId), page);
  }

  key(id: string): ApiKey | undefined {
    return this.#state.keys.get(id);
  }

  keyByHash(hash: string): ApiKey | undefined {
    return this.#state.keyByHash(hash);
  }

  async createKey(key: NewKey): Promise<CreatedKey> {
    assert((key.type === 'admin') === (key.bucketId === null), 'admin keys, and only they, have no bucket');
    const secret = newKey(key.type);
    const apiKey = this.#recordOf(key, secret);
    await this.#commit([{ kind: 'key', key: apiKey }]);
    return { apiKey, key: secret };
  }

  async deleteKey(id: string): Promise<void> {
    await this.#commit([{ kind: 'keyDeleted', id }]);
  }

  /** Milliseconds; undefined for a key that was never used. */
  lastUsedAt(keyId: string): number | undefined {
    return this.#state.lastUsed.get(keyId);
  }

  /** Kept in memory until the next snapshot: a sync for each call would cost more than the call. */
  markUsed(keyId: string): void {
    this.#state.lastUsed.set(keyId, this.#options.clock.now());
    this.#ledger.touch();
  }

  sourceCount(bucketId: string): number {
    return this.#state.sourcesOf(bucketId).size;
  }

  /** Of all buckets together. */
  get sourceTotal(): number {
    return this.#state.sources.size;
  }

  /** Sources of a bucket, oldest first. */
  sources(bucketId: string, page: Page = { limit: Number.POSITIVE_INFINITY, offset: 0 }): DataSource[] {
    return pageOf(this.#state.sourcesOf(bucketId), page);
  }

  source(id: string): DataSource | undefined {
    return this.#state.sources.get(id);
  }

  /** The source that the storage knows by a number. */
  sourceByOrdinal(ordinal: number): DataSource | undefined {
    return this.#state.sourceByOrdinal(ordinal);
  }

  /** Grows whenever a source is changed or deleted, so that what was found before must be looked up again. */
  get sourcesVersion(): number {
    return this.#state.sourcesVersion;
  }

  /** Sources of series of a bucket, by key. */
  series(bucketId: string): ReadonlyMap<string, DataSource> {
    return this.#state.seriesOf(bucketId);
  }

  /** Every source, oldest first. */
  allSources(): DataSource[] {
    return [...this.#state.sources.values()];
  }

  /** What the storage may hold; points of any other source are left over from a deletion cut short. */
  liveOrdinals(): Set<number> {
    return new Set(this.allSources().map(source => source.ordinal));
  }

  /** First millisecond of the points to keep, by ordinal, of sources whose bucket keeps points for some days only. */
  keepFrom(now: number): Map<number, number> {
    const keep = new Map<number, number>();
    for (const bucket of this.#state.buckets.values()) {
      if (bucket.retentionDays === null) continue;
      const from = keepFromOf(bucket, now);
      for (const { ordinal } of this.#state.sourcesOf(bucket.id).values()) keep.set(ordinal, from);
    }
    return keep;
  }

  createSource(bucketId: string, source: NewSource): Promise<DataSource> {
    const now = this.#options.clock.now();
    const ordinal = this.#state.nextOrdinal;
    assert(ordinal <= SOURCE_ORDINAL_MAX, 'there are ordinals left');
    return this.#putSource({
      id: newId(now),
      ordinal,
      bucketId,
      name: source.name,
      type: source.type,
      description: source.description,
      fields: sharedFields(source.fields),
      downsampling: source.downsampling,
      status: 'active',
      createdAt: now,
      updatedAt: now,
    });
  }

  /**
   * A source to be made by `createSeries` in the same turn.
   * @param position of it among those that will be made
   */
  draftSeries(draft: SeriesDraft, position: number): DataSource {
    const ordinal = this.#state.nextOrdinal + position;
    assert(ordinal <= SOURCE_ORDINAL_MAX, 'there are ordinals left');
    const { bucketId, key, createdAt } = draft;
    return seriesSource(
      { id: newId(createdAt), ordinal, bucketId, fields: sharedFields(draft.fields), createdAt },
      key,
    );
  }

  /** Makes sources of one bucket with one record of the log, all or none. */
  async createSeries(drafts: readonly DataSource[]): Promise<void> {
    if (drafts.length > 0) await this.#commit([{ kind: 'series', sources: drafts }]);
  }

  updateSource(source: DataSource, patch: SourcePatch): Promise<DataSource> {
    const fields = sharedFields(patch.fields ?? source.fields);
    return this.#putSource({ ...source, ...patch, fields, updatedAt: this.#options.clock.now() });
  }

  /** With its alert rules. Its points are the storage's to erase. */
  async deleteSource(id: string): Promise<void> {
    await this.#commit([{ kind: 'sourceDeleted', id }]);
  }

  get allRuleCount(): number {
    return this.#state.rules.all.size;
  }

  ruleCount(bucketId: string): number {
    return this.#state.rules.of(bucketId).size;
  }

  /** Alert rules of a bucket, oldest first. */
  rules(bucketId: string, page: Page = { limit: Number.POSITIVE_INFINITY, offset: 0 }): AlertRule[] {
    return pageOf(this.#state.rules.of(bucketId), page);
  }

  /** Every alert rule, oldest first. */
  allRules(): AlertRule[] {
    return [...this.#state.rules.all.values()];
  }

  rule(id: string): AlertRule | undefined {
    return this.#state.rules.all.get(id);
  }

  /** Grows with each change of any alert rule. */
  get rulesVersion(): number {
    return this.#state.rules.version;
  }

  /** Alert rules of the source of an ordinal, oldest first: the same list until one of them changes. */
  rulesOf(ordinal: number): readonly AlertRule[] | undefined {
    return this.#state.rules.ofOrdinal(ordinal);
  }

  createRule(bucketId: string, rule: NewRule): Promise<AlertRule> {
    const now = this.#options.clock.now();
    return this.#putRule({
      id: newId(now),
      bucketId,
      sourceId: rule.sourceId,
      name: rule.name,
      condition: rule.condition,
      parsedCondition: rule.parsedCondition,
      webhook: rule.webhook,
      cooldownMinutes: rule.cooldownMinutes,
      status: 'active',
      revision: 1,
      createdAt: now,
      updatedAt: now,
    });
  }

  updateRule(rule: AlertRule, patch: RulePatch): Promise<AlertRule> {
    const changed = { ...rule, ...patch, updatedAt: this.#options.clock.now() };
    const isSame = changed.condition === rule.condition && changed.status === rule.status;
    return this.#putRule({ ...changed, revision: rule.revision + (isSame ? 0 : 1) });
  }

  /** The receiver of a rule's notifications wants no more. */
  async markWebhookGone(id: string): Promise<void> {
    const rule = this.rule(id);
    if (rule?.webhook == null) return;
    await this.updateRule(rule, { webhook: { ...rule.webhook, isGone: true } });
  }

  async deleteRule(id: string): Promise<void> {
    await this.#commit([{ kind: 'ruleDeleted', id }]);
  }

  dashboardCount(bucketId: string): number {
    return this.#state.dashboards.of(bucketId).size;
  }

  /** Dashboards of a bucket, oldest first. */
  dashboards(bucketId: string, page: Page = { limit: Number.POSITIVE_INFINITY, offset: 0 }): Dashboard[] {
    return pageOf(this.#state.dashboards.of(bucketId), page);
  }

  dashboard(id: string): Dashboard | undefined {
    return this.#state.dashboards.all.get(id);
  }

  createDashboard(bucketId: string, dashboard: NewDashboard): Promise<Dashboard> {
    const now = this.#options.clock.now();
    return this.#putDashboard({
      id: newId(now),
      bucketId,
      name: dashboard.name,
      range: dashboard.range,
      timezone: dashboard.timezone,
      live: dashboard.live,
      panels: dashboard.panels,
      revision: 1,
      createdAt: now,
      updatedAt: now,
    });
  }

  updateDashboard(dashboard: Dashboard, patch: DashboardPatch): Promise<Dashboard> {
    const updatedAt = this.#options.clock.now();
    return this.#putDashboard({ ...dashboard, ...patch, revision: dashboard.revision + 1, updatedAt });
  }

  async deleteDashboard(id: string): Promise<void> {
    await this.#commit([{ kind: 'dashboardDeleted', id }]);
  }

  /** Writes a snapshot where it would differ from the last; the log needs no older records of the catalog then. */
  save(): Promise<void> {
    return this.#ledger.save();
  }

  #newOrganization(): Organization {
    const now = this.#options.clock.now();
    return { id: newId(now), name: 'Default organization', plan: 'enterprise', createdAt: now };
  }

  #recordOf(key: NewKey, secret: string): ApiKey {
    const now = this.#options.clock.now();
    return {
      id: newId(now),
      name: key.name,
      type: key.type,
      bucketId: key.bucketId,
      hash: hashKey(secret),
      keyPrefix: shownPrefix(secret),
      createdAt: now,
    };
  }

  async #put(bucket: Bucket): Promise<Bucket> {
    await this.#commit([{ kind: 'bucket', bucket }]);
    return bucket;
  }

  async #putSource(source: DataSource): Promise<DataSource> {
    await this.#commit([{ kind: 'source', source }]);
    return source;
  }

  async #putDashboard(dashboard: Dashboard): Promise<Dashboard> {
    await this.#commit([{ kind: 'dashboard', dashboard }]);
    return dashboard;
  }

  async #putRule(rule: AlertRule): Promise<AlertRule> {
    await this.#commit([{ kind: 'rule', rule }]);
    return rule;
  }

  #commit(changes: readonly CatalogChange[]): Promise<void> {
    return this.#ledger.commit(changes);
  }
}

/** The first record of every log makes the organization: whoever has later ones and no organization lost the snapshot. */
export function missingSnapshot(directory: string): SnapshotCorruptError {
  return new SnapshotCorruptError(snapshotPath(directory, CATALOG_FILE), 'it is missing, but there is data');
}

function pageOf<T>(items: ReadonlyMap<string, T>, { limit, offset }: Page): T[] {
  return [...items.values()].slice(offset, offset + limit);
}
