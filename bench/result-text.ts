/** Results for people: figures beside their goals and the peers, and two results beside each other. */
import { type Figure, formatValue, goalText, verdictText } from './figures.js';
import type { PeerResult, Result } from './results.js';
import { alignedLines } from './table.js';

export function resultText({ figures, peers = [], hashes }: Result): string {
  const head = ['', 'unit', 'dakkio', 'goal', ...peers.map(({ title }) => title), ''];
  const rows = figures.map(figure => [
    figure.title,
    figure.unit,
    cellOf(figure),
    goalText(figure),
    ...peers.map(peer => cellOf(peer.figures.find(({ id }) => id === figure.id))),
    verdictText(figure),
  ]);
  // The verdict is text, too, but the last one: nothing has to be under it.
  const lines = alignedLines([head, ...rows.map(cells => cells.slice(0, -1).concat(''))], 2);
  const width = Math.max(...lines.map(line => line.length));
  const table = lines.map((line, row) => `${line.padEnd(width)}  ${rows[row - 1]?.at(-1) ?? ''}`.trimEnd());
  const hashLines = Object.entries(hashes).map(([part, hash]) => `hash of ${part}: ${hash}`);
  return [...table, ...peers.flatMap(peerLines), '', ...hashLines, ''].join('\n');
}

function cellOf(figure: Figure | undefined): string {
  return figure?.value === undefined ? '–' : formatValue(figure.value);
}

/** What a peer does that dakkio does not, and what did not work. */
function peerLines({ title, version, figures }: PeerResult): string[] {
  const missing = figures.filter(({ value }) => value === undefined);
  return [
    '',
    `${title} ${version}`,
    ...missing.map(figure => `  ${figure.title}: ${figure.missing}`),
    ...figures
      .filter(({ id, value }) => /^ingest\..*rate$/.test(id) && value !== undefined)
      .map(({ title, value, unit }) => `  ${title}: ${formatValue(value as number)} ${unit}`),
  ];
}

/** A difference below this share is not marked: neighbours alone make as much. */
const NOISE_SHARE = 0.1;

/** The second result beside the first one: ratios above 1 are better, whatever the unit. */
export function comparisonText(before: Result, after: Result): string {
  const rows: string[][] = [];
  for (const figure of after.figures) {
    const old = before.figures.find(({ id }) => id === figure.id);
    if (old?.value === undefined || figure.value === undefined) continue;
    const ratio = figure.better === 'more' ? figure.value / old.value : old.value / figure.value;
    const isWorse = ratio < 1 - NOISE_SHARE;
    const mark = isWorse ? '← worse' : ratio > 1 + NOISE_SHARE ? 'better' : '';
    rows.push([
      figure.title,
      figure.unit,
      formatValue(old.value),
      formatValue(figure.value),
      `${Number.isFinite(ratio) ? ratio.toFixed(2) : '1.00'}×`,
      mark,
    ]);
  }
  const name = ({ date, commit }: Result) => `${date.slice(0, 16)} ${commit}`;
  const changed = Object.entries(after.hashes).filter(
    ([part, hash]) => before.hashes[part] !== undefined && before.hashes[part] !== hash,
  );
  return [
    `before: ${name(before)}, after: ${name(after)}`,
    ...alignedLines([['', 'unit', 'before', 'after', 'ratio', ''], ...rows], 2),
    ...changed.map(([part]) => `the answers of ${part} are others`),
    '',
  ].join('\n');
}
