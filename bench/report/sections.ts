/** Which figures stand together in a chart. */
import { INGEST_WORKS } from '../ingest.js';
import type { Result } from '../results.js';
import type { Bar, Chart } from './chart.js';

export interface Section {
  readonly title: string;
  readonly text: string;
  readonly charts: readonly Chart[];
}

const TEXT_PATHS = ['json', 'line', 'remote-write'];
const PATH_NAMES: Record<string, string> = {
  json: 'JSON',
  line: 'line',
  'remote-write': 'remote write',
  columnar: 'bulk',
};

export function sectionsOf(result: Result): Section[] {
  const rates = (paths: readonly string[], figure: string) =>
    INGEST_WORKS.map(work =>
      chartOf(
        result,
        work,
        paths.map(path => ({ id: `ingest.${path}.${work}.${figure}`, label: PATH_NAMES[path] })),
      ),
    );
  const alone = (title: string, id: string) => chartOf(result, title, [{ id, label: '' }]);
  const sections: Section[] = [
    {
      title: 'Ingestion as text, by the clock',
      text: '1,000 points a request over two connections; every answer checked, everything read back.',
      charts: rates(TEXT_PATHS, 'rate'),
    },
    {
      title: 'Ingestion as text, a second of server CPU',
      text: 'What to compare on a machine with neighbours.',
      charts: rates(TEXT_PATHS, 'cpu-rate'),
    },
    {
      title: 'Ingestion in bulk, by the clock',
      text: 'Binary columns of one source a request, 10,000 rows at most; the others with 100,000 rows a request.',
      charts: rates(['columnar'], 'rate'),
    },
    {
      title: 'Ingestion in bulk, a second of server CPU',
      text: '',
      charts: rates(['columnar'], 'cpu-rate'),
    },
    {
      title: 'On disk',
      text: 'All files of the data directory, at rest.',
      charts: INGEST_WORKS.map(work => alone(work, `size.${work}`)),
    },
    {
      title: 'Queries, median',
      text: 'Warm, one client, one after another; answers compared with plain loops over the data.',
      charts: result.figures
        .filter(({ id }) => /^query\.[a-h]\.p50$/.test(id))
        .map(({ id, title }) => alone(title.replace(/, p50$/, ''), id)),
    },
    {
      title: 'Start and memory',
      text: 'From the start of the process to its first answer; the peak while JSON, or the first way in, was ingested.',
      charts: [
        alone('start to first answer', 'start.cpu.first-answer'),
        chartOf(
          result,
          'peak memory, cpu-int',
          TEXT_PATHS.map(path => ({ id: `ingest.${path}.cpu-int.peak`, label: PATH_NAMES[path] })),
        ),
      ],
    },
  ];
  return sections
    .map(section => ({ ...section, charts: section.charts.filter(({ bars }) => bars.length > 0) }))
    .filter(({ charts }) => charts.length > 0);
}

interface ChartPart {
  readonly id: string;
  /** Behind the name of whose it is; empty where there is one part only. */
  readonly label: string;
}

/** Ours first, then the peers in their order; what somebody does not do is left out. */
function chartOf(result: Result, title: string, parts: readonly ChartPart[]): Chart {
  const owners = [{ title: 'dakkio', figures: result.figures, isOurs: true }, ...(result.peers ?? [])];
  const bars: Bar[] = [];
  for (const owner of owners) {
    for (const { id, label } of parts) {
      const figure = owner.figures.find(figure => figure.id === id);
      if (figure === undefined) continue;
      bars.push({ label: `${owner.title} ${label}`.trim(), value: figure.value, isOurs: 'isOurs' in owner });
    }
  }
  // Of several ways in the first one's goal is drawn; a peer may do what we do not.
  const all = owners.flatMap(({ figures }) => figures);
  const figures = parts.flatMap(({ id }) => all.find(figure => figure.id === id) ?? []);
  const { unit = '', better = 'more', goal } = figures[0] ?? {};
  return { title, unit, better, bars, goal };
}
