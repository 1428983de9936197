/** What a query costs, before it is run: enough to tell what can be answered at once from what has to wait its turn. */
import type { SourceStats } from '../storage.js';
import { type GroupedRequest, isSummarised } from './aggregate.js';
import { groupEdges } from './calendar.js';
import { isFilled } from './fill.js';
import type { QueryRequest } from './request.js';

/** Microseconds: only their order of magnitude matters. */
const SOURCE_COST = 10;
const ROW_READ_COST = 0.01;
const VALUE_READ_COST = 0.008;
const VALUE_FOLDED_COST = 0.001;
const ROW_ANSWERED_COST = 0.25;
const VALUE_ANSWERED_COST = 0.08;

/** What the sources asked for have in the range, if their rows are spread evenly. */
interface Share {
  readonly sourceCount: number;
  readonly rowCount: number;
  /** Groups of all sources, if all have as many as the one with the longest span. */
  readonly groupCount: number;
}

/**
 * Microseconds that a query takes, about.
 * @param stats of the sources asked for
 * @param fieldCount fields read of each
 */
export function costOf(request: QueryRequest, stats: readonly SourceStats[], fieldCount: number): number {
  const { aggregations, groups } = request;
  const grouped: GroupedRequest | undefined = aggregations && groups && { ...request, aggregations, groups };
  const share = shareOf(request, grouped, stats);
  return readingCost(request, grouped, share, fieldCount) + answerCost(request, grouped, share, fieldCount);
}

function readingCost(
  { offset, limit, values, metadata }: QueryRequest,
  grouped: GroupedRequest | undefined,
  { sourceCount, rowCount, groupCount }: Share,
  fieldCount: number,
): number {
  const rowCost = ROW_READ_COST + fieldCount * VALUE_READ_COST;
  const rowsWanted = offset + limit;
  const sourcesCost = sourceCount * SOURCE_COST;
  if (grouped === undefined) {
    const isPicked = values !== undefined || metadata !== undefined;
    return sourcesCost + rowCost * (isPicked ? rowCount : Math.min(rowCount, rowsWanted));
  }
  if (!isSummarised(grouped)) return sourcesCost + rowCost * rowCount;
  // A limit ends it early.
  const shareRead = groupCount > 0 ? Math.min(1, rowsWanted / groupCount) : 1;
  return sourcesCost + fieldCount * VALUE_FOLDED_COST * rowCount * shareRead;
}

function answerCost(
  { offset, limit }: QueryRequest,
  grouped: GroupedRequest | undefined,
  { rowCount, groupCount }: Share,
  fieldCount: number,
): number {
  if (grouped === undefined) {
    return Math.min(limit, rowCount) * (ROW_ANSWERED_COST + fieldCount * VALUE_ANSWERED_COST);
  }
  const rows = Math.min(offset + limit, isFilled(grouped) ? groupCount : Math.min(rowCount, groupCount));
  return rows * (ROW_ANSWERED_COST + fieldCount * grouped.aggregations.length * VALUE_ANSWERED_COST);
}

function shareOf(
  range: QueryRequest,
  grouped: GroupedRequest | undefined,
  stats: readonly SourceStats[],
): Share {
  let sourceCount = 0;
  let rowCount = 0;
  let spanMs = 0;
  for (const { firstTime, lastTime, rowCount: all } of stats) {
    if (firstTime === undefined || lastTime === undefined) continue;
    const within = Math.min(lastTime + 1, range.endTime) - Math.max(firstTime, range.startTime);
    if (within <= 0) continue;
    sourceCount++;
    rowCount += (all * within) / (lastTime + 1 - firstTime);
    spanMs = Math.max(spanMs, within);
  }
  if (grouped === undefined) return { sourceCount, rowCount, groupCount: 0 };
  const edges = groupEdges(grouped.groups, range.startTime);
  const start = edges.startOf(range.startTime);
  const groupedMs = isFilled(grouped) ? range.endTime - start : spanMs;
  const groupCount = sourceCount * Math.ceil(groupedMs / (edges.endOf(start) - start));
  return { sourceCount, rowCount, groupCount };
}
