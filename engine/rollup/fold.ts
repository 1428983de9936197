/** Values folded into windows: up to a chunk of them at a time. */
import { CHUNK_WINDOWS_MAX } from './levels.js';

/**
 * Figures of the windows of a chunk, while values still come. Sums are kept apart from their compensation (Neumaier,
 * as in CompensatedSum), so that a coarser window's sum is as good as one over its rows.
 */
export class WindowFold {
  readonly count: Float64Array;
  readonly sum: Float64Array;
  readonly compensation: Float64Array;
  /** Room for the sums as they are stored. */
  readonly totals: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly first: Float64Array;
  readonly last: Float64Array;
  /** Of the first and of the last row with a value: its position in the source, or its time. */
  readonly firstAt: Float64Array;
  readonly lastAt: Float64Array;
  /** Strings only: `first` and `last` are indexes into dictionaries that come and go. */
  readonly firstText: string[] = [];
  readonly lastText: string[] = [];

  constructor(windowCount: number) {
    const size = Math.min(windowCount, CHUNK_WINDOWS_MAX);
    this.count = new Float64Array(size);
    this.sum = new Float64Array(size);
    this.compensation = new Float64Array(size);
    this.totals = new Float64Array(size);
    this.min = new Float64Array(size);
    this.max = new Float64Array(size);
    this.first = new Float64Array(size);
    this.last = new Float64Array(size);
    this.firstAt = new Float64Array(size);
    this.lastAt = new Float64Array(size);
    this.clear();
  }

  clear(): void {
    this.count.fill(0);
    this.sum.fill(0);
    this.compensation.fill(0);
    this.min.fill(Infinity);
    this.max.fill(-Infinity);
    this.first.fill(Number.NaN);
    this.last.fill(Number.NaN);
    this.firstAt.fill(Number.NaN);
    this.lastAt.fill(Number.NaN);
  }

  /** Adds `values[from … to)`, in order, to a window; `values[0]` is the source's row number `firstRow`. */
  add(
    window: number,
    values: Float64Array,
    from: number,
    to: number,
    firstRow: number,
    dictionary: readonly string[] | undefined,
  ): void {
    // NaN is no value.
    let firstAt = from;
    while (firstAt < to && Number.isNaN(values[firstAt])) firstAt++;
    if (firstAt === to) return;
    let lastAt = to - 1;
    while (Number.isNaN(values[lastAt])) lastAt--;
    let count = this.count[window];
    let sum = this.sum[window];
    let compensation = this.compensation[window];
    let min = this.min[window];
    let max = this.max[window];
    for (let row = firstAt; row <= lastAt; row++) {
      const value = values[row];
      if (Number.isNaN(value)) continue;
      count++;
      if (value < min) min = value;
      if (value > max) max = value;
      const total = sum + value;
      compensation += Math.abs(sum) >= Math.abs(value) ? sum - total + value : value - total + sum;
      sum = total;
    }
    if (this.count[window] === 0) {
      this.first[window] = values[firstAt];
      this.firstAt[window] = firstRow + firstAt;
      if (dictionary !== undefined) this.firstText[window] = dictionary[values[firstAt]];
    }
    this.last[window] = values[lastAt];
    this.lastAt[window] = firstRow + lastAt;
    if (dictionary !== undefined) this.lastText[window] = dictionary[values[lastAt]];
    this.count[window] = count;
    this.sum[window] = sum;
    this.compensation[window] = compensation;
    this.min[window] = min;
    this.max[window] = max;
  }

  /** Adds a finer window, which comes after all that were added to this one. */
  addWindow(window: number, finer: WindowFold, from: number): void {
    if (finer.count[from] === 0) return;
    if (this.count[window] === 0) {
      this.first[window] = finer.first[from];
      this.firstAt[window] = finer.firstAt[from];
      if (finer.firstText.length > 0) this.firstText[window] = finer.firstText[from];
    }
    this.last[window] = finer.last[from];
    this.lastAt[window] = finer.lastAt[from];
    if (finer.lastText.length > 0) this.lastText[window] = finer.lastText[from];
    this.count[window] += finer.count[from];
    if (finer.min[from] < this.min[window]) this.min[window] = finer.min[from];
    if (finer.max[from] > this.max[window]) this.max[window] = finer.max[from];
    const sum = this.sum[window];
    const value = finer.sum[from];
    const total = sum + value;
    this.compensation[window] +=
      finer.compensation[from] +
      (Math.abs(sum) >= Math.abs(value) ? sum - total + value : value - total + sum);
    this.sum[window] = total;
  }

  /** Sum of a window as it is stored: once it is infinite its compensation is NaN, and the sum itself is right. */
  total(window: number): number {
    const sum = this.sum[window];
    return Number.isFinite(sum) ? sum + this.compensation[window] : sum;
  }
}
