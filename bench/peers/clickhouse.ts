import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pointsOf, type Rectangle, rectanglesOf, sourceRectangles } from '../bodies/rectangle.js';
import { type RawAnswer, requestBytes } from '../connection.js';
import { BATCH_POINTS } from '../load.js';
import type { Question } from '../questions.js';
import type { Readings } from '../reference.js';
import { AnswerBuilder, checkOk, type Peer, type PeerWork } from './peer.js';

/** What it is meant for: it writes a part a request. */
const BULK_ROWS = 100_000;

export const clickhouse: Peer = {
  name: 'clickhouse',
  title: 'ClickHouse',
  program: 'clickhouse-server',
  package: 'clickhouse-server',
  launch(directory, port, secondPort) {
    const configuration = join(directory, '..', `clickhouse-${port}.xml`);
    writeFileSync(configuration, configurationText(directory, port, secondPort));
    for (const name of ['tmp', 'data']) mkdirSync(join(directory, name), { recursive: true });
    return { flags: [`--config-file=${configuration}`] };
  },
  readyPath: '/ping',
  prepare: ({ name, readings }) => {
    const fields = Array.from(readings[0].fields.keys(), field => `${field} Float64`);
    const table = `CREATE TABLE ${name} (hostname String, ts DateTime, ${fields.join(', ')})`;
    return [statement(`${table} ENGINE = MergeTree() PARTITION BY toYYYYMM(ts) ORDER BY (hostname, ts)`)];
  },
  paths: [
    {
      name: 'json',
      encode: ({ name, readings }) =>
        rectanglesOf(readings, BATCH_POINTS).map(rectangle => ({
          bytes: insert(name, 'JSONEachRow', jsonRows(readings, rectangle)),
          points: pointsOf(rectangle),
        })),
    },
    {
      name: 'columnar',
      encode({ name, readings }) {
        const rectangles =
          readings.length === 1 ? sourceRectangles(readings, BULK_ROWS) : rectanglesOf(readings, BULK_ROWS);
        return rectangles.map(rectangle => ({
          bytes: insert(name, 'RowBinary', binaryRows(readings, rectangle)),
          points: pointsOf(rectangle),
        }));
      },
    },
  ],
  count: ({ name, readings }) => ({
    request: statement(`SELECT count() FROM ${name} FORMAT TabSeparated`),
    decode(answer) {
      checkOk(answer);
      return Number(answer.body.toString()) * readings[0].fields.size;
    },
  }),
  query: (work, question) => ({
    request: statement(questionText(work, question)),
    decode: answer => decode(work, question, answer),
  }),
};

function statement(text: string): Buffer {
  return requestBytes('POST', '/', { body: Buffer.from(text), contentType: 'text/plain' });
}

function insert(table: string, format: string, body: Buffer): Buffer {
  const query = encodeURIComponent(`INSERT INTO ${table} FORMAT ${format}`);
  return requestBytes('POST', `/?query=${query}`, { body, contentType: 'application/octet-stream' });
}

function jsonRows(
  readings: readonly Readings[],
  { sourceFrom, sourceTo, rowFrom, rowTo }: Rectangle,
): Buffer {
  const lines: string[] = [];
  for (let row = rowFrom; row < rowTo; row++) {
    for (const { source, timeAt, fields } of readings.slice(sourceFrom, sourceTo)) {
      let values = '';
      for (const [field, valueAt] of fields) values += `,"${field}":${valueAt(row)}`;
      lines.push(`{"hostname":"${source}","ts":${timeAt(row) / 1_000}${values}}`);
    }
  }
  return Buffer.from(lines.join('\n'));
}

/** A string with its length before it, a DateTime of four bytes, float64s. */
function binaryRows(
  readings: readonly Readings[],
  { sourceFrom, sourceTo, rowFrom, rowTo }: Rectangle,
): Buffer {
  const slice = readings.slice(sourceFrom, sourceTo);
  const rowBytes = slice.map(({ source, fields }) => 1 + source.length + 4 + 8 * fields.size);
  const bytes = Buffer.alloc(rowBytes.reduce((sum, size) => sum + size, 0) * (rowTo - rowFrom));
  let at = 0;
  for (let row = rowFrom; row < rowTo; row++) {
    for (const { source, timeAt, fields } of slice) {
      at = bytes.writeUInt8(source.length, at);
      at += bytes.write(source, at, 'latin1');
      at = bytes.writeUInt32LE(timeAt(row) / 1_000, at);
      for (const valueAt of fields.values()) at = bytes.writeDoubleLE(valueAt(row), at);
    }
  }
  return bytes;
}

const FUNCTIONS = { max: 'max', avg: 'avg', automatic: 'avg' };

function questionText({ name, readings }: PeerWork, question: Question): string {
  const { sources, fields, startTime, endTime, aggregation, groups } = question;
  const columns = fields.map(field => {
    if (aggregation === 'none') return field;
    return aggregation === 'last' ? `argMax(${field}, ts)` : `${FUNCTIONS[aggregation]}(${field})`;
  });
  const names = sources.map(source => `'${readings[source].source}'`);
  const hosts = sources.length === readings.length ? '' : ` AND hostname IN (${names})`;
  const width = (groups?.widthMs ?? 0) / 1_000;
  const time = groups === undefined ? startTime / 1_000 : `intDiv(toUInt32(ts), ${width}) * ${width}`;
  const key = aggregation === 'none' ? 'toUInt32(ts)' : time;
  const by = aggregation === 'none' ? '' : ` GROUP BY hostname${groups === undefined ? '' : ', time'}`;
  const where = `ts >= toDateTime(${startTime / 1_000}) AND ts < toDateTime(${endTime / 1_000})${hosts}`;
  return `SELECT hostname, ${key} AS time, ${columns} FROM ${name} WHERE ${where}${by} ORDER BY hostname, time FORMAT JSONCompact`;
}

function decode(work: PeerWork, { fields }: Question, answer: RawAnswer) {
  checkOk(answer);
  const bySource = new Map<string, (readonly [string, number, ...number[]])[]>();
  for (const row of JSON.parse(answer.body.toString()).data as [string, number, ...number[]][]) {
    const found = bySource.get(row[0]);
    if (found === undefined) bySource.set(row[0], [row]);
    else found.push(row);
  }
  const builder = new AnswerBuilder(work);
  for (const [source, rows] of bySource) {
    const timestamps = Float64Array.from(rows, ([, time]) => Number(time) * 1_000);
    for (const [index, field] of fields.entries()) {
      builder.add(
        source,
        field,
        timestamps,
        Float64Array.from(rows, row => Number(row[index + 2])),
      );
    }
  }
  return builder.finish();
}

function configurationText(directory: string, port: number, secondPort: number): string {
  return `<yandex>
  <logger><level>error</level><console>1</console></logger>
  <http_port>${port}</http_port>
  <tcp_port>${secondPort}</tcp_port>
  <listen_host>127.0.0.1</listen_host>
  <timezone>UTC</timezone>
  <path>${directory}/data/</path>
  <tmp_path>${directory}/tmp/</tmp_path>
  <mark_cache_size>5368709120</mark_cache_size>
  <compression><case><min_part_size>0</min_part_size><min_part_size_ratio>0</min_part_size_ratio><method>zstd</method></case></compression>
  <users_config>clickhouse-${port}.xml</users_config>
  <default_profile>default</default_profile>
  <default_database>default</default_database>
  <profiles><default/></profiles>
  <quotas><default/></quotas>
  <users><default><password/><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></default></users>
</yandex>
`;
}
