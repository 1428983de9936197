import { useEffect } from 'preact/hooks';
import { Brand } from '../base/brand.js';
import { Dialog } from '../base/dialog.js';
import { Icon } from '../base/icon.js';
import { currentApi, currentKey, maskedKey } from '../base/keys.js';
import { Notices } from '../base/notices.js';
import { Item, Popover } from '../base/popover.js';
import { ThemeSwitch } from '../base/theme.js';
import type { KeyType } from '../base/types.js';
import { Explore } from '../explore/explore.js';
import { timezone } from './board.js';
import { BoardView } from './board-view.js';
import { DashboardMenu } from './dashboard-menu.js';
import { NoBuckets, NoSuchBucket } from './empty.js';
import { keepLoaded, reload } from './loading.js';
import { BucketMenu, LiveSwitch, RangeMenu, TimezoneMenu } from './menus.js';
import { place, show } from './navigation.js';
import { currentBucket, reloadBuckets, resume, type Session, session, sessionFailure } from './session.js';
import { isHelpOpen, isSidebarOpen, KEYS, listenForKeys } from './shortcuts.js';
import { Sidebar } from './sidebar.js';
import { SignIn } from './sign-in.js';
import { signOut } from './sign-out.js';

export function Frame() {
  useEffect(() => {
    void resume();
    const ends = [keepLoaded(), listenForKeys()];
    return () => {
      for (const end of ends) end();
    };
  }, []);
  const isOpen = isSidebarOpen.value;
  const setOpen = (open: boolean) => {
    isSidebarOpen.value = open;
  };
  const isIn = session.value !== undefined;
  const hasBucket = isIn && currentBucket.value !== undefined;
  return (
    <>
      <header class="top-bar board-bar">
        {hasBucket && (
          <button type="button" class="button skip" onClick={skipToContent}>
            {place.value.view === 'board' ? 'Skip to the panels' : 'Skip to the content'}
          </button>
        )}
        {hasBucket && (
          <button
            type="button"
            class="icon-button sidebar-opener"
            aria-label="Sources and views"
            aria-expanded={isOpen}
            onClick={() => setOpen(!isOpen)}
          >
            <Icon name="menu" />
          </button>
        )}
        <Brand page="dashboards" />
        {isIn && (
          <div class="of-board">
            <BucketMenu />
            {hasBucket && <DashboardMenu />}
            <span class="rest" />
            {hasBucket && place.value.view === 'board' && <RangeTools />}
          </div>
        )}
        {hasBucket && <TimezoneMenu />}
        <PageTools />
      </header>
      <div class={isOpen ? 'page open' : 'page'}>
        {hasBucket && <Sidebar onChoose={() => setOpen(false)} />}
        <Content />
      </div>
      {isHelpOpen.value && <KeysHelp />}
      <Notices />
    </>
  );
}

function RangeTools() {
  return (
    <>
      <RangeMenu />
      <LiveSwitch />
    </>
  );
}

function PageTools() {
  return (
    <span class="page-tools">
      <ThemeSwitch />
      {session.value !== undefined && (
        <>
          <button
            type="button"
            class="icon-button"
            aria-label="Keys"
            title="Keys (?)"
            onClick={() => {
              isHelpOpen.value = true;
            }}
          >
            <kbd>?</kbd>
          </button>
          <KeyMenu />
        </>
      )}
    </span>
  );
}

/** Which key opens what is shown, and the way out. */
function KeyMenu() {
  const { apiKey } = session.value as Session;
  return (
    <Popover class="icon-button" side="right" label="Your key" button={<Icon name="user" />}>
      <p>
        <b>{apiKey.name}</b>
        <br />
        <code>{maskedKey(currentKey.value)}</code>
      </p>
      <p class="small muted">{KEY_WORDS[apiKey.type]}</p>
      <div class="actions">
        <Item onChoose={signOut}>Sign out</Item>
      </div>
    </Popover>
  );
}

const KEY_WORDS: Readonly<Record<KeyType, string>> = {
  admin: 'Admin key: every bucket',
  write: 'Write key: this bucket, to look at and to change',
  read: 'Read key: this bucket, to look at',
};

/** Not by the address, whose end says what is shown. */
function skipToContent(): void {
  const main = document.querySelector('main');
  if (main === null) return;
  main.tabIndex = -1;
  main.focus({ preventScroll: true });
  scrollTo(0, 0);
}

function KeysHelp() {
  return (
    <Dialog
      title="Keys"
      onClose={() => {
        isHelpOpen.value = false;
      }}
    >
      <dl class="keys">
        {KEYS.map(([keys, what]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <p class="small muted">
        In charts: drag to zoom, turn the wheel, drag with Shift to move, double-click to go back.
      </p>
    </Dialog>
  );
}

function Content() {
  const { value: opened } = session;
  if (opened === undefined) {
    const isResuming = currentKey.value !== '' && sessionFailure.value === undefined;
    return isResuming ? <main aria-busy="true" /> : <SignIn />;
  }
  const bucket = currentBucket.value;
  const { view, viewId } = place.value;
  if (bucket === undefined)
    return <main>{opened.buckets.length === 0 ? <NoBuckets /> : <NoSuchBucket />}</main>;
  if (view === 'board') return <BoardView />;
  return (
    <main>
      <Explore
        api={currentApi.value}
        bucket={bucket}
        apiKey={opened.apiKey}
        view={view}
        id={viewId}
        timezone={timezone.value}
        navigate={show}
        onChanged={what => void (what === 'buckets' ? reloadBuckets() : reload(bucket._id))}
      />
    </main>
  );
}
