/** Merges the answers of several sources by time, reading each no further than it must. */
import type { QueryRow } from './request.js';

/** Rows that are made only where they are asked for. */
export interface RowBatch {
  /** In the order of the merge; at least one. */
  readonly times: Float64Array;
  rowAt(index: number): QueryRow;
}

export interface RowStream {
  /** No row is before this time, in the order of the merge. */
  readonly bound: number;
  batches(): AsyncIterator<RowBatch>;
}

/** Rows `from … to` (exclusive) of a batch. */
export interface RowRun {
  readonly batch: RowBatch;
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
  const open: OpenStream[] = [];
  let next = 0;
  try {
    for (;;) {
      let first = firstOf(open);
      while (next < waiting.length && (first === undefined || waiting[next].bound <= first.key)) {
        const { stream, rank } = waiting[next++];
        const opened = new OpenStream(stream.batches(), rank, direction);
        open.push(opened);
        if (!(await opened.read())) open.pop();
        first = firstOf(open);
      }
      if (first === undefined) return;
      const to = first.runEnd(firstOf(open, first), waiting[next]?.bound ?? Infinity);
      yield { batch: first.batch, from: first.position, to };
      if (!(await first.advance(to))) open.splice(open.indexOf(first), 1);
    }
  } finally {
    for (const stream of open) await stream.close();
  }
}

function firstOf(open: readonly OpenStream[], except?: OpenStream): OpenStream | undefined {
  let first: OpenStream | undefined;
  for (const stream of open) {
    if (stream !== except && (first === undefined || stream.comesBefore(first))) first = stream;
  }
  return first;
}

class OpenStream {
  readonly #batches: AsyncIterator<RowBatch>;
  readonly #rank: number;
  readonly #direction: number;
  #batch: RowBatch | undefined;
  position = 0;

  constructor(batches: AsyncIterator<RowBatch>, rank: number, direction: number) {
    this.#batches = batches;
    this.#rank = rank;
    this.#direction = direction;
  }

  get batch(): RowBatch {
    return this.#batch as RowBatch;
  }

  /** Time of the next row, growing in the order of the merge. */
  get key(): number {
    return this.#direction * this.batch.times[this.position];
  }

  comesBefore(other: OpenStream): boolean {
    return this.key === other.key ? this.#rank < other.#rank : this.key < other.key;
  }

  /** End of the run of rows that come before the rival's next row and before any row of a stream not open yet. */
  runEnd(rival: OpenStream | undefined, waitingBound: number): number {
    const { times } = this.batch;
    const rivalKey = rival?.key ?? Infinity;
    const winsTies = rival === undefined || this.#rank < rival.#rank;
    let low = this.position + 1;
    let high = times.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const key = this.#direction * times[middle];
      if (key < waitingBound && (winsTies ? key <= rivalKey : key < rivalKey)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** False where there are no more rows. */
  async advance(position: number): Promise<boolean> {
    this.position = position;
    return position < this.batch.times.length || this.read();
  }

  async read(): Promise<boolean> {
    const next = await this.#batches.next();
    this.#batch = next.done === true ? undefined : next.value;
    this.position = 0;
    return this.#batch !== undefined;
  }

  async close(): Promise<void> {
    await this.#batches.return?.();
  }
}
