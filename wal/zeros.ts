/** Bytes of which nothing has been made yet. */

/** As many as are written at once; read only. */
export const ZEROS = new Uint8Array(1024 * 1024);

export function isZero(bytes: Uint8Array): boolean {
  for (let offset = 0; offset < bytes.length; offset += ZEROS.length) {
    const piece = bytes.subarray(offset, offset + ZEROS.length);
    if (Buffer.compare(piece, ZEROS.subarray(0, piece.length)) !== 0) return false;
  }
  return true;
}
