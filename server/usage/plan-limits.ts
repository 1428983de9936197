/** What the plan of the organization does not allow any more. What there is already stays, whatever plan comes. */
import type { Catalog } from '../catalog/catalog.js';
import { PLANS } from '../catalog/plans.js';
import { ApiError } from '../errors.js';

const LARGER_PLAN = 'or start the server with a larger plan (DAKKIO_PLAN)';

/** @throws ApiError where one more bucket would be too many */
export function refuseBucketBeyondPlan(catalog: Catalog): void {
  const { bucketsMax } = PLANS[catalog.organization.plan];
  if (bucketsMax === null || catalog.bucketCount < bucketsMax) return;
  throw beyondPlan(`${planOf(catalog)} has at most ${bucketsMax} buckets: delete one, ${LARGER_PLAN}`);
}

/** @throws ApiError where one more data source would be too many */
export function refuseSourceBeyondPlan(catalog: Catalog): void {
  const message = sourceBeyondPlan(catalog, 0);
  if (message !== undefined) throw beyondPlan(message);
}

/**
 * Why there can be no data source more; undefined where there can.
 * @param plannedCount of those that are to be made before it
 */
export function sourceBeyondPlan(catalog: Catalog, plannedCount: number): string | undefined {
  const { sourcesMax } = PLANS[catalog.organization.plan];
  if (sourcesMax === null || catalog.sourceTotal + plannedCount < sourcesMax) return undefined;
  return `${planOf(catalog)} has at most ${sourcesMax} data sources: delete one, ${LARGER_PLAN}`;
}

/** Days that a bucket keeps points: without a word, or for ever, as long as the plan allows. @throws ApiError beyond */
export function retentionWithinPlan(catalog: Catalog, days: number | null | undefined): number | null {
  const { retentionDaysMax } = PLANS[catalog.organization.plan];
  if (retentionDaysMax === null || days == null) return days ?? retentionDaysMax;
  if (days <= retentionDaysMax) return days;
  throw beyondPlan(
    `${planOf(catalog)} keeps points for at most ${retentionDaysMax} days: ask for no more, ${LARGER_PLAN}`,
  );
}

function planOf(catalog: Catalog): string {
  return `The ${catalog.organization.plan} plan`;
}

function beyondPlan(message: string): ApiError {
  return new ApiError('PLAN_LIMIT', { message });
}
