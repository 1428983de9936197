/** Merges the answers of several sources by time, reading each no further than it must. */
import type { SourceColumns } from './request.js';

export interface RowStream {
  /** No row is before this time, in the order of the merge. */
  readonly bound: number;
  /** Each is the storage's again once the next is asked for. */
  batches(): AsyncIterator<SourceColumns>;
}

/** Rows `from … to` (exclusive) of a batch. */
export interface RowRun {
  readonly batch: SourceColumns;
  readonly from: number;
  readonly to: number;
}

/** Rows of equal times come in the order of the streams. `direction` is 1 for ascending times, −1 for descending. */
export async function* mergeStreams(
  streams: readonly RowStream[],
  direction: 1 | -1,
): AsyncGenerator<RowRun> {
  const waiting = streams
    .map((stream, rank) => ({ stream, rank, bound: direction * stream.bound }))
    .sort((left, right) => left.bound - right.bound || left.rank - right.rank);
  const open = new OpenStreams();
  let next = 0;
  try {
    for (;;) {
      while (next < waiting.length && (open.first === undefined || waiting[next].bound <= open.first.key)) {
        const { stream, rank } = waiting[next++];
        const opened = new OpenStream(stream.batches(), rank, direction);
        if (await opened.read()) open.add(opened);
      }
      const { first } = open;
      if (first === undefined) return;
      const to = first.runEnd(open.second, waiting[next]?.bound ?? Infinity);
      yield { batch: first.batch, from: first.position, to };
      if (first.moveTo(to) || (await first.read())) open.settleFirst();
      else open.removeFirst();
    }
  } finally {
    for (const stream of open.all()) await stream.close();
  }
}

/** A binary heap by next row: with a thousand sources a row would otherwise cost a walk through all of them. */
class OpenStreams {
  readonly #heap: OpenStream[] = [];

  get first(): OpenStream | undefined {
    return this.#heap[0];
  }

  /** The stream whose next row would be the next, were it not for the first's. */
  get second(): OpenStream | undefined {
    return this.#heap[this.#earlierChild(0)];
  }

  all(): readonly OpenStream[] {
    return this.#heap;
  }

  add(stream: OpenStream): void {
    let at = this.#heap.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!stream.comesBefore(this.#heap[parent])) break;
      this.#heap[at] = this.#heap[parent];
      at = parent;
    }
    this.#heap[at] = stream;
  }

  /** Finds the first stream its place after it has moved on. */
  settleFirst(): void {
    const stream = this.#heap[0];
    let at = 0;
    for (;;) {
      const child = this.#earlierChild(at);
      if (child >= this.#heap.length || stream.comesBefore(this.#heap[child])) break;
      this.#heap[at] = this.#heap[child];
      at = child;
    }
    this.#heap[at] = stream;
  }

  removeFirst(): void {
    const last = this.#heap.pop() as OpenStream;
    if (this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.settleFirst();
  }

  /** Not a place of the heap where there are no children. */
  #earlierChild(parent: number): number {
    const left = 2 * parent + 1;
    const right = left + 1;
    return right < this.#heap.length && this.#heap[right].comesBefore(this.#heap[left]) ? right : left;
  }
}

class OpenStream {
  readonly #batches: AsyncIterator<SourceColumns>;
  readonly #rank: number;
  readonly #direction: number;
  #batch: SourceColumns | undefined;
  position = 0;
  /** Time of the next row, growing in the order of the merge. */
  key = Number.NaN;

  constructor(batches: AsyncIterator<SourceColumns>, rank: number, direction: number) {
    this.#batches = batches;
    this.#rank = rank;
    this.#direction = direction;
  }

  get batch(): SourceColumns {
    return this.#batch as SourceColumns;
  }

  comesBefore(other: OpenStream): boolean {
    return this.key === other.key ? this.#rank < other.#rank : this.key < other.key;
  }

  /** End of the run of rows that come before the rival's next row and before any row of a stream not open yet. */
  runEnd(rival: OpenStream | undefined, waitingBound: number): number {
    const { timestamps } = this.batch;
    const rivalKey = rival?.key ?? Infinity;
    const winsTies = rival === undefined || this.#rank < rival.#rank;
    let low = this.position + 1;
    let high = timestamps.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const key = this.#direction * timestamps[middle];
      if (key < waitingBound && (winsTies ? key <= rivalKey : key < rivalKey)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** False where the batch ends there. */
  moveTo(position: number): boolean {
    const { timestamps } = this.batch;
    this.position = position;
    this.key = this.#direction * timestamps[position];
    return position < timestamps.length;
  }

  /** False where there are no more rows. */
  async read(): Promise<boolean> {
    const next = await this.#batches.next();
    if (next.done === true) return false;
    this.#batch = next.value;
    return this.moveTo(0);
  }

  async close(): Promise<void> {
    await this.#batches.return?.();
  }
}
