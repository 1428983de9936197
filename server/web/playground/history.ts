/** What was sent in this tab, without keys. Nothing here knows of a page. */
import type { Typed } from './form.js';

export interface Entry {
  /** Grows with each. */
  readonly number: number;
  readonly operation: string;
  readonly method: string;
  readonly target: string;
  readonly status: number;
  readonly milliseconds: number;
  readonly sentAt: number;
  /** Fills the form again. */
  readonly typed: Typed;
}

const ENTRIES_MAX = 40;
/** Session storage holds some megabytes for all. */
const BODY_CHARACTERS_MAX = 16_000;

/** The latest first. */
export function withEntry(entries: readonly Entry[], entry: Omit<Entry, 'number'>): readonly Entry[] {
  const number = (entries[0]?.number ?? 0) + 1;
  return [withoutSecrets({ ...entry, number }), ...entries].slice(0, ENTRIES_MAX);
}

/** A key that somebody typed into a field is not kept either. */
function withoutSecrets(entry: Entry): Entry {
  const { body, ...typed } = entry.typed;
  const isKept = body !== undefined && body.length <= BODY_CHARACTERS_MAX;
  return JSON.parse(
    JSON.stringify({ ...entry, typed: { ...typed, ...(isKept && { body }) } }).replace(
      /(dakkio_[awr]_)[a-z0-9]{8,}/g,
      '$1••••',
    ),
  ) as Entry;
}
