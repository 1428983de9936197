/** Which route a path and a method mean. */

/** What the router looks at; a segment of the path that begins with a colon is a parameter. */
export interface RoutePattern {
  readonly method: string;
  readonly path: string;
}

export type RouteMatch<Route> =
  | { readonly kind: 'found'; readonly route: Route; readonly params: ReadonlyMap<string, string> }
  /** The path is known, the method is not. `allow` is the header's value. */
  | { readonly kind: 'methodNotAllowed'; readonly allow: string }
  | { readonly kind: 'notFound' };

interface Resource<Route> {
  readonly segments: readonly string[];
  readonly routes: Map<string, Route>;
}

export class Router<Route extends RoutePattern> {
  /** Resources by the number of their segments. */
  readonly #resources = new Map<number, Resource<Route>[]>();

  constructor(routes: readonly Route[]) {
    for (const route of routes) {
      const segments = segmentsOf(route.path);
      this.#resourceOf(segments).routes.set(route.method, route);
    }
  }

  /** @param path as sent: percent-encoded, without a query. HEAD is answered as GET; OPTIONS is allowed and no route's. */
  match(method: string, path: string): RouteMatch<Route> {
    const segments = segmentsOf(path).map(decodeSegment);
    for (const resource of this.#resources.get(segments.length) ?? []) {
      const params = paramsOf(resource.segments, segments);
      if (params === undefined) continue;
      const route = resource.routes.get(method === 'HEAD' ? 'GET' : method);
      return route === undefined
        ? { kind: 'methodNotAllowed', allow: allowOf(resource) }
        : { kind: 'found', route, params };
    }
    return { kind: 'notFound' };
  }

  #resourceOf(segments: readonly string[]): Resource<Route> {
    const peers = this.#resources.get(segments.length) ?? [];
    this.#resources.set(segments.length, peers);
    let resource = peers.find(peer => peer.segments.join('/') === segments.join('/'));
    if (resource === undefined) {
      resource = { segments, routes: new Map() };
      peers.push(resource);
    }
    return resource;
  }
}

function segmentsOf(path: string): string[] {
  return path.split('/').slice(1);
}

/** A segment that is not percent-encoded UTF-8 stays as it is: no literal and no id looks like that. */
function decodeSegment(segment: string): string {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function paramsOf(pattern: readonly string[], segments: readonly string[]): Map<string, string> | undefined {
  const params = new Map<string, string>();
  for (let index = 0; index < pattern.length; index++) {
    if (!pattern[index].startsWith(':')) {
      if (pattern[index] !== segments[index]) return undefined;
    } else {
      if (segments[index] === '') return undefined;
      params.set(pattern[index].slice(1), segments[index]);
    }
  }
  return params;
}

function allowOf(resource: Resource<RoutePattern>): string {
  const methods = [...resource.routes.keys(), 'OPTIONS'];
  if (methods.includes('GET')) methods.push('HEAD');
  return methods.sort().join(', ');
}
