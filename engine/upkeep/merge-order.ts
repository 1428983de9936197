/**
 * In which order the rows of one source in several segments follow one another. It is found once, from times and row
 * numbers, and then every column is put together by it without looking at those again.
 */
import type { SegmentPart } from '../segment/reader.js';

/** Numbers of a run: place of its part, first row in that part, row after its last. */
export const RUN_STRIDE = 3;

const BATCH_RUNS = 8_192;
/** Runs that are kept, about 24 MB; where there are more they are found anew for each column. */
const KEPT_BATCHES_MAX = 128;

export class MergeOrder {
  readonly #parts: readonly SegmentPart[];
  readonly #startTime: number;
  #kept: readonly Float64Array[] | undefined;
  #isTooLong = false;

  /** @param startTime earlier rows are left out */
  constructor(parts: readonly SegmentPart[], startTime: number) {
    this.#parts = parts;
    this.#startTime = startTime;
  }

  /** Runs in order, RUN_STRIDE numbers each, many at a time. @throws SegmentCorruptError */
  batches(): Iterable<Float64Array> {
    if (this.#kept === undefined && !this.#isTooLong) this.#keep();
    return this.#kept ?? mergeRuns(this.#parts, this.#startTime);
  }

  #keep(): void {
    const batches: Float64Array[] = [];
    for (const batch of mergeRuns(this.#parts, this.#startTime)) {
      if (batches.push(batch) <= KEPT_BATCHES_MAX) continue;
      this.#isTooLong = true;
      return;
    }
    this.#kept = batches;
  }
}

function* mergeRuns(parts: readonly SegmentPart[], startTime: number): Generator<Float64Array> {
  const open = parts.map((part, place) => new KeyCursor(part, place, startTime)).filter(({ done }) => !done);
  let batch = new Float64Array(BATCH_RUNS * RUN_STRIDE);
  let length = 0;
  while (open.length > 0) {
    let first = open[0];
    let rival: KeyCursor | undefined;
    for (let index = 1; index < open.length; index++) {
      const cursor = open[index];
      if (cursor.comesBefore(first)) {
        rival = first;
        first = cursor;
      } else if (rival === undefined || cursor.comesBefore(rival)) rival = cursor;
    }
    const from = first.row;
    const to = first.takeRun(rival);
    const isLonger = length > 0 && batch[length - 3] === first.place && batch[length - 1] === from;
    if (isLonger) batch[length - 1] = to;
    else {
      if (length === batch.length) {
        yield batch;
        batch = new Float64Array(BATCH_RUNS * RUN_STRIDE);
        length = 0;
      }
      batch[length++] = first.place;
      batch[length++] = from;
      batch[length++] = to;
    }
    if (first.done) open.splice(open.indexOf(first), 1);
  }
  if (length > 0) yield batch.slice(0, length);
}

/** Goes through times and row numbers of a part, group by group. */
class KeyCursor {
  readonly place: number;
  readonly #part: SegmentPart;
  readonly #startTime: number;
  #group = -1;
  #times: Float64Array = new Float64Array();
  #rows: Float64Array = new Float64Array();
  #position = 0;
  done = false;

  constructor(part: SegmentPart, place: number, startTime: number) {
    this.place = place;
    this.#part = part;
    this.#startTime = startTime;
    this.#read();
  }

  /** The next row, counted from the first of the part. */
  get row(): number {
    return this.#group * this.#part.segment.blockRows + this.#position;
  }

  comesBefore(other: KeyCursor): boolean {
    const time = this.#times[this.#position];
    const otherTime = other.#times[other.#position];
    if (time !== otherTime) return time < otherTime;
    return this.#rows[this.#position] < other.#rows[other.#position];
  }

  /** Goes past the rows of this group that come before the rival's next; returns the row after them. */
  takeRun(rival: KeyCursor | undefined): number {
    let low = this.#position + 1;
    let high = this.#times.length;
    if (rival === undefined) low = high;
    else if (high > low) {
      const rivalTime = rival.#times[rival.#position];
      const rivalRow = rival.#rows[rival.#position];
      while (low < high) {
        const middle = (low + high) >>> 1;
        const time = this.#times[middle];
        const isBefore = time < rivalTime || (time === rivalTime && this.#rows[middle] < rivalRow);
        if (isBefore) low = middle + 1;
        else high = middle;
      }
    }
    this.#position = low;
    const end = this.row;
    if (low === this.#times.length) this.#read();
    return end;
  }

  /** On to the next group with rows that are not too early. */
  #read(): void {
    const { segment, index } = this.#part;
    const directory = segment.directory(index);
    const isTooOld = () =>
      this.#startTime > 0 && segment.lastTime(index, directory, this.#group) < this.#startTime;
    do this.#group++;
    while (this.#group < directory.groupCount && isTooOld());
    this.done = this.#group >= directory.groupCount;
    if (this.done) return;
    this.#times = segment.times(index, directory, this.#group);
    this.#rows = segment.rows(index, directory, this.#group);
    this.#position = 0;
    while (this.#times[this.#position] < this.#startTime) this.#position++;
  }
}
