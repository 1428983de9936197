import { CODEC } from './codes.js';
import type { NumberPlan } from './numbers.js';

/** A search that finds what is known already is followed by so many blocks without one, at most. */
const INTERVAL_MAX = 16;
/** A size that differs by more than this share from the block's before says that the column has changed. */
const DRIFT_SHARE = 1 / 8;
/** Bits a value that may always come and go. */
const DRIFT_BITS = 1 / 4;

/**
 * What the blocks of a column have in common: most columns want one codec, one exponent and one order of differences
 * from end to end, and looking for them costs more than packing. So a block is packed as the one before, as long as that
 * takes about as much room; and is searched again now and then, less often the longer a search finds nothing else.
 */
export class BlockGuide {
  codec: number = CODEC.raw;
  /** Of decimals. */
  exponent = 0;
  /** Of their digits' differences. */
  order = 0;
  /** Whether half of the values or more are those before them. */
  hasRuns = false;
  /** Whether all values are decimals exactly, and digits are packed as they are, not in a multiple of one. */
  isPlain = false;
  #bitsPerValue = 0;
  #interval = 0;
  #blocksLeft = 0;

  /** Whether the next block is to be searched. */
  get isSearchDue(): boolean {
    return this.#blocksLeft <= 0;
  }

  /** Whether a block packed as before takes about as much as that one did. */
  fits(bytes: number, count: number): boolean {
    const bits = (bytes * 8) / count;
    const drift = Math.abs(bits - this.#bitsPerValue);
    if (drift > this.#bitsPerValue * DRIFT_SHARE + DRIFT_BITS) return false;
    this.#bitsPerValue = bits;
    this.#blocksLeft--;
    return true;
  }

  /** What a search has found; `codec` is that of the block, which a plan does not always name. */
  found(codec: number, plan: NumberPlan, bytes: number, count: number, hasRuns: boolean): void {
    const decimal = plan.codec === CODEC.decimal ? plan.decimal : undefined;
    const exponent = decimal?.exponent ?? 0;
    const order = decimal?.digits.order ?? 0;
    const isSame =
      codec === this.codec && exponent === this.exponent && order === this.order && hasRuns === this.hasRuns;
    this.codec = codec;
    this.exponent = exponent;
    this.order = order;
    this.hasRuns = hasRuns;
    this.isPlain = decimal?.digits.scale === 1 && decimal.corrections === undefined;
    this.#bitsPerValue = (bytes * 8) / count;
    this.#interval = isSame ? Math.min(INTERVAL_MAX, this.#interval * 2 + 1) : 0;
    this.#blocksLeft = this.#interval;
  }
}
