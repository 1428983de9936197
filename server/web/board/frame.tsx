import { useEffect } from 'preact/hooks';
import { Brand } from '../base/brand.js';
import { currentApi, currentKey } from '../base/keys.js';
import { Notices } from '../base/notices.js';
import { ThemeSwitch } from '../base/theme.js';
import { Explore } from '../explore/explore.js';
import { place, show } from './navigation.js';
import { currentBucket, reloadBuckets, resume, session, sessionFailure } from './session.js';
import { SignIn } from './sign-in.js';

export function Frame() {
  useEffect(() => void resume(), []);
  return (
    <>
      <header class="top-bar">
        <Brand page="dashboards" />
        <span class="rest" />
        <ThemeSwitch />
      </header>
      <Content />
      <Notices />
    </>
  );
}

function Content() {
  const { value: opened } = session;
  if (opened === undefined) {
    const isResuming = currentKey.value !== '' && sessionFailure.value === undefined;
    return isResuming ? <main class="skeleton" /> : <SignIn />;
  }
  const bucket = currentBucket.value;
  const { view, viewId, timezone = 'UTC' } = place.value;
  if (bucket === undefined || view === 'board') return <main />;
  return (
    <main>
      <Explore
        api={currentApi.value}
        bucket={bucket}
        apiKey={opened.apiKey}
        view={view}
        id={viewId}
        timezone={timezone}
        navigate={show}
        onChanged={what => void (what === 'buckets' && reloadBuckets())}
      />
    </main>
  );
}
