/** Bytes that end with a checksum of all before it. */
import { crc32c } from '@node-rs/crc32';
import { ByteReader, BytesError, type ByteWriter } from './bytes.js';

const CRC_BYTES = 4;

export function sealChecked(writer: ByteWriter): Uint8Array {
  writer.u32(crc32c(writer.view()));
  return writer.finish();
}

/** The bytes before the checksum, as a view. @throws BytesError where it does not match. */
export function openChecked(bytes: Uint8Array): Uint8Array {
  const end = bytes.length - CRC_BYTES;
  if (end < 0) throw new BytesError('Bytes are too short for a checksum');
  const content = bytes.subarray(0, end);
  if (new ByteReader(bytes, end).u32() !== crc32c(content)) throw new BytesError('A checksum does not match');
  return content;
}
