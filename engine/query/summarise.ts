/** Summaries of groups from the rows themselves: exact for any grouping, at the cost of reading every row. */
import { CompensatedSum } from '../base/sum.js';
import type { Column, FieldType } from '../batch.js';
import type { BlockSummary } from '../segment/summary.js';
import type { FieldSummary, ScanChunk, ScanRequest, SummaryChunk, SummaryRequest } from '../storage.js';
import { type GroupEdges, groupEdges } from './calendar.js';
import { Progress } from './progress.js';
import { groupRuns } from './runs.js';

/** Groups of a chunk: bounds memory where there are as many groups as rows. */
const CHUNK_GROUPS_MAX = 1_024;

export async function* summariseByScan(
  scan: (request: ScanRequest) => AsyncIterable<ScanChunk>,
  request: SummaryRequest,
): AsyncGenerator<SummaryChunk> {
  const { sources, startTime, endTime, fields, signal } = request;
  const progress = new Progress();
  let summaries: GroupSummaries | undefined;
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
      summaries = new GroupSummaries(chunk.source, request);
    }
    yield* summaries.addRows(chunk);
  }
  if (summaries !== undefined) yield* summaries.finish();
}

/** What a block's summary tells of one of its number columns, of which every row of the block has a value. */
export interface FoldedColumn {
  readonly name: string;
  readonly summary: BlockSummary;
}

/** Summaries of one source's groups, fed in time order; each method gives those that are complete. */
export class GroupSummaries {
  readonly source: number;
  readonly #edges: GroupEdges;
  #builder: SummaryBuilder;

  constructor(source: number, { groups, startTime }: Pick<SummaryRequest, 'groups' | 'startTime'>) {
    this.source = source;
    this.#edges = groupEdges(groups, startTime);
    this.#builder = new SummaryBuilder(source);
  }

  *addRows(chunk: Pick<ScanChunk, 'timestamps' | 'fields'>): Generator<SummaryChunk> {
    for (const { start, from, to } of groupRuns(chunk.timestamps, this.#edges)) {
      yield* this.#turnTo(start);
      this.#builder.add(chunk, start, from, to);
    }
  }

  /** A block of rows that all lie in one group, from its summary. */
  *addBlock(rowCount: number, range: TimeSpan, columns: readonly FoldedColumn[]): Generator<SummaryChunk> {
    const start = this.#edges.startOf(range.minTime);
    yield* this.#turnTo(start);
    this.#builder.addBlock(rowCount, start, range, columns);
  }

  /** Whether rows of this span lie in one group. */
  isOneGroup({ minTime, maxTime }: TimeSpan): boolean {
    return maxTime < this.#edges.endOf(this.#edges.startOf(minTime));
  }

  *finish(): Generator<SummaryChunk> {
    if (this.#builder.groupCount > 0) yield this.#builder.finish();
  }

  *#turnTo(start: number): Generator<SummaryChunk> {
    if (this.#builder.groupCount < CHUNK_GROUPS_MAX || this.#builder.lastStart === start) return;
    yield this.#builder.finish();
    this.#builder = new SummaryBuilder(this.source);
  }
}

export interface TimeSpan {
  /** Of the first row and of the last, milliseconds. */
  readonly minTime: number;
  readonly maxTime: number;
}

class SummaryBuilder {
  readonly source: number;
  readonly #starts: number[] = [];
  readonly #rowCounts: number[] = [];
  readonly #fields = new Map<string, FieldBuilder>();

  constructor(source: number) {
    this.source = source;
  }

  get groupCount(): number {
    return this.#starts.length;
  }

  get lastStart(): number | undefined {
    return this.#starts.at(-1);
  }

  add(chunk: Pick<ScanChunk, 'timestamps' | 'fields'>, start: number, from: number, to: number): void {
    const group = this.#groupOf(start, to - from);
    for (const column of chunk.fields) {
      this.#field(column.name, column.type).group(group).add(column, chunk.timestamps, from, to);
    }
  }

  addBlock(rowCount: number, start: number, range: TimeSpan, columns: readonly FoldedColumn[]): void {
    const group = this.#groupOf(start, rowCount);
    for (const { name, summary } of columns)
      this.#field(name, 'number').group(group).addBlock(summary, range);
  }

  #groupOf(start: number, rowCount: number): number {
    if (this.lastStart !== start) {
      this.#starts.push(start);
      this.#rowCounts.push(0);
    }
    const group = this.#starts.length - 1;
    this.#rowCounts[group] += rowCount;
    return group;
  }

  #field(name: string, type: FieldType): FieldBuilder {
    let field = this.#fields.get(name);
    if (field === undefined) {
      field = new FieldBuilder(type);
      this.#fields.set(name, field);
    }
    return field;
  }

