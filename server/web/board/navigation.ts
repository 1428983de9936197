/** Where the page is: the address is the one place that says it, so that back, forward, reload and links all work. */
import { signal } from '@preact/signals';
import { type PageLocation, type PageView, parseLocation, printLocation } from './location.js';

export const place = signal<PageLocation>(parseLocation(location));

/** `replace` while something is being dragged: each step back shall be one that was meant. */
export type Step = 'push' | 'replace';

export function go(change: Partial<PageLocation>, step: Step = 'push'): void {
  const next = { ...place.peek(), ...change };
  const address = printLocation(next);
  place.value = next;
  if (address === printLocation(parseLocation(location))) return;
  if (step === 'push') history.pushState(null, '', address);
  else history.replaceState(null, '', address);
}

export function show(view: PageView, viewId?: string): void {
  go({ view, viewId });
}

/** Back, forward, or a link to a view, which names the view alone: panels that are not saved stay. */
function arrive(): void {
  const last = place.peek();
  const next = parseLocation(location);
  const isSameBoard = next.bucketId === last.bucketId && next.dashboardId === last.dashboardId;
  if (next.view !== 'board' && next.panels === undefined && isSameBoard && last.panels !== undefined) {
    place.value = { ...next, panels: last.panels };
    history.replaceState(null, '', printLocation(place.peek()));
  } else {
    place.value = next;
  }
}

addEventListener('popstate', arrive);
addEventListener('hashchange', arrive);
