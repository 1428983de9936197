/**
 * Answers of queries in MessagePack. Rows are the objects that JSON has. Columns are laid out as in JSON, but for
 * timestamps, counts and number columns: each is one `bin`, little-endian float64 without a header, 8 bytes a row,
 * NaN where a row has no value. Strings and booleans are arrays, with nil where there is none.
 */
import { pointId } from '../../engine/base/ids.js';
import type { Answer, AnswerColumn, SourceColumns } from '../../engine/query/request.js';
import { scalarOf } from '../../engine/query/values.js';
import { formatTimestamp } from '../schemas/timestamp.js';
import { columnsByField, type FieldColumns } from './columns.js';
import type { MessagePackWriter } from './message-pack-writer.js';

/** @param sourceIds ids of sources by ordinal */
export function packRows(
  writer: MessagePackWriter,
  { sources, sequence, rowCount }: Answer,
  sourceIds: ReadonlyMap<number, string>,
): void {
  const packers = sources.map(columns => new RowPacker(writer, columns, sourceIds));
  writer.array(rowCount);
  for (let run = 0; run < (sequence?.sources.length ?? 0); run++) {
    const packer = packers[sequence!.sources[run]];
    for (let left = sequence!.rowCounts[run]; left > 0; left--) packer.packNext();
  }
}

/** @param sourceIds ids of sources by ordinal */
export function packColumns(
  writer: MessagePackWriter,
  { sources }: Answer,
  sourceIds: ReadonlyMap<number, string>,
): void {
  const byId = sources.map(columns => [sourceIds.get(columns.source) as string, columns] as const);
  writer.members(byId, columns => writeSource(writer, columns));
}

/** Packs the rows of one source, one after another. */
class RowPacker {
  readonly #writer: MessagePackWriter;
  readonly #rows: SourceColumns;
  readonly #id: string;
  readonly #fields: readonly (readonly [string, FieldColumns])[];
  /** Parsed when they are first packed. */
  readonly #metadata: unknown[] = [];
  #next = 0;

  constructor(writer: MessagePackWriter, rows: SourceColumns, sourceIds: ReadonlyMap<number, string>) {
    this.#writer = writer;
    this.#rows = rows;
    this.#id = sourceIds.get(rows.source) as string;
    this.#fields = [...columnsByField(rows.columns)];
  }

  packNext(): void {
    const writer = this.#writer;
    const { source, timestamps, rows, metadata, counts } = this.#rows;
    const row = this.#next++;
    const text = metadata?.values[row] ?? Number.NaN;
    const hasMetadata = !Number.isNaN(text);
    writer.map(3 + Number(rows !== undefined) + Number(hasMetadata) + Number(counts !== undefined));
    if (rows !== undefined) {
      writer.text('_id');
      writer.text(pointId(source, rows[row]));
    }
    writer.text('dataSourceId');
    writer.text(this.#id);
    writer.text('timestamp');
    writer.text(formatTimestamp(timestamps[row]));
    writer.text('values');
    packMembers(writer, this.#fields, row, counts?.[row] === 0);
    if (hasMetadata) {
      writer.text('metadata');
      this.#metadata[text] ??= JSON.parse(metadata!.dictionary[text]);
      writer.value(this.#metadata[text]);
    }
    if (counts !== undefined) {
      writer.text('count');
      writer.number(counts[row]);
    }
  }
}

/** An object of what a row has; in a row that fills a gap what is missing is nil, else it is left out. */
function packMembers(
  writer: MessagePackWriter,
  members: Iterable<readonly [string, FieldColumns]>,
  row: number,
  isGap: boolean,
): void {
  let count = 0;
  for (const [, member] of members) if (isIn(member, row, isGap)) count++;
  writer.map(count);
  for (const [name, member] of members) {
    if (!isIn(member, row, isGap)) continue;
    writer.text(name);
    if (member instanceof Map) packMembers(writer, member, row, isGap);
    else packValue(writer, member, row);
  }
}

function isIn(member: FieldColumns, row: number, isGap: boolean): boolean {
  if (isGap) return true;
  if (!(member instanceof Map)) return !Number.isNaN(member.values[row]);
  for (const { values } of member.values()) if (!Number.isNaN(values[row])) return true;
  return false;
}

function packValue(writer: MessagePackWriter, { type, values, dictionary }: AnswerColumn, row: number): void {
  const value = values[row];
  writer.value(Number.isNaN(value) ? null : scalarOf(value, type, dictionary));
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

function writeColumn(writer: MessagePackWriter, column: AnswerColumn): void {
  const { type, values } = column;
  if (type === 'number') {
    writer.binary(bytesOf(values));
    return;
  }
  writer.array(values.length);
  for (let row = 0; row < values.length; row++) packValue(writer, column, row);
}

/** Its own bytes: all machines that Node and the socket run on are little-endian. */
function bytesOf({ buffer, byteOffset, byteLength }: Float64Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
