/**
 * Gathers what a source's leaves will say while its blocks are written, run by run: all times, all row numbers, then
 * column by column. What a leaf says of a run is packed as soon as its groups are there, so that little is in memory
 * however many groups a source has.
 */
import type { BlockReference, WrittenLeaf } from './directory.js';
import { LEAF_BLOCKS_MAX } from './layout.js';
import {
  type BlockSummaries,
  type EncodedRun,
  encodeColumnRun,
  encodeLeaf,
  encodeRowsRun,
  encodeTimesRun,
} from './leaf.js';
import type { Output } from './output.js';
import type { BlockSummary } from './summary.js';

interface GatheredLeaf {
  readonly minTime: number;
  readonly maxTime: number;
  readonly rowCounts: Float64Array;
  readonly runs: EncodedRun[];
}

export class LeafRuns {
  readonly #leaves: GatheredLeaf[] = [];
  /** Leaf and group of the next block of this run. */
  #leaf = 0;
  #group = 0;
  #groupCount = 0;
  #offset = 0;
  #end = 0;
  readonly #lengths = new Float64Array(LEAF_BLOCKS_MAX);
  readonly #rowCounts = new Float64Array(LEAF_BLOCKS_MAX);
  readonly #minTimes = new Float64Array(LEAF_BLOCKS_MAX);
  readonly #maxTimes = new Float64Array(LEAF_BLOCKS_MAX);
  readonly #summaries = {
    count: new Float64Array(LEAF_BLOCKS_MAX),
    sum: new Float64Array(LEAF_BLOCKS_MAX),
    min: new Float64Array(LEAF_BLOCKS_MAX),
    max: new Float64Array(LEAF_BLOCKS_MAX),
    first: new Float64Array(LEAF_BLOCKS_MAX),
    last: new Float64Array(LEAF_BLOCKS_MAX),
  };

  /** Starts with another source, in the same memory: a small source has less to say than its leaves could hold. */
  begin(): void {
    this.#leaves.length = 0;
    this.#leaf = 0;
    this.#group = 0;
    this.#groupCount = 0;
  }

  /** Of the source's first row, and of its last. */
  get minTime(): number {
    return this.#leaves[0].minTime;
  }

  get maxTime(): number {
    return this.#leaves[this.#leaves.length - 1].maxTime;
  }

  /** Known when the times have ended. */
  get groupCount(): number {
    return this.#groupCount;
  }

  addTimes(block: BlockReference, timestamps: Float64Array): void {
    const group = this.#place(block);
    this.#groupCount++;
    this.#rowCounts[group] = timestamps.length;
    this.#minTimes[group] = timestamps[0];
    this.#maxTimes[group] = timestamps[timestamps.length - 1];
    if (this.#group === LEAF_BLOCKS_MAX) this.#packTimes();
  }

  endTimes(): void {
    if (this.#group > 0) this.#packTimes();
    this.#leaf = 0;
  }

  addRows(block: BlockReference): void {
    this.#place(block);
    if (this.#group === LEAF_BLOCKS_MAX) this.#packRows();
  }

  endRows(): void {
    if (this.#group > 0) this.#packRows();
    this.#leaf = 0;
  }

  /** A block of length 0 stands for none. */
  addColumn(block: BlockReference, summary: BlockSummary, hasFigures: boolean): void {
    const group = this.#place(block);
    const { count, sum, min, max, first, last } = this.#summaries;
    count[group] = summary.count;
    sum[group] = summary.sum;
    min[group] = summary.min;
    max[group] = summary.max;
    first[group] = summary.first;
    last[group] = summary.last;
    if (this.#group === LEAF_BLOCKS_MAX) this.#packColumn(hasFigures);
  }

  /** With `hasFigures`, what is said of a block is all of its summary, otherwise the count. */
  endColumn(hasFigures: boolean): void {
    if (this.#group > 0) this.#packColumn(hasFigures);
    this.#leaf = 0;
  }

  /** Writes the leaves, of which all runs have ended. */
  write(output: Output): WrittenLeaf[] {
    const written: WrittenLeaf[] = [];
    for (const { minTime, maxTime, runs } of this.#leaves) {
      const { length } = output.add(encodeLeaf(runs));
      written.push({ minTime, maxTime, length });
    }
    return written;
  }

  #place({ offset, length }: BlockReference): number {
    if (this.#group === 0) this.#offset = offset;
    this.#end = offset + length;
    this.#lengths[this.#group] = length;
    return this.#group++;
  }

  #packTimes(): void {
    const count = this.#group;
    const minTimes = this.#minTimes.subarray(0, count);
    const maxTimes = this.#maxTimes.subarray(0, count);
    this.#leaves.push({
      minTime: minTimes[0],
      maxTime: maxTimes[count - 1],
      rowCounts: this.#rowCounts.slice(0, count),
      runs: [],
    });
    this.#pack(encodeTimesRun(this.#lengths.subarray(0, count), minTimes, maxTimes));
  }

  #packRows(): void {
    this.#pack(encodeRowsRun(this.#lengths.subarray(0, this.#group)));
  }

  #packColumn(hasFigures: boolean): void {
    const take = (values: Float64Array) => values.subarray(0, this.#group);
    const { count, sum, min, max, first, last } = this.#summaries;
    const summaries: BlockSummaries = hasFigures
      ? {
          count: take(count),
          sum: take(sum),
          min: take(min),
          max: take(max),
          first: take(first),
          last: take(last),
        }
      : { count: take(count) };
    this.#pack(encodeColumnRun(take(this.#lengths), summaries, this.#leaves[this.#leaf].rowCounts));
  }

  #pack(bytes: Uint8Array): void {
    this.#leaves[this.#leaf].runs.push({ offset: this.#offset, end: this.#end, bytes });
    this.#leaf++;
    this.#group = 0;
  }
}
