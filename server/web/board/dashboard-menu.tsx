import { useState } from 'preact/hooks';
import { Icon } from '../base/icon.js';
import { copy } from '../base/notices.js';
import { Item, Popover } from '../base/popover.js';
import { discardChanges, isChanged, range, timezone } from './board.js';
import { type Ask, isSaving, open, type Question, save } from './dashboard-actions.js';
import { DashboardQuestions } from './dashboard-questions.js';
import { printLocation } from './location.js';
import { place } from './navigation.js';
import { dashboards, savedDashboard } from './saved.js';
import { currentBucket, mayWrite } from './session.js';
import { whyNot } from './why-not.js';

/** The dashboards of the bucket, and what can be done with the one that is shown. */
export function DashboardMenu() {
  const [{ question, name: wantedName }, setAsked] = useState<{
    readonly question?: Question;
    readonly name?: string;
  }>({});
  const ask: Ask = (question, name) => setAsked({ question, name });
  const saved = savedDashboard.value;
  const name = saved?.name ?? 'Overview';
  return (
    <>
      <Popover
        class="button quiet"
        button={
          <>
            <Icon name="table" />
            <span class="visually-hidden">Dashboard</span>
            <span class="clipped">{name}</span>
            <Icon name="chevron" />
          </>
        }
      >
        <Dashboards />
        <Actions ask={ask} />
      </Popover>
      {isChanged.value && <Changed ask={ask} />}
      <DashboardQuestions question={question} name={wantedName} ask={ask} />
    </>
  );
}

function Dashboards() {
  const saved = savedDashboard.value;
  return (
    <>
      <Item isChosen={place.value.dashboardId === undefined} onChoose={() => void open(undefined)}>
        Overview <span class="muted">made by itself</span>
      </Item>
      {dashboards.value.map(({ _id, name, panelCount }) => (
        <Item key={_id} isChosen={_id === saved?._id} onChoose={() => void open(_id)}>
          <span class="clipped">{name}</span> <span class="muted">{panelCount}</span>
        </Item>
      ))}
    </>
  );
}

function Actions({ ask }: { readonly ask: Ask }) {
  const hasWrites = mayWrite.value && savedDashboard.value !== undefined && !isSaving.value;
  return (
    <div class="actions">
      {hasWrites && <Item onChoose={() => void save(ask)}>Save</Item>}
      {mayWrite.value && <Item onChoose={() => ask('save-as')}>Save as…</Item>}
      {hasWrites && (
        <>
          <Item onChoose={() => ask('rename')}>Rename…</Item>
          <Item isDanger onChoose={() => ask('delete')}>
            Delete…
          </Item>
        </>
      )}
      <Item onChoose={() => void copyLink()}>Copy link</Item>
      {!mayWrite.value && <p class="small muted">{whyNot()}</p>}
    </div>
  );
}

function Changed({ ask }: { readonly ask: Ask }) {
  return (
    <span class="changed">
      <span class="badge warn">unsaved changes</span>
      <button type="button" class="button" onClick={discardChanges}>
        Discard
      </button>
      {mayWrite.value && (
        <button type="button" class="button primary" disabled={isSaving.value} onClick={() => void save(ask)}>
          Save
        </button>
      )}
    </span>
  );
}

/** With the range and the time zone that are shown, and never with a key. */
export async function copyLink(): Promise<void> {
  const { from, to } = range.peek();
  const address = printLocation({
    ...place.peek(),
    bucketId: currentBucket.peek()?._id,
    from,
    to,
    timezone: timezone.peek(),
    view: 'board',
    viewId: undefined,
  });
  await copy(location.origin + address, 'Link');
}
