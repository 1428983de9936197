/** Answers of the API, as far as the pages read them. Times are ISO 8601 in UTC. */

export type KeyType = 'admin' | 'write' | 'read';
export type FieldType = 'number' | 'string' | 'boolean';
export type Value = number | string | boolean;

export interface ApiKey {
  readonly _id: string;
  readonly name: string;
  readonly type: KeyType;
  readonly keyPrefix: string;
  /** Null for Admin keys. */
  readonly bucketId: string | null;
  readonly createdAt: string;
  readonly lastUsedAt: string | null;
}

export interface Bucket {
  readonly _id: string;
  readonly name: string;
  readonly description: string | null;
  readonly retentionDays: number | null;
  readonly status: 'active' | 'archived';
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface Field {
  readonly type: FieldType;
  readonly unit?: string;
  readonly description?: string;
}

export interface DataSource {
  readonly _id: string;
  readonly bucketId: string;
  readonly name: string;
  readonly type: string;
  readonly description: string | null;
  /** Declared fields by name; points may have others. */
  readonly schema: Readonly<Record<string, Field>>;
  readonly downsampling: boolean;
  readonly status: 'active' | 'archived';
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface SourceStats {
  readonly dataPointCount: number;
  readonly firstDataPoint: string | null;
  readonly lastDataPoint: string | null;
  readonly averageIntervalMs: number | null;
}

export interface AlertRule {
  readonly _id: string;
  readonly name: string;
  readonly condition: string;
  readonly parsedCondition: {
    readonly operator: string;
    readonly field?: string;
    readonly value?: Value;
    readonly durationSeconds?: number;
  };
  readonly dataSourceId: string;
  readonly webhookUrl: string | null;
  readonly status: 'active' | 'paused';
  readonly cooldownMinutes: number;
  readonly lastTriggeredAt: string | null;
  readonly state: string;
  readonly createdAt: string;
}

export interface RawPoint {
  readonly _id: string;
  readonly dataSourceId: string;
  readonly timestamp: string;
  readonly values: Readonly<Record<string, Value>>;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

export interface QueryMetadata {
  readonly count: number;
  readonly total?: number;
  readonly hasMore: boolean;
  readonly startTime: string | null;
  readonly endTime: string | null;
  readonly aggregation?: string | readonly string[] | null;
  readonly groupBy?: string | null;
  readonly downsamplingApplied: boolean;
  readonly executionTimeMs: number;
  readonly pointsScanned: number;
  /** Window of the index that was read; null where points were. */
  readonly rollupLevel: string | null;
}
