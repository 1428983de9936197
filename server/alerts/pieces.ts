/** Room for what a window holds: columns of which the front is dropped and the end grows. */

/**
 * Pieces of one window: points, as long as there are no more; else what lies in the same 2,048th of the window is one
 * piece, which stays until its latest point leaves. So a window of any number of points takes memory of this many, and
 * begins up to a 2,048th of its length too early.
 */
export const WINDOW_PIECES_MAX = 4_096;

/** Length of what becomes one piece where there are too many. */
export function pieceMsOf(windowMs: number): number {
  return Math.ceil(windowMs / (WINDOW_PIECES_MAX / 2));
}

/** Most windows hold few points, and there may be thousands of windows. */
const CAPACITY_MIN = 16;

/**
 * Slots for columns of which `[head, tail)` is in use, so that there is one more: the same number where moving it to the
 * front makes enough room that this need not be done again soon.
 */
export function roomierCapacity(head: number, tail: number, capacity: number): number {
  return head >= tail - head && head > 0 ? capacity : Math.max(CAPACITY_MIN, 2 * capacity);
}

/** The column with `[head, tail)` at its front. */
export function movedToFront(
  column: Float64Array<ArrayBuffer>,
  head: number,
  tail: number,
  capacity: number,
): Float64Array<ArrayBuffer> {
  if (capacity === column.length) return column.copyWithin(0, head, tail);
  const roomier = new Float64Array(capacity);
  roomier.set(column.subarray(head, tail));
  return roomier;
}
