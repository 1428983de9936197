/** Comma-separated values (RFC 4180), which spreadsheets take for text and numbers and nothing else. */

const LINE_END = '\r\n';

export type Cell = string | number | boolean | null | undefined;

/** Null and undefined are empty cells. */
export function csvText(rows: readonly (readonly Cell[])[]): string {
  return [...rows.map(cells => cells.map(cellText).join(',')), ''].join(LINE_END);
}

/** A text that begins as a formula does is told to be none: spreadsheets would run it. */
function cellText(cell: Cell): string {
  if (cell === undefined || cell === null) return '';
  if (typeof cell !== 'string') return String(cell);
  const safe = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
