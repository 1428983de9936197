/**
 * Answers of queries in MessagePack. Rows are the objects that JSON has. Columns are laid out as in JSON, but for
 * timestamps, counts and number columns: each is one `bin`, little-endian float64 without a header, 8 bytes a row,
 * NaN where a row has no value. Strings and booleans are arrays, with nil where there is none.
 */
import { pointId } from '../../engine/base/ids.js';
import type { AnswerColumn, QueryRow, SourceColumns } from '../../engine/query/request.js';
import { scalarOf } from '../../engine/query/values.js';
import { formatTimestamp } from '../schemas/timestamp.js';
import type { Reply } from './application.js';
import { columnsByField } from './columns.js';
import { MessagePackWriter } from './message-pack-writer.js';

const HEADERS = { 'Content-Type': 'application/msgpack' };

/** @param sourceIds ids of sources by ordinal @param metadata of the answer, once its rows are written */
export function packedRowsReply(
  rows: readonly QueryRow[],
  sourceIds: ReadonlyMap<number, string>,
  metadata: () => object,
): Reply {
  return packedReply('data', metadata, writer => {
    writer.array(rows.length);
    for (const row of rows) writeRow(writer, row, sourceIds);
  });
}

/** @param sourceIds ids of sources by ordinal @param metadata of the answer, once its columns are written */
export function packedColumnsReply(
  sources: readonly SourceColumns[],
  sourceIds: ReadonlyMap<number, string>,
  metadata: () => object,
): Reply {
  return packedReply('columns', metadata, writer => {
    const byId = sources.map(columns => [sourceIds.get(columns.source) as string, columns] as const);
    writer.members(byId, columns => writeSource(writer, columns));
  });
}

function packedReply(
  name: string,
  metadata: () => object,
  write: (writer: MessagePackWriter) => void,
): Reply {
  const writer = new MessagePackWriter();
  writer.map(2);
  writer.text(name);
  write(writer);
  writer.text('metadata');
  writer.value(metadata());
  return { status: 200, headers: HEADERS, body: writer.finish() };
}

function writeRow(
  writer: MessagePackWriter,
  { source, row, timestamp, values, metadata, count }: QueryRow,
  sourceIds: ReadonlyMap<number, string>,
): void {
  writer.map(3 + Number(row !== undefined) + Number(metadata !== undefined) + Number(count !== undefined));
  if (row !== undefined) {
    writer.text('_id');
    writer.text(pointId(source, row));
  }
  writer.text('dataSourceId');
  writer.text(sourceIds.get(source) as string);
  writer.text('timestamp');
  writer.text(formatTimestamp(timestamp));
  writer.text('values');
  writer.value(values);
  if (metadata !== undefined) {
    writer.text('metadata');
    writer.value(JSON.parse(metadata));
  }
  if (count !== undefined) {
    writer.text('count');
    writer.number(count);
  }
}

function writeSource(writer: MessagePackWriter, { timestamps, columns, counts }: SourceColumns): void {
  writer.map(counts === undefined ? 2 : 3);
  writer.text('timestamps');
  writer.binary(bytesOf(timestamps));
  writer.text('values');
  writer.members([...columnsByField(columns)], field => {
    if (field instanceof Map) writer.members([...field], column => writeColumn(writer, column));
    else writeColumn(writer, field);
  });
  if (counts === undefined) return;
  writer.text('counts');
  writer.binary(bytesOf(counts));
}

function writeColumn(writer: MessagePackWriter, { type, values, dictionary }: AnswerColumn): void {
  if (type === 'number') {
    writer.binary(bytesOf(values));
    return;
  }
  writer.array(values.length);
  for (const value of values) {
    writer.value(Number.isNaN(value) ? null : scalarOf(value, type, dictionary));
  }
}

/** Its own bytes: all machines that Node and the socket run on are little-endian. */
function bytesOf({ buffer, byteOffset, byteLength }: Float64Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
