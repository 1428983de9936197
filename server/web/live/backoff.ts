const FIRST_MS = 500;
const LONGEST_MS = 15_000;

/** How long to wait before a connection is tried again. @param failures in a row, from 1 */
export function backoffMs(failures: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));
}
