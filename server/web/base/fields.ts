/** Fields of data sources. Nothing here knows of a page. */
import type { Field, FieldType, Value } from './types.js';

export type NamedField = Field & { readonly name: string; readonly isDeclared: boolean };

/** Declared fields, then those that points have brought. @param seen types of fields of points, by name */
export function fieldsOf(
  schema: Readonly<Record<string, Field>>,
  seen: Readonly<Record<string, FieldType>> = {},
): NamedField[] {
  const declared = Object.entries(schema).map(([name, field]) => ({ name, ...field, isDeclared: true }));
  const others = Object.entries(seen).filter(([name]) => !Object.hasOwn(schema, name));
  return [...declared, ...others.map(([name, type]) => ({ name, type, isDeclared: false }))];
}

export function typesOf(values: Readonly<Record<string, Value>>): Record<string, FieldType> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, typeof value as FieldType]));
}
