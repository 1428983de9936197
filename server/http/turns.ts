/**
 * Bodies being answered take turns. A body that is parsed takes up to thirty times its bytes until its answer is made
 * (16 MiB of brackets become 464 MiB of arrays): twelve such bodies at once, each waiting for the disk, brought the
 * process to 5 GB, near the end of its heap.
 */
export class Turns {
  readonly #bytesMax: number;
  #bytes = 0;
  /** First come, first served: a large body must not wait for ever behind small ones. */
  readonly #waiting: { readonly bytes: number; readonly begin: () => void }[] = [];

  /** @param bytesMax of all bodies that have their turn together; a larger one has it alone */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Undefined where the turn has come already, as it nearly always has; `end` must follow in any case. */
  begin(bytes: number): Promise<void> | undefined {
    if (this.#waiting.length === 0 && this.#hasRoom(bytes)) {
      this.#bytes += bytes;
      return undefined;
    }
    return new Promise(begin => this.#waiting.push({ bytes, begin }));
  }

  end(bytes: number): void {
    this.#bytes -= bytes;
    while (this.#waiting.length > 0 && this.#hasRoom(this.#waiting[0].bytes)) {
      const next = this.#waiting.shift()!;
      this.#bytes += next.bytes;
      next.begin();
    }
  }

  #hasRoom(bytes: number): boolean {
    return this.#bytes === 0 || this.#bytes + bytes <= this.#bytesMax;
  }
}
