/** Data sources of the bucket that is shown, and their last values. */
import { computed, signal } from '@preact/signals';
import { fieldsOf, typesOf } from '../base/fields.js';
import { currentApi } from '../base/keys.js';
import type { DataSource, FieldType, Value } from '../base/types.js';
import { type LastValues, type Reading, withPoints } from './last-values.js';
import type { KnownSource } from './panels.js';
import { currentBucket } from './session.js';

/** Undefined until they are there. */
export const sources = signal<readonly DataSource[] | undefined>(undefined);

/** Those that were asked for, or came by the live stream. */
const learned = signal<LastValues>(new Map());

/** The last value that a field of a source has, as far as it was learned. */
export function lastValue(dataSourceId: string, field: string): Value | undefined {
  return learned.value.get(dataSourceId)?.get(field)?.value;
}

/** Sources of which anything was learned. */
export const learnedCount = computed(() => learned.value.size);

/** Whether anything of a source was learned. */
export function hasLearned(dataSourceId: string): boolean {
  return learned.peek().has(dataSourceId);
}

/** As many as are asked for at the start: enough for the first page of the list. */
export const LATEST_MAX = 200;

/** With the fields that points have although no schema says so. */
export const knownSources = computed<readonly KnownSource[]>(() =>
  (sources.value ?? []).map(({ _id, name, schema }, index) => ({
    _id,
    name,
    index,
    fields: fieldsOf(schema, latestFields.value.get(_id)),
  })),
);

export const knownById = computed(() => new Map(knownSources.value.map(source => [source._id, source])));

/** Names and types only: it does not change with each point. */
const latestFields = signal<ReadonlyMap<string, Readonly<Record<string, FieldType>>>>(new Map());

export async function loadSources(bucketId: string): Promise<void> {
  const found = await currentApi.peek().all<DataSource>(`/api/buckets/${bucketId}/sources`, 'dataSources');
  await loadLatest(
    bucketId,
    found.slice(0, LATEST_MAX).map(({ _id }) => _id),
  );
  if (isShown(bucketId)) sources.value = found;
}

export async function loadLatest(bucketId: string, sourceIds: readonly string[]): Promise<void> {
  if (sourceIds.length === 0) return;
  const { data } = await currentApi.peek().post<{ data: Reading[] }>('/api/data/query', {
    bucketId,
    aggregation: 'last',
    filters: { dataSourceIds: sourceIds, limit: 10_000 },
  });
  if (isShown(bucketId)) learn(data);
}

/** Answers come late: another bucket may be shown by now. */
function isShown(bucketId: string): boolean {
  return currentBucket.peek()?._id === bucketId;
}

/** Values by field, each the last that there is. */
export function learn(points: readonly Reading[]): void {
  learned.value = withPoints(learned.peek(), points);
  const types = new Map(latestFields.peek());
  let hasNewFields = false;
  for (const { dataSourceId, values } of points) {
    const known = types.get(dataSourceId);
    if (Object.keys(values).every(name => known !== undefined && Object.hasOwn(known, name))) continue;
    types.set(dataSourceId, { ...known, ...typesOf(values) });
    hasNewFields = true;
  }
  if (hasNewFields) latestFields.value = types;
}

export function forgetSources(): void {
  sources.value = undefined;
  learned.value = new Map();
  latestFields.value = new Map();
}
