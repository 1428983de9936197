/** A token bucket for each key: it holds the tokens of a second, and each call takes one. */

/** Keys beyond this all begin anew: only those that call more than once a second have anything to lose by it. */
const KEYS_MAX = 10_000;

/** Of a token, as whole numbers: what flows in during a millisecond is one of them for each token a second. */
const TOKEN_PARTS = 1_000;

interface TokenBucket {
  parts: number;
  /** When there were so many, in whole milliseconds. */
  at: number;
}

export class TokenBuckets {
  readonly #perSecond: number;
  readonly #buckets = new Map<string, TokenBucket>();

  /** @param perSecond at least 1 */
  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** Takes a token; without one, says when there will be one. */
  take(key: string, now: number): number | undefined {
    let bucket = this.#buckets.get(key);
    const partsMax = this.#perSecond * TOKEN_PARTS;
    if (bucket === undefined) {
      if (this.#buckets.size >= KEYS_MAX) this.#buckets.clear();
      bucket = { parts: partsMax, at: now };
      this.#buckets.set(key, bucket);
    }
    // A clock that was set back gives nothing.
    const elapsedMs = Math.max(0, now - bucket.at);
    bucket.parts = Math.min(partsMax, bucket.parts + elapsedMs * this.#perSecond);
    bucket.at = now;
    if (bucket.parts < TOKEN_PARTS) return now + Math.ceil((TOKEN_PARTS - bucket.parts) / this.#perSecond);
    bucket.parts -= TOKEN_PARTS;
    return undefined;
  }
}
