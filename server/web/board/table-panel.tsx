import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Failure } from '../base/failure.js';
import { timeText, valueText } from '../base/format.js';
import { currentApi } from '../base/keys.js';
import type { QueryMetadata, RawPoint, Value } from '../base/types.js';
import type { View } from '../chart/model.js';
import { isLive, refreshCount, timezone, view } from './board.js';
import { stream } from './loading.js';
import type { Panel, PanelSeries } from './panel.js';
import { sourceColour } from './panels.js';
import { currentBucket } from './session.js';
import { knownById } from './sources.js';
import { newestFirst, type Page, pageAfter, pointsQuery, tableColumns } from './table.js';

const PAGE_ROWS = 100;
/** What is scrolled past stays as it is; what comes live pushes out the oldest beyond these. */
const ROWS_MAX = 5_000;
/** Before the end is in sight. */
const AHEAD_PX = 400;

interface Rows {
  readonly points: readonly RawPoint[];
  readonly hasMore: boolean;
  /** The range that the points are of. */
  readonly view: View;
}

/** Raw points, newest first, a page at a time. */
export function TablePanel({ panel, height }: { readonly panel: Panel; readonly height: number }) {
  const shown = panel.series.filter(({ dataSourceId }) => knownById.value.has(dataSourceId));
  const [rows, setRows] = useState<Rows | undefined>(undefined);
  const [error, setError] = useState<unknown>(undefined);
  const asked = useRef<symbol | undefined>(undefined);
  /** @param before what is there already; what comes live in the meantime stays, too */
  const load = async (range: View, before: readonly RawPoint[]) => {
    const question = Symbol();
    asked.current = question;
    try {
      const { data, metadata } = await readPage(shown, pageAfter(before, range, PAGE_ROWS));
      if (asked.current !== question) return;
      setRows(rows => ({
        points: newestFirst(before.length > 0 ? (rows?.points ?? before) : [], data),
        hasMore: metadata.hasMore,
        view: range,
      }));
      setError(undefined);
    } catch (failure) {
      if (asked.current === question) setError(failure);
    } finally {
      if (asked.current === question) asked.current = undefined;
    }
  };
  // While it is live the range moves on all the time, and new points come by themselves.
  const range = view.value;
  const place = isLive.value ? `live ${range.to - range.from}` : `${range.from} ${range.to}`;
  useEffect(() => {
    if (shown.length > 0) void load(view.peek(), []);
  }, [JSON.stringify(shown), place, refreshCount.value]);
  useLiveRows(shown, asked, setRows);
  const onScroll = ({
    currentTarget: { scrollTop, scrollHeight, clientHeight },
  }: {
    currentTarget: HTMLElement;
  }) => {
    if (rows?.hasMore !== true || asked.current !== undefined) return;
    if (rows.points.length >= ROWS_MAX || scrollHeight - scrollTop - clientHeight > AHEAD_PX) return;
    void load(rows.view, rows.points);
  };
  if (error !== undefined) return <Failure error={error} onRetry={() => void load(view.peek(), [])} />;
  if (shown.length === 0) return null;
  if (rows === undefined) return <div class="skeleton" style={{ height: `${height}px` }} />;
  if (rows.points.length === 0) return <p class="muted no-points">No points in this range.</p>;
  return (
    <section
      class="rows"
      aria-label={panel.title || 'Points'}
      style={{ height: `${height}px` }}
      onScroll={onScroll}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
      tabIndex={0}
    >
      <Points series={shown} points={rows.points} />
      {rows.points.length >= ROWS_MAX && (
        <p class="small muted">The newest {ROWS_MAX} are shown. Narrow the range to see others.</p>
      )}
    </section>
  );
}

async function readPage(series: readonly PanelSeries[], page: Page) {
  const body = pointsQuery(currentBucket.peek()?._id ?? '', series, page);
  return currentApi.peek().post<{ data: RawPoint[]; metadata: QueryMetadata }>('/api/data/query', body);
}

function useLiveRows(
  series: readonly PanelSeries[],
  asked: RefObject<symbol | undefined>,
  setRows: (change: (rows: Rows | undefined) => Rows | undefined) => void,
) {
  const latest = useRef(series);
  latest.current = series;
  useEffect(() => {
    let waiting: RawPoint[] = [];
    const add = () => {
      // An answer that is on its way may have been made before them.
      if (asked.current !== undefined) return void requestAnimationFrame(add);
      const fresh = waiting.reverse();
      waiting = [];
      setRows(rows => rows && { ...rows, points: newestFirst(fresh, rows.points).slice(0, ROWS_MAX) });
    };
    return stream.subscribe(point => {
      const isOwn = latest.current.some(
        ({ dataSourceId, field }) => dataSourceId === point.dataSourceId && point.values[field] !== undefined,
      );
      if (!isOwn) return;
      if (waiting.length === 0) requestAnimationFrame(add);
      waiting.push(point);
    });
  }, []);
}

function Points({
  series,
  points,
}: {
  readonly series: readonly PanelSeries[];
  readonly points: readonly RawPoint[];
}) {
  const { fields, hasManySources } = tableColumns(series);
  const zone = timezone.value;
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">time</th>
          {hasManySources && <th scope="col">source</th>}
          {fields.map(field => (
            <th key={field} scope="col" class="number">
              {field}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {points.map(({ _id, dataSourceId, timestamp, values }) => (
          <tr key={_id}>
            <td>{timeText(Date.parse(timestamp), zone)}</td>
            {hasManySources && <SourceCell id={dataSourceId} />}
            {fields.map(field => (
              <td key={field} class="number">
                {cellText(values[field])}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function SourceCell({ id }: { readonly id: string }) {
  const source = knownById.value.get(id);
  if (source === undefined) return <td />;
  return (
    <td>
      <span class={`dot series-${sourceColour(source)}`} /> {source.name}
    </td>
  );
}

function cellText(value: Value | undefined): string {
  if (value === undefined) return '';
  return typeof value === 'number' ? valueText(value) : String(value);
}
