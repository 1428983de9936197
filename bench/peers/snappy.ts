/**
 * A frame of Snappy that consists of literals only: nothing is made smaller, and any reader takes it. The block format
 * of google/snappy: the length as a varint, then pieces with a tag.
 */
export function snappyLiteral(bytes: Buffer): Buffer {
  const length: number[] = [];
  for (let left = bytes.length; ; left >>>= 7) {
    length.push(left < 0x80 ? left : (left & 0x7f) | 0x80);
    if (left < 0x80) break;
  }
  const parts: Buffer[] = [Buffer.from(length)];
  for (let from = 0; from < bytes.length; from += LITERAL_BYTES_MAX) {
    const piece = bytes.subarray(from, from + LITERAL_BYTES_MAX);
    // 61: two bytes with the length less one follow.
    const tag = Buffer.of(61 << 2, 0, 0);
    tag.writeUInt16LE(piece.length - 1, 1);
    parts.push(tag, piece);
  }
  return Buffer.concat(parts);
}

const LITERAL_BYTES_MAX = 65_536;
