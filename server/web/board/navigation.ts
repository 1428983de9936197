/** Where the page is: the address is the one place that says it, so that back, forward, reload and links all work. */
import { signal } from '@preact/signals';
import { type PageLocation, type PageView, parseLocation, printLocation } from './location.js';

export const place = signal<PageLocation>(parseLocation(location));

/** Ranges as an address has them. */
export type Edges = Pick<PageLocation, 'from' | 'to'>;

/** Kept with each address by the browser: it is right after a reload, and after steps back and forward. */
interface Trail {
  /** What was looked at before, the latest last. */
  readonly ranges: readonly Edges[];
  /** Whether the address before this one is of the latest of them. */
  readonly isStep: boolean;
}

const NO_TRAIL: Trail = { ranges: [], isStep: false };
/** Browsers keep no more than a little with an address. */
const RANGES_MAX = 100;

function trail(): Trail {
  return (history.state as Trail | null) ?? NO_TRAIL;
}

export function go(change: Partial<PageLocation>): void {
  const isOtherBoard = 'bucketId' in change || 'dashboardId' in change;
  enter(change, 'push', isOtherBoard ? NO_TRAIL : { ...trail(), isStep: false });
}

/** What the address did not say, or says wrong: it is no step. */
export function correct(change: Partial<PageLocation>): void {
  enter(change, 'replace', trail());
}

/** To another range, from which one can go back. @param isSameStep as the last one: each step back shall be one that was meant */
export function goToRange({ from, to }: Edges, isSameStep = false): void {
  if (isSameStep && trail().isStep) {
    enter({ from, to }, 'replace', trail());
    return;
  }
  const { from: lastFrom, to: lastTo } = place.peek();
  const ranges = [...trail().ranges, { from: lastFrom, to: lastTo }].slice(-RANGES_MAX);
  enter({ from, to }, 'push', { ranges, isStep: true });
}

/** To the range before; to the dashboard's own where there was none. */
export function goBackInRange(): void {
  const { ranges, isStep } = trail();
  if (isStep) {
    history.back();
    return;
  }
  const { from, to } = ranges.at(-1) ?? {};
  enter({ from, to }, 'push', { ranges: ranges.slice(0, -1), isStep: false });
}

function enter(change: Partial<PageLocation>, step: 'push' | 'replace', state: Trail): void {
  const next = { ...place.peek(), ...change };
  const address = printLocation(next);
  place.value = next;
  if (address === printLocation(parseLocation(location))) return;
  if (step === 'push') history.pushState(state, '', address);
  else history.replaceState(state, '', address);
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
    history.replaceState(history.state, '', printLocation(place.peek()));
  } else {
    place.value = next;
  }
}

addEventListener('popstate', arrive);
addEventListener('hashchange', arrive);
