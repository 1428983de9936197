import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pointsOf, type Rectangle, rectanglesOf, sourceRectangles } from '../bodies/rectangle.js';
import { requestBytes } from '../connection.js';
import type { Question } from '../questions.js';
import type { Readings } from '../reference.js';
import { duckDbVersion } from './duckdb-library.js';
import { checkOk, type Peer, type PeerWork } from './peer.js';
import { questionText, rowsAnswer } from './sql.js';

/** As ClickHouse gets it. */
const BULK_ROWS = 100_000;

const PROCESS = fileURLToPath(new URL('./duckdb-process.js', import.meta.url));

/** Within a process that does as little beside as it can; there is no text that it would take from outside. */
export const duckdb: Peer = {
  name: 'duckdb',
  title: 'DuckDB',
  program: process.execPath,
  origin: 'npm install --no-save @duckdb/node-api',
  version: duckDbVersion,
  launch: (directory, port) => ({ flags: [PROCESS, join(directory, 'duckdb'), String(port)] }),
  readyPath: '/ping',
  prepare: ({ name, readings }) => {
    const fields = Array.from(readings[0].fields.keys(), field => `${field} DOUBLE`);
    return [statement(`CREATE TABLE ${name} (hostname VARCHAR, ts INTEGER, ${fields.join(', ')})`)];
  },
  paths: [
    {
      name: 'columnar',
      encode({ name, readings }) {
        const rectangles =
          readings.length === 1 ? sourceRectangles(readings, BULK_ROWS) : rectanglesOf(readings, BULK_ROWS);
        return rectangles.map(rectangle => ({
          bytes: append(name, readings, rectangle),
          points: pointsOf(rectangle),
        }));
      },
    },
  ],
  count: ({ name, readings }) => ({
    request: statement(`SELECT count(*)::DOUBLE FROM ${name}`),
    decode(answer) {
      checkOk(answer);
      return JSON.parse(answer.body.toString())[0][0] * readings[0].fields.size;
    },
  }),
  query: (work: PeerWork, question: Question) => ({
    request: statement(
      questionText(work, question, {
        seconds: 'ts',
        time: seconds => String(seconds),
        groups: width => `ts // ${width} * ${width}`,
        last: field => `max_by(${field}, ts)`,
      }),
    ),
    decode(answer) {
      checkOk(answer);
      return rowsAnswer(work, question, JSON.parse(answer.body.toString()));
    },
  }),
  // The log becomes part of the file.
  flush: statement('CHECKPOINT'),
};

function statement(text: string): Buffer {
  return requestBytes('POST', '/', { body: Buffer.from(text), contentType: 'text/plain' });
}

function append(
  table: string,
  readings: readonly Readings[],
  { sourceFrom, sourceTo, rowFrom, rowTo }: Rectangle,
): Buffer {
  const slice = readings.slice(sourceFrom, sourceTo);
  const rows = rowTo - rowFrom;
  const columns = slice.flatMap(({ timeAt, fields }) => [
    Float64Array.from({ length: rows }, (_, row) => timeAt(rowFrom + row) / 1_000),
    ...Array.from(fields.values(), valueAt =>
      Float64Array.from({ length: rows }, (_, row) => valueAt(rowFrom + row)),
    ),
  ]);
  const body = Buffer.concat(columns.map(({ buffer }) => Buffer.from(buffer)));
  const names = slice.map(({ source }) => source).join(',');
  const path = `/append?table=${table}&rows=${rows}&sources=${names}`;
  return requestBytes('POST', path, { body, contentType: 'application/octet-stream' });
}
