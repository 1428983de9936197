/** How long points are kept: by the days of their bucket. */
import { DAY_MS } from '../../engine/base/time.js';
import type { Bucket } from './model.js';

/** First millisecond of the points of a bucket that may be seen, from 1970 on where it keeps them for ever. */
export function keepFromOf({ retentionDays }: Bucket, now: number): number {
  return retentionDays === null ? 0 : Math.max(0, now - retentionDays * DAY_MS);
}
