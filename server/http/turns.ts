/**
 * Bodies being answered take turns. A body that is parsed takes up to thirty times its bytes until its answer is made
 * (16 MiB of brackets become 464 MiB of arrays): twelve such bodies at once, each waiting for the disk, brought the
 * process to 5 GB, near the end of its heap. Where the disk does not keep up, it is here that requests wait for it, and
 * nowhere else: what has its turn is all that the store and the log hold of them.
 */
export class Turns {
  readonly #bytesMax: number;
  readonly #onNoneWaiting: () => void;
  #bytes = 0;
  /** First come, first served: a large body must not wait for ever behind small ones. */
  readonly #waiting = new Set<Waiting>();

  /**
   * @param bytesMax of all bodies that have their turn together; a larger one has it alone
   * @param onNoneWaiting called each time when the last of those that waited has its turn, or has given up
   */
  constructor(bytesMax: number, onNoneWaiting: () => void = () => {}) {
    this.#bytesMax = bytesMax;
    this.#onNoneWaiting = onNoneWaiting;
  }

  /** Whether some wait already: then nobody should bring more. */
  get isCrowded(): boolean {
    return this.#waiting.size > 0;
  }

  /** True where the turn has come already, as it nearly always has; false where it does not come in time. */
  begin(bytes: number, waitMaxMs: number): true | Promise<boolean> {
    // What has no body holds nothing.
    if (bytes === 0 || (!this.isCrowded && this.#hasRoom(bytes))) {
      this.#bytes += bytes;
      return true;
    }
    return new Promise(settle => {
      const timer = setTimeout(() => {
        this.#waiting.delete(waiting);
        settle(false);
        this.#next();
      }, waitMaxMs);
      const waiting = { bytes, settle, timer };
      this.#waiting.add(waiting);
    });
  }

  /** Must follow each turn that came. */
  end(bytes: number): void {
    this.#bytes -= bytes;
    if (this.isCrowded) this.#next();
  }

  #next(): void {
    for (const waiting of this.#waiting) {
      if (!this.#hasRoom(waiting.bytes)) return;
      this.#waiting.delete(waiting);
      clearTimeout(waiting.timer);
      this.#bytes += waiting.bytes;
      waiting.settle(true);
    }
    this.#onNoneWaiting();
  }

  #hasRoom(bytes: number): boolean {
    return this.#bytes === 0 || this.#bytes + bytes <= this.#bytesMax;
  }
}

interface Waiting {
  readonly bytes: number;
  readonly timer: NodeJS.Timeout;
  settle(hasTurn: boolean): void;
}
