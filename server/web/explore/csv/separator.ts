import { CsvReader } from './records.js';

/** The likelier first: a text with as many of each has the first. */
export const SEPARATORS = [',', ';', '\t', '|'] as const;

export type Separator = (typeof SEPARATORS)[number];

const RECORDS_LOOKED_AT = 20;

/** What stands between the cells: that which makes most records as long as the first. @param text the beginning of a file */
export function guessSeparator(text: string): Separator {
  let best: Separator = SEPARATORS[0];
  let bestScore = 0;
  for (const separator of SEPARATORS) {
    const score = scoreOf(text, separator);
    if (score > bestScore) [best, bestScore] = [separator, score];
  }
  return best;
}

/** Records that have as many cells as the first, and how many those are. */
function scoreOf(text: string, separator: Separator): number {
  // The last record may be cut off.
  const [first, ...others] = new CsvReader(separator).push(text).slice(0, RECORDS_LOOKED_AT);
  if (first === undefined || first.cells.length === 1) return 0;
  const alike = others.filter(
    ({ cells, fault }) => fault === undefined && cells.length === first.cells.length,
  );
  const share = others.length === 0 ? 1 : alike.length / others.length;
  return share + first.cells.length / 10_000;
}
