/** Bodies of requests on their way in: bounded each, and all together. */
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

const gunzipBounded = promisify(gunzip);

const EMPTY = new Uint8Array(0);

/** Inflating goes through the thread pool once for every chunk of this size. */
const INFLATE_CHUNK_BYTES = 256 * 1024;

/** Bodies of batches: smaller ones cost no more than the look at a list, larger ones are rare. */
const REUSED_BYTES_MIN = 32 * 1024;
const REUSED_BYTES_MAX = 1024 * 1024;
const REUSED_COUNT_MAX = 16;

/**
 * Memory of bodies that are answered, for the next ones: each new piece of it would have to be zeroed by the system,
 * page by page, and be found by the collector of garbage.
 */
class BodyMemory {
  readonly #free: Buffer[] = [];

  /** @returns undefined where bodies of that length are not kept */
  take(length: number): Buffer | undefined {
    if (length < REUSED_BYTES_MIN || length > REUSED_BYTES_MAX) return undefined;
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(REUSED_BYTES_MAX);
  }

  give(memory: Buffer): void {
    if (this.#free.length < REUSED_COUNT_MAX) this.#free.push(memory);
  }
}

const memory = new BodyMemory();

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
  /** Memory of the whole body, where it is to be given back. */
  #lent: Buffer | undefined;
  #reserved = 0;

  constructor(bytesMax: number, budget: BodyBudget) {
    this.#bytesMax = bytesMax;
    this.#budget = budget;
  }

  /** Takes the memory of a body whose length is known, so that no chunk of it is copied twice. */
  expect(length: number): BodyRefusal | undefined {
    if (length > this.#bytesMax) return 'tooLarge';
    if (!this.#reserve(length)) return 'overloaded';
    this.#lent = memory.take(length);
    this.#whole = this.#lent?.subarray(0, length) ?? Buffer.allocUnsafeSlow(length);
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

  /** The bytes received: they last until `release`. */
  take(): Uint8Array {
    const bytes = this.#whole?.subarray(0, this.#length) ?? joined(this.#chunks, this.#length);
    this.#whole = undefined;
    this.#chunks = [];
    return bytes;
  }

  /** The bytes received, inflated. The limit counts for both: a bomb is stopped where it passes it. */
  async inflate(): Promise<Uint8Array | BodyRefusal> {
    const compressed = this.take();
    const claimed = claimedBytes(compressed);
    const inflated = claimed < this.#bytesMax ? await this.#inflate(compressed, claimed) : 'tooLarge';
    // It may be of several members, each of which claims its own length, or claim what is not true.
    return inflated === 'tooLarge' ? this.#inflate(compressed, this.#bytesMax) : inflated;
  }

  async #inflate(compressed: Uint8Array, bytesMax: number): Promise<Uint8Array | BodyRefusal> {
    if (!this.#reserve(bytesMax)) return 'overloaded';
    try {
      const inflated = await gunzipBounded(compressed, {
        maxOutputLength: bytesMax,
        chunkSize: INFLATE_CHUNK_BYTES,
      });
      this.#unreserve(bytesMax - inflated.length);
      return inflated;
    } catch (error) {
      this.#unreserve(bytesMax);
      return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'tooLarge' : 'gzip';
    }
  }

  release(): void {
    this.#whole = undefined;
    this.#chunks = [];
    this.#unreserve(this.#reserved);
    if (this.#lent !== undefined) memory.give(this.#lent);
    this.#lent = undefined;
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

/** Length of the last member of a gzip stream as its end says, at least 1. */
function claimedBytes(compressed: Uint8Array): number {
  if (compressed.length < 4) return 1;
  const view = new DataView(compressed.buffer, compressed.byteOffset, compressed.byteLength);
  return Math.max(1, view.getUint32(compressed.length - 4, true));
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  if (chunks.length === 0) return EMPTY;
  return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, length);
}
