/** Columns from plain values and back, with no thought of speed. */
import type { Column, FieldType, MetadataColumn, SourceBatch } from '../../engine/batch.js';
import type { Scalar } from '../../engine/query/request.js';

export interface Point {
  readonly time: number;
  readonly values: Readonly<Record<string, Scalar>>;
  /** JSON text. */
  readonly metadata?: string;
}

export function sourceBatchOf(source: number, points: readonly Point[]): SourceBatch {
  const types = new Map<string, FieldType>();
  for (const { values } of points) {
    for (const [name, value] of Object.entries(values)) types.set(name, typeof value as FieldType);
  }
  const fields = Array.from(types, ([name, type]) =>
    columnOf(
      name,
      type,
      points.map(point => point.values[name]),
    ),
  );
  const texts = points.map(point => point.metadata);
  const timestamps = Float64Array.from(points, point => point.time);
  if (texts.every(text => text === undefined)) return { source, timestamps, fields };
  return { source, timestamps, fields, metadata: metadataColumnOf(texts) };
}

export function columnOf(name: string, type: FieldType, values: readonly (Scalar | undefined)[]): Column {
  if (type !== 'string') return { name, type, values: Float64Array.from(values, value => Number(value)) };
  const { dictionary, values: indexes } = metadataColumnOf(values as readonly (string | undefined)[]);
  return { name, type, dictionary, values: indexes };
}

export function metadataColumnOf(texts: readonly (string | undefined)[]): MetadataColumn {
  const dictionary = [...new Set(texts.filter(text => text !== undefined))];
  const values = Float64Array.from(texts, text =>
    text === undefined ? Number.NaN : dictionary.indexOf(text),
  );
  return { dictionary, values };
}

/** What the value of a row means; undefined where it has none. */
export function valueAt({ type, values, dictionary }: Column, index: number): Scalar | undefined {
  const value = values[index];
  if (Number.isNaN(value)) return undefined;
  if (type === 'number') return value;
  return type === 'boolean' ? value === 1 : dictionary?.[value];
}

/** The metadata text of a row; undefined where it has none. */
export function metadataAt(metadata: MetadataColumn | undefined, index: number): string | undefined {
  const value = metadata?.values[index] ?? Number.NaN;
  return Number.isNaN(value) ? undefined : metadata?.dictionary[value];
}
