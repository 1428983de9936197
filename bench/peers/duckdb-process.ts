/**
 * DuckDB behind a socket, as little of one as will do: it has no server of its own. SQL comes in as text and is answered
 * as rows of JSON; points come in as float64s and go to its appender, a chunk at a time. Each request is a transaction,
 * on the disk before its answer.
 *
 *     node duckdb-process.js <database file> <port>
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { loadDuckDb } from './duckdb-library.js';

/** DuckDB's own vectors. */
const CHUNK_ROWS = 2_048;

const [file, port] = process.argv.slice(2);
const duckdb = await loadDuckDb();
const instance = await duckdb.DuckDBInstance.create(file);
const connection = await instance.connect();

const server = createServer(async (request, response) => {
  try {
    const body = await bodyOf(request);
    const url = new URL(request.url as string, 'http://peer');
    if (url.pathname === '/ping') response.end();
    else if (url.pathname === '/append') response.end(await append(url.searchParams, body));
    else response.end(JSON.stringify((await connection.runAndReadAll(body.toString())).getRowsJS()));
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
});
server.listen(Number(port), '127.0.0.1');
await once(server, 'listening');

process.on('SIGTERM', () => {
  connection.closeSync();
  instance.closeSync();
  process.exit();
});

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}

/** Of each source in turn, seconds and then its fields, `rows` float64s each. */
async function append(query: URLSearchParams, body: Buffer): Promise<string> {
  const table = query.get('table') as string;
  const rows = Number(query.get('rows'));
  const sources = (query.get('sources') as string).split(',');
  const aligned = Float64Array.from({ length: body.length / 8 }, (_, index) => body.readDoubleLE(index * 8));
  const width = aligned.length / sources.length / rows;
  const types = [duckdb.VARCHAR, duckdb.INTEGER, ...Array.from({ length: width - 1 }, () => duckdb.DOUBLE)];
  const appender = await connection.createAppender(table);
  for (const [index, source] of sources.entries()) {
    for (let from = 0; from < rows; from += CHUNK_ROWS) {
      const to = Math.min(from + CHUNK_ROWS, rows);
      const chunk = duckdb.DuckDBDataChunk.create(types);
      const columns = Array.from({ length: width }, (_, column) => {
        const start = (index * width + column) * rows;
        return Array.from(aligned.subarray(start + from, start + to));
      });
      chunk.setColumns([columns[0].map(() => source), ...columns]);
      appender.appendDataChunk(chunk);
    }
  }
  appender.closeSync();
  return '';
}
