/**
 * Memory of the head: extents of float64 slots inside large shared regions, so that a whole head can be handed to
 * a worker as a few SharedArrayBuffers instead of one object a column.
 */
import { assert } from '../base/assert.js';

/** Slots of a region: 1 MiB. A larger extent gets a region of its own. */
const REGION_SLOTS = 131_072;
const EXTENT_SLOTS_MIN = 64;

/** A range of slots in one region. */
export interface Extent {
  readonly region: number;
  readonly offset: number;
  readonly slots: number;
}

export class Arena {
  readonly #regions: Float64Array<SharedArrayBuffer>[] = [];
  /** Free extents by the power of two of their size. */
  readonly #free = new Map<number, Extent[]>();
  #bumpRegion = -1;
  #bumpOffset = REGION_SLOTS;

  /** Bytes of all regions, used or free. */
  get bytes(): number {
    let bytes = 0;
    for (const region of this.#regions) bytes += region.byteLength;
    return bytes;
  }

  get buffers(): SharedArrayBuffer[] {
    return this.#regions.map(region => region.buffer);
  }

  region(index: number): Float64Array {
    return this.#regions[index];
  }

  /** An extent of at least `slots`; its size is a power of two. Its content is undefined. */
  allocate(slots: number): Extent {
    const size = Math.max(EXTENT_SLOTS_MIN, powerOfTwoFrom(slots));
    const reused = this.#free.get(size)?.pop();
    if (reused !== undefined) return reused;
    if (size > REGION_SLOTS) return { region: this.#addRegion(size), offset: 0, slots: size };
    if (this.#bumpOffset + size > REGION_SLOTS) {
      this.#freeRest();
      this.#bumpRegion = this.#addRegion(REGION_SLOTS);
      this.#bumpOffset = 0;
    }
    const extent = { region: this.#bumpRegion, offset: this.#bumpOffset, slots: size };
    this.#bumpOffset += size;
    return extent;
  }

  release(extent: Extent): void {
    assert(extent.slots === powerOfTwoFrom(extent.slots), 'an extent is a power of two');
    const list = this.#free.get(extent.slots);
    if (list === undefined) this.#free.set(extent.slots, [extent]);
    else list.push(extent);
  }

  /** The rest of a region that the next extent does not fit in, cut into powers of two. */
  #freeRest(): void {
    if (this.#bumpRegion < 0) return;
    let offset = this.#bumpOffset;
    for (let size = REGION_SLOTS; size >= EXTENT_SLOTS_MIN; size /= 2) {
      if (offset + size > REGION_SLOTS) continue;
      this.release({ region: this.#bumpRegion, offset, slots: size });
      offset += size;
    }
  }

  #addRegion(slots: number): number {
    this.#regions.push(new Float64Array(new SharedArrayBuffer(slots * 8)));
    return this.#regions.length - 1;
  }
}

function powerOfTwoFrom(value: number): number {
  return value <= 1 ? 1 : 2 ** (32 - Math.clz32(value - 1));
}
