import type { ByteReader, ByteWriter } from '../base/bytes.js';

/** A whole number |n| < 2^53: six bits and the sign, then the rest as a varint. */
export function writeSigned(writer: ByteWriter, value: number): void {
  const magnitude = Math.abs(value);
  const rest = Math.floor(magnitude / 64);
  writer.u8((magnitude % 64) | (value < 0 ? 0x40 : 0) | (rest > 0 ? 0x80 : 0));
  if (rest > 0) writer.varint(rest);
}

/** Reads what writeSigned wrote; damaged bytes may say more than 2^53. */
export function readSigned(reader: ByteReader): number {
  const head = reader.u8();
  const magnitude = (head & 0x3f) + (head & 0x80 ? reader.varint() * 64 : 0);
  return head & 0x40 ? -magnitude : magnitude;
}
