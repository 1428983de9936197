import { useState } from 'preact/hooks';
import { ApiFailure } from '../base/api.js';
import { Failure } from '../base/failure.js';
import { Icon } from '../base/icon.js';
import { isLive, now, panels, range, setPanels, setRange } from './board.js';
import { NoSources, NoSuchDashboard, SimulationStrip } from './empty.js';
import { dashboardFailure, loadFailure, reload } from './loading.js';
import { place } from './navigation.js';
import { hasNoPoints, NoPoints } from './no-points.js';
import { PANELS_MAX, type Panel } from './panel.js';
import { PanelEditor } from './panel-editor.js';
import { DRAGGED, PanelView } from './panel-view.js';
import { moved, newPanel } from './panels.js';
import { RANGE_DEFAULT, rangeFault } from './range.js';
import { savedDashboard } from './saved.js';
import { currentBucket, mayWrite } from './session.js';
import { editedPanel } from './shortcuts.js';
import { sources } from './sources.js';

export function BoardView() {
  const bucketId = currentBucket.value?._id ?? '';
  const isOnItsWay =
    sources.value === undefined ||
    (place.value.dashboardId !== undefined &&
      savedDashboard.value === undefined &&
      place.value.panels === undefined);
  const failure = loadFailure.value ?? dashboardFailure.value;
  if (failure !== undefined) {
    const isGone =
      failure === dashboardFailure.value && failure instanceof ApiFailure && failure.status === 404;
    return (
      <main class="board-message">
        {isGone ? <NoSuchDashboard /> : <Failure error={failure} onRetry={() => void reload(bucketId)} />}
      </main>
    );
  }
  if (isOnItsWay) {
    return (
      <main class="board" aria-busy="true">
        <div class="skeleton panel full" />
        <div class="skeleton panel full" />
      </main>
    );
  }
  if (sources.value?.length === 0) {
    return (
      <main>
        <NoSources />
      </main>
    );
  }
  // A dashboard that was saved is somebody's work: its panels say it, one by one.
  if (savedDashboard.value === undefined && place.value.panels === undefined && hasNoPoints()) {
    return (
      <main>
        <NoPoints />
      </main>
    );
  }
  return (
    <main>
      <SimulationStrip />
      <NoRange />
      <Panels />
    </main>
  );
}

/** An address may say anything: what is drawn instead is told. */
function NoRange() {
  const fault = rangeFault(range.value, now.value);
  if (fault === undefined) return null;
  return (
    <div class="strip" role="alert">
      <span class="fault">{fault}</span>
      <button type="button" class="button" onClick={() => setRange(RANGE_DEFAULT)}>
        Last 24 hours
      </button>
    </div>
  );
}

function Panels() {
  const shown = panels.value;
  const edited = editedPanel.value;
  const edit = (panel: Panel | undefined) => {
    editedPanel.value = panel;
  };
  const close = () => edit(undefined);
  return (
    <>
      <h1 class="visually-hidden">{savedDashboard.value?.name ?? 'Overview'}</h1>
      <Grid panels={shown} onEdit={edit} />
      {shown.length === 0 && <NoPanels />}
      {mayWrite.value && shown.length < PANELS_MAX && (
        <button type="button" class="button add-panel" onClick={() => edit(newPanel(shown, {}))}>
          <Icon name="add" /> Panel
        </button>
      )}
      {edited !== undefined && (
        <PanelEditor panel={edited} isNew={!shown.some(({ id }) => id === edited.id)} onClose={close} />
      )}
      <p class="visually-hidden" role="status">
        {isLive.value ? 'New points appear by themselves.' : 'New points do not appear.'}
      </p>
    </>
  );
}

function NoPanels() {
  return (
    <div class="empty">
      <h2>Nothing on it</h2>
      <p class="muted">
        {mayWrite.value
          ? 'Tick a source on the left, or add a panel.'
          : 'Tick a source on the left to look at it.'}
      </p>
    </div>
  );
}

function Grid({
  panels: shown,
  onEdit,
}: {
  readonly panels: readonly Panel[];
  readonly onEdit: (panel: Panel) => void;
}) {
  const [target, setTarget] = useState<string | undefined>(undefined);
  const onDragOver = (event: DragEvent) => {
    if (!event.dataTransfer?.types.includes(DRAGGED)) return;
    event.preventDefault();
    setTarget((event.target as Element).closest<HTMLElement>('[data-panel]')?.dataset.panel);
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setTarget(undefined);
    const id = event.dataTransfer?.getData(DRAGGED);
    const to = shown.findIndex(panel => panel.id === target);
    if (to >= 0 && shown.some(panel => panel.id === id)) setPanels(moved(shown, id as string, to));
  };
  return (
    <section
      class="board"
      aria-label="Panels"
      onDragOver={onDragOver}
      onDrop={onDrop}
      onDragEnd={() => setTarget(undefined)}
    >
      {shown.map(panel => (
        <div key={panel.id} class={`place ${panel.width}${target === panel.id ? ' target' : ''}`}>
          <PanelView panel={panel} onEdit={() => onEdit(panel)} />
        </div>
      ))}
    </section>
  );
}
