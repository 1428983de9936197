/** What somebody may have meant who mistyped a word. */

/**
 * Another candidate, of the least edit distance among those that differ in at most a third of the word, and in at most three
 * places; undefined where there is none. Capitals count for nothing.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const folded = word.toLowerCase();
  let distanceMax = Math.min(3, Math.floor(folded.length / 3));
  if (folded.length === 2) distanceMax = 1;
  let found: string | undefined;
  for (const candidate of candidates) {
    const distance = editDistance(folded, candidate.toLowerCase(), distanceMax);
    // What was written is not what was meant instead.
    if (distance === 0 || distance > distanceMax) continue;
    found = candidate;
    distanceMax = distance - 1;
  }
  return found;
}

/**
 * Insertions, deletions, replacements and exchanges of neighbours that make one of the other (Damerau, 1964, restricted
 * to substrings once edited); any number above `most` where there are more.
 */
function editDistance(left: string, right: string, most: number): number {
  if (Math.abs(left.length - right.length) > most) return most + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = new Array<number>(right.length + 1).fill(most + 1);
    current[0] = row;
    let least = row;
    // Further from the diagonal it would be more than `most` anyway.
    const end = Math.min(right.length, row + most);
    for (let column = Math.max(1, row - most); column <= end; column++) {
      const isSame = left[row - 1] === right[column - 1];
      let distance = Math.min(last[column] + 1, current[column - 1] + 1, last[column - 1] + (isSame ? 0 : 1));
      const isExchange =
        row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      if (isExchange) distance = Math.min(distance, beforeLast[column - 2] + 1);
      current[column] = distance;
      if (distance < least) least = distance;
    }
    if (least > most) return most + 1;
    beforeLast = last;
    last = current;
  }
  return last[right.length];
}
