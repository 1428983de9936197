/** Values of answers: what a number in a column means to the one who asked. */
import type { FieldType } from '../batch.js';
import type { RowValues, Scalar } from './request.js';

/** The value of a field; a string's number is an index into the dictionary. */
export function scalarOf(value: number, type: FieldType, dictionary: readonly string[] | undefined): Scalar {
  if (type === 'number') return value;
  return type === 'boolean' ? value === 1 : (dictionary as readonly string[])[value];
}

/** Sets an own member whatever its name: assigning to `__proto__` would set something else. */
export function setValue(values: RowValues, name: string, value: RowValues[string]): void {
  if (name === '__proto__') {
    Object.defineProperty(values, name, { value, enumerable: true, configurable: true, writable: true });
  } else values[name] = value;
}
