import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './root.js';

/** The cells of each row of the Markdown table under a heading of a document, without backticks; no header row. */
export function tableUnder(document: string, heading: string): string[][] {
  const lines = readFileSync(join(projectRoot, document), 'utf8').split('\n');
  const start = lines.indexOf(heading);
  if (start < 0) throw new Error(`${document} has no ${heading}`);
  const first = lines.findIndex((line, index) => index > start && line.startsWith('|'));
  const rows: string[][] = [];
  for (let index = first + 2; lines[index]?.startsWith('|'); index++) {
    const cells = lines[index].split('|').slice(1, -1);
    rows.push(cells.map(cell => cell.trim().replaceAll('`', '')));
  }
  return rows;
}
