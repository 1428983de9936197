/**
 * What an address of the dashboards says: `/?bucket=…&dashboard=…&from=now-24h&to=now&tz=UTC&sources=a,b#explore/sources`.
 *
 * What the server may see stands in the query: the server reads nothing of it, but proxies keep logs. Views, and panels that
 * are not saved, stand behind the `#`: they never leave the browser, and no server limits their length. A key stands nowhere.
 */
import { type Panel, readPanels } from './panel.js';

export const EXPLORE_VIEWS = ['sources', 'source', 'alerts', 'storage', 'keys', 'buckets'] as const;

export type ExploreView = (typeof EXPLORE_VIEWS)[number];
export type PageView = 'board' | ExploreView;

export interface PageLocation {
  readonly bucketId?: string;
  readonly dashboardId?: string;
  /** As a query takes them; undefined where the dashboard decides. */
  readonly from?: string;
  readonly to?: string;
  /** IANA name; undefined where the dashboard decides. */
  readonly timezone?: string;
  /** Of the dashboard that makes itself; undefined where it chooses. */
  readonly sourceIds?: readonly string[];
  readonly view: PageView;
  /** What the view is of: the source of `source`, and of `alerts` where only its rules are shown. */
  readonly viewId?: string;
  /** Where they are other than those saved. */
  readonly panels?: readonly Panel[];
}

const ID = /^[0-9a-f]{24}$/;
/** Times are checked where they are used, which can say what is wrong with them. */
const TIME_LENGTH_MAX = 40;
const SOURCES_MAX = 50;

export function parseLocation({
  search,
  hash,
}: {
  readonly search: string;
  readonly hash: string;
}): PageLocation {
  const query = new URLSearchParams(search);
  const sources = query.get('sources');
  return {
    bucketId: idOf(query.get('bucket')),
    dashboardId: idOf(query.get('dashboard')),
    from: timeOf(query.get('from')),
    to: timeOf(query.get('to')),
    timezone: timezoneOf(query.get('tz')),
    sourceIds: sources === null ? undefined : sources.split(',').filter(isId).slice(0, SOURCES_MAX),
    ...parseHash(hash),
  };
}

/** `/?bucket=…#explore/sources` */
export function printLocation(location: PageLocation): string {
  const { bucketId, dashboardId, from, to, timezone, sourceIds, view, viewId, panels } = location;
  const query = [
    ['bucket', bucketId],
    ['dashboard', dashboardId],
    ['from', from],
    ['to', to],
    ['tz', timezone],
    ['sources', sourceIds?.join(',')],
  ]
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${encode(value as string)}`)
    .join('&');
  const hash = [
    ...(view === 'board' ? [] : [viewHash(view, viewId).slice(1)]),
    ...(panels === undefined ? [] : [`panels=${encodeURIComponent(JSON.stringify(panels))}`]),
  ].join('&');
  return `/${query === '' ? '' : `?${query}`}${hash === '' ? '' : `#${hash}`}`;
}

/** For links within the page: the rest of the address stays as it is. `#explore/source/…` */
export function viewHash(view: PageView, id?: string): string {
  if (view === 'board') return '#';
  return `#explore/${view}${id === undefined ? '' : `/${id}`}`;
}

function parseHash(hash: string): Pick<PageLocation, 'view' | 'viewId' | 'panels'> {
  const parts = hash.replace(/^#/, '').split('&');
  const panels = parts.find(part => part.startsWith('panels='))?.slice('panels='.length);
  const [, name, id] = /^explore\/([a-z]+)(?:\/([0-9a-f]{24}))?$/.exec(parts[0]) ?? [];
  const view = EXPLORE_VIEWS.find(view => view === name) ?? 'board';
  return {
    view,
    viewId: view === 'board' ? undefined : id,
    panels: panels === undefined ? undefined : parsePanels(panels),
  };
}

function parsePanels(text: string): readonly Panel[] | undefined {
  try {
    return readPanels(JSON.parse(decodeURIComponent(text)));
  } catch {
    return undefined;
  }
}

/** Commas, colons and slashes may stand in a query as they are, and read better so. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/%(2C|3A|2F)/g, decodeURIComponent);
}

function isId(text: string): boolean {
  return ID.test(text);
}

function idOf(text: string | null): string | undefined {
  return text !== null && isId(text) ? text : undefined;
}

function timeOf(text: string | null): string | undefined {
  return text !== null && text !== '' && text.length <= TIME_LENGTH_MAX ? text : undefined;
}

function timezoneOf(text: string | null): string | undefined {
  return text !== null && isTimezone(text) ? text : undefined;
}

export function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return name !== '';
  } catch {
    return false;
  }
}
