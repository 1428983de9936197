import { compressSync, uncompressSync } from 'lz4-napi';
import { assert } from '../base/assert.js';
import { ByteReader, BytesError, ByteWriter } from '../base/bytes.js';
import { planIntegers } from './integer-plan.js';
import { readIntegers, writeIntegers } from './integers.js';
import { roomFor } from './scratch.js';

/** Texts as a dictionary in order of first use, LZ4 where that is smaller, and a stream of indexes into it. */

const PLAIN = 0;
const LZ4 = 1;
/** LZ4 cannot expand a byte to more than 255, whatever a size field claims. */
const LZ4_EXPANSION_MAX = 255;
const LZ4_SIZE_BYTES = 4;

let indexes: Float64Array = new Float64Array(1_024);

export function writeStrings(
  writer: ByteWriter,
  values: Float64Array,
  count: number,
  dictionary: readonly string[],
): void {
  indexes = roomFor(indexes, count);
  const used = new Map<number, number>();
  const texts = new ByteWriter(1_024);
  for (let i = 0; i < count; i++) {
    const index = values[i];
    let renumbered = used.get(index);
    if (renumbered === undefined) {
      assert(index < dictionary.length, 'a string is an index into its dictionary');
      renumbered = used.size;
      used.set(index, renumbered);
      texts.text(dictionary[index]);
    }
    indexes[i] = renumbered;
  }
  writer.varint(used.size);
  writeTexts(writer, texts.view());
  writeIntegers(writer, indexes, count, planIntegers(indexes, count));
}

/** Fills `into` with indexes into the dictionary that it returns. */
export function readStrings(reader: ByteReader, into: Float64Array, count: number): string[] {
  const size = reader.varint();
  if (size === 0 || size > count) throw new BytesError('A dictionary is empty, or larger than the column');
  const texts = readTexts(reader);
  const dictionary: string[] = [];
  for (let k = 0; k < size; k++) dictionary.push(texts.text());
  readIntegers(reader, into, count);
  for (let i = 0; i < count; i++) {
    const index = into[i];
    if (!(index >= 0 && index < size && index === Math.floor(index)))
      throw new BytesError('A string is not in its dictionary');
  }
  return dictionary;
}

function writeTexts(writer: ByteWriter, texts: Uint8Array): void {
  const compressed = compressSync(Buffer.from(texts.buffer, texts.byteOffset, texts.length));
  const packed = compressed.subarray(LZ4_SIZE_BYTES);
  if (packed.length + 3 < texts.length) {
    writer.u8(LZ4);
    writer.varint(texts.length);
    writer.bytes(packed);
  } else {
    writer.u8(PLAIN);
    writer.bytes(texts);
  }
}

function readTexts(reader: ByteReader): ByteReader {
  const form = reader.u8();
  if (form === PLAIN) return new ByteReader(reader.bytes());
  if (form !== LZ4) throw new BytesError('Texts have an unknown form');
  const length = reader.varint();
  const packed = reader.bytes();
  if (length > packed.length * LZ4_EXPANSION_MAX) throw new BytesError('Texts claim more than LZ4 can hold');
  const sized = new ByteWriter(packed.length + LZ4_SIZE_BYTES);
  sized.u32(length);
  sized.raw(packed);
  let texts: Uint8Array;
  try {
    texts = uncompressSync(sized.view());
  } catch {
    throw new BytesError('Texts are not LZ4');
  }
  if (texts.length !== length) throw new BytesError('Texts are shorter than they claim');
  return new ByteReader(texts);
}
