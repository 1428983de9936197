/** Little-endian writing and reading of the small, irregular parts of our formats. Columns go through codecs. */

const encoder = new TextEncoder();
// A name or text that is not UTF-8 was not written by us: say so instead of replacing characters.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Bytes end early, or say something impossible. */
export class BytesError extends Error {
  readonly code = 'BYTES';

  constructor(message: string) {
    super(message);
    this.name = 'BytesError';
  }
}

export class ByteWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  get length(): number {
    return this.#length;
  }

  u8(value: number): void {
    const at = this.#reserve(1);
    this.#bytes[at] = value;
  }

  u32(value: number): void {
    const at = this.#reserve(4);
    this.#view.setUint32(at, value, true);
  }

  /** A whole number from 0 to 2^53−1 in 8 bytes. */
  u64(value: number): void {
    this.u32(value % 2 ** 32);
    this.u32(Math.floor(value / 2 ** 32));
  }

  f64(value: number): void {
    const at = this.#reserve(8);
    this.#view.setFloat64(at, value, true);
  }

  /** A whole number from 0 to 2^53−1 in groups of 7 bits, lowest first (LEB128). */
  varint(value: number): void {
    while (value >= 0x80) {
      this.u8((value % 0x80) | 0x80);
      value = Math.floor(value / 0x80);
    }
    this.u8(value);
  }

  /** Length in bytes as a varint, then UTF-8. */
  text(value: string): void {
    this.bytes(encoder.encode(value));
  }

  /** Length as a varint, then the bytes. */
  bytes(value: Uint8Array): void {
    this.varint(value.length);
    this.raw(value);
  }

  raw(value: Uint8Array): void {
    const at = this.#reserve(value.length);
    this.#bytes.set(value, at);
  }

  /** Zeros up to the next multiple of `size`. */
  pad(size: number): void {
    while (this.#length % size !== 0) this.u8(0);
  }

  /** Starts again in the same memory. */
  clear(): void {
    this.#length = 0;
  }

  /** The bytes so far, not copied: valid until the next write. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #reserve(count: number): number {
    const at = this.#length;
    this.#length = at + count;
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2));
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    return at;
  }
}

/** Reads what ByteWriter wrote. Every method throws BytesError instead of reading past the end. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #position: number;

  constructor(bytes: Uint8Array, position = 0) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#position = position;
  }

  get position(): number {
    return this.#position;
  }

  get remaining(): number {
    return this.#bytes.length - this.#position;
  }

  u8(): number {
    return this.#bytes[this.#take(1)];
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  u64(): number {
    const low = this.u32();
    const value = this.u32() * 2 ** 32 + low;
    if (!Number.isSafeInteger(value)) throw new BytesError('A whole number is beyond 2^53');
    return value;
  }

  f64(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  varint(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
      scale *= 0x80;
      if (scale > 2 ** 49) throw new BytesError('A whole number has too many bytes');
    }
    if (!Number.isSafeInteger(value)) throw new BytesError('A whole number is beyond 2^53');
    return value;
  }

  /** A varint that counts things of at least `unitBytes` bytes each that follow: refused where they cannot. */
  count(unitBytes = 1): number {
    const value = this.varint();
    if (value * unitBytes > this.remaining) throw new BytesError('A count goes past the end');
    return value;
  }

  text(): string {
    try {
      return decoder.decode(this.bytes());
    } catch (error) {
      if (error instanceof BytesError) throw error;
      throw new BytesError('A text is not UTF-8');
    }
  }

  bytes(): Uint8Array {
    return this.raw(this.count());
  }

  /** A view, not a copy. */
  raw(length: number): Uint8Array {
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  pad(size: number): void {
    while (this.#position % size !== 0) this.#take(1);
  }

  #take(count: number): number {
    const at = this.#position;
    if (at + count > this.#bytes.length) throw new BytesError('The bytes end early');
    this.#position = at + count;
    return at;
  }
}
