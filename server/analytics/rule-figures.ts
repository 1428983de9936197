/** What analytics tell of alerts, from what is kept of each rule: no longer than the longest period. */
import { HOUR_MS } from '../../engine/base/time.js';
import type { Alerts } from '../alerts/alerts.js';
import type { Catalog } from '../catalog/catalog.js';
import type { AlertRule } from '../catalog/model.js';
import type { AlertFigures } from './alert-figures.js';

export function alertFiguresOf(catalog: Catalog, alerts: Alerts): AlertFigures {
  return {
    ruleCount: () => catalog.allRuleCount,
    activeCount: bucketId => catalog.rules(bucketId).filter(({ status }) => status === 'active').length,
    lastTriggeredAt() {
      let last: number | null = null;
      for (const { id } of catalog.allRules()) {
        const at = alerts.record(id)?.triggeredAt ?? null;
        if (at !== null && (last === null || at > last)) last = at;
      }
      return last;
    },
    triggeredSince: time =>
      catalog.allRules().reduce((count, rule) => count + triggered(alerts, rule, time), 0),
    triggeredByRule: (bucketId, since) =>
      catalog
        .rules(bucketId)
        .map(rule => ({ name: rule.name, count: triggered(alerts, rule, since) }))
        .filter(({ count }) => count > 0),
  };
}

/** Firings of a rule since a time. Of its first hour those that the history still has; all others are counted by the hour. */
function triggered(alerts: Alerts, { id }: AlertRule, since: number): number {
  const { history = [], firings = [] } = alerts.record(id) ?? {};
  const firstHour = Math.floor(since / HOUR_MS);
  let count = 0;
  for (const [hour, times] of firings) if (hour > firstHour) count += times;
  for (const { kind, at } of history) {
    if (kind === 'triggered' && at >= since && Math.floor(at / HOUR_MS) === firstHour) count++;
  }
  return count;
}
