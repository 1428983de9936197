/** What is stored, read back and compared with what was sent, bit by bit. */
import { createHash } from 'node:crypto';
import { decodeAnswer, PACKED } from './answer.js';
import { Connection, requestBytes } from './connection.js';
import type { LoadedBucket } from './load.js';
import { questionBody } from './questions.js';
import type { Readings } from './reference.js';
import { ADMIN_KEY } from './server-process.js';

/** Rows of one answer: less than a query may ask for. */
const ROWS_MAX = 90_000;

export interface ReadBackOptions {
  /** Rows that are there of each source; all of them where absent. */
  readonly rowsOf?: (source: number) => number;
  /** Reads each so manieth source only. */
  readonly every?: number;
}

/**
 * Reads the rows of sources, whose points are all different in time.
 * @returns a hash of all times and values, the same for the same readings, whatever way they came in.
 * @throws (rejects) where a value is missing or another.
 */
export async function readBack(
  origin: string,
  bucket: LoadedBucket,
  readings: readonly Readings[],
  { rowsOf = source => readings[source].rowCount, every = 1 }: ReadBackOptions = {},
): Promise<string> {
  const hash = createHash('sha256');
  const connection = await Connection.open(origin);
  try {
    for (let source = 0; source < readings.length; source += every) {
      const rows = rowsOf(source);
      for (let from = 0; from < rows; from += ROWS_MAX) {
        await compareRows(
          connection,
          bucket,
          readings,
          { source, from, to: Math.min(rows, from + ROWS_MAX) },
          hash,
        );
      }
      if (rows < readings[source].rowCount)
        await checkNothingFrom(connection, bucket, readings, source, rows);
    }
  } finally {
    connection.close();
  }
  return hash.digest('hex').slice(0, 16);
}

interface Rows {
  readonly source: number;
  readonly from: number;
  readonly to: number;
}

async function compareRows(
  connection: Connection,
  bucket: LoadedBucket,
  readings: readonly Readings[],
  { source, from, to }: Rows,
  hash: { update(data: string | Uint8Array): unknown },
): Promise<void> {
  const { source: name, timeAt, fields } = readings[source];
  const found = await ask(connection, bucket, source, fields, timeAt(from), timeAt(to - 1) + 1);
  const expected = new Float64Array(to - from);
  const compare = (what: string, column: Float64Array | undefined, valueAt: (row: number) => number) => {
    for (let row = from; row < to; row++) expected[row - from] = valueAt(row);
    if (column === undefined || !bytesOf(column).equals(bytesOf(expected))) {
      throw new Error(`${what} of ${name}, rows ${from} to ${to}: ${difference(column, expected)}`);
    }
    hash.update(what);
    hash.update(bytesOf(expected));
  };
  hash.update(name);
  compare('times', found?.timestamps, timeAt);
  for (const [field, valueAt] of fields) compare(field, found?.fields.get(field), valueAt);
}

/** Rows that were not sent must not be there. */
async function checkNothingFrom(
  connection: Connection,
  bucket: LoadedBucket,
  readings: readonly Readings[],
  source: number,
  row: number,
): Promise<void> {
  const { source: name, timeAt, rowCount, fields } = readings[source];
  const found = await ask(connection, bucket, source, fields, timeAt(row), timeAt(rowCount - 1) + 1);
  if (found === undefined) return;
  throw new Error(`${name} has ${found.timestamps.length} rows that were never acknowledged`);
}

async function ask(
  connection: Connection,
  bucket: LoadedBucket,
  source: number,
  fields: ReadonlyMap<string, unknown>,
  startTime: number,
  endTime: number,
) {
  // Named, also where the bucket has no other: it may have some that the caller does not know.
  const asked = { bucketId: bucket.bucketId, ids: [bucket.ids[source], ''] };
  const question = {
    sources: [0],
    fields: [...fields.keys()],
    startTime,
    endTime,
    aggregation: 'none',
  } as const;
  const body = questionBody(asked, question, 'columns');
  const answer = await connection.send(
    requestBytes('POST', '/api/data/query', { key: ADMIN_KEY, accept: PACKED, body }),
  );
  if (answer.status !== 200) throw new Error(`A query was answered with ${answer.status}: ${answer.body}`);
  const decoded = decodeAnswer(answer.body, PACKED, 'columns', asked.ids);
  if (decoded.metadata.hasMore) throw new Error(`${bucket.ids[source]} has more rows than were sent`);
  const found = decoded.answer.get(0);
  return found === undefined || found.timestamps.length === 0 ? undefined : found;
}

function bytesOf({ buffer, byteOffset, byteLength }: Float64Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

function difference(found: Float64Array | undefined, expected: Float64Array): string {
  if (found === undefined) return 'nothing is there';
  if (found.length !== expected.length) return `${found.length} values instead of ${expected.length}`;
  const row = expected.findIndex((value, index) => !Object.is(found[index], value));
  return `${found[row]} instead of ${expected[row]} at ${row}`;
}
