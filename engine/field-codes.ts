/** Codes of field types in log records and segments. Never reused: old files must stay readable. */
import { BytesError } from './base/bytes.js';
import type { FieldType } from './batch.js';

export const FIELD_TYPE_CODES = { number: 0, string: 1, boolean: 2 } as const satisfies Record<
  FieldType,
  number
>;

const FIELD_TYPES: readonly FieldType[] = ['number', 'string', 'boolean'];

/** @throws BytesError where no type has the code. */
export function fieldTypeOf(code: number): FieldType {
  const type = FIELD_TYPES[code];
  if (type === undefined) throw new BytesError(`Field type ${code} is unknown`);
  return type;
}
