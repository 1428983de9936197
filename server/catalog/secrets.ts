/** Keys of callers: made from a cryptographic source, shown once, kept only as a hash. */
import { createHash, randomBytes, randomInt } from 'node:crypto';
import type { KeyType } from './model.js';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';
const SECRET_CHARACTERS = 40;
const SHOWN_CHARACTERS = 4;

const PREFIXES: Readonly<Record<KeyType, string>> = {
  admin: 'dakkio_a_',
  write: 'dakkio_w_',
  read: 'dakkio_r_',
};

const KEY_FORM = /^dakkio_[awr]_[a-z0-9]{40}$/;

export function newKey(type: KeyType): string {
  let key = PREFIXES[type];
  for (let count = 0; count < SECRET_CHARACTERS; count++) key += ALPHABET[randomInt(ALPHABET.length)];
  return key;
}

export function isKey(text: string): boolean {
  return KEY_FORM.test(text);
}

export function isAdminKey(text: string): boolean {
  return isKey(text) && text.startsWith(PREFIXES.admin);
}

/** SHA-256 in hex. The keys have 200 random bits, so a slow password hash would add nothing. */
export function hashKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** What may be shown of a key. */
export function shownPrefix(key: string): string {
  return `${key.slice(0, PREFIXES.admin.length + SHOWN_CHARACTERS)}...`;
}

/** 24 hex characters: seconds since 1970, so that ids sort by age, then 64 random bits. */
export function newId(now: number): string {
  const seconds = Math.floor(now / 1000).toString(16);
  return seconds.padStart(8, '0').slice(-8) + randomBytes(8).toString('hex');
}
