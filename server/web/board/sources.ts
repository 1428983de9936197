/** Data sources of the bucket that is shown, and their last values. */
import { computed, signal } from '@preact/signals';
import { currentApi } from '../base/keys.js';
import type { DataSource, FieldType, RawPoint, Value } from '../base/types.js';
import type { KnownField, KnownSource } from './panels.js';

/** Undefined until they are there. */
export const sources = signal<readonly DataSource[] | undefined>(undefined);

type Values = Readonly<Record<string, Value>>;

/** By source, each field's last. Those that were asked for, or came by the live stream. */
export const latest = signal<ReadonlyMap<string, Values>>(new Map());

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

function fieldsOf(
  schema: DataSource['schema'],
  seen: Readonly<Record<string, FieldType>> = {},
): KnownField[] {
  const declared = Object.entries(schema).map(([name, { type, unit }]) => ({ name, type, unit }));
  const others = Object.entries(seen).filter(([name]) => !Object.hasOwn(schema, name));
  return [...declared, ...others.map(([name, type]) => ({ name, type }))];
}

export async function loadSources(bucketId: string): Promise<void> {
  const found = await currentApi.peek().all<DataSource>(`/api/buckets/${bucketId}/sources`, 'dataSources');
  await loadLatest(
    bucketId,
    found.slice(0, LATEST_MAX).map(({ _id }) => _id),
  );
  sources.value = found;
}

export async function loadLatest(bucketId: string, sourceIds: readonly string[]): Promise<void> {
  if (sourceIds.length === 0) return;
  const { data } = await currentApi
    .peek()
    .post<{ data: Pick<RawPoint, 'dataSourceId' | 'timestamp' | 'values'>[] }>('/api/data/query', {
      bucketId,
      aggregation: 'last',
      filters: { dataSourceIds: sourceIds, limit: 10_000 },
    });
  learn(data);
}

/** Values by field, each the last that there is. */
export function learn(points: readonly Pick<RawPoint, 'dataSourceId' | 'values'>[]): void {
  const next = new Map(latest.peek());
  const types = new Map(latestFields.peek());
  let hasNewFields = false;
  for (const { dataSourceId, values } of points) {
    next.set(dataSourceId, { ...next.get(dataSourceId), ...values });
    const known = types.get(dataSourceId);
    if (Object.keys(values).every(name => known !== undefined && Object.hasOwn(known, name))) continue;
    const seen = Object.entries(values).map(([name, value]) => [name, typeof value as FieldType]);
    types.set(dataSourceId, { ...known, ...Object.fromEntries(seen) });
    hasNewFields = true;
  }
  latest.value = next;
  if (hasNewFields) latestFields.value = types;
}

export function forgetSources(): void {
  sources.value = undefined;
  latest.value = new Map();
  latestFields.value = new Map();
}
