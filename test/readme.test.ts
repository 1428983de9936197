/** The five minutes of the README, pasted into a shell. */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { ADMIN_KEY } from '../bench/server-process.js';
import { projectRoot } from './support/root.js';
import { runServer } from './support/running-server.js';

const hasCurl = spawnSync('curl', ['--version']).status === 0;

/** The shell of the tour, but for the lines in which the reader puts in what the start has printed. */
function tourOf(readme: string): string {
  const tour = readme.slice(readme.indexOf('## Five minutes'), readme.indexOf('### What it does'));
  const blocks = [...tour.matchAll(/```sh\n(.*?)```/gs)].map(([, block]) => block);
  return blocks.join('\n').replace(/^export .*$/gm, '');
}

t.test('the tour works when pasted', { skip: !hasCurl && 'curl is not installed' }, async t => {
  const { server, directory } = await runServer(t);
  const csv = `${directory}.csv`;
  t.teardown(() => rmSync(csv, { force: true }));
  writeFileSync(
    csv,
    'timestamp,temperature,window\n2024-01-15T12:00:00Z,22.5,open\n2024-01-15T12:30:00Z,,closed\n',
  );
  const readme = readFileSync(join(projectRoot, 'README.md'), 'utf8');
  // Where answers of two commands would stand on one line, and a refused one would not end the script.
  const script = tourOf(readme)
    .replaceAll('curl -s', "curl -sf -w '\\n'")
    .replace('readings.csv', `${csv} --url $DAKKIO`);
  const { stdout, stderr, status } = spawnSync('bash', ['-e', '-o', 'pipefail', '-c', script], {
    cwd: projectRoot,
    encoding: 'utf8',
    env: { ...process.env, DAKKIO: server.origin, ADMIN_KEY },
  });
  t.equal(status, 0, stderr);
  const answers = stdout
    .split('\n')
    .filter(line => line.startsWith('{'))
    .map(line => JSON.parse(line));
  t.match(answers, [
    {
      message: 'Data point ingested successfully',
      dataPoint: { values: { temperature: 21.5, window: 'closed' } },
    },
    { message: 'Batch ingested successfully', inserted: 3, dataSources: 1 },
    { message: 'Batch ingested successfully', inserted: 3, dataSources: 1 },
    { data: [{ values: { temperature: 21.5 } }], metadata: { count: 1, hasMore: false } },
    {
      data: [
        { timestamp: '2024-01-15T10:00:00Z', values: { temperature: { avg: 19.875, max: 20.25 } }, count: 2 },
        { timestamp: '2024-01-15T11:00:00Z', values: { temperature: { avg: 22, max: 22 } }, count: 1 },
      ],
    },
    { columns: {}, metadata: { count: 3, downsamplingApplied: true } },
    {
      firings: [{ triggeredAt: '2024-01-15T11:15:00Z', value: 22 }],
      parsedCondition: { field: 'temperature', operator: 'gte', value: 22 },
    },
    {
      message: 'Alert rule created successfully',
      alertRule: { parsedCondition: { operator: 'gt', value: 25, unit: '°C', durationSeconds: 300 } },
    },
    {
      analytics: { period: '90d', summary: { totalDataPoints: 11, dataPointsInPeriod: 1, activeAlerts: 1 } },
    },
  ]);
  t.match(stdout, /2 rows/, 'the import tells what it sent');
});
