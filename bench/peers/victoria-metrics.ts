import { join } from 'node:path';
import { LINE_MEASUREMENT, lineBody } from '../bodies/line.js';
import { pointsOf, type Rectangle, rectanglesOf } from '../bodies/rectangle.js';
import { requestBytes } from '../connection.js';
import { BATCH_POINTS } from '../load.js';
import type { Readings } from '../reference.js';
import { AnswerBuilder, checkOk, formRequest, ofDebian, type Peer } from './peer.js';
import { type Dialect, promCount, promQuery, seconds } from './prometheus-api.js';

const PREFIX = `${LINE_MEASUREMENT}_`;

const dialect: Dialect = {
  selector(fields, sources) {
    const hosts = sources === undefined ? '' : `,hostname=~"${sources.join('|')}"`;
    return `{__name__=~"${fields.map(field => PREFIX + field).join('|')}"${hosts}}`;
  },
  fieldOf: ({ __name__: name }) => name.slice(PREFIX.length),
  keepNames: expression => `${expression} keep_metric_names`,
  // Without it times are moved to whole steps, and answers are kept instead of made.
  parameters: { nocache: '1' },
  raw(work, { startTime, endTime }, selector) {
    const times = { start: seconds(startTime), end: seconds(endTime - 1) };
    const { path, ...form } = formRequest('/api/v1/export', { 'match[]': selector, ...times });
    return {
      request: requestBytes('POST', path, form),
      decode(answer) {
        checkOk(answer);
        const builder = new AnswerBuilder(work);
        for (const line of answer.body.toString().trim().split('\n')) {
          const { metric, values, timestamps } = JSON.parse(line);
          builder.add(
            metric.hostname,
            dialect.fieldOf(metric),
            Float64Array.from(timestamps),
            Float64Array.from(values),
          );
        }
        return builder.finish();
      },
    };
  },
};

const FLUSH = requestBytes('GET', '/internal/force_flush', {});

export const victoriaMetrics: Peer = {
  name: 'victoria-metrics',
  title: 'VictoriaMetrics',
  program: 'victoria-metrics',
  ...ofDebian('victoria-metrics'),
  launch: (directory, port) => ({
    flags: [`-storageDataPath=${directory}`, `-httpListenAddr=127.0.0.1:${port}`, '-retentionPeriod=100y'],
  }),
  readyPath: '/health',
  paths: [
    {
      name: 'line',
      encode: ({ readings }) =>
        rectanglesOf(readings, BATCH_POINTS).map(rectangle => {
          const body = lineBody(readings, rectangle);
          const bytes = requestBytes('POST', '/write?precision=ms', { body, contentType: 'text/plain' });
          return { bytes, points: pointsOf(rectangle) };
        }),
    },
    {
      name: 'json',
      encode: ({ readings }) =>
        rectanglesOf(readings, BATCH_POINTS).map(rectangle => ({
          bytes: requestBytes('POST', '/api/v1/import', { body: importBody(readings, rectangle) }),
          points: pointsOf(rectangle),
        })),
    },
  ],
  count: work => promCount(dialect, work),
  query: (work, question) => promQuery(dialect, work, question),
  show: FLUSH,
  flush: FLUSH,
  // Not what it keeps of its caches when it is ended.
  storedIn: directory => ['data', 'indexdb'].map(name => join(directory, name)),
};

/** Its own JSON: a line a series, with lists of values and times. */
function importBody(
  readings: readonly Readings[],
  { sourceFrom, sourceTo, rowFrom, rowTo }: Rectangle,
): Buffer {
  const rows = Array.from({ length: rowTo - rowFrom }, (_, index) => rowFrom + index);
  const timestamps = rows.map(row => readings[sourceFrom].timeAt(row)).join();
  const lines: string[] = [];
  for (const { source, fields } of readings.slice(sourceFrom, sourceTo)) {
    for (const [field, valueAt] of fields) {
      const metric = `{"__name__":"${PREFIX}${field}","hostname":"${source}"}`;
      lines.push(`{"metric":${metric},"values":[${rows.map(valueAt)}],"timestamps":[${timestamps}]}`);
    }
  }
  return Buffer.from(lines.join('\n'));
}
