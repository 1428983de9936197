/** Bytes compared four at a time: an unaligned word is a single load. */

/** Whether `length` bytes at two places are the same; there must be so many at both. */
export function areEqual(
  left: DataView,
  leftAt: number,
  right: DataView,
  rightAt: number,
  length: number,
): boolean {
  const last = length - 4;
  if (last < 0) {
    for (let offset = 0; offset < length; offset++) {
      if (left.getUint8(leftAt + offset) !== right.getUint8(rightAt + offset)) return false;
    }
    return true;
  }
  for (let offset = 0; offset < last; offset += 4) {
    if (left.getInt32(leftAt + offset, true) !== right.getInt32(rightAt + offset, true)) return false;
  }
  // The last word may overlap the one before.
  return left.getInt32(leftAt + last, true) === right.getInt32(rightAt + last, true);
}

/** Bytes that are expected somewhere. */
export class Token {
  readonly length: number;
  readonly #view: DataView;

  /** @param bytes copied */
  constructor(bytes: Uint8Array) {
    // Not `slice`: of a Buffer it would be a view, and the memory of a body is used again.
    const { buffer, byteOffset, length } = new Uint8Array(bytes);
    this.length = length;
    this.#view = new DataView(buffer, byteOffset, length);
  }

  isAt(view: DataView, at: number): boolean {
    return at + this.length <= view.byteLength && areEqual(view, at, this.#view, 0, this.length);
  }
}
