/**
 * Columns of a query as JSON text:
 * `{ "<dataSourceId>": { "timestamps": [ms…], "values": { "t": [1, null, …] } } }`. With several aggregations each
 * field has its figures by name, `"t": { "min": […], "max": […] }`; grouped answers have `"counts"` beside. Sources
 * without rows and fields without values are left out.
 */
import type { AnswerColumn, SourceColumns } from '../../engine/query/request.js';
import { numberText } from './json.js';

/** Numbers joined at once: a text of a million pieces not yet joined keeps them all alive. */
const CHUNK_NUMBERS = 1_024;

/** @param sourceIds ids of sources by ordinal */
export function columnsText(
  sources: readonly SourceColumns[],
  sourceIds: ReadonlyMap<number, string>,
): string {
  const texts = sources.map(columns => `"${sourceIds.get(columns.source)}":${sourceText(columns)}`);
  return `{${texts.join(',')}}`;
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

function sourceText({ timestamps, columns, counts }: SourceColumns): string {
  const fields = Array.from(
    columnsByField(columns),
    ([name, field]) =>
      `${JSON.stringify(name)}:${field instanceof Map ? figuresText(field) : columnText(field)}`,
  );
  const countsText = counts === undefined ? '' : `,"counts":${numbersText(counts)}`;
  return `{"timestamps":${numbersText(timestamps)},"values":{${fields.join(',')}}${countsText}}`;
}

function figuresText(figures: Map<string, AnswerColumn>): string {
  const texts = Array.from(figures, ([aggregation, column]) => `"${aggregation}":${columnText(column)}`);
  return `{${texts.join(',')}}`;
}

function columnText({ type, values, dictionary }: AnswerColumn): string {
  if (type === 'number') return numbersText(values);
  const texts = type === 'boolean' ? ['false', 'true'] : (dictionary ?? []).map(text => JSON.stringify(text));
  return joined(values, value => (Number.isNaN(value) ? 'null' : texts[value]));
}

function numbersText(values: Float64Array): string {
  return joined(values, numberText);
}

function joined(values: Float64Array, textOf: (value: number) => string): string {
  const chunks: string[] = [];
  for (let from = 0; from < values.length; from += CHUNK_NUMBERS) {
    chunks.push(Array.from(values.subarray(from, from + CHUNK_NUMBERS), textOf).join(','));
  }
  return `[${chunks.join(',')}]`;
}
