/** Whose page it is, and which buckets the key opens. */
import { computed, signal } from '@preact/signals';
import { Api, ApiFailure } from '../base/api.js';
import { currentApi, currentKey, keepKey } from '../base/keys.js';
import type { ApiKey, Bucket } from '../base/types.js';
import { go, place } from './navigation.js';

export type BucketName = Pick<Bucket, '_id' | 'name' | 'status'>;

export interface Session {
  readonly apiKey: ApiKey;
  /** All that the key opens. */
  readonly buckets: readonly BucketName[];
}

const REMEMBERED = 'dakkio.bucket';

/** Undefined while nobody is signed in, and until the server has answered. */
export const session = signal<Session | undefined>(undefined);

/** Why the key that this tab has kept does not open anything now. */
export const sessionFailure = signal<unknown>(undefined);

/** The one of the address, else the last one, else the first. Undefined where there is none, or the address names another. */
export const currentBucket = computed<BucketName | undefined>(() => {
  const buckets = session.value?.buckets ?? [];
  const { bucketId } = place.value;
  if (bucketId !== undefined) return buckets.find(({ _id }) => _id === bucketId);
  const remembered = localStorage.getItem(REMEMBERED);
  return buckets.find(({ _id }) => _id === remembered) ?? buckets[0];
});

/** What the key may do in the bucket that is shown. */
export const mayWrite = computed(
  () => session.value?.apiKey.type !== 'read' && currentBucket.value?.status === 'active',
);

/** @throws (rejects) ApiFailure where the key opens nothing */
export async function signIn(key: string): Promise<void> {
  const opened = await openSession(new Api(key));
  keepKey(key);
  sessionFailure.value = undefined;
  session.value = opened;
}

/** With the key that this tab has kept, if there is one. */
export async function resume(): Promise<void> {
  if (currentKey.peek() === '') return;
  sessionFailure.value = undefined;
  try {
    session.value = await openSession(currentApi.peek());
  } catch (error) {
    if (error instanceof ApiFailure && error.status === 401) keepKey('');
    sessionFailure.value = error;
  }
}

/** After one was made, renamed or deleted. */
export async function reloadBuckets(): Promise<void> {
  session.value = await openSession(currentApi.peek());
  // The one that was shown may be gone.
  if (currentBucket.peek() === undefined) openBucket(undefined);
}

export function openBucket(bucketId: string | undefined): void {
  if (bucketId !== undefined) localStorage.setItem(REMEMBERED, bucketId);
  go({
    bucketId,
    dashboardId: undefined,
    sourceIds: undefined,
    panels: undefined,
    viewId: undefined,
  });
}

async function openSession(api: Api): Promise<Session> {
  const { apiKey, bucket } = await api.get<{ apiKey: ApiKey; bucket: BucketName | null }>('/api/key');
  if (bucket !== null) return { apiKey, buckets: [bucket] };
  const buckets = await api.all<BucketName>('/api/buckets', 'buckets');
  return { apiKey, buckets };
}
