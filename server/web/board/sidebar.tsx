import { useEffect, useState } from 'preact/hooks';
import { valueText } from '../base/format.js';
import { Icon, type IconName } from '../base/icon.js';
import { AndMore } from './and-more.js';
import { panels, setPanels } from './board.js';
import { type PageView, viewHash } from './location.js';
import { go, place } from './navigation.js';
import { isShown, type KnownSource, sourceColour, sourceIdsOf, withoutSource, withSource } from './panels.js';
import { firingCount, rules } from './rules.js';
import { savedDashboard } from './saved.js';
import { currentBucket, mayWrite, session } from './session.js';
import { hasLearned, knownSources, LATEST_MAX, lastValue, loadLatest } from './sources.js';

/** The search box finds the others. */
const LISTED_MAX = LATEST_MAX;
/** Values of sources that are not on the dashboard come by no stream. */
const LATEST_EVERY_MS = 10_000;

export function Sidebar({ onChoose }: { readonly onChoose: () => void }) {
  const [search, setSearch] = useState('');
  const all = knownSources.value;
  const wanted = search.trim().toLowerCase();
  const found = wanted === '' ? all : all.filter(({ name }) => name.toLowerCase().includes(wanted));
  const listed = found.slice(0, LISTED_MAX);
  useLatest(listed);
  return (
    <nav class="sidebar" aria-label="Sources and views">
      <h2 class="small muted">Sources</h2>
      {all.length > 0 && (
        <input
          type="search"
          class="source-search"
          placeholder={all.length > 8 ? `Search ${all.length} sources` : 'Search'}
          aria-label="Search sources"
          value={search}
          onInput={({ currentTarget }) => setSearch(currentTarget.value)}
        />
      )}
      <ul class="source-list">
        {listed.map(source => (
          <SourceLine key={source._id} source={source} />
        ))}
      </ul>
      <AndMore count={found.length - listed.length} />
      {all.length > 0 && found.length === 0 && <p class="small muted">No source is called that.</p>}
      {mayWrite.value && <ViewLink view="sources" icon="add" name="Add source" onChoose={onChoose} />}
      <hr />
      <Views onChoose={onChoose} />
    </nav>
  );
}

function Views({ onChoose }: { readonly onChoose: () => void }) {
  const count = firingCount.value;
  return (
    <>
      <ViewLink view="board" icon="table" name="Dashboard" onChoose={onChoose} />
      <ViewLink view="sources" icon="search" name="Explore" onChoose={onChoose} />
      <ViewLink view="alerts" icon="alert" name="Alerts" onChoose={onChoose}>
        {count > 0 ? (
          <span class="badge bad">{count} ▲</span>
        ) : (
          <span class="muted">{rules.value.length || ''}</span>
        )}
      </ViewLink>
      <ViewLink view="storage" icon="bucket" name="Storage" onChoose={onChoose} />
      {session.value?.apiKey.type === 'admin' && (
        <>
          <ViewLink view="keys" icon="key" name="Keys" onChoose={onChoose} />
          <ViewLink view="buckets" icon="bucket" name="Buckets" onChoose={onChoose} />
        </>
      )}
    </>
  );
}

function ViewLink(props: {
  readonly view: PageView;
  readonly icon: IconName;
  readonly name: string;
  readonly onChoose: () => void;
  readonly children?: preact.ComponentChildren;
}) {
  const { view, icon, name, onChoose, children } = props;
  const isHere = place.value.view === view && icon !== 'add';
  const open = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go({ view, viewId: undefined });
    onChoose();
  };
  return (
    <a class="view-link" href={viewHash(view)} aria-current={isHere ? 'page' : undefined} onClick={open}>
      <Icon name={icon} />
      <span>{name}</span>
      {children}
    </a>
  );
}

function SourceLine({ source }: { readonly source: KnownSource }) {
  const { _id, name, fields } = source;
  const field = fields.find(({ type }) => type === 'number') ?? fields[0];
  const value = field === undefined ? undefined : lastValue(_id, field.name);
  const isOn = isShown(panels.value, _id);
  const content = (
    <>
      <span class={`dot series-${sourceColour(source)}`} />
      <span class="clipped" title={name}>
        {name}
      </span>
      {value !== undefined && (
        <span class="value">
          {typeof value === 'number' ? valueText(value) : String(value)}
          {field?.unit !== undefined && <span class="muted"> {field.unit}</span>}
        </span>
      )}
    </>
  );
  return (
    <li>
      {mayTick() ? (
        <label class="source-line">
          <input type="checkbox" checked={isOn} onChange={() => tick(source, !isOn)} />
          {content}
        </label>
      ) : (
        <span class="source-line">{content}</span>
      )}
    </li>
  );
}

/** What makes itself shows whatever anybody likes to see; what is saved is changed by those who may save. */
function mayTick(): boolean {
  return mayWrite.value || savedDashboard.value === undefined;
}

function tick(source: KnownSource, isOn: boolean): void {
  const shown = panels.peek();
  const isAutomatic = savedDashboard.peek() === undefined && place.peek().panels === undefined;
  if (isAutomatic) {
    const ids = sourceIdsOf(shown).filter(id => id !== source._id);
    go({ sourceIds: isOn ? [...ids, source._id] : ids, view: 'board', viewId: undefined });
  } else {
    setPanels(isOn ? withSource(shown, source) : withoutSource(shown, source._id));
  }
}

function useLatest(listed: readonly KnownSource[]): void {
  const bucketId = currentBucket.value?._id;
  const ids = listed.map(({ _id }) => _id).join(',');
  useEffect(() => {
    if (bucketId === undefined || ids === '') return undefined;
    const read = () => {
      if (document.visibilityState === 'visible')
        void loadLatest(bucketId, ids.split(',')).catch(() => undefined);
    };
    const timer = setInterval(read, LATEST_EVERY_MS);
    if (ids.split(',').some(id => !hasLearned(id))) read();
    return () => clearInterval(timer);
  }, [bucketId, ids]);
}
