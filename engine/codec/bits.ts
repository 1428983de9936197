import type { ByteReader, ByteWriter } from '../base/bytes.js';

/**
 * Whole numbers of one width, packed without gaps, lowest bit first. Widths over 32 are laid out as all the low words
 * and then the packed high parts, so that no loop needs more than 32 bits at once.
 */

export const WIDTH_MAX = 53;
const WORD = 2 ** 32;

let words = new Uint32Array(1_026);
let bytes = new Uint8Array(words.buffer);

/** Bits of the largest of some whole numbers from 0 to 2^53−1. */
export function widthOf(largest: number): number {
  return largest < WORD ? 32 - Math.clz32(largest) : 64 - Math.clz32(largest / WORD);
}

export function packedBytes(count: number, width: number): number {
  return width > 32 ? count * 4 + Math.ceil((count * (width - 32)) / 8) : Math.ceil((count * width) / 8);
}

/** Packs `values[from … from + count)`, each from 0 to 2^width − 1. */
export function writePacked(
  writer: ByteWriter,
  values: Float64Array,
  from: number,
  count: number,
  width: number,
): void {
  if (width === 0) return;
  if (width <= 32) {
    packWords(values, from, count, width, 1);
    writer.raw(bytes.subarray(0, packedBytes(count, width)));
    return;
  }
  packWords(values, from, count, 32, 1);
  writer.raw(bytes.subarray(0, count * 4));
  packWords(values, from, count, width - 32, 1 / WORD);
  writer.raw(bytes.subarray(0, packedBytes(count, width - 32)));
}

/** Reads what writePacked wrote into `into[from … from + count)`, each plus `base`. */
export function readPacked(
  reader: ByteReader,
  into: Float64Array,
  from: number,
  count: number,
  width: number,
  base: number,
): void {
  if (width === 0) {
    into.fill(base, from, from + count);
    return;
  }
  if (width <= 32) {
    loadWords(reader.raw(packedBytes(count, width)));
    if (width < 32) unpackNarrow(into, from, count, width, base);
    else addLow(into, from, count, base);
    return;
  }
  loadWords(reader.raw(count * 4));
  addLow(into, from, count, base);
  loadWords(reader.raw(packedBytes(count, width - 32)));
  addHigh(into, from, count, width - 32);
}

function packWords(values: Float64Array, from: number, count: number, width: number, factor: number): void {
  reserve(Math.ceil((count * width) / 32));
  const into = words;
  let word = 0;
  let filled = 0;
  let at = 0;
  for (let i = from; i < from + count; i++) {
    const value = (values[i] * factor) >>> 0;
    word |= value << filled;
    filled += width;
    if (filled >= 32) {
      into[at++] = word;
      filled -= 32;
      // A shift by 32 would be a shift by 0: nothing of the value is left over then.
      word = filled === 0 ? 0 : value >>> (width - filled);
    }
  }
  into[at] = word;
}

/** Four at a time: a quarter faster, because the four do not wait for each other's position. */
function unpackNarrow(into: Float64Array, from: number, count: number, width: number, base: number): void {
  const source = words;
  const mask = (1 << width) - 1;
  const end = from + count;
  let bit = 0;
  let i = from;
  for (; i + 4 <= end; i += 4) {
    const second = bit + width;
    const third = second + width;
    const fourth = third + width;
    // Shifts count modulo 32, so that `~bit` is 31 less the position within the word.
    into[i] = base + (((source[bit >>> 5] >>> bit) | ((source[(bit >>> 5) + 1] << 1) << ~bit)) & mask);
    into[i + 1] =
      base + (((source[second >>> 5] >>> second) | ((source[(second >>> 5) + 1] << 1) << ~second)) & mask);
    into[i + 2] =
      base + (((source[third >>> 5] >>> third) | ((source[(third >>> 5) + 1] << 1) << ~third)) & mask);
    into[i + 3] =
      base + (((source[fourth >>> 5] >>> fourth) | ((source[(fourth >>> 5) + 1] << 1) << ~fourth)) & mask);
    bit = fourth + width;
  }
  for (; i < end; i++, bit += width)
    into[i] = base + (((source[bit >>> 5] >>> bit) | ((source[(bit >>> 5) + 1] << 1) << ~bit)) & mask);
}

function addLow(into: Float64Array, from: number, count: number, base: number): void {
  const source = words;
  for (let i = 0; i < count; i++) into[from + i] = source[i] + base;
}

function addHigh(into: Float64Array, from: number, count: number, width: number): void {
  const source = words;
  const mask = (1 << width) - 1;
  let bit = 0;
  for (let i = from; i < from + count; i++, bit += width)
    into[i] += (((source[bit >>> 5] >>> bit) | ((source[(bit >>> 5) + 1] << 1) << ~bit)) & mask) * WORD;
}

/** The bytes of a block start anywhere; words do not. Two words more, so that a read may go past the last. */
function loadWords(packed: Uint8Array): void {
  reserve((packed.length + 3) >>> 2);
  bytes.set(packed);
}

function reserve(count: number): void {
  if (count + 2 <= words.length) return;
  words = new Uint32Array(count + 2);
  bytes = new Uint8Array(words.buffer);
}
