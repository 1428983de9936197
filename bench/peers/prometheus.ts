import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LINE_MEASUREMENT } from '../bodies/line.js';
import { pointsOf, rectanglesOf } from '../bodies/rectangle.js';
import { requestBytes } from '../connection.js';
import { BATCH_POINTS } from '../load.js';
import type { PreparedBatch } from '../sender.js';
import { AnswerBuilder, checkOk, formRequest, ofDebian, type Peer } from './peer.js';
import { type Dialect, promCount, promQuery, seconds } from './prometheus-api.js';
import { remoteWriteBody } from './remote-write.js';

const dialect: Dialect = {
  selector(fields, sources) {
    const hosts = sources === undefined ? '' : `,hostname=~"${sources.join('|')}"`;
    return `${LINE_MEASUREMENT}{field=~"${fields.join('|')}"${hosts}}`;
  },
  fieldOf: ({ field }) => field,
  // The name is lost; the field is a label of its own.
  keepNames: expression => expression,
  parameters: {},
  raw(work, { startTime, endTime }, selector) {
    // A range has both its ends.
    const query = `${selector}[${endTime - 1 - startTime}ms]`;
    const { path, ...form } = formRequest('/api/v1/query', { query, time: seconds(endTime - 1) });
    return {
      request: requestBytes('POST', path, form),
      decode(answer) {
        checkOk(answer);
        const builder = new AnswerBuilder(work);
        for (const { metric, values } of JSON.parse(answer.body.toString()).data.result) {
          const times = Float64Array.from(values as [number, string][], ([time]) => Math.round(time * 1_000));
          const numbers = Float64Array.from(values as [number, string][], ([, text]) => Number(text));
          builder.add(metric.hostname, dialect.fieldOf(metric), times, numbers);
        }
        return builder.finish();
      },
    };
  },
};

export const prometheus: Peer = {
  name: 'prometheus',
  title: 'Prometheus',
  program: 'prometheus',
  ...ofDebian('prometheus'),
  launch(directory, port) {
    const configuration = join(directory, 'prometheus.yml');
    writeFileSync(configuration, 'global: {}\n');
    return {
      flags: [
        `--config.file=${configuration}`,
        `--storage.tsdb.path=${join(directory, 'data')}`,
        '--storage.tsdb.retention.time=100y',
        `--web.listen-address=127.0.0.1:${port}`,
        '--web.enable-remote-write-receiver',
        '--web.enable-admin-api',
        '--log.level=warn',
      ],
    };
  },
  readyPath: '/-/ready',
  paths: [
    {
      name: 'remote-write',
      // Each series has to come in order: one half of the sources over each of two connections, as its own client does.
      encode({ readings }) {
        const half = Math.ceil(readings.length / 2);
        const lanes = [0, half].map(from =>
          rectanglesOf(readings.slice(from, from + half), BATCH_POINTS).map((rectangle): PreparedBatch => {
            const body = remoteWriteBody(LINE_MEASUREMENT, readings.slice(from, from + half), rectangle);
            const options = { body, contentType: 'application/x-protobuf', contentEncoding: 'snappy' };
            const bytes = requestBytes('POST', '/api/v1/write', options);
            return { bytes, points: pointsOf(rectangle), lane: from === 0 ? 0 : 1 };
          }),
        );
        return lanes.flat();
      },
    },
  ],
  count: work => promCount(dialect, work),
  query: (work, question) => promQuery(dialect, work, question),
  // Everything as blocks, without the log and what is in memory.
  flush: requestBytes('POST', '/api/v1/admin/tsdb/snapshot', {}),
  storedIn(directory) {
    const snapshots = join(directory, 'data', 'snapshots');
    const [newest] = readdirSync(snapshots).sort().reverse();
    return [join(snapshots, newest)];
  },
};
