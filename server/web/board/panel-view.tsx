/** A panel in its frame: what it shows, the handle to move it, and what can be done with it. */
import { createRef, type RefObject } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { Icon } from '../base/icon.js';
import { currentApi } from '../base/keys.js';
import { Chart } from '../chart/chart.js';
import type { ChartHandle } from '../chart/model.js';
import {
  cursor,
  isLive,
  panels,
  refreshCount,
  resetView,
  setPanels,
  setView,
  timezone,
  view,
} from './board.js';
import { Gone } from './gone.js';
import { stream } from './loading.js';
import { NoPointsHere } from './no-points.js';
import type { Panel, PanelHeight } from './panel.js';
import { PanelMenu } from './panel-menu.js';
import { moved, seriesOfPanel } from './panels.js';
import { firingsOfPanel, thresholdsOf } from './rules.js';
import { currentBucket, mayWrite } from './session.js';
import { knownById } from './sources.js';
import { StatPanel } from './stat-panel.js';
import { TablePanel } from './table-panel.js';

const HEIGHTS: Readonly<Record<PanelHeight, number>> = { small: 160, normal: 240, tall: 400 };

export function PanelView({ panel, onEdit }: { readonly panel: Panel; readonly onEdit: () => void }) {
  const { id, kind, width, title } = panel;
  const handle = useMemo(() => createRef<ChartHandle>() as RefObject<ChartHandle>, []);
  const height = HEIGHTS[panel.height];
  const name = title === '' ? 'untitled' : title;
  return (
    <article class={`panel ${kind} ${width}`} aria-label={name} data-panel={id}>
      {mayWrite.value && <Handle panel={panel} name={name} />}
      {kind !== 'chart' && <h3 class="clipped">{title}</h3>}
      {kind === 'chart' && <ChartPanel panel={panel} height={height} handle={handle} />}
      {kind === 'stat' && <StatPanel panel={panel} />}
      {kind === 'table' && <TablePanel panel={panel} height={height} />}
      <Gone panel={panel} onEdit={onEdit} />
      <PanelMenu panel={panel} name={name} chart={handle} onEdit={onEdit} />
    </article>
  );
}

function ChartPanel(props: {
  readonly panel: Panel;
  readonly height: number;
  readonly handle: RefObject<ChartHandle>;
}) {
  const { panel, height, handle } = props;
  useRefresh(handle);
  const known = knownById.value;
  const shown = panel.series.filter(({ dataSourceId }) => known.has(dataSourceId));
  if (shown.length === 0) {
    return (
      <>
        <h3 class="clipped">{panel.title}</h3>
        {panel.series.length === 0 && <p class="muted small">Nothing is chosen for it yet.</p>}
      </>
    );
  }
  return (
    <Chart
      api={currentApi.value}
      title={panel.title}
      series={seriesOfPanel({ ...panel, series: shown }, currentBucket.value?._id ?? '', known)}
      view={view.value}
      drawing={panel.drawing ?? 'band'}
      timezone={timezone.value}
      thresholds={thresholdsOf(panel)}
      firings={firingsOfPanel(panel)}
      height={height}
      cursor={cursor}
      live={isLive.value ? stream : undefined}
      empty={<NoPointsHere series={shown} />}
      handle={handle}
      onView={setView}
      onReset={resetView}
    />
  );
}

/** What is drawn stays until all is read again. */
function useRefresh(handle: RefObject<ChartHandle>): void {
  const count = refreshCount.value;
  const read = useRef(count);
  useEffect(() => {
    if (read.current === count) return;
    read.current = count;
    handle.current?.refresh();
  }, [count]);
}

/** To be dragged, or moved by arrow keys. */
function Handle({ panel, name }: { readonly panel: Panel; readonly name: string }) {
  const onKeyDown = (event: KeyboardEvent) => {
    const isBack = event.key === 'ArrowLeft' || event.key === 'ArrowUp';
    if (!isBack && event.key !== 'ArrowRight' && event.key !== 'ArrowDown') return;
    event.preventDefault();
    event.stopPropagation();
    const at = panels.peek().findIndex(({ id }) => id === panel.id);
    setPanels(moved(panels.peek(), panel.id, at + (isBack ? -1 : 1)));
  };
  return (
    <button
      type="button"
      class="handle"
      aria-label={`Move ${name}: arrow keys, or drag`}
      title="Drag, or arrow keys"
      draggable
      onKeyDown={onKeyDown}
      onDragStart={event => event.dataTransfer?.setData(DRAGGED, panel.id)}
    >
      <Icon name="grip" />
    </button>
  );
}

/** Of what is dragged: nothing else can be dropped on a dashboard. */
export const DRAGGED = 'application/x-dakkio-panel';
