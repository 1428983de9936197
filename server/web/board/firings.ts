import type { Firing } from '../chart/model.js';

/** As the history of an alert rule tells it, oldest first. */
export interface Transition {
  readonly event: string;
  readonly timestamp: string;
  readonly dataPointTimestamp: string | null;
}

/** From firing to resolution, in the time of the points. */
export function firingsOf(history: readonly Transition[], label: string): Firing[] {
  const found: Firing[] = [];
  let from: number | undefined;
  for (const { event, timestamp, dataPointTimestamp } of history) {
    const time = Date.parse(dataPointTimestamp ?? timestamp);
    if (event === 'alert.triggered') from ??= time;
    else if (from !== undefined) {
      found.push({ from, to: Math.max(time, from), label });
      from = undefined;
    }
  }
  if (from !== undefined) found.push({ from, to: null, label });
  return found;
}
