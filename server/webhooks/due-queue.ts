interface Due {
  readonly at: number;
  readonly id: string;
}

/** Ids by time, the earliest first: a binary heap. */
export class DueQueue {
  readonly #heap: Due[] = [];

  /** The earliest time; undefined where there is none. */
  get next(): number | undefined {
    return this.#heap[0]?.at;
  }

  add(at: number, id: string): void {
    const heap = this.#heap;
    let index = heap.length;
    while (index > 0) {
      const parent = (index - 1) >>> 1;
      if (heap[parent].at <= at) break;
      heap[index] = heap[parent];
      index = parent;
    }
    heap[index] = { at, id };
  }

  /** Takes out the earliest. */
  take(): Due | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1].at < heap[child].at) child++;
      if (heap[child].at >= last.at) break;
      heap[index] = heap[child];
      index = child;
    }
    heap[index] = last;
    return first;
  }
}
