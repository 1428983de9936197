/** What there is, how much comes in, and who may do what: the part of the page around the dashboards. */
import { useEffect, useRef } from 'preact/hooks';
import type { IconName } from '../base/icon.js';
import { Icon } from '../base/icon.js';
import { type ExploreView, viewHash } from '../board/location.js';
import { Alerts } from './alerts/alerts.js';
import { Buckets } from './buckets.js';
import { Keys } from './keys.js';
import type { ExploreProps } from './props.js';
import { Source } from './sources/source.js';
import { Sources } from './sources/sources.js';
import { Storage } from './storage/storage.js';

interface Tab {
  readonly view: ExploreView;
  readonly name: string;
  readonly icon: IconName;
  readonly isForAdmins?: boolean;
}

const TABS: readonly Tab[] = [
  { view: 'sources', name: 'Sources', icon: 'table' },
  { view: 'storage', name: 'Storage', icon: 'history' },
  { view: 'alerts', name: 'Alert rules', icon: 'alert' },
  { view: 'keys', name: 'Keys', icon: 'key', isForAdmins: true },
  { view: 'buckets', name: 'Buckets', icon: 'bucket', isForAdmins: true },
];

export function Explore(props: ExploreProps) {
  const { apiKey, view, bucket } = props;
  const tabs = TABS.filter(({ isForAdmins }) => !isForAdmins || apiKey.type === 'admin');
  const shown = view === 'source' ? 'sources' : view;
  const nav = useRef<HTMLElement>(null);
  // On a phone not all of them fit.
  useEffect(() => {
    nav.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [shown]);
  return (
    <div class="explore">
      <nav ref={nav} class="tabs" aria-label="Explorer">
        {tabs.map(({ view, name, icon }) => (
          <a key={view} href={viewHash(view)} aria-current={view === shown ? 'page' : undefined}>
            <Icon name={icon} />
            {name}
          </a>
        ))}
      </nav>
      {bucket.status === 'archived' && (
        <p class="badge warn">This bucket is archived: it can be read, and not written.</p>
      )}
      <View {...props} />
    </div>
  );
}

/** Another bucket or source is another view: nothing of the last one stays. */
function View(props: ExploreProps) {
  const { view, id, bucket, apiKey } = props;
  const key = `${bucket._id} ${id ?? ''}`;
  if (view === 'source' && id !== undefined) return <Source key={key} {...props} id={id} />;
  if (view === 'alerts') return <Alerts key={key} {...props} />;
  if (view === 'storage') return <Storage key={key} {...props} />;
  if (apiKey.type === 'admin' && view === 'keys') return <Keys key={key} {...props} />;
  if (apiKey.type === 'admin' && view === 'buckets') return <Buckets {...props} />;
  if (view === 'keys' || view === 'buckets') {
    return (
      <p>
        Only Admin keys see {view}. This page is open with a {apiKey.type} key.
      </p>
    );
  }
  return <Sources key={key} {...props} />;
}
