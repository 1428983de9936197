/**
 * Summaries of one source's groups that decode no block they can do without: where a block of a segment lies wholly
 * in the range and in one group, and nothing else of the source lies between its first and its last row, its summary
 * in the directory says all there is to say. Only what is left, the ragged ends of groups, is read row by row.
 */
import { METADATA_COLUMN } from '../head/head.js';
import type { Directory } from '../segment/directory.js';
import { type Leaf, summaryIn } from '../segment/leaf.js';
import type { SegmentPart } from '../segment/reader.js';
import type { SummaryChunk, SummaryRequest } from '../storage.js';
import type { PieceChunk } from './scan.js';
import { type FoldedColumn, GroupSummaries, type TimeSpan } from './summarise.js';

/** A block whose summary takes the place of its rows. */
interface FoldableBlock extends TimeSpan {
  readonly rowCount: number;
  readonly columns: readonly FoldedColumn[];
}

export interface FoldSource {
  readonly source: number;
  readonly parts: readonly SegmentPart[];
  /** Spans of the rows that are elsewhere: in heads. */
  readonly heads: readonly TimeSpan[];
  /** The source's rows of a range, merged. */
  scan(startTime: number, endTime: number): Iterable<PieceChunk>;
}

/** Gives what is complete so far, and undefined after each piece of work that gave nothing. */
export function* foldSummaries(
  { source, parts, heads, scan }: FoldSource,
  request: SummaryRequest,
): Generator<SummaryChunk | undefined> {
  const summaries = new GroupSummaries(source, request);
  let reached = request.startTime;
  for (const step of stepsOf(parts, heads, request, summaries)) {
    for (const chunk of step.hasRows ? scan(reached, step.block?.minTime ?? request.endTime) : []) {
      yield* summaries.addRows(rowsOf(chunk));
      yield;
    }
    if (step.block === undefined) break;
    yield* summaries.addBlock(step.block.rowCount, step.block, step.block.columns);
    reached = step.block.maxTime + 1;
  }
  yield* summaries.finish();
}

/** Rows to be read first, if there are any, then a block to be folded in; the last step has none. */
interface Step {
  readonly hasRows: boolean;
  readonly block?: FoldableBlock;
}

function rowsOf({ timestamps, columns }: PieceChunk) {
  return { timestamps, fields: columns };
}

/** In time order. */
function stepsOf(
  parts: readonly SegmentPart[],
  heads: readonly TimeSpan[],
  request: SummaryRequest,
  summaries: GroupSummaries,
): Step[] {
  const wanted = request.fields && new Set(request.fields);
  const spans: (TimeSpan & { readonly block?: () => FoldableBlock | undefined })[] = [...heads];
  for (const { segment, index } of parts) {
    const { minTime, maxTime } = segment.table;
    if (maxTime[index] < request.startTime || minTime[index] >= request.endTime) continue;
    const directory = segment.directory(index);
    for (const [leafNumber, reference] of directory.leaves.entries()) {
      if (reference.maxTime < request.startTime || reference.minTime >= request.endTime) continue;
      const leaf = segment.leaf(index, directory, leafNumber);
      for (let at = 0; at < leaf.minTimes.length; at++) {
        const span = { minTime: leaf.minTimes[at], maxTime: leaf.maxTimes[at] };
        const rowCount = segment.rowsOf(index, leaf.firstGroup + at);
        spans.push({ ...span, block: () => foldableBlock(directory, leaf, at, rowCount, span, wanted) });
      }
    }
  }
  spans.sort((left, right) => left.minTime - right.minTime);
  const steps: Step[] = [];
  let reached = -Infinity;
  let hasRows = false;
  for (let at = 0; at < spans.length; at++) {
    const { minTime, maxTime, block } = spans[at];
    const isAlone = minTime > reached && !(spans[at + 1]?.minTime <= maxTime);
    reached = Math.max(reached, maxTime);
    const isInside = minTime >= request.startTime && maxTime < request.endTime;
    const foldable = isAlone && isInside && summaries.isOneGroup(spans[at]) ? block?.() : undefined;
    if (foldable === undefined) hasRows = true;
    else {
      steps.push({ hasRows, block: foldable });
      hasRows = false;
    }
  }
  return [...steps, { hasRows }];
}

/** undefined where a wanted column's summary says too little: of texts, or of rows without a value. */
function foldableBlock(
  directory: Directory,
  leaf: Leaf,
  group: number,
  rowCount: number,
  span: TimeSpan,
  wanted: ReadonlySet<string> | undefined,
): FoldableBlock | undefined {
  const columns: FoldedColumn[] = [];
  for (const [index, { name, type }] of directory.columns.entries()) {
    if (name === METADATA_COLUMN || (wanted !== undefined && !wanted.has(name))) continue;
    const { lengths, summaries } = leaf.columns[index];
    if (lengths[group] === 0) continue;
    // The first value of a sparse column may be of any row: its time is not known.
    const summary = type === 'number' ? summaryIn(summaries, group) : undefined;
    if (summary === undefined || summary.count !== rowCount) return undefined;
    columns.push({ name, summary });
  }
  return { ...span, rowCount, columns };
}
