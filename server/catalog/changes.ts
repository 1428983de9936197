/**
 * What the log carries of the catalog: a record is a list of changes, applied together or not at all.
 * A change carries the whole record it puts, so replaying one twice does no harm.
 */
import { packList, unpackList } from '../journal/ledger.js';
import type { AlertRule, ApiKey, Bucket, Dashboard, DataSource, Organization } from './model.js';
import { type PackedSeries, packSeries, unpackSeries } from './series-record.js';

export type CatalogChange =
  | { readonly kind: 'organization'; readonly organization: Organization }
  | { readonly kind: 'bucket'; readonly bucket: Bucket }
  /** Takes the bucket's keys, sources, alert rules and dashboards with it. */
  | { readonly kind: 'bucketDeleted'; readonly id: string }
  | { readonly kind: 'key'; readonly key: ApiKey }
  | { readonly kind: 'keyDeleted'; readonly id: string }
  | { readonly kind: 'source'; readonly source: DataSource }
  /** New sources of series, of one bucket; packed as `PackedSeries`. */
  | { readonly kind: 'series'; readonly sources: readonly DataSource[] }
  /** Takes the source's alert rules with it. */
  | { readonly kind: 'sourceDeleted'; readonly id: string }
  | { readonly kind: 'rule'; readonly rule: AlertRule }
  | { readonly kind: 'ruleDeleted'; readonly id: string }
  | { readonly kind: 'dashboard'; readonly dashboard: Dashboard }
  | { readonly kind: 'dashboardDeleted'; readonly id: string };

export function packChanges(changes: readonly CatalogChange[]): Uint8Array {
  return packList(changes.map(change => (change.kind === 'series' ? packSeries(change.sources) : change)));
}

/** @throws Error where the bytes are not a list of changes. */
export function unpackChanges(bytes: Uint8Array): CatalogChange[] {
  const changes = unpackList(bytes) as (Exclude<CatalogChange, { kind: 'series' }> | PackedSeries)[];
  return changes.map(change =>
    change.kind === 'series' ? { kind: 'series', sources: unpackSeries(change) } : change,
  );
}
