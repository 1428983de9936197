import { useState } from 'preact/hooks';
import { Failure } from '../../base/failure.js';
import { bytesText, countText } from '../../base/format.js';
import { viewHash } from '../../board/location.js';
import { type BucketAnalytics, type Overview, PERIODS, type Period } from '../answers.js';
import { useLoaded } from '../loaded.js';
import { sorted } from '../paging.js';
import { Skeleton, Tile, Tiles } from '../parts.js';
import type { ExploreProps } from '../props.js';
import { Bars } from './bars.js';
import { barsOf, barText } from './hours.js';

const SOURCES_SHOWN_MAX = 10;

export function Storage(props: ExploreProps) {
  const { api, bucket, apiKey } = props;
  const [period, setPeriod] = useState<Period>('7d');
  const { value, error, reload } = useLoaded(
    async signal => {
      const path = `/api/analytics/buckets/${bucket._id}?period=${period}`;
      const [{ analytics }, overview] = await Promise.all([
        api.get<{ analytics: BucketAnalytics }>(path, { signal }),
        apiKey.type === 'admin'
          ? api.get<{ overview: Overview }>('/api/analytics/overview', { signal })
          : undefined,
      ]);
      return { analytics, overview: overview?.overview, period };
    },
    [api, bucket._id, period],
  );
  return (
    <>
      <header class="view-header">
        <h1>Storage and ingestion</h1>
        <fieldset class="switch">
          <legend class="visually-hidden">Period</legend>
          {PERIODS.map(name => (
            <button key={name} type="button" aria-pressed={name === period} onClick={() => setPeriod(name)}>
              {name}
            </button>
          ))}
        </fieldset>
      </header>
      {error !== undefined && <Failure error={error} onRetry={reload} />}
      {value === undefined && error === undefined && <Skeleton />}
      {value !== undefined && <Figures {...props} {...value} />}
    </>
  );
}

interface FiguresProps extends ExploreProps {
  readonly analytics: BucketAnalytics;
  /** Admin keys alone see it. */
  readonly overview: Overview | undefined;
  readonly period: Period;
}

function Figures(props: FiguresProps) {
  const { analytics, overview, period, timezone } = props;
  const { summary, ingestionRate, alertActivity } = analytics;
  const bars = barsOf(ingestionRate.dataPointsPerHour, period, Date.now());
  return (
    <>
      <Tiles>
        <Tile name="Points" value={countText(summary.totalDataPoints)} />
        <Tile name={`Points in ${period}`} value={countText(summary.dataPointsInPeriod)} />
        <Tile name="Points a day" value={countText(summary.avgDataPointsPerDay)} />
        <Tile name="Sources" value={countText(summary.dataSources)} />
        <Tile name={`Alerts in ${period}`} value={countText(alertActivity.totalTriggered)} />
      </Tiles>
      <Bars name={`Points by ${barText(period)}`} bars={bars} timezone={timezone} />
      <BySource {...props} />
      {overview !== undefined && <Organization overview={overview} />}
    </>
  );
}

function BySource({ analytics, period }: FiguresProps) {
  const { dataSourceStats, summary } = analytics;
  const sources = sorted(
    dataSourceStats.filter(({ dataPointCount }) => dataPointCount > 0),
    ({ dataPointCount }) => dataPointCount,
    true,
  );
  const shown = sources.slice(0, SOURCES_SHOWN_MAX);
  const rest = shown.reduce((left, { dataPointCount }) => left - dataPointCount, summary.dataPointsInPeriod);
  const highest = shown[0]?.dataPointCount ?? 1;
  return (
    <section class="part" aria-labelledby="by-source">
      <h2 id="by-source">By source, {period}</h2>
      {shown.length === 0 && <p class="muted">Nothing came in this period.</p>}
      <ul class="shares">
        {shown.map(({ _id, name, dataPointCount }) => (
          <li key={_id}>
            <a href={viewHash('source', _id)}>{name}</a>
            <span class="share" aria-hidden="true">
              <span style={{ width: `${(100 * dataPointCount) / highest}%` }} />
            </span>
            <span class="number">{countText(dataPointCount)}</span>
          </li>
        ))}
      </ul>
      {rest > 0 && <p class="muted small">{countText(rest)} from all others</p>}
    </section>
  );
}

function Organization({ overview }: { readonly overview: Overview }) {
  const { totals, usage, plan } = overview;
  const calls =
    usage.apiCallsLimit === null
      ? 'no limit'
      : `${usage.apiCallsPercentage} % of ${countText(usage.apiCallsLimit)}`;
  return (
    <section class="part" aria-labelledby="organization">
      <h2 id="organization">All buckets together</h2>
      <Tiles>
        <Tile name="On the disk" value={bytesText(usage.storageUsedBytes)} />
        <Tile name="Points" value={countText(totals.dataPoints)} />
        <Tile name="Calls this month" value={countText(usage.apiCallsThisMonth)} note={calls} />
        <Tile
          name="Buckets"
          value={countText(totals.buckets)}
          note={plan.maxBuckets === null ? undefined : `of ${plan.maxBuckets}`}
        />
        <Tile
          name="Plan"
          value={plan.name}
          note={plan.maxRetentionDays === null ? undefined : `keeps ${plan.maxRetentionDays} days`}
        />
      </Tiles>
    </section>
  );
}
