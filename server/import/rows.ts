/** A CSV file as batches of points, read no faster than they are taken. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { parse } from 'csv-parse';
import { type ColumnType, cellTimestamp, cellValue, typeOfCell, type Value } from './cells.js';

/** What a server with default settings takes in one batch. */
const BATCH_ROWS_MAX = 1_000;

/** A batch of wide rows ends here, far below the limit of a body. */
const BATCH_CHARACTERS_MAX = 4 * 1024 * 1024;

/** A quote that is never closed would make the rest of the file one row. */
const ROW_BYTES_MAX = 1024 * 1024;

export interface Row {
  /** Line of the file on which the row ends, from 1. */
  readonly line: number;
  readonly timestamp: string | number;
  readonly values: Readonly<Record<string, Value>>;
}

export interface RefusedRow {
  readonly line: number;
  readonly message: string;
}

export interface RowBatch {
  readonly rows: readonly Row[];
  /** Rows that are not fit to be sent. */
  readonly refused: readonly RefusedRow[];
  /** Of the file, until now. */
  readonly bytesRead: number;
}

export interface CsvFile {
  readonly byteCount: number;
  /**
   * @param declared types of the fields the data source declares; other columns get theirs by their first value.
   * @throws (rejects) where the text is not CSV in UTF-8, naming the line; or what the disk says.
   */
  batches(declared: ReadonlyMap<string, ColumnType>): AsyncIterable<RowBatch>;
}

/** @throws (rejects) what the disk says where there is no such file. */
export async function openCsv(file: string, timestampColumn: string): Promise<CsvFile> {
  const { size } = await stat(file);
  return { byteCount: size, batches: declared => readBatches(file, timestampColumn, new Map(declared)) };
}

async function* readBatches(
  file: string,
  timestampColumn: string,
  types: Map<string, ColumnType>,
): AsyncGenerator<RowBatch> {
  const bytes = createReadStream(file);
  const parser = parse({
    bom: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: ROW_BYTES_MAX,
  });
  const text = utf8Only();
  // pipe() does not pass errors on, and without these a file that cannot be read would wait for ever.
  bytes.on('error', error => parser.destroy(error));
  text.on('error', error => parser.destroy(error));
  let columns: Columns | undefined;
  let rows: Row[] = [];
  let refused: RefusedRow[] = [];
  let characters = 0;
  try {
    for await (const { record, info } of bytes.pipe(text).pipe(parser) as AsyncIterable<CsvRecord>) {
      if (columns === undefined) {
        columns = readHeader(record, timestampColumn);
        continue;
      }
      const row = readRow(record, info.lines, columns, types);
      if ('message' in row) refused.push(row);
      else rows.push(row);
      characters += record.reduce((sum, cell) => sum + cell.length, 0);
      if (rows.length + refused.length >= BATCH_ROWS_MAX || characters >= BATCH_CHARACTERS_MAX) {
        yield { rows, refused, bytesRead: bytes.bytesRead };
        rows = [];
        refused = [];
        characters = 0;
      }
    }
  } finally {
    bytes.destroy();
  }
  if (columns === undefined) throw new Error('The file is empty: a header line was expected');
  if (rows.length + refused.length > 0) yield { rows, refused, bytesRead: bytes.bytesRead };
}

/** Bytes as they are, as long as they are UTF-8: the parser would store others as U+FFFD, and nobody would know. */
function utf8Only(): Transform {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const check = (chunk: Uint8Array | undefined, done: (error: Error | null, bytes?: Uint8Array) => void) => {
    try {
      decoder.decode(chunk, { stream: chunk !== undefined });
    } catch {
      done(new Error('The file is not in UTF-8; convert it first'));
      return;
    }
    done(null, chunk);
  };
  return new Transform({
    transform: (chunk, _encoding, done) => check(chunk, done),
    flush: done => check(undefined, done),
  });
}

interface CsvRecord {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

interface Columns {
  readonly names: readonly string[];
  readonly timestampIndex: number;
}

function readHeader(record: readonly string[], timestampColumn: string): Columns {
  const names = record.map(name => name.trim());
  const timestampIndex = names.indexOf(timestampColumn);
  if (timestampIndex < 0) {
    throw new Error(
      `There is no column ${JSON.stringify(timestampColumn)}; the header has ${names.join(', ')}. ` +
        '--timestamp-column names the column of the times',
    );
  }
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`The header has the column ${JSON.stringify(twice)} twice`);
  return { names, timestampIndex };
}

function readRow(
  record: readonly string[],
  line: number,
  { names, timestampIndex }: Columns,
  types: Map<string, ColumnType>,
): Row | RefusedRow {
  if (record.length !== names.length) {
    return { line, message: `${record.length} cells where the header has ${names.length}` };
  }
  // A name such as __proto__ must become a field like any other.
  const values: Record<string, Value> = Object.create(null);
  let isEmpty = true;
  for (let index = 0; index < names.length; index++) {
    const cell = record[index];
    if (index === timestampIndex || cell.trim() === '') continue;
    const name = names[index];
    let type = types.get(name);
    if (type === undefined) {
      type = typeOfCell(cell);
      types.set(name, type);
    }
    values[name] = cellValue(cell, type);
    isEmpty = false;
  }
  if (isEmpty) return { line, message: 'no values' };
  return { line, timestamp: cellTimestamp(record[timestampIndex]), values };
}
