import { useState } from 'preact/hooks';
import { ApiFailure } from '../base/api.js';
import { Confirm } from '../base/dialog.js';
import { Icon } from '../base/icon.js';
import { copy, notice } from '../base/notices.js';
import { Item, Popover } from '../base/popover.js';
import { boardBody, discardChanges, isChanged, openDashboard, range, timezone } from './board.js';
import { printLocation } from './location.js';
import { NameDialog } from './name-dialog.js';
import { place } from './navigation.js';
import { SaveConflict } from './save-conflict.js';
import {
  createDashboard,
  dashboards,
  deleteDashboard,
  loadDashboard,
  savedDashboard,
  updateDashboard,
} from './saved.js';
import { currentBucket, mayWrite } from './session.js';
import { whyNot } from './why-not.js';

type Question = 'save-as' | 'rename' | 'delete' | 'conflict';

/** The dashboards of the bucket, and what can be done with the one that is shown. */
export function DashboardMenu() {
  const [question, ask] = useState<Question | undefined>(undefined);
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
      <Questions question={question} ask={ask} />
    </>
  );
}

function Dashboards() {
  const saved = savedDashboard.value;
  return (
    <>
      <Item isChosen={place.value.dashboardId === undefined} onChoose={() => openDashboard(undefined)}>
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

async function open(id: string): Promise<void> {
  try {
    openDashboard(await loadDashboard(id));
  } catch (error) {
    notice(error instanceof Error ? error.message : String(error));
  }
}

function Actions({ ask }: { readonly ask: (question: Question) => void }) {
  const saved = savedDashboard.value;
  return (
    <div class="actions">
      {mayWrite.value && saved !== undefined && <Item onChoose={() => void save(ask)}>Save</Item>}
      {mayWrite.value && <Item onChoose={() => ask('save-as')}>Save as…</Item>}
      {mayWrite.value && saved !== undefined && (
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

function Changed({ ask }: { readonly ask: (question: Question) => void }) {
  const saved = savedDashboard.value;
  return (
    <span class="changed">
      <span class="badge warn">unsaved changes</span>
      <button type="button" class="button" onClick={discardChanges}>
        Discard
      </button>
      {mayWrite.value && (
        <button
          type="button"
          class="button primary"
          onClick={() => (saved === undefined ? ask('save-as') : void save(ask))}
        >
          Save
        </button>
      )}
    </span>
  );
}

async function save(ask: (question: Question) => void): Promise<void> {
  const saved = savedDashboard.peek();
  if (saved === undefined) return ask('save-as');
  try {
    openDashboard(await updateDashboard(saved, { ...boardBody(saved.name), revision: saved.revision }));
    notice('Saved');
  } catch (error) {
    if (error instanceof ApiFailure && error.status === 409) return ask('conflict');
    if (!isGone(error)) return notice(error instanceof Error ? error.message : String(error));
    notice(`Somebody has deleted ${saved.name} meanwhile. Yours can be kept under a name.`);
    ask('save-as');
  }
}

function isGone(error: unknown): boolean {
  return error instanceof ApiFailure && error.status === 404;
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

function Questions(props: {
  readonly question: Question | undefined;
  readonly ask: (question: Question | undefined) => void;
}) {
  const { question, ask } = props;
  const saved = savedDashboard.value;
  const bucket = currentBucket.value;
  const end = () => ask(undefined);
  if (bucket === undefined) return null;
  if (question === 'save-as') {
    const keep = async (name: string) => {
      openDashboard(await createDashboard(bucket._id, boardBody(name)));
      notice('Saved');
    };
    return <NameDialog title="Save as" name={saved?.name ?? ''} action="Save" onName={keep} onClose={end} />;
  }
  if (saved === undefined) return null;
  if (question === 'rename') {
    const rename = async (name: string) => {
      savedDashboard.value = await updateDashboard(saved, { name });
    };
    return <NameDialog title="Rename" name={saved.name} action="Rename" onName={rename} onClose={end} />;
  }
  if (question === 'delete') return <Deletion onClose={end} />;
  return question === 'conflict' ? (
    <SaveConflict saved={saved} onSaveAs={() => ask('save-as')} onClose={end} />
  ) : null;
}

function Deletion({ onClose }: { readonly onClose: () => void }) {
  const saved = savedDashboard.value;
  if (saved === undefined) return null;
  const remove = async () => {
    onClose();
    try {
      await deleteDashboard(saved);
    } catch (error) {
      if (!isGone(error)) return notice(error instanceof Error ? error.message : String(error));
    }
    openDashboard(undefined);
    notice('Deleted');
  };
  return (
    <Confirm
      title={`Delete ${saved.name}?`}
      text="Its panels are gone for everybody. The data stays."
      action="Delete dashboard"
      onConfirm={() => void remove()}
      onClose={onClose}
    />
  );
}
