/** Bodies of requests on their way in: bounded each, and all together. */
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

const gunzipBounded = promisify(gunzip);

const EMPTY = new Uint8Array(0);

/** Inflating goes through the thread pool once for every chunk of this size. */
const INFLATE_CHUNK_BYTES = 256 * 1024;

/** What all bodies in flight hold together. */
export class BodyBudget {
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Adds to what one body holds, or refuses. A body that is alone is always let in: refused, it would be refused
   * each time it is sent again, and "try later" would be a lie.
   */
  reserve(bytes: number, heldByThisBody: number): boolean {
    const others = this.#bytes - heldByThisBody;
    if (others > 0 && this.#bytes + bytes > this.#bytesMax) return false;
    this.#bytes += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#bytes -= bytes;
  }
}

export type BodyRefusal = 'tooLarge' | 'overloaded' | 'gzip';

/** Collects one body. Whatever happens, `release` must be called at the end. */
export class RequestBody {
  readonly #bytesMax: number;
  readonly #budget: BodyBudget;
  /** The whole body where its length was declared; otherwise the chunks until now. */
  #whole: Uint8Array | undefined;
  #chunks: Uint8Array[] = [];
  #length = 0;
  #reserved = 0;

  constructor(bytesMax: number, budget: BodyBudget) {
    this.#bytesMax = bytesMax;
    this.#budget = budget;
  }

  /** Takes the memory of a body whose length is known, so that no chunk of it is copied twice. */
  expect(length: number): BodyRefusal | undefined {
    if (length > this.#bytesMax) return 'tooLarge';
    if (!this.#reserve(length)) return 'overloaded';
    this.#whole = Buffer.allocUnsafeSlow(length);
    return undefined;
  }

  /** Copies a chunk: the caller's memory is taken away when the call returns. */
  add(chunk: ArrayBuffer): BodyRefusal | undefined {
    if (chunk.byteLength === 0) return undefined;
    const length = this.#length + chunk.byteLength;
    if (this.#whole !== undefined) {
      if (length > this.#whole.length) return 'tooLarge';
      this.#whole.set(new Uint8Array(chunk), this.#length);
    } else {
      if (length > this.#bytesMax) return 'tooLarge';
      if (!this.#reserve(chunk.byteLength)) return 'overloaded';
      this.#chunks.push(new Uint8Array(chunk.slice(0)));
    }
    this.#length = length;
    return undefined;
  }

  /** The bytes received. */
  take(): Uint8Array {
    const bytes = this.#whole?.subarray(0, this.#length) ?? joined(this.#chunks, this.#length);
    this.#whole = undefined;
    this.#chunks = [];
    return bytes;
  }

  /** The bytes received, inflated. The limit counts for both: a bomb is stopped where it passes it. */
  async inflate(): Promise<Uint8Array | BodyRefusal> {
    if (!this.#reserve(this.#bytesMax)) return 'overloaded';
    const compressed = this.take();
    try {
      const inflated = await gunzipBounded(compressed, {
        maxOutputLength: this.#bytesMax,
        chunkSize: INFLATE_CHUNK_BYTES,
      });
      this.#unreserve(this.#reserved - inflated.length);
      return inflated;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'tooLarge' : 'gzip';
    }
  }

  release(): void {
    this.#whole = undefined;
    this.#chunks = [];
    this.#unreserve(this.#reserved);
  }

  #reserve(bytes: number): boolean {
    if (!this.#budget.reserve(bytes, this.#reserved)) return false;
    this.#reserved += bytes;
    return true;
  }

  #unreserve(bytes: number): void {
    this.#budget.release(bytes);
    this.#reserved -= bytes;
  }
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  if (chunks.length === 0) return EMPTY;
  return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, length);
}
