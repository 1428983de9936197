/**
 * Repeatable random numbers: the same seed gives the same run on every machine.
 * Method: mulberry32 (32 bits of state, passes gjrand), which is plenty for choosing test cases.
 */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A number in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  }

  /** A whole number in [0, n). */
  integer(n: number): number {
    return Math.floor(this.next() * n);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.integer(items.length)];
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let index = 0; index < length; index++) bytes[index] = this.integer(256);
    return bytes;
  }
}

/** The seed to replay (DAKKIO_TEST_SEED), or a new one. The caller prints it, so that a failure can be replayed. */
export function testSeed(): number {
  const given = process.env.DAKKIO_TEST_SEED;
  if (given === undefined) return Math.floor(Math.random() * 0x1_0000_0000);
  const seed = Number(given);
  if (!Number.isInteger(seed)) throw new Error(`DAKKIO_TEST_SEED is not a whole number: ${given}`);
  return seed >>> 0;
}
