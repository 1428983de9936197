/**
 * Columns of a query as JSON text:
 * `{ "<dataSourceId>": { "timestamps": [ms…], "values": { "t": [1, null, …] } } }`. With several aggregations each
 * field has its figures by name, `"t": { "min": […], "max": […] }`; grouped answers have `"counts"` beside. Sources
 * without rows and fields without values are left out.
 */
import type { AnswerColumn, SourceColumns } from '../../engine/query/request.js';
import type { JsonWriter } from './json-writer.js';

const BOOLEANS = ['false', 'true'];

/** @param sourceIds ids of sources by ordinal */
export function writeColumns(
  writer: JsonWriter,
  sources: readonly SourceColumns[],
  sourceIds: ReadonlyMap<number, string>,
): void {
  const byId = sources.map(columns => [sourceIds.get(columns.source) as string, columns] as const);
  writeObject(writer, byId, columns => writeSource(writer, columns));
}

/** A field of one source: its only column, or its columns by name of aggregation. */
export type FieldColumns = AnswerColumn | Map<string, AnswerColumn>;

export function columnsByField(columns: readonly AnswerColumn[]): Map<string, FieldColumns> {
  const fields = new Map<string, FieldColumns>();
  for (const column of columns) {
    const { name, aggregation } = column;
    const figures = fields.get(name);
    if (aggregation === undefined) fields.set(name, column);
    else if (figures instanceof Map) figures.set(aggregation, column);
    else fields.set(name, new Map([[aggregation, column]]));
  }
  return fields;
}

function writeSource(writer: JsonWriter, { timestamps, columns, counts }: SourceColumns): void {
  writer.text('{"timestamps":');
  writer.numbers(timestamps);
  writer.text(',"values":');
  writeObject(writer, columnsByField(columns), field => {
    if (field instanceof Map) writeObject(writer, field, column => writeColumn(writer, column));
    else writeColumn(writer, field);
  });
  if (counts !== undefined) {
    writer.text(',"counts":');
    writer.numbers(counts);
  }
  writer.text('}');
}

function writeColumn(writer: JsonWriter, { type, values, dictionary = [] }: AnswerColumn): void {
  if (type === 'number') writer.numbers(values);
  else writer.choices(values, type === 'boolean' ? BOOLEANS : dictionary.map(text => JSON.stringify(text)));
}

function writeObject<Member>(
  writer: JsonWriter,
  members: Iterable<readonly [string, Member]>,
  writeMember: (member: Member) => void,
): void {
  let separator = '{';
  for (const [name, member] of members) {
    writer.text(`${separator}${JSON.stringify(name)}:`);
    writeMember(member);
    separator = ',';
  }
  writer.text(separator === '{' ? '{}' : '}');
}
