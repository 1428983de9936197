/** The marks of the last day, as far as there is room for them. */
import { DAY_MS } from '../../engine/base/time.js';
import type { LedgerState } from '../journal/ledger.js';
import { IDEMPOTENCY_BYTES_MAX } from '../limits.js';
import type { Mark } from './mark.js';

/** How long a request is known again. */
const REMEMBERED_MS = DAY_MS;

/** What a mark takes beside its texts: an entry of a map, an object, two numbers. */
const MARK_BYTES = 160;

/** Column by column, oldest first: packed in a few milliseconds, where a hundred thousand objects take a hundred. */
interface MarksImage {
  readonly keys: readonly string[];
  readonly requests: readonly string[];
  readonly times: readonly number[];
  readonly statuses: readonly number[];
  readonly bodies: readonly string[];
}

export class Marks implements LedgerState<Mark> {
  readonly #bytesMax: number;
  /** Oldest first, in the order of the log. */
  readonly #marks = new Map<string, Mark>();
  #bytes = 0;

  constructor(bytesMax = IDEMPOTENCY_BYTES_MAX) {
    this.#bytesMax = bytesMax;
  }

  static fromImage(image: unknown, bytesMax?: number): Marks {
    const marks = new Marks(bytesMax);
    const { keys, requests, times, statuses, bodies } = image as MarksImage;
    for (let index = 0; index < keys.length; index++) {
      marks.apply({
        key: keys[index],
        request: requests[index],
        at: times[index],
        status: statuses[index],
        body: bodies[index],
      });
    }
    return marks;
  }

  toImage(): MarksImage {
    const marks = [...this.#marks.values()];
    return {
      keys: marks.map(({ key }) => key),
      requests: marks.map(({ request }) => request),
      times: marks.map(({ at }) => at),
      statuses: marks.map(({ status }) => status),
      bodies: marks.map(({ body }) => body),
    };
  }

  /** About what they take in memory, and more than in a snapshot. */
  get bytes(): number {
    return this.#bytes;
  }

  get count(): number {
    return this.#marks.size;
  }

  /** What becomes of older marks is told by this one alone: a replay ends with the same as those who were there. */
  apply(mark: Mark): void {
    this.#forget(mark.key);
    this.#marks.set(mark.key, mark);
    this.#bytes += bytesOf(mark);
    for (const { key, at } of this.#marks.values()) {
      if (key === mark.key || (this.#bytes <= this.#bytesMax && at > mark.at - REMEMBERED_MS)) return;
      this.#forget(key);
    }
  }

  find(key: string, now: number): Mark | undefined {
    const mark = this.#marks.get(key);
    return mark !== undefined && mark.at > now - REMEMBERED_MS ? mark : undefined;
  }

  #forget(key: string): void {
    const mark = this.#marks.get(key);
    if (mark === undefined) return;
    this.#marks.delete(key);
    this.#bytes -= bytesOf(mark);
  }
}

function bytesOf({ key, request, body }: Mark): number {
  return MARK_BYTES + key.length + request.length + body.length * 2;
}
