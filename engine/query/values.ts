/** Values of answers: what a number in a column means to the one who asked. */
import type { FieldType } from '../batch.js';
import type { Scalar } from './request.js';

/** The value of a field; a string's number is an index into the dictionary. */
export function scalarOf(value: number, type: FieldType, dictionary: readonly string[] | undefined): Scalar {
  if (type === 'number') return value;
  return type === 'boolean' ? value === 1 : (dictionary as readonly string[])[value];
}
