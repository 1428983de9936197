/** One page with everything in it: charts of a result against its goals and the peers, and all figures as a table. */
import { type Figure, formatValue, goalText, isMet, verdictText } from '../figures.js';
import type { Result } from '../results.js';
import { chartSvg } from './chart.js';
import { escaped } from './escaped.js';
import { type Section, sectionsOf } from './sections.js';
import { STYLE } from './style.js';

export function reportPage(result: Result): string {
  const { date, commit, node, machine } = result;
  const gibibytes = Math.round(machine.memoryBytes / 2 ** 30);
  const place = [
    `${machine.cores} × ${machine.processor}, ${gibibytes} GiB`,
    machine.system,
    `Node ${node}`,
    `commit ${commit}`,
    ...(result.peers ?? []).map(({ title, version }) => `${title} ${version}`),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>dakkio, measured ${date.slice(0, 10)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<header>
<h1>dakkio, measured</h1>
<p class="when">${escaped(date.slice(0, 16).replace('T', ' '))} UTC</p>
<p class="goals">${goalsText(result.figures)}</p>
<p class="place">${place.map(escaped).join(' · ')}</p>
</header>
${sectionsOf(result).map(sectionHtml).join('\n')}
<section>
<h2>All figures</h2>
${tableHtml(result)}
</section>
</main>
</body>
</html>
`;
}

function goalsText(figures: readonly Figure[]): string {
  const verdicts = figures.map(isMet).filter(met => met !== undefined);
  const met = verdicts.filter(met => met).length;
  return verdicts.length === 0 ? '' : `<b>${met}</b> of ${verdicts.length} goals met`;
}

function sectionHtml({ title, text, charts }: Section): string {
  const paragraph = text === '' ? '' : `<p>${escaped(text)}</p>`;
  return `<section>
<h2>${escaped(title)}</h2>
${paragraph}
<div class="charts">
${charts.map(chartSvg).join('\n')}
</div>
</section>`;
}

function tableHtml({ figures, peers = [] }: Result): string {
  const heads = ['', 'unit', 'dakkio', 'goal', '', ...peers.map(({ title }) => title)];
  const rows = figures.map(figure => {
    const met = isMet(figure);
    const goal = goalText(figure);
    const others = peers.map(peer => valueText(peer.figures.find(({ id }) => id === figure.id)));
    const verdict = `<td class="${met === false ? 'missed' : met ? 'met' : ''}">${escaped(verdictText(figure))}</td>`;
    const cells = [valueText(figure), goal].map(text => `<td class="number">${text}</td>`).join('');
    const peerCells = others.map(text => `<td class="number peer">${text}</td>`).join('');
    return `<tr><th>${escaped(figure.title)}</th><td class="unit">${escaped(figure.unit)}</td>${cells}${verdict}${peerCells}</tr>`;
  });
  const head = heads.map(
    (text, index) => `<th class="${index > 1 && index !== 4 ? 'number' : ''}">${escaped(text)}</th>`,
  );
  return `<div class="table"><table><thead><tr>${head.join('')}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody></table></div>`;
}

function valueText(figure: Figure | undefined): string {
  return figure?.value === undefined ? '–' : formatValue(figure.value);
}
