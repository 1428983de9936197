/** Ids that requests have made or met: they fill the forms that come after. Nothing here knows of a page. */

export interface KnownId {
  readonly id: string;
  /** What it is called; '' where it has no name. */
  readonly name: string;
  /** Request it was learned from: `POST /api/buckets`. */
  readonly source: string;
}

/** By the name of the parameter, the latest first. */
export type KnownIds = Readonly<Record<string, readonly KnownId[]>>;

const KEPT_MAX = 8;

/** Members of answers that are, or list, what has an id, and the parameter that names it. */
const MEMBERS: Readonly<Record<string, string>> = {
  bucket: 'bucketId',
  apiKey: 'keyId',
  dataSource: 'dataSourceId',
  alertRule: 'alertId',
  dashboard: 'dashboardId',
  delivery: 'deliveryId',
};
const LISTS: Readonly<Record<string, string>> = {
  buckets: 'bucketId',
  apiKeys: 'keyId',
  dataSources: 'dataSourceId',
  alertRules: 'alertId',
  dashboards: 'dashboardId',
  deliveries: 'deliveryId',
};

/** Request that makes what a parameter names, or shows it where no request makes it. */
export const MAKERS: Readonly<Record<string, string>> = {
  bucketId: 'POST /api/buckets',
  keyId: 'POST /api/buckets/{bucketId}/keys',
  dataSourceId: 'POST /api/buckets/{bucketId}/sources',
  alertId: 'POST /api/alerts',
  dashboardId: 'POST /api/dashboards',
  deliveryId: 'GET /api/buckets/{bucketId}/alerts/{alertId}/deliveries',
};

/** What is inside of what: it is gone with it. */
const INSIDE: Readonly<Record<string, readonly string[]>> = {
  bucketId: ['keyId', 'dataSourceId', 'alertId', 'deliveryId', 'dashboardId'],
  dataSourceId: ['alertId', 'deliveryId'],
  alertId: ['deliveryId'],
};

interface Named {
  readonly _id?: unknown;
  readonly name?: unknown;
  readonly event?: unknown;
}

/** After an answer: what it tells of, and what the path names, comes first. */
export function learn(
  known: KnownIds,
  source: string,
  used: Readonly<Record<string, string>>,
  answer: unknown,
): KnownIds {
  let ids = known;
  for (const [name, id] of Object.entries(used)) {
    if (name in MAKERS && /^[0-9a-f]{24}$/.test(id)) ids = withId(ids, name, { id, name: '', source });
  }
  if (typeof answer !== 'object' || answer === null) return ids;
  for (const [member, value] of Object.entries(answer)) {
    // The key that asks is shown, not made: it is no candidate for deleting.
    if (member in MEMBERS && source !== 'GET /api/key') ids = withNamed(ids, MEMBERS[member], value, source);
    const list = LISTS[member];
    if (list !== undefined && Array.isArray(value) && ids[list] === undefined) {
      for (const one of value.slice(0, KEPT_MAX).reverse()) ids = withNamed(ids, list, one, source);
    }
  }
  return ids;
}

function withNamed(ids: KnownIds, parameter: string, value: unknown, source: string): KnownIds {
  const { _id, name, event } = (value ?? {}) as Named;
  if (typeof _id !== 'string') return ids;
  return withId(ids, parameter, { id: _id, name: String(name ?? event ?? ''), source });
}

function withId(ids: KnownIds, parameter: string, known: KnownId): KnownIds {
  const before = ids[parameter] ?? [];
  const same = before.find(({ id }) => id === known.id);
  // Where it comes from is where it was first seen, with its name.
  const kept = same === undefined ? known : { ...same, name: known.name || same.name };
  const others = before.filter(({ id }) => id !== known.id);
  const next = { ...ids, [parameter]: [kept, ...others].slice(0, KEPT_MAX) };
  if (before[0] !== undefined && before[0].id !== known.id) return withoutInner(next, parameter);
  return next;
}

/** Of another bucket, the source and the key of the one before are of no use. */
function withoutInner(ids: KnownIds, parameter: string): KnownIds {
  const inner = INSIDE[parameter] ?? [];
  return Object.fromEntries(Object.entries(ids).filter(([name]) => !inner.includes(name)));
}

/** After something was deleted. */
export function forget(known: KnownIds, parameter: string, id: string): KnownIds {
  const rest = (known[parameter] ?? []).filter(one => one.id !== id);
  const { [parameter]: _, ...others } = known;
  const isCurrent = known[parameter]?.[0]?.id === id;
  const left = rest.length === 0 ? others : { ...others, [parameter]: rest };
  return isCurrent ? withoutInner(left, parameter) : left;
}

export interface Filled {
  readonly text: string;
  /** Names of ids that were put in. */
  readonly used: readonly string[];
  /** Names that stay in braces, for none is known. */
  readonly missing: readonly string[];
}

/** Puts ids in the place of their names in braces. */
export function fillIn(text: string, ids: KnownIds): Filled {
  const used = new Set<string>();
  const missing = new Set<string>();
  const filled = text.replace(/\{(\w+Id)\}/g, (whole, name: string) => {
    const known = ids[name]?.[0];
    if (known === undefined) missing.add(name);
    else used.add(name);
    return known?.id ?? whole;
  });
  return { text: filled, used: [...used], missing: [...missing] };
}
