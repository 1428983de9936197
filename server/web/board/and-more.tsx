/** Below a list that is cut. @param count of those left out; nothing is said where there are none */
export function AndMore({ count }: { readonly count: number }) {
  return count > 0 ? <p class="small muted">And {count} more: search for them.</p> : null;
}
