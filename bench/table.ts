/** Cells → lines of columns under each other. @param texts how many columns, from the first one, are set to the left */
export function alignedLines(rows: readonly (readonly string[])[], texts: number): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map(cells => cells[column].length)));
  return rows.map(cells =>
    cells
      .map((cell, column) => (column < texts ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
      .join('  ')
      .trimEnd(),
  );
}
