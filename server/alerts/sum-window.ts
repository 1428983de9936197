/**
 * Sum and count of the values of the last so many milliseconds.
 * Method: a queue of two stacks (Tangwongsan, Hirzel, Schneider, In-Order Sliding-Window Aggregation in Worst-Case
 * Constant Time, 2017, §3): the older pieces keep the sum from themselves to the end of theirs, the newer ones have one
 * sum; where the older ones are used up, the newer become the older. Nothing is ever subtracted, so that neither errors
 * add up nor an infinite value leaves NaN behind. Sums are compensated (Neumaier, 1974): ten times 0.1 is 1.
 */
import { movedToFront, pieceMsOf, roomierCapacity, WINDOW_PIECES_MAX } from './pieces.js';

export class SumWindow {
  readonly #windowMs: number;
  /** When the latest point of a piece was. */
  #times = new Float64Array(0);
  /** Of the older pieces from there to `#turn`, of the newer of each alone. */
  #sums = new Float64Array(0);
  /** What rounding has taken from them. */
  #rests = new Float64Array(0);
  /** Points that came up to the end of a piece. */
  #ordinals = new Float64Array(0);
  #head = 0;
  /** Where the newer pieces begin. */
  #turn = 0;
  #tail = 0;
  #newerSum = 0;
  #newerRest = 0;
  #taken = 0;
  #dropped = 0;
  /** 0 as long as each point is a piece. */
  #pieceMs = 0;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  get count(): number {
    return this.#taken - this.#dropped;
  }

  get sum(): number {
    const older = this.#head < this.#turn;
    const left = older ? this.#sums[this.#head] : 0;
    const rest = this.#newerRest + (older ? this.#rests[this.#head] : 0);
    const sum = left + this.#newerSum;
    // Where it is infinite the rest is not a number.
    return Number.isFinite(sum) ? sum + (rest + roundingOf(left, this.#newerSum, sum)) : sum;
  }

  /** Times never decrease. What is no longer in the window at that time leaves it. */
  push(time: number, value: number): void {
    this.#expire(time - this.#windowMs);
    this.#taken++;
    const newerSum = this.#newerSum + value;
    this.#newerRest += roundingOf(this.#newerSum, value, newerSum);
    this.#newerSum = newerSum;
    if (
      this.#pieceMs > 0 &&
      this.#tail > this.#turn &&
      this.#isSamePiece(this.#times[this.#tail - 1], time)
    ) {
      this.#addTo(this.#tail - 1, value, 0, time, this.#taken);
      return;
    }
    if (this.#tail - this.#head >= WINDOW_PIECES_MAX) this.#coarsen();
    if (this.#tail === this.#times.length) this.#makeRoom();
    this.#times[this.#tail] = time;
    this.#sums[this.#tail] = value;
    this.#rests[this.#tail] = 0;
    this.#ordinals[this.#tail] = this.#taken;
    this.#tail++;
  }

  #expire(through: number): void {
    const times = this.#times;
    let head = this.#head;
    while (head < this.#tail && times[head] <= through) head++;
    if (head === this.#head) return;
    this.#dropped = this.#ordinals[head - 1];
    this.#head = head;
    if (head === this.#tail) {
      this.#head = 0;
      this.#turn = 0;
      this.#tail = 0;
      this.#newerSum = 0;
      this.#newerRest = 0;
      this.#pieceMs = 0;
      // A window that was full once does not keep the memory for ever.
      if (times.length > WINDOW_PIECES_MAX) this.#resize(0, 0, 0);
    } else if (head > this.#turn) this.#turnOver();
  }

  /** The newer pieces become the older. */
  #turnOver(): void {
    const sums = this.#sums;
    const rests = this.#rests;
    for (let at = this.#tail - 2; at >= this.#head; at--) {
      const sum = sums[at] + sums[at + 1];
      rests[at] += rests[at + 1] + roundingOf(sums[at], sums[at + 1], sum);
      sums[at] = sum;
    }
    this.#turn = this.#tail;
    this.#newerSum = 0;
    this.#newerRest = 0;
  }

  #isSamePiece(left: number, right: number): boolean {
    return Math.floor(left / this.#pieceMs) === Math.floor(right / this.#pieceMs);
  }

  #addTo(at: number, value: number, rest: number, time: number, ordinal: number): void {
    const sum = this.#sums[at] + value;
    this.#rests[at] += rest + roundingOf(this.#sums[at], value, sum);
    this.#sums[at] = sum;
    this.#times[at] = time;
    this.#ordinals[at] = ordinal;
  }

  #coarsen(): void {
    this.#pieceMs = pieceMsOf(this.#windowMs);
    const end = this.#tail;
    let to = this.#head;
    for (let from = this.#head + 1; from < this.#turn; from++) {
      // The sum from the earlier one on stays; what they end with is the later one's.
      if (!this.#isSamePiece(this.#times[to], this.#times[from])) to = this.#move(from, to + 1);
      else {
        this.#times[to] = this.#times[from];
        this.#ordinals[to] = this.#ordinals[from];
      }
    }
    const hasOlder = this.#head < this.#turn;
    const newer = this.#turn;
    this.#turn = hasOlder ? to + 1 : this.#head;
    if (newer < end) {
      to = this.#move(newer, this.#turn);
      for (let from = newer + 1; from < end; from++) {
        if (!this.#isSamePiece(this.#times[to], this.#times[from])) to = this.#move(from, to + 1);
        else {
          this.#addTo(to, this.#sums[from], this.#rests[from], this.#times[from], this.#ordinals[from]);
        }
      }
    }
    this.#tail = to + 1;
  }

  /** @returns `to` */
  #move(from: number, to: number): number {
    this.#times[to] = this.#times[from];
    this.#sums[to] = this.#sums[from];
    this.#rests[to] = this.#rests[from];
    this.#ordinals[to] = this.#ordinals[from];
    return to;
  }

  #makeRoom(): void {
    const head = this.#head;
    const tail = this.#tail;
    this.#resize(head, tail, roomierCapacity(head, tail, this.#times.length));
    this.#turn = Math.max(0, this.#turn - head);
    this.#tail -= head;
    this.#head = 0;
  }

  #resize(head: number, tail: number, capacity: number): void {
    this.#times = movedToFront(this.#times, head, tail, capacity);
    this.#sums = movedToFront(this.#sums, head, tail, capacity);
    this.#rests = movedToFront(this.#rests, head, tail, capacity);
    this.#ordinals = movedToFront(this.#ordinals, head, tail, capacity);
  }
}

/** What `sum`, of the two, has lost by rounding. */
function roundingOf(left: number, right: number, sum: number): number {
  return Math.abs(left) >= Math.abs(right) ? left - sum + right : right - sum + left;
}
