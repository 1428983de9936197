/** Lists of declared fields that are equal are one list: a fleet of a hundred thousand sources has a few. */
import { layoutOf } from '../../engine/layout.js';
import type { FieldDeclaration } from './model.js';

/** The one returned last: sources of one kind come together. */
let last: readonly FieldDeclaration[] = [];

/** The list itself where a field of it has a unit or a description. */
export function sharedFields(fields: readonly FieldDeclaration[]): readonly FieldDeclaration[] {
  if (fields === last || !fields.every(isPlain)) return fields;
  if (!isEqual(fields, last)) last = layoutOf(fields).fields;
  return last;
}

function isPlain({ unit, description }: FieldDeclaration): boolean {
  return unit === undefined && description === undefined;
}

function isEqual(left: readonly FieldDeclaration[], right: readonly FieldDeclaration[]): boolean {
  return (
    left.length === right.length &&
    left.every(({ name, type }, index) => name === right[index].name && type === right[index].type)
  );
}
