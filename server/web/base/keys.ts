/** The key of this tab: it is gone when the tab is closed. */
import { computed, signal } from '@preact/signals';
import { Api } from './api.js';
import type { KeyType } from './types.js';

const NAME = 'dakkio.key';
const PREFIXES: Readonly<Record<string, KeyType>> = {
  dakkio_a_: 'admin',
  dakkio_w_: 'write',
  dakkio_r_: 'read',
};

const stored = signal(sessionStorage.getItem(NAME) ?? '');

/** '' where there is none. */
export const currentKey = computed(() => stored.value);
export const currentApi = computed(() => new Api(stored.value));

export function keepKey(key: string): void {
  if (key === '') sessionStorage.removeItem(NAME);
  else sessionStorage.setItem(NAME, key);
  stored.value = key;
}

/** Also those that the playground keeps, and what it was used for: all that this tab knows. */
export function forgetKeys(): void {
  for (const name of Object.keys(sessionStorage)) {
    if (name.startsWith('dakkio.')) sessionStorage.removeItem(name);
  }
  stored.value = '';
}

// A page that one comes back to is as it was left: with keys that were forgotten on another meanwhile.
addEventListener('pageshow', ({ persisted }) => {
  if (persisted && (sessionStorage.getItem(NAME) ?? '') !== stored.peek()) location.reload();
});

/** Undefined where it does not begin as any key does. */
export function keyType(key: string): KeyType | undefined {
  return PREFIXES[key.slice(0, 9)];
}

/** `dakkio_w_••••abc1` */
export function maskedKey(key: string): string {
  return `${key.slice(0, 9)}••••${key.slice(-4)}`;
}
