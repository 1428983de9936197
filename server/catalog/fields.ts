/** Types of fields: the catalog knows what was declared, the storage what was declared or stored. */
import type { FieldType } from '../../engine/batch.js';
import type { Storage } from '../../engine/storage.js';
import type { DataSource, FieldDeclaration } from './model.js';

/** Names with their types. */
export function typesOf(fields: readonly FieldDeclaration[]): Map<string, FieldType> {
  return new Map(fields.map(field => [field.name, field.type]));
}

/** Every field that a source is known to have, declared or stored. */
export function knownTypes(storage: Storage, source: DataSource): ReadonlyMap<string, FieldType> {
  const stored = storage.fields(source.ordinal);
  const missing = source.fields.filter(field => !stored.has(field.name));
  return missing.length === 0 ? stored : new Map([...stored, ...typesOf(missing)]);
}
