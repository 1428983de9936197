/**
 * Answers of queries in MessagePack. Rows are the objects that JSON has. Columns are laid out as in JSON, but for
 * timestamps, counts and number columns: each is one `bin`, little-endian float64 without a header, 8 bytes a row,
 * NaN where a row has no value. Strings and booleans are arrays, with nil where there is none.
 */
import { addExtension, Packr } from 'msgpackr';
import { pointId } from '../../engine/base/ids.js';
import type { AnswerColumn, QueryRow, SourceColumns } from '../../engine/query/request.js';
import { scalarOf } from '../../engine/query/values.js';
import { formatTimestamp } from '../schemas/timestamp.js';
import type { Reply } from './application.js';
import { columnsByField } from './columns.js';

const packr = new Packr({ useRecords: false });

const HEADERS = { 'Content-Type': 'application/msgpack' };

export function messagePackReply(body: object): Reply {
  return { status: 200, headers: HEADERS, body: packr.pack(body) };
}

/** What `messagePackReply` packs as the rows. @param sourceIds ids of sources by ordinal */
export function packableRows(rows: readonly QueryRow[], sourceIds: ReadonlyMap<number, string>): object[] {
  return rows.map(({ source, row, timestamp, values, metadata, count }) => ({
    ...(row !== undefined && { _id: pointId(source, row) }),
    dataSourceId: sourceIds.get(source),
    timestamp: formatTimestamp(timestamp),
    values: packable(values),
    ...(metadata !== undefined && { metadata: packable(JSON.parse(metadata)) }),
    ...(count !== undefined && { count }),
  }));
}

/** What `messagePackReply` packs as the columns. @param sourceIds ids of sources by ordinal */
export function packableColumns(
  sources: readonly SourceColumns[],
  sourceIds: ReadonlyMap<number, string>,
): ReadonlyMap<string | undefined, object> {
  return new Map(sources.map(columns => [sourceIds.get(columns.source), packableSource(columns)]));
}

function packableSource({ timestamps, columns, counts }: SourceColumns): object {
  const fields = Array.from(
    columnsByField(columns),
    ([name, field]) => [name, field instanceof Map ? mapped(field) : packableColumn(field)] as const,
  );
  return {
    timestamps: binaryOf(timestamps),
    values: new Map(fields),
    ...(counts && { counts: binaryOf(counts) }),
  };
}

function mapped(figures: Map<string, AnswerColumn>): Map<string, unknown> {
  return new Map(Array.from(figures, ([aggregation, column]) => [aggregation, packableColumn(column)]));
}

function packableColumn({ type, values, dictionary }: AnswerColumn): unknown {
  if (type === 'number') return binaryOf(values);
  return Array.from(values, value => (Number.isNaN(value) ? null : scalarOf(value, type, dictionary)));
}

/** Its own bytes: all machines that Node and the socket run on are little-endian. */
function binaryOf({ buffer, byteOffset, byteLength }: Float64Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/**
 * Objects as maps: the library calls a member named `toJSON` and looks at one named `constructor`, and names are
 * the caller's.
 */
function packable(value: unknown): unknown {
  if (Object.is(value, -0)) return NEGATIVE_ZERO;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(packable);
  return new Map(Object.entries(value).map(([name, member]) => [name, packable(member)]));
}

/** The library packs -0 as the integer 0. */
class NegativeZero {}

const NEGATIVE_ZERO = new NegativeZero();

addExtension({
  Class: NegativeZero,
  // Never written: what stands in the bytes is a plain float64.
  type: 0x7f,
  pack(_value: NegativeZero, allocate: (size: number) => { target: Uint8Array; position: number }) {
    const { target, position } = allocate(9);
    target.set([0xcb, 0x80, 0, 0, 0, 0, 0, 0, 0], position);
  },
} as unknown as Parameters<typeof addExtension>[0]);
