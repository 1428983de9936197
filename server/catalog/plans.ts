/** What an organization may have and do, by its plan; null where there is no limit. */
import type { Plan } from './model.js';

export interface PlanLimits {
  /** Calls a calendar month. */
  readonly callsMax: number | null;
  readonly bucketsMax: number | null;
  /** Data sources of all buckets together. */
  readonly sourcesMax: number | null;
  readonly retentionDaysMax: number | null;
}

export const PLANS: Readonly<Record<Plan, PlanLimits>> = {
  free: { callsMax: 10_000, bucketsMax: 3, sourcesMax: 10, retentionDaysMax: 30 },
  pro: { callsMax: 1_000_000, bucketsMax: 25, sourcesMax: 100, retentionDaysMax: 365 },
  enterprise: { callsMax: null, bucketsMax: null, sourcesMax: null, retentionDaysMax: null },
};

export const PLAN_NAMES = Object.keys(PLANS) as Plan[];
