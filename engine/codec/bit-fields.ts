import { type ByteReader, BytesError, type ByteWriter } from '../base/bytes.js';

/** Fields of a width each (1 to 32 bits), one after another without gaps, lowest bit first. */

/** A read may go so far past the end before it is noticed: the longest entry of a codec, and the word after it. */
const WORDS_AFTER = 4;

let words = new Uint32Array(1_026);
let bytes = new Uint8Array(words.buffer);

/** Writes whole bytes; the last is filled up with zeros. */
export function writeFields(
  writer: ByteWriter,
  fields: Uint32Array,
  widths: Uint8Array,
  fieldCount: number,
): void {
  reserve(fieldCount);
  const into = words;
  let word = 0;
  let filled = 0;
  let at = 0;
  for (let k = 0; k < fieldCount; k++) {
    const field = fields[k];
    const width = widths[k];
    word |= field << filled;
    filled += width;
    if (filled < 32) continue;
    into[at++] = word;
    filled -= 32;
    // A shift by 32 would be a shift by 0: nothing of the field is left over then.
    word = filled === 0 ? 0 : field >>> (width - filled);
  }
  into[at] = word;
  writer.raw(bytes.subarray(0, at * 4 + Math.ceil(filled / 8)));
}

/** The next `length` bytes as words to read fields from, with zeros after them. Valid until the next call. */
export function loadFields(reader: ByteReader, length: number): Uint32Array {
  const source = reader.raw(length);
  reserve((length + 3) >>> 2);
  bytes.set(source);
  bytes.fill(0, length, Math.min(bytes.length, length + WORDS_AFTER * 4));
  return words;
}

/** The 32 bits from a position on. Shifts count modulo 32, so that `~bit` is 31 less the position within the word. */
export function bitsAt(source: Uint32Array, bit: number): number {
  return ((source[bit >>> 5] >>> bit) | ((source[(bit >>> 5) + 1] << 1) << ~bit)) >>> 0;
}

/** Refuses bytes left over: fields end within the last byte. */
export function expectFieldsEnd(bit: number, length: number): void {
  if ((bit + 7) >>> 3 !== length) throw new BytesError('Fields of bits end early, or late');
}

function reserve(count: number): void {
  if (count + WORDS_AFTER <= words.length) return;
  words = new Uint32Array(count + WORDS_AFTER);
  bytes = new Uint8Array(words.buffer);
}
