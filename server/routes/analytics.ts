import { DAY_MS, HOUR_MS } from '../../engine/base/time.js';
import { byteText } from '../analytics/byte-text.js';
import { firstHour, type PeriodFigures, type SourceFigures } from '../analytics/period.js';
import type { DataSource } from '../catalog/model.js';
import { PLANS } from '../catalog/plans.js';
import { keepFromOf } from '../catalog/retention.js';
import { jsonReply } from '../http/json.js';
import { ANALYTICS_SOURCES_MAX } from '../limits.js';
import { PERIOD_DAYS, parsePeriod } from '../schemas/analytics.js';
import { formatTimestamp, formatTimestampOrNull } from '../schemas/timestamp.js';
import { defineRoute, type Route, type Services } from './route.js';

export const analyticsRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/api/analytics/overview',
    access: { who: 'admin', action: 'access organization analytics' },
    handle: async ({ services, signal }) => {
      const { catalog, alertFigures: alerts } = services;
      const { id, name, plan } = catalog.organization;
      const { bucketsMax, retentionDaysMax, callsMax } = PLANS[plan];
      const ordinals = catalog.allSources().map(source => source.ordinal);
      const activity = await recentActivity(services, ordinals, signal);
      return jsonReply(200, {
        overview: {
          organization: { _id: id, name },
          totals: {
            buckets: catalog.bucketCount,
            dataSources: catalog.sourceTotal,
            dataPoints: pointCount(services, ordinals),
            alertRules: alerts.ruleCount(),
            apiKeys: catalog.keyTotal,
          },
          usage: await usageView(services, callsMax),
          plan: {
            name: plan,
            maxBuckets: bucketsMax,
            maxRetentionDays: retentionDaysMax,
            maxApiCalls: callsMax,
          },
          recentActivity: activity,
        },
      });
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/analytics/buckets/:bucketId',
    access: { who: 'readers' },
    handle: async ({ services, bucket, query, signal }) => {
      const { catalog, queries, clock, alertFigures: alerts } = services;
      const period = parsePeriod(query);
      const days = PERIOD_DAYS[period];
      const now = clock.now();
      const sources = catalog.sources(bucket.id);
      const ordinals = sources.map(source => source.ordinal);
      const shown = sources.slice(0, ANALYTICS_SOURCES_MAX);
      const range = {
        startTime: Math.min(now, Math.max(now - days * DAY_MS, keepFromOf(bucket, now))),
        endTime: now + 1,
      };
      const detailed = ordinals.slice(0, ANALYTICS_SOURCES_MAX);
      const figures = await queries.period({ ...range, sources: ordinals, detailed, byHour: true }, signal);
      const byRule = alerts.triggeredByRule(bucket.id, range.startTime);
      return jsonReply(200, {
        analytics: {
          bucket: { _id: bucket.id, name: bucket.name },
          period,
          summary: {
            totalDataPoints: pointCount(services, ordinals),
            dataPointsInPeriod: figures.count,
            avgDataPointsPerDay: Math.round(figures.count / days),
            dataSources: sources.length,
            activeAlerts: alerts.activeCount(bucket.id),
          },
          dataSourceStats: sourceViews(shown, figures.sources),
          ingestionRate: { dataPointsPerHour: hoursView(figures, firstHour(range)) },
          alertActivity: {
            totalTriggered: byRule.reduce((total, { count }) => total + count, 0),
            byRule,
          },
        },
      });
    },
  }),
];

function pointCount({ storage }: Services, ordinals: readonly number[]): number {
  let count = 0;
  for (const ordinal of ordinals) count += storage.stats(ordinal).rowCount;
  return count;
}

async function usageView({ usage, storedBytes }: Services, callsMax: number | null) {
  const calls = usage.callsThisMonth;
  const bytes = await storedBytes();
  return {
    apiCallsThisMonth: calls,
    apiCallsLimit: callsMax,
    apiCallsPercentage: callsMax === null ? null : Math.round((calls / callsMax) * 1_000) / 10,
    storageUsedBytes: bytes,
    storageUsedFormatted: byteText(bytes),
  };
}

/**
 * Points count by their own time, as in the analytics of a bucket; when the last ones came is told by the clock, whatever
 * their time.
 */
async function recentActivity(services: Services, ordinals: readonly number[], signal: AbortSignal) {
  const { queries, clock, usage, alertFigures: alerts } = services;
  const now = clock.now();
  const since = Math.max(0, now - DAY_MS);
  const request = { startTime: since, endTime: now + 1, sources: ordinals, detailed: [], byHour: false };
  const { count } = await queries.period(request, signal);
  return {
    lastDataIngestion: formatTimestampOrNull(usage.storedAt ?? lastTimeOf(services, ordinals, now)),
    lastAlertTriggered: formatTimestampOrNull(alerts.lastTriggeredAt()),
    dataPointsLast24h: count,
    alertsTriggeredLast24h: alerts.triggeredSince(since),
  };
}

/** Of points that came before anybody took down when: as far as their own times tell. */
function lastTimeOf({ storage }: Services, ordinals: readonly number[], now: number): number | null {
  let last: number | null = null;
  for (const ordinal of ordinals) {
    const { lastTime } = storage.stats(ordinal);
    if (lastTime !== undefined) last = Math.max(last ?? 0, Math.min(lastTime, now));
  }
  return last;
}

function sourceViews(sources: readonly DataSource[], figures: readonly SourceFigures[]) {
  const byOrdinal = new Map(figures.map(found => [found.source, found]));
  return sources.map(({ id, name, ordinal }) => {
    const { count, lastTime, fields } = byOrdinal.get(ordinal) ?? { count: 0, lastTime: null, fields: [] };
    // fromEntries defines members, where an assignment to `__proto__` would not.
    const of = (figure: 'avg' | 'min' | 'max') =>
      Object.fromEntries(fields.map(field => [field.name, field[figure]]));
    return {
      _id: id,
      name,
      dataPointCount: count,
      lastDataPoint: formatTimestampOrNull(lastTime),
      avgValues: of('avg'),
      minValues: of('min'),
      maxValues: of('max'),
    };
  });
}

/** Hours without points are left out. */
function hoursView({ hours }: PeriodFigures, first: number): { hour: string; count: number }[] {
  const views: { hour: string; count: number }[] = [];
  for (let index = 0; index < hours.length; index++) {
    if (hours[index] > 0) {
      views.push({ hour: formatTimestamp(first + index * HOUR_MS), count: hours[index] });
    }
  }
  return views;
}
