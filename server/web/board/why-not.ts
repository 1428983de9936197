import { currentBucket } from './session.js';

/** Why there are no buttons that change anything. */
export function whyNot(): string {
  if (currentBucket.value?.status === 'archived') return 'This bucket is archived: it can only be read.';
  return 'A Read key shows everything and changes nothing.';
}
