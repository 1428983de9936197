/** The dashboard that is shown: what is saved, with what the address says besides. */
import { batch, computed, signal } from '@preact/signals';
import { sharedCursor } from '../chart/cursor.js';
import type { View } from '../chart/model.js';
import { go, goBackInRange, goToRange, place } from './navigation.js';
import type { Panel } from './panel.js';
import { automaticPanels } from './panels.js';
import { isMoving, RANGE_DEFAULT, type Range, rangeFault, rangeOfView, viewOf } from './range.js';
import { type Dashboard, type DashboardBody, savedDashboard } from './saved.js';
import { knownSources } from './sources.js';
import { absoluteTime } from './times.js';

export const cursor = sharedCursor();

/** What `now` means: it moves on while the page is live. */
export const now = signal(Date.now());

/** Of what makes itself. */
export const LIVE_DEFAULT = true;

/** Whether whoever looks wants it to be live. */
export const wantsLive = signal(LIVE_DEFAULT);

const LOCAL_TIMEZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

export const timezone = computed(
  () => place.value.timezone ?? savedDashboard.value?.timezone ?? LOCAL_TIMEZONE,
);

/** Where one goes back to. */
const savedRange = computed<Range>(() => {
  const range = savedDashboard.value?.range;
  return range === undefined ? RANGE_DEFAULT : { from: textOf(range.from), to: textOf(range.to) };
});

/** Numbers are milliseconds where the server has them. */
function textOf(edge: string | number): string {
  return typeof edge === 'number' ? new Date(edge).toISOString() : edge;
}

export const range = computed<Range>(() => {
  const { from = savedRange.value.from, to = savedRange.value.to } = place.value;
  return { from, to };
});

/** While something is being dragged: the address follows when it rests. */
const dragged = signal<View | undefined>(undefined);

export const view = computed<View>(() => dragged.value ?? viewOf(range.value, now.value));

export const isLive = computed(() => wantsLive.value && isMoving(range.value) && dragged.value === undefined);

const ownPanels = computed(
  () => savedDashboard.value?.panels ?? automaticPanels(knownSources.value, place.value.sourceIds),
);

export const panels = computed<readonly Panel[]>(() => place.value.panels ?? ownPanels.value);

/** Other panels than those saved. */
export const isChanged = computed(
  () =>
    place.value.panels !== undefined &&
    JSON.stringify(place.value.panels) !== JSON.stringify(ownPanels.value),
);

export function setPanels(next: readonly Panel[]): void {
  const isSaved = JSON.stringify(next) === JSON.stringify(savedDashboard.peek()?.panels);
  go({ panels: isSaved ? undefined : next });
}

export function discardChanges(): void {
  go({ panels: undefined });
}

export function setTimezone(name: string): void {
  go({ timezone: name });
}

export function setRange(next: Range): void {
  now.value = Date.now();
  dragged.value = undefined;
  endGesture();
  goToRange(next);
}

/** Steps of one gesture after the other, such as turns of a wheel, are one step back. */
const GESTURE_MS = 1_000;
let lastStep = Number.NEGATIVE_INFINITY;

export function setView(next: View, isSettled: boolean): void {
  if (!isSettled) {
    dragged.value = next;
    return;
  }
  const begun = performance.now();
  const isSameGesture = begun - lastStep < GESTURE_MS;
  lastStep = begun;
  batch(() => {
    dragged.value = undefined;
    goToRange(rangeOfView(next), isSameGesture);
  });
}

/** Back to where one came from. */
export function resetView(): void {
  dragged.value = undefined;
  endGesture();
  goBackInRange();
}

function endGesture(): void {
  lastStep = Number.NEGATIVE_INFINITY;
}

addEventListener('popstate', endGesture);

export function toggleLive(): void {
  if (isLive.peek()) {
    wantsLive.value = false;
    return;
  }
  now.value = Date.now();
  wantsLive.value = true;
  if (isMoving(range.peek())) return;
  setRange(isMoving(savedRange.peek()) ? savedRange.peek() : RANGE_DEFAULT);
}

/** Reads all again. */
export const refreshCount = signal(0);

export function refresh(): void {
  now.value = Date.now();
  refreshCount.value++;
}

/** What would be saved now. */
export function boardBody(name: string): DashboardBody {
  // What is no range is not drawn, and is nothing to come back to.
  const shown = rangeFault(range.peek(), now.peek()) === undefined ? range.peek() : RANGE_DEFAULT;
  return {
    name,
    range: { from: absoluteTime(shown.from, 'UTC'), to: absoluteTime(shown.to, 'UTC') },
    timezone: place.peek().timezone ?? savedDashboard.peek()?.timezone ?? null,
    live: wantsLive.peek(),
    panels: panels.peek(),
  };
}

/** Of one that is saved now: nothing of it needs to stand in the address any more. */
export function openDashboard(dashboard: Dashboard | undefined): void {
  batch(() => {
    savedDashboard.value = dashboard;
    wantsLive.value = dashboard?.live ?? LIVE_DEFAULT;
    go({
      dashboardId: dashboard?._id,
      from: undefined,
      to: undefined,
      timezone: undefined,
      sourceIds: undefined,
      panels: undefined,
      view: 'board',
      viewId: undefined,
    });
  });
}