  finish(): SummaryChunk {
    const { length } = this.#starts;
    return {
      source: this.source,
      starts: Float64Array.from(this.#starts),
      rowCounts: Float64Array.from(this.#rowCounts),
      fields: Array.from(this.#fields, ([name, field]) => field.finish(name, length)),
    };
  }
}

class FieldBuilder {
  readonly #type: FieldType;
  readonly #groups: GroupSummary[] = [];

  constructor(type: FieldType) {
    this.#type = type;
  }

  group(group: number): GroupSummary {
    while (this.#groups.length <= group) this.#groups.push(new GroupSummary());
    return this.#groups[group];
  }

  finish(name: string, groupCount: number): FieldSummary {
    while (this.#groups.length < groupCount) this.#groups.push(new GroupSummary());
    const pick = (read: (group: GroupSummary) => number) => Float64Array.from(this.#groups, read);
    const isNumber = this.#type === 'number';
    const texts = this.#type === 'string' ? textsOf(this.#groups) : undefined;
    return {
      name,
      type: this.#type,
      ...(texts && { dictionary: [...texts.keys()] }),
      count: pick(group => group.count),
      sum: pick(group => (isNumber ? group.total : Number.NaN)),
      min: pick(group => (isNumber ? group.min : Number.NaN)),
      max: pick(group => (isNumber ? group.max : Number.NaN)),
      first: pick(group => (texts === undefined ? group.first : (texts.get(group.firstText) ?? Number.NaN))),
      last: pick(group => (texts === undefined ? group.last : (texts.get(group.lastText) ?? Number.NaN))),
      firstTime: pick(group => group.firstTime),
      lastTime: pick(group => group.lastTime),
    };
  }
}

/** Texts that groups begin or end with, numbered. Those between are let go: a field may have as many as rows. */
function textsOf(groups: readonly GroupSummary[]): Map<string, number> {
  const texts = new Map<string, number>();
  for (const { count, firstText, lastText } of groups) {
    if (count === 0) continue;
    for (const text of [firstText, lastText]) if (!texts.has(text)) texts.set(text, texts.size);
  }
  return texts;
}

/** Values of one field in one group, taken in time order. */
class GroupSummary {
  count = 0;
  min = Infinity;
  max = -Infinity;
  first = Number.NaN;
  last = Number.NaN;
  firstTime = Number.NaN;
  lastTime = Number.NaN;
  /** Of strings: `first` and `last` are indexes into the dictionaries of their chunks, and each chunk has its own. */
  firstText = '';
  lastText = '';
  readonly #sum = new CompensatedSum();

  get total(): number {
    return this.#sum.value;
  }

  addBlock({ count, sum, min, max, first, last }: BlockSummary, { minTime, maxTime }: TimeSpan): void {
    if (this.count === 0) {
      this.first = first;
      this.firstTime = minTime;
    }
    this.count += count;
    this.last = last;
    this.lastTime = maxTime;
    if (min < this.min) this.min = min;
    if (max > this.max) this.max = max;
    this.#sum.add(sum);
  }

  add({ values, dictionary }: Column, timestamps: Float64Array, from: number, to: number): void {
    const countBefore = this.count;
    for (let row = from; row < to; row++) {
      const value = values[row];
      if (Number.isNaN(value)) continue;
      if (this.count === 0) {
        this.first = value;
        this.firstTime = timestamps[row];
      }
      this.count++;
      this.last = value;
      this.lastTime = timestamps[row];
      if (value < this.min) this.min = value;
      if (value > this.max) this.max = value;
    }
    if (dictionary === undefined) this.#sum.addAll(values, from, to);
    else if (this.count > countBefore) {
      if (countBefore === 0) this.firstText = dictionary[this.first];
      this.lastText = dictionary[this.last];
    }
  }
}
