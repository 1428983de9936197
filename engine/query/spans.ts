/** Which sources have anything to answer, and when. */
import type { Readable, TimeRange } from '../storage.js';

export interface SourceSpan {
  readonly source: number;
  /** Milliseconds: no row of the source in the range is before the first or after the last. */
  readonly first: number;
  readonly last: number;
}

/**
 * Those of the sources that may have rows in the range, in their order. A query reads no further than that: of a
 * storage that takes points meanwhile, one that comes while the merge is past its time would be answered late.
 */
export function spansOf(
  readable: Readable,
  sources: readonly number[],
  { startTime, endTime }: TimeRange,
): SourceSpan[] {
  const spans: SourceSpan[] = [];
  for (const source of sources) {
    const { firstTime, lastTime } = readable.stats(source);
    if (firstTime === undefined || lastTime === undefined) continue;
    const first = Math.max(firstTime, startTime);
    const last = Math.min(lastTime, endTime - 1);
    if (first <= last) spans.push({ source, first, last });
  }
  return spans;
}
