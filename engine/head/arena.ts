/**
 * Memory of the head: extents of float64 slots inside large shared regions, so that a whole head can be handed to
 * a worker as a few SharedArrayBuffers instead of one object a column.
 */
import { assert } from '../base/assert.js';

/** Slots of a region that small extents share: 1 MiB. */
const REGION_SLOTS = 131_072;
const EXTENT_SLOTS_MIN = 64;
/** From this size on an extent has a region of its own, which goes when it is released: 256 KiB. */
const LARGE_SLOTS_MIN = REGION_SLOTS / 4;
/** Room to grow into, so that a source that grows row by row is copied a logarithmic number of times. */
const LARGE_GROWTH = 1.5;

/** A range of slots in one region. */
export interface Extent {
  readonly region: number;
  readonly offset: number;
  readonly slots: number;
}

const NO_REGION = new Float64Array(new SharedArrayBuffer(0));

export class Arena {
  readonly #regions: Float64Array<SharedArrayBuffer>[] = [];
  /** Indexes of regions that were given back. */
  readonly #vacant: number[] = [];
  /** Free extents by their size, a power of two. */
  readonly #free = new Map<number, Extent[]>();
  #bytes = 0;
  #bumpRegion = -1;
  #bumpOffset = REGION_SLOTS;

  /** Bytes of all regions, used or free. */
  get bytes(): number {
    return this.#bytes;
  }

  get buffers(): SharedArrayBuffer[] {
    return this.#regions.map(region => region.buffer);
  }

  region(index: number): Float64Array {
    return this.#regions[index];
  }

  /** An extent of at least `slots`, with some room to grow. Its content is undefined. */
  allocate(slots: number): Extent {
    const size = Math.max(EXTENT_SLOTS_MIN, powerOfTwoFrom(slots));
    if (size >= LARGE_SLOTS_MIN) {
      const large = Math.ceil(slots * LARGE_GROWTH);
      return { region: this.#addRegion(large), offset: 0, slots: large };
    }
    const reused = this.#free.get(size)?.pop();
    if (reused !== undefined) return reused;
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
    if (extent.slots >= LARGE_SLOTS_MIN) this.#dropRegion(extent.region);
    else this.#keepFree(extent);
  }

  #keepFree(extent: Extent): void {
    const list = this.#free.get(extent.slots);
    if (list === undefined) this.#free.set(extent.slots, [extent]);
    else list.push(extent);
  }

  /** The rest of a region that the next extent does not fit in, cut into powers of two. */
  #freeRest(): void {
    if (this.#bumpRegion < 0) return;
    let offset = this.#bumpOffset;
    for (let size = LARGE_SLOTS_MIN / 2; size >= EXTENT_SLOTS_MIN; size /= 2) {
      if (offset + size > REGION_SLOTS) continue;
      this.#keepFree({ region: this.#bumpRegion, offset, slots: size });
      offset += size;
    }
  }

  #addRegion(slots: number): number {
    const region = new Float64Array(new SharedArrayBuffer(slots * 8));
    this.#bytes += region.byteLength;
    const index = this.#vacant.pop() ?? this.#regions.length;
    this.#regions[index] = region;
    return index;
  }

  #dropRegion(index: number): void {
    assert(this.#regions[index] !== NO_REGION, 'a region is released once');
    this.#bytes -= this.#regions[index].byteLength;
    this.#regions[index] = NO_REGION;
    this.#vacant.push(index);
  }
}

function powerOfTwoFrom(value: number): number {
  return value <= 1 ? 1 : 2 ** (32 - Math.clz32(value - 1));
}
