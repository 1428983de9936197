/** What the server does with points beside storing them. */
import type { Alerts } from '../alerts/alerts.js';
import type { Catalog } from '../catalog/catalog.js';
import type { LiveHub } from '../live/hub.js';
import type { Queries } from '../query/queries.js';
import { counter, gauge, type Metric } from './metrics.js';

export function queryMetrics(queries: Queries): Metric[] {
  return [
    {
      name: 'dakkio_queries_total',
      help: 'Queries, by what they read and where they run.',
      kind: 'counter',
      samples: () =>
        Array.from(queries.counts, ([plan, value]) => {
          const [reads, runs] = plan.split(' ');
          return { value, labels: { reads, runs } };
        }),
    },
  ];
}

export function alertMetrics(catalog: Catalog, { counts }: Alerts): Metric[] {
  return [
    gauge('dakkio_alert_rules', 'Alert rules.', () => catalog.allRuleCount),
    counter('dakkio_alert_points_total', 'Points that alert rules have been shown.', () => counts.rows),
    counter(
      'dakkio_alert_transitions_total',
      'Times that an alert rule has fired or was resolved.',
      () => counts.transitions,
    ),
  ];
}

export function streamMetrics(live: LiveHub): Metric[] {
  return [gauge('dakkio_streams', 'Readers of live streams.', () => live.readerCount)];
}
