/** The keys of this tab: the one in use, and those met on the way. */
import { computed } from '@preact/signals';
import { Api } from '../base/api.js';
import { currentKey, keepKey, keyType } from '../base/keys.js';
import type { ApiKey, Bucket } from '../base/types.js';
import { storedSignal } from './stored.js';

export interface KeptKey {
  readonly key: string;
  readonly id: string;
  readonly name: string;
  /** Null for Admin keys. */
  readonly bucket: { readonly id: string; readonly name: string } | null;
}

export const keptKeys = storedSignal<readonly KeptKey[]>('dakkio.keys', []);

export const currentKept = computed(() => keptKeys.value.find(({ key }) => key === currentKey.value));

export function remember(kept: KeptKey): void {
  keptKeys.value = [...keptKeys.value.filter(({ key }) => key !== kept.key), kept];
}

export function forgetKey(id: string): void {
  const gone = keptKeys.value.find(one => one.id === id);
  keptKeys.value = keptKeys.value.filter(one => one.id !== id);
  if (gone?.key === currentKey.value) keepKey(keptKeys.value[0]?.key ?? '');
}

export function forgetKeysOfBucket(bucketId: string): void {
  for (const { id, bucket } of keptKeys.value) if (bucket?.id === bucketId) forgetKey(id);
}

interface Answer {
  readonly apiKey: ApiKey;
  readonly bucket: Pick<Bucket, '_id' | 'name'> | null;
}

/** Asks the server whose key it is, and keeps it. @throws (rejects) ApiFailure where it is nobody's */
export async function introduce(key: string): Promise<KeptKey> {
  const { apiKey, bucket } = await new Api(key).get<Answer>('/api/key');
  const kept = {
    key,
    id: apiKey._id,
    name: apiKey.name,
    bucket: bucket === null ? null : { id: bucket._id, name: bucket.name },
  };
  remember(kept);
  return kept;
}

const SECRET_LENGTH = 40;

/** Why a text is no key, as one types; undefined where it may be one. */
export function keyFault(text: string): string | undefined {
  const prefix = text.slice(0, 9);
  if (keyType(text) === undefined) {
    const isOnTheWay = ['dakkio_a_', 'dakkio_w_', 'dakkio_r_'].some(one => one.startsWith(prefix));
    return isOnTheWay ? 'There is more to a key' : 'Keys begin with dakkio_a_, dakkio_w_ or dakkio_r_';
  }
  const secret = text.slice(9);
  if (/[^a-z0-9]/.test(secret)) return 'After that come letters from a to z and digits only';
  if (secret.length !== SECRET_LENGTH) {
    return `After that come ${SECRET_LENGTH} characters; there are ${secret.length}`;
  }
  return undefined;
}

/** The key that another page of this tab was given. */
export async function introduceCurrent(): Promise<void> {
  if (currentKey.value === '' || currentKept.value !== undefined) return;
  // Where it is nobody's the first answer says so.
  await introduce(currentKey.value).catch(() => {});
}
