/** Keeps what is shown up to date with the bucket, the dashboard of the address, and the live stream. */
import { batch, computed, effect, signal, untracked } from '@preact/signals';
import { currentApi } from '../base/keys.js';
import { LiveStream } from '../live/stream.js';
import { isLive, now, panels, refresh, view, wantsLive } from './board.js';
import { correct, place } from './navigation.js';
import { sourceIdsOf } from './panels.js';
import { loadRules, rules } from './rules.js';
import { dashboards, loadDashboard, loadDashboards, savedDashboard } from './saved.js';
import { currentBucket } from './session.js';
import { forgetSources, learn, loadSources, sources } from './sources.js';

export const stream = new LiveStream(refresh);

/** Why the sources could not be read. */
export const loadFailure = signal<unknown>(undefined);

/** Why the dashboard of the address could not be. */
export const dashboardFailure = signal<unknown>(undefined);

const isVisible = signal(document.visibilityState === 'visible');
document.addEventListener('visibilitychange', () => {
  isVisible.value = document.visibilityState === 'visible';
});

/** Alert rules are asked for again this often while somebody looks. */
const RULES_EVERY_MS = 15_000;
const MOVE_MS_MIN = 1_000;
/** More than this would only blur. */
const MOVES_PER_WIDTH = 1_000;

export function keepLoaded(): () => void {
  const ends = [
    effect(loadBucket),
    effect(loadShownDashboard),
    effect(followRules),
    effect(moveOn),
    effect(followStream),
    stream.subscribe(collect),
  ];
  return () => {
    for (const end of ends) end();
    stream.stop();
  };
}

export async function reload(bucketId: string): Promise<void> {
  loadFailure.value = undefined;
  if (dashboardFailure.peek() !== undefined) void readDashboard(shownDashboardId.peek());
  try {
    await Promise.all([loadSources(bucketId), loadDashboards(bucketId)]);
  } catch (error) {
    if (currentBucket.peek()?._id === bucketId) loadFailure.value = error;
  }
}

let loadedBucketId: string | undefined;

function loadBucket(): void {
  const id = currentBucket.value?._id;
  if (id === loadedBucketId) return;
  loadedBucketId = id;
  forgetSources();
  dashboards.value = [];
  rules.value = [];
  if (id !== undefined) untracked(() => void reload(id));
}

const shownDashboardId = computed(() => place.value.dashboardId);

function loadShownDashboard(): void {
  const id = shownDashboardId.value;
  if (currentBucket.value === undefined) return;
  untracked(() => {
    if (savedDashboard.value?._id !== id) savedDashboard.value = undefined;
    if (savedDashboard.value === undefined) void readDashboard(id);
    else dashboardFailure.value = undefined;
  });
}

async function readDashboard(id: string | undefined): Promise<void> {
  dashboardFailure.value = undefined;
  if (id === undefined) return;
  try {
    const found = await loadDashboard(id);
    if (place.peek().dashboardId !== id) return;
    batch(() => {
      savedDashboard.value = found;
      wantsLive.value = found.live;
      // An Admin key opens every bucket, and an address may name another one.
      if (found.bucketId !== currentBucket.peek()?._id) correct({ bucketId: found.bucketId });
    });
  } catch (error) {
    if (place.peek().dashboardId === id) dashboardFailure.value = error;
  }
}

/** Sources on the dashboard, as one text: what depends on them rests while they are the same. */
const shownIds = computed(() => {
  const ids = new Set(sources.value?.map(({ _id }) => _id));
  return sourceIdsOf(panels.value)
    .filter(id => ids.has(id))
    .sort()
    .join(',');
});

function followRules(): (() => void) | undefined {
  const bucketId = currentBucket.value?._id;
  const ids = shownIds.value;
  if (bucketId === undefined || sources.value === undefined || !isVisible.value) return undefined;
  const read = () => void loadRules(bucketId, ids.split(',')).catch(() => undefined);
  read();
  const timer = setInterval(read, RULES_EVERY_MS);
  return () => clearInterval(timer);
}

/** Short ranges move on more often. */
const span = computed(() => view.value.to - view.value.from);

function moveOn(): (() => void) | undefined {
  if (!isLive.value || !isVisible.value) return undefined;
  const move = () => {
    now.value = Date.now();
  };
  untracked(move);
  const timer = setInterval(move, Math.max(MOVE_MS_MIN, span.value / MOVES_PER_WIDTH));
  return () => clearInterval(timer);
}

function followStream(): (() => void) | undefined {
  const bucketId = currentBucket.value?._id;
  const ids = shownIds.value;
  const api = currentApi.value;
  if (bucketId === undefined || ids === '' || !isLive.value || !isVisible.value) return undefined;
  untracked(() => stream.start(api, bucketId, ids.split(',')));
  return () => stream.stop();
}

/** Values beside the names change once a picture, however many points come. */
let waiting: Parameters<typeof learn>[0][number][] = [];

function collect(point: (typeof waiting)[number]): void {
  if (waiting.length === 0) {
    requestAnimationFrame(() => {
      const points = waiting;
      waiting = [];
      learn(points);
    });
  }
  waiting.push(point);
}
