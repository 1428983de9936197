import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pointsOf, type Rectangle, rectanglesOf, sourceRectangles } from '../bodies/rectangle.js';
import { requestBytes } from '../connection.js';
import { BATCH_POINTS } from '../load.js';
import type { Readings } from '../reference.js';
import { checkOk, ofDebian, type Peer } from './peer.js';
import { type Dialect, questionText, rowsAnswer } from './sql.js';

/** What it is meant for: it writes a part a request. */
const BULK_ROWS = 100_000;

const DIALECT: Dialect = {
  seconds: 'toUInt32(ts)',
  time: seconds => `toDateTime(${seconds})`,
  groups: width => `intDiv(toUInt32(ts), ${width}) * ${width}`,
  last: field => `argMax(${field}, ts)`,
};

export const clickhouse: Peer = {
  name: 'clickhouse',
  title: 'ClickHouse',
  program: 'clickhouse-server',
  ...ofDebian('clickhouse-server'),
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
    request: statement(`${questionText(work, question, DIALECT)} FORMAT JSONCompact`),
    decode(answer) {
      checkOk(answer);
      return rowsAnswer(work, question, JSON.parse(answer.body.toString()).data);
    },
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
