/** Answers of the API that only the explorer reads. */
import type { DataSource, SourceStats, Value } from '../base/types.js';

export type ListedSource = DataSource & { readonly stats: SourceStats };

export interface Transition {
  readonly event: 'alert.triggered' | 'alert.resolved';
  readonly timestamp: string;
  readonly value: Value | null;
  readonly reason?: 'paused' | 'changed';
}

export interface Delivery {
  readonly _id: string;
  readonly event: string;
  readonly webhookUrl: string;
  readonly status: 'pending' | 'delivered' | 'failed' | 'dropped';
  readonly reason: string | null;
  readonly createdAt: string;
  readonly nextAttemptAt: string | null;
  readonly attempts: readonly {
    readonly timestamp: string;
    readonly durationMs: number;
    readonly statusCode: number | null;
    readonly error: string | null;
  }[];
}

export interface RuleTest {
  readonly firings: readonly {
    readonly triggeredAt: string;
    readonly resolvedAt: string | null;
    readonly value: Value | null;
  }[];
  readonly metadata: { readonly hasMore: boolean };
}

export const PERIODS = ['24h', '7d', '30d', '90d'] as const;

export type Period = (typeof PERIODS)[number];

export interface BucketAnalytics {
  readonly summary: {
    readonly totalDataPoints: number;
    readonly dataPointsInPeriod: number;
    readonly avgDataPointsPerDay: number;
    readonly dataSources: number;
    readonly activeAlerts: number;
  };
  readonly dataSourceStats: readonly {
    readonly _id: string;
    readonly name: string;
    readonly dataPointCount: number;
  }[];
  readonly ingestionRate: { readonly dataPointsPerHour: readonly HourCount[] };
  readonly alertActivity: { readonly totalTriggered: number };
}

export interface HourCount {
  readonly hour: string;
  readonly count: number;
}

export interface Overview {
  readonly totals: {
    readonly buckets: number;
    readonly dataSources: number;
    readonly dataPoints: number;
    readonly apiKeys: number;
  };
  readonly usage: {
    readonly apiCallsThisMonth: number;
    readonly apiCallsLimit: number | null;
    readonly apiCallsPercentage: number | null;
    readonly storageUsedBytes: number;
  };
  readonly plan: {
    readonly name: string;
    readonly maxBuckets: number | null;
    readonly maxRetentionDays: number | null;
  };
}
