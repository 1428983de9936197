import type { Metrics } from '../metrics/metrics.js';
import { defineRoute, type Route } from './route.js';

export function metricsRoutes(metrics: Metrics): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/metrics',
      access: { who: 'anyone' },
      handle: async () => {
        const { text, contentType } = await metrics.page();
        return { status: 200, headers: { 'Content-Type': contentType }, body: text };
      },
    }),
  ];
}
