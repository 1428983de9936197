/** What the catalog knows. Records are never changed, only replaced; times are milliseconds since 1970 in UTC. */
import type { FieldType } from '../../engine/batch.js';
import type { Condition } from '../alerts/condition.js';

export type Plan = 'free' | 'pro' | 'enterprise';
export type KeyType = 'admin' | 'write' | 'read';
export type Status = 'active' | 'archived';
export type RuleStatus = 'active' | 'paused';

export interface Organization {
  readonly id: string;
  readonly name: string;
  readonly plan: Plan;
  readonly createdAt: number;
}

export interface Bucket {
  readonly id: string;
  readonly organizationId: string;
  readonly name: string;
  readonly description: string | null;
  /** Null keeps points for ever. */
  readonly retentionDays: number | null;
  readonly status: Status;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly type: KeyType;
  /** Null for admin keys: their scope is the organization. */
  readonly bucketId: string | null;
  /** SHA-256 of the whole key, in hex. The key itself is never stored. */
  readonly hash: string;
  /** What may be shown of the key: its prefix and four characters. */
  readonly keyPrefix: string;
  readonly createdAt: number;
}

export interface FieldDeclaration {
  readonly name: string;
  readonly type: FieldType;
  readonly unit?: string;
  readonly description?: string;
}

export interface DataSource {
  readonly id: string;
  /** The storage's name for the source. Never used again, not even after the source is deleted. */
  readonly ordinal: number;
  readonly bucketId: string;
  readonly name: string;
  readonly type: string;
  readonly description: string | null;
  /** Declared fields only; types that fields took by ingestion are the storage's knowledge. Names are distinct. */
  readonly fields: readonly FieldDeclaration[];
  readonly downsampling: boolean;
  readonly status: Status;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Key of the series of line protocol that it was made for; see `series.ts`. */
  readonly series?: string;
}

/** Where a rule's notifications go. */
export interface RuleWebhook {
  readonly url: string;
  /** `whsec_` and base64: signs what is sent. Shown once. */
  readonly secret: string;
  /** The one before it, which signs too for a time after a rotation. */
  readonly previous?: { readonly secret: string; readonly until: number };
  /** The receiver wants nothing any more: nothing is sent until there is another address. */
  readonly isGone?: boolean;
}

/** A field of a source that a panel shows. Neither need be there any more. */
export interface PanelSeries {
  readonly sourceId: string;
  readonly field: string;
}

export interface Panel {
  /** Distinct within its dashboard. */
  readonly id: string;
  readonly kind: 'chart' | 'stat' | 'table';
  readonly title: string;
  readonly width: 'half' | 'full';
  readonly height: 'small' | 'normal' | 'tall';
  /** Of charts. */
  readonly drawing?: 'band' | 'm4';
  /** Of stats. */
  readonly statistic?: 'last' | 'min' | 'max' | 'avg' | 'count';
  readonly series: readonly PanelSeries[];
}

/** As queries take it: `now-24h`, ISO 8601, or milliseconds since 1970. */
export type RangeEdge = string | number;

export interface Dashboard {
  readonly id: string;
  readonly bucketId: string;
  readonly name: string;
  readonly range: { readonly from: RangeEdge; readonly to: RangeEdge };
  /** IANA name; null for that of whoever looks. */
  readonly timezone: string | null;
  readonly live: boolean;
  readonly panels: readonly Panel[];
  /** Grows with each change. */
  readonly revision: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface AlertRule {
  readonly id: string;
  readonly bucketId: string;
  readonly sourceId: string;
  readonly name: string;
  /** The sentence, as it was written. */
  readonly condition: string;
  readonly parsedCondition: Condition;
  /** Null where transitions are only recorded. */
  readonly webhook: RuleWebhook | null;
  readonly cooldownMinutes: number;
  readonly status: RuleStatus;
  /** Grows with each change of what the rule watches: a state of an earlier one says nothing of this. */
  readonly revision: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}
