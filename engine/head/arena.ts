/**
 * Memory of heads: shared regions of one size, handed out piece by piece and given back all at once. Regions are
 * used again by the next head: a shared buffer is freed only once every thread that saw it has collected its garbage,
 * and a worker that packs segments may not do that for a long time.
 */
import { assert } from '../base/assert.js';

/** Slots of a region: 1 MiB of float64. */
export const REGION_SLOTS = 131_072;

export type Region = Float64Array<SharedArrayBuffer>;

export class RegionPool {
  readonly #free: Region[] = [];

  take(): Region {
    return this.#free.pop() ?? new Float64Array(new SharedArrayBuffer(REGION_SLOTS * 8));
  }

  /** Nobody may read or write them any more. */
  give(regions: readonly Region[]): void {
    this.#free.push(...regions);
  }
}

/** A range of slots in one region. */
export interface Extent {
  /** Index of the region in its arena. */
  readonly region: number;
  readonly offset: number;
}

export class Arena {
  readonly #pool: RegionPool;
  readonly #regions: Region[] = [];
  #used = REGION_SLOTS;

  constructor(pool: RegionPool) {
    this.#pool = pool;
  }

  get bytes(): number {
    return this.#regions.length * REGION_SLOTS * 8;
  }

  get regions(): readonly Region[] {
    return this.#regions;
  }

  /** Slots whose content is undefined; at most a region's. */
  allocate(slots: number): Extent {
    assert(slots <= REGION_SLOTS, 'an extent fits in a region');
    if (this.#used + slots > REGION_SLOTS) {
      this.#regions.push(this.#pool.take());
      this.#used = 0;
    }
    const extent = { region: this.#regions.length - 1, offset: this.#used };
    this.#used += slots;
    return extent;
  }

  /** Gives all memory back. */
  free(): void {
    this.#pool.give(this.#regions.splice(0));
    this.#used = REGION_SLOTS;
  }
}
