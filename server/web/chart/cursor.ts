import { signal } from '@preact/signals';
import type { SharedCursor } from './model.js';

/** One for all charts of a page. */
export function sharedCursor(): SharedCursor {
  return signal<number | null>(null);
}
