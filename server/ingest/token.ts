/** Bytes that are expected somewhere, compared four at a time: an unaligned word is a single load. */
export class Token {
  readonly length: number;
  readonly #bytes: Uint8Array;
  /** The whole words from the start, then the last four bytes, which may overlap them. */
  readonly #words: Int32Array;

  /** @param bytes copied */
  constructor(bytes: Uint8Array) {
    this.length = bytes.length;
    this.#bytes = bytes.slice();
    const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.length);
    const starts = Array.from({ length: this.length >>> 2 }, (_, index) => index * 4);
    if (this.length % 4 !== 0 && this.length > 4) starts.push(this.length - 4);
    this.#words = Int32Array.from(starts, start => view.getInt32(start, true));
  }

  isAt(view: DataView, at: number): boolean {
    const { length } = this;
    if (at + length > view.byteLength) return false;
    if (length < 4) return this.#isShortAt(view, at);
    const words = this.#words;
    const last = words.length - 1;
    for (let index = 0; index < last; index++) {
      if (view.getInt32(at + index * 4, true) !== words[index]) return false;
    }
    return view.getInt32(at + length - 4, true) === words[last];
  }

  #isShortAt(view: DataView, at: number): boolean {
    for (let index = 0; index < this.length; index++) {
      if (view.getUint8(at + index) !== this.#bytes[index]) return false;
    }
    return true;
  }
}
