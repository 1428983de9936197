/** What a fragment names, as a link to it was written; '' where it is no link, as somebody may have typed it. */
export function placeOf(hash: string): string {
  try {
    return decodeURIComponent(hash.slice(1));
  } catch {
    return '';
  }
}
