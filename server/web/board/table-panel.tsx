import { Component, type RefObject } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
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
import {
  newestFirst,
  type Page,
  pageAfter,
  pointsQuery,
  type Rows,
  rowsFrom,
  tableColumns,
  withLive,
} from './table.js';

const PAGE_ROWS = 100;
/** More than anybody scrolls to. */
const ROWS_MAX = 5_000;
/** Before the end is in sight. */
const AHEAD_PX = 400;

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
      setRows(rows => {
        const points = newestFirst(before.length > 0 ? (rows?.points ?? before) : [], data);
        return { points, readCount: points.length, hasMore: metadata.hasMore };
      });
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
  const points = rows && rowsFrom(rows.points, range.from);
  const onScroll = ({
    currentTarget: { scrollTop, scrollHeight, clientHeight },
  }: {
    currentTarget: HTMLElement;
  }) => {
    if (rows?.hasMore !== true || points === undefined || asked.current !== undefined) return;
    if (points.length >= ROWS_MAX || scrollHeight - scrollTop - clientHeight > AHEAD_PX) return;
    void load(view.peek(), points);
  };
  if (error !== undefined) return <Failure error={error} onRetry={() => void load(view.peek(), [])} />;
  if (shown.length === 0) return null;
  if (points === undefined) return <div class="skeleton" style={{ height: `${height}px` }} />;
  if (points.length === 0) return <p class="muted no-points">No points in this range.</p>;
  return (
    <section
      class="rows"
      aria-label={panel.title || 'Points'}
      style={{ height: `${height}px` }}
      onScroll={onScroll}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
      tabIndex={0}
    >
      <Points series={shown} points={points} />
      {points.length >= ROWS_MAX && (
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
      setRows(rows => rows && withLive(rows, fresh, view.peek().from));
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
  const question = JSON.stringify(series);
  const { fields, hasManySources } = useMemo(() => tableColumns(series), [question]);
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
        {points.map(point => (
          <Row key={point._id} point={point} fields={fields} hasManySources={hasManySources} />
        ))}
      </tbody>
    </table>
  );
}

interface RowProps {
  readonly point: RawPoint;
  readonly fields: readonly string[];
  readonly hasManySources: boolean;
}

/** A live table is drawn with each point: rows that are there already are not. */
class Row extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    const { point, fields, hasManySources } = this.props;
    return next.point !== point || next.fields !== fields || next.hasManySources !== hasManySources;
  }

  override render({ point: { dataSourceId, timestamp, values }, fields, hasManySources }: RowProps) {
    return (
      <tr>
        <TimeCell time={timestamp} />
        {hasManySources && <SourceCell id={dataSourceId} />}
        {fields.map(field => (
          <td key={field} class="number">
            {cellText(values[field])}
          </td>
        ))}
      </tr>
    );
  }
}

/** In the time zone that is shown. */
function TimeCell({ time }: { readonly time: string }) {
  return <td>{timeText(Date.parse(time), timezone.value)}</td>;
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
