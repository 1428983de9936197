/** Alert rules of the bucket that is shown, as the charts mark them. */
import { computed, signal } from '@preact/signals';
import { currentApi } from '../base/keys.js';
import type { AlertRule } from '../base/types.js';
import type { Firing, Threshold } from '../chart/model.js';
import { firingsOf, type Transition } from './firings.js';
import type { Panel } from './panel.js';
import { currentBucket } from './session.js';

export const rules = signal<readonly AlertRule[]>([]);

/** By rule; of the sources that are shown. */
const firings = signal<ReadonlyMap<string, readonly Firing[]>>(new Map());

const COMPARISONS = ['gt', 'gte', 'lt', 'lte', 'eq'];

export const firingCount = computed(() => rules.value.filter(isFiring).length);

function isFiring({ state }: AlertRule): boolean {
  return state === 'firing' || state === 'no_data';
}

/** @param sourceIds that are shown: the histories of their rules are read, too */
export async function loadRules(bucketId: string, sourceIds: readonly string[]): Promise<void> {
  const api = currentApi.peek();
  const found = await api.all<AlertRule>(`/api/buckets/${bucketId}/alerts`, 'alertRules');
  const shown = found.filter(
    ({ dataSourceId, lastTriggeredAt }) => sourceIds.includes(dataSourceId) && lastTriggeredAt !== null,
  );
  const told = await Promise.all(
    shown.slice(0, HISTORIES_MAX).map(async rule => {
      const path = `/api/buckets/${bucketId}/alerts/${rule._id}/history`;
      const { history } = await api.get<{ history: Transition[] }>(path);
      return [rule._id, firingsOf(history, rule.name)] as const;
    }),
  );
  // Another bucket may be shown by now.
  if (currentBucket.peek()?._id !== bucketId) return;
  firings.value = new Map(told);
  rules.value = found;
}

/** A dashboard with more rules has more marks than anybody reads. */
const HISTORIES_MAX = 50;

/** Of plain comparisons with a field that the panel draws. */
export function thresholdsOf(panel: Panel): Threshold[] {
  return rulesOf(panel).flatMap(rule => {
    const { operator, value } = rule.parsedCondition;
    if (!COMPARISONS.includes(operator) || typeof value !== 'number' || rule.status === 'paused') return [];
    return [{ value, label: rule.name, state: isFiring(rule) ? 'firing' : 'ok' } as const];
  });
}

export function firingsOfPanel(panel: Panel): Firing[] {
  return rulesOf(panel).flatMap(({ _id }) => firings.value.get(_id) ?? []);
}

/** Those of a field that is drawn, and those that are of no single field, such as silence. */
function rulesOf({ series }: Panel): AlertRule[] {
  return rules.value.filter(({ dataSourceId, parsedCondition: { field } }) =>
    series.some(one => one.dataSourceId === dataSourceId && (field === undefined || one.field === field)),
  );
}
