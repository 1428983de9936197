import { LINE_MEASUREMENT, lineBody } from '../bodies/line.js';
import { pointsOf, rectanglesOf } from '../bodies/rectangle.js';
import { type RawAnswer, requestBytes } from '../connection.js';
import { BATCH_POINTS } from '../load.js';
import type { Question } from '../questions.js';
import { AnswerBuilder, checkOk, formRequest, ofDebian, type Peer, type PeerWork } from './peer.js';

interface Results {
  readonly results: readonly {
    readonly error?: string;
    readonly series?: readonly {
      readonly tags?: Readonly<Record<string, string>>;
      readonly columns: readonly string[];
      readonly values: readonly (readonly number[])[];
    }[];
  }[];
}

export const influxdb: Peer = {
  name: 'influxdb',
  title: 'InfluxDB',
  program: 'influxd',
  ...ofDebian('influxdb'),
  launch: (directory, port, secondPort, atRest) => ({
    // Without a configuration file it takes its defaults.
    flags: ['run', '-config', '/dev/null'],
    environment: {
      INFLUXDB_DATA_DIR: `${directory}/data`,
      INFLUXDB_META_DIR: `${directory}/meta`,
      INFLUXDB_DATA_WAL_DIR: `${directory}/wal`,
      INFLUXDB_HTTP_BIND_ADDRESS: `127.0.0.1:${port}`,
      INFLUXDB_BIND_ADDRESS: `127.0.0.1:${secondPort}`,
      INFLUXDB_REPORTING_DISABLED: 'true',
      INFLUXDB_MONITOR_STORE_ENABLED: 'false',
      INFLUXDB_HTTP_LOG_ENABLED: 'false',
      ...(atRest && {
        INFLUXDB_DATA_CACHE_SNAPSHOT_WRITE_COLD_DURATION: '1s',
        INFLUXDB_DATA_COMPACT_FULL_WRITE_COLD_DURATION: '2s',
      }),
    },
  }),
  readyPath: '/ping',
  prepare: ({ name }) => [post(`CREATE DATABASE ${name}`)],
  paths: [
    {
      name: 'line',
      encode: ({ name, readings }) =>
        rectanglesOf(readings, BATCH_POINTS).map(rectangle => {
          const body = lineBody(readings, rectangle);
          const path = `/write?db=${name}&precision=ms`;
          return {
            bytes: requestBytes('POST', path, { body, contentType: 'text/plain' }),
            points: pointsOf(rectangle),
          };
        }),
    },
  ],
  count({ name, readings }) {
    const counts = [...readings[0].fields.keys()].map(field => `count("${field}")`);
    return {
      request: post(`SELECT ${counts} FROM ${LINE_MEASUREMENT}`, name),
      decode(answer) {
        const [, ...found] = seriesOf(answer)[0]?.values[0] ?? [];
        return found.reduce((sum, count) => sum + count, 0);
      },
    };
  },
  query: (work, question) => ({
    request: post(questionText(work, question), work.name),
    decode: answer => decode(work, question, answer),
  }),
  restsAfterRestart: true,
};

function post(q: string, db = ''): Buffer {
  const { path, ...form } = formRequest('/query', { q, db, epoch: 'ms' });
  return requestBytes('POST', path, form);
}

const FUNCTIONS = { max: 'max', avg: 'mean', automatic: 'mean', last: 'last' };

function questionText({ readings }: PeerWork, question: Question): string {
  const { sources, fields, startTime, endTime, aggregation, groups } = question;
  const columns = fields.map(field =>
    aggregation === 'none' ? `"${field}"` : `${FUNCTIONS[aggregation]}("${field}") AS "${field}"`,
  );
  const names = sources.map(source => readings[source].source);
  const hosts = sources.length === readings.length ? '' : ` AND hostname =~ /^(${names.join('|')})$/`;
  const by = ['hostname', ...(groups === undefined ? [] : [`time(${groups.widthMs}ms)`])];
  const times = `time >= ${startTime}ms AND time < ${endTime}ms`;
  const fill = groups === undefined ? '' : ' fill(none)';
  return `SELECT ${columns} FROM ${LINE_MEASUREMENT} WHERE ${times}${hosts} GROUP BY ${by}${fill}`;
}

function decode(work: PeerWork, { startTime, groups, aggregation }: Question, answer: RawAnswer) {
  const builder = new AnswerBuilder(work);
  for (const { tags, columns, values } of seriesOf(answer)) {
    // One group over all begins with the question.
    const isOne = groups === undefined && aggregation !== 'none';
    const timestamps = Float64Array.from(values, ([time]) => (isOne ? startTime : time));
    for (let column = 1; column < columns.length; column++) {
      builder.add(
        tags?.hostname ?? '',
        columns[column],
        timestamps,
        Float64Array.from(values, row => row[column]),
      );
    }
  }
  return builder.finish();
}

function seriesOf(answer: RawAnswer) {
  checkOk(answer);
  const [{ error, series = [] }] = (JSON.parse(answer.body.toString()) as Results).results;
  if (error !== undefined) throw new Error(error);
  return series;
}
