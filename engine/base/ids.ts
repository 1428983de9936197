/**
 * A point's `_id` is made, never stored: 8 hex digits of the source's ordinal and 16 of the row number.
 * It is the same before and after flush, compaction and restart, because both parts are.
 */
export function pointId(source: number, row: number): string {
  return source.toString(16).padStart(8, '0') + row.toString(16).padStart(16, '0');
}
