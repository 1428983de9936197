/** Summaries of groups from the rows themselves: exact for any grouping, at the cost of reading every row. */
import { CompensatedSum } from '../base/sum.js';
import type { Column, FieldType } from '../batch.js';
import type { FieldSummary, ScanChunk, ScanRequest, SummaryChunk, SummaryRequest } from '../storage.js';
import { groupEdges } from './calendar.js';
import { groupRuns } from './runs.js';

/** Groups of a chunk: bounds memory where there are as many groups as rows. */
const CHUNK_GROUPS_MAX = 1_024;

export async function* summariseByScan(
  scan: (request: ScanRequest) => AsyncIterable<ScanChunk>,
  request: SummaryRequest,
): AsyncGenerator<SummaryChunk> {
  const { sources, startTime, endTime, fields } = request;
  const edges = groupEdges(request.groups, startTime);
  let builder: SummaryBuilder | undefined;
  for await (const chunk of scan({ sources, startTime, endTime, fields, order: 'asc', metadata: false })) {
    for (const { start, from, to } of groupRuns(chunk.timestamps, edges)) {
      const isNext = builder === undefined || builder.source !== chunk.source;
      if (isNext || (builder?.groupCount === CHUNK_GROUPS_MAX && builder.lastStart !== start)) {
        if (builder !== undefined) yield builder.finish();
        builder = new SummaryBuilder(chunk.source);
      }
      builder?.add(chunk, start, from, to);
    }
  }
  if (builder !== undefined) yield builder.finish();
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

  add(chunk: ScanChunk, start: number, from: number, to: number): void {
    if (this.lastStart !== start) {
      this.#starts.push(start);
      this.#rowCounts.push(0);
    }
    const group = this.#starts.length - 1;
    this.#rowCounts[group] += to - from;
    for (const column of chunk.fields) {
      let field = this.#fields.get(column.name);
      if (field === undefined) {
        field = new FieldBuilder(column.type);
        this.#fields.set(column.name, field);
      }
      field.add(column, chunk.timestamps, group, from, to);
    }
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
  readonly #dictionary: string[] = [];
  readonly #indexes = new Map<string, number>();
  readonly #groups: GroupSummary[] = [];

  constructor(type: FieldType) {
    this.#type = type;
  }

  add(column: Column, timestamps: Float64Array, group: number, from: number, to: number): void {
    while (this.#groups.length <= group) this.#groups.push(new GroupSummary());
    const { dictionary } = column;
    if (dictionary === undefined) {
      this.#groups[group].add(column, timestamps, from, to);
      return;
    }
    // Each chunk has a dictionary of its own: the summary speaks of texts by one for all.
    const renumbered = { ...column, values: column.values.slice(from, to) };
    for (let row = 0; row < renumbered.values.length; row++) {
      const value = renumbered.values[row];
      if (!Number.isNaN(value)) renumbered.values[row] = this.#indexOf(dictionary[value]);
    }
    this.#groups[group].add(renumbered, timestamps.subarray(from, to), 0, to - from);
  }

  finish(name: string, groupCount: number): FieldSummary {
    while (this.#groups.length < groupCount) this.#groups.push(new GroupSummary());
    const pick = (read: (group: GroupSummary) => number) => Float64Array.from(this.#groups, read);
    const isNumber = this.#type === 'number';
    return {
      name,
      type: this.#type,
      ...(this.#type === 'string' && { dictionary: this.#dictionary }),
      count: pick(group => group.count),
      sum: pick(group => (isNumber ? group.total : Number.NaN)),
      min: pick(group => (isNumber ? group.min : Number.NaN)),
      max: pick(group => (isNumber ? group.max : Number.NaN)),
      first: pick(group => group.first),
      last: pick(group => group.last),
      firstTime: pick(group => group.firstTime),
      lastTime: pick(group => group.lastTime),
    };
  }

  #indexOf(text: string): number {
    let index = this.#indexes.get(text);
    if (index === undefined) {
      index = this.#dictionary.length;
      this.#indexes.set(text, index);
      this.#dictionary.push(text);
    }
    return index;
  }
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
  readonly #sum = new CompensatedSum();

  get total(): number {
    return this.#sum.value;
  }

  add({ values, dictionary }: Column, timestamps: Float64Array, from: number, to: number): void {
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
  }
}
