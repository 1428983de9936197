/** Summaries of groups from the rows themselves: exact for any grouping, at the cost of reading every row. */
import { ALL_FIGURES, COUNT } from '../rollup/figures.js';
import type { ScanChunk, ScanRequest, SummaryChunk, SummaryRequest } from '../storage.js';
import { groupEdges } from './calendar.js';
import { GroupFold } from './group-fold.js';
import { type GroupTable, groupTable } from './plan.js';
import { Progress } from './progress.js';

export async function* summariseByScan(
  scan: (request: ScanRequest) => AsyncIterable<ScanChunk>,
  request: SummaryRequest,
): AsyncGenerator<SummaryChunk> {
  const { sources, startTime, endTime, fields, signal } = request;
  const progress = new Progress();
  let summaries: SourceSummaries | undefined;
  for await (const chunk of scan({
    sources,
    startTime,
    endTime,
    fields,
    signal,
    order: 'asc',
    metadata: false,
  })) {
    // A group may be all there is: without this nobody else would run until it ends.
    await progress.advance(chunk.timestamps.length);
    if (summaries?.source !== chunk.source) {
      if (summaries !== undefined) yield* summaries.finish();
      summaries = new SourceSummaries(chunk.source, request);
    }
    yield* summaries.addRows(chunk);
  }
  if (summaries !== undefined) yield* summaries.finish();
}

/** Groups of one source, fed in time order; each method gives those that are complete. */
class SourceSummaries {
  readonly source: number;
  readonly #request: SummaryRequest;
  #table: GroupTable | undefined;
  #fold: GroupFold | undefined;

  constructor(source: number, request: SummaryRequest) {
    this.source = source;
    this.#request = request;
  }

  *addRows({ timestamps, fields }: ScanChunk): Generator<SummaryChunk> {
    for (let from = 0; from < timestamps.length; ) {
      let fold = this.#fold;
      if (fold === undefined || timestamps[from] >= fold.edges[fold.groupCount]) {
        yield* this.finish();
        fold = this.#begin(timestamps[from]);
      }
      const end = fold.edges[fold.groupCount];
      let to = timestamps.length;
      if (timestamps[to - 1] >= end) {
        to = from;
        while (timestamps[to] < end) to++;
      }
      const stretches = fold.stretches(timestamps, from, to);
      fold.rowsRead += to - from;
      for (const { name, type, values, dictionary } of fields) {
        fold.field(name, type)?.addRows(values, timestamps, stretches, false, dictionary);
      }
      from = to;
    }
  }

  *finish(): Generator<SummaryChunk> {
    const chunk = this.#fold?.finish((this.#table as GroupTable).starts);
    if (chunk !== undefined) yield chunk;
    this.#fold = undefined;
  }

  #begin(time: number): GroupFold {
    const { groups, startTime, endTime, figures } = this.#request;
    const all = groups.unit === 'all' ? startTime : undefined;
    this.#table = groupTable(groupEdges(groups, startTime), time, endTime, all);
    this.#fold = new GroupFold(
      this.source,
      this.#table.edges,
      undefined,
      figures ?? ALL_FIGURES | COUNT,
      false,
    );
    return this.#fold;
  }
}
