/** What the choice of segments has to know of one: its tables, and which of its rows nobody may see. */
import type { SegmentReader } from '../segment/reader.js';
import type { SegmentFacts } from './choose.js';

/**
 * @param erased sources that are gone
 * @param keepFrom first millisecond of the rows to keep, of sources that keep only some
 */
export function factsOf(
  { table, bytes, rowCount }: SegmentReader,
  erased: ReadonlySet<number>,
  keepFrom: ReadonlyMap<number, number>,
): Omit<SegmentFacts, 'isDamaged'> {
  let firstTime = Infinity;
  let lastTime = -Infinity;
  let deadRows = 0;
  let hasErased = false;
  let isDead = true;
  for (let index = 0; index < table.ordinal.length; index++) {
    const minTime = table.minTime[index];
    const maxTime = table.maxTime[index];
    if (minTime < firstTime) firstTime = minTime;
    if (maxTime > lastTime) lastTime = maxTime;
    if (erased.size > 0 && erased.has(table.ordinal[index])) {
      hasErased = true;
      deadRows += table.rowCount[index];
    } else if (keepFrom.size > 0) {
      const keep = keepFrom.get(table.ordinal[index]) ?? 0;
      if (maxTime >= keep) isDead = false;
      const deadShare = Math.min(1, Math.max(0, (keep - minTime) / (maxTime - minTime + 1)));
      deadRows += table.rowCount[index] * deadShare;
    } else isDead = false;
  }
  return { bytes, rowCount, minTime: firstTime, maxTime: lastTime, table, deadRows, hasErased, isDead };
}
