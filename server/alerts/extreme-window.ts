/**
 * Least or greatest value of the last so many milliseconds.
 * Method: a monotone queue: a value that a later one undercuts can never be the least again, and is dropped at once.
 */
import { movedToFront, pieceMsOf, roomierCapacity, WINDOW_PIECES_MAX } from './pieces.js';

export class ExtremeWindow {
  readonly #windowMs: number;
  /** 1 for the least; -1 for the greatest, which is the least of the negated values. */
  readonly #sign: 1 | -1;
  #times = new Float64Array(0);
  /** Ascending, times `#sign`. */
  #values = new Float64Array(0);
  #head = 0;
  #tail = 0;
  /** 0 as long as each point is a piece. */
  #pieceMs = 0;

  constructor(windowMs: number, extreme: 'min' | 'max') {
    this.#windowMs = windowMs;
    this.#sign = extreme === 'min' ? 1 : -1;
  }

  /** After at least one point. */
  get extreme(): number {
    return this.#sign * this.#values[this.#head];
  }

  /** Times never decrease. What is no longer in the window at that time leaves it. */
  push(time: number, value: number): void {
    const signed = this.#sign * value;
    const through = time - this.#windowMs;
    let tail = this.#tail;
    while (tail > this.#head && this.#values[tail - 1] >= signed) tail--;
    while (this.#head < tail && this.#times[this.#head] <= through) this.#head++;
    this.#tail = tail;
    if (this.#head === tail) this.#clear();
    else if (this.#pieceMs > 0 && this.#isSamePiece(this.#times[tail - 1], time)) {
      this.#times[tail - 1] = time;
      return;
    }
    if (this.#tail - this.#head >= WINDOW_PIECES_MAX) this.#coarsen();
    if (this.#tail === this.#times.length) this.#makeRoom();
    this.#times[this.#tail] = time;
    this.#values[this.#tail] = signed;
    this.#tail++;
  }

  #clear(): void {
    this.#head = 0;
    this.#tail = 0;
    this.#pieceMs = 0;
    // A window that was full once does not keep the memory for ever.
    if (this.#times.length > WINDOW_PIECES_MAX) this.#resize(0, 0, 0);
  }

  #isSamePiece(left: number, right: number): boolean {
    return Math.floor(left / this.#pieceMs) === Math.floor(right / this.#pieceMs);
  }

  #coarsen(): void {
    this.#pieceMs = pieceMsOf(this.#windowMs);
    let to = this.#head;
    for (let from = this.#head + 1; from < this.#tail; from++) {
      if (!this.#isSamePiece(this.#times[to], this.#times[from])) {
        to++;
        this.#values[to] = this.#values[from];
      }
      this.#times[to] = this.#times[from];
    }
    this.#tail = to + 1;
  }

  #makeRoom(): void {
    const head = this.#head;
    const tail = this.#tail;
    this.#resize(head, tail, roomierCapacity(head, tail, this.#times.length));
    this.#head = 0;
    this.#tail = tail - head;
  }

  #resize(head: number, tail: number, capacity: number): void {
    this.#times = movedToFront(this.#times, head, tail, capacity);
    this.#values = movedToFront(this.#values, head, tail, capacity);
  }
}
