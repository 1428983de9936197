/** What a field may be called, and how many a source may have. */
import { FIELD_NAME_CHARACTERS_MAX, SOURCE_FIELDS_MAX } from '../limits.js';
import { isWellFormed, NOT_UNICODE_MESSAGE } from './common.js';

export const TOO_MANY_FIELDS_MESSAGE = `A data source has at most ${SOURCE_FIELDS_MAX} fields`;

const CONTROL_CHARACTER = /\p{Control}/u;

/** Why a field cannot have the name; undefined where it can. */
export function fieldNameProblem(name: string): string | undefined {
  if (name === '') return 'String must contain at least 1 character(s)';
  if (isTooLong(name)) return `String must contain at most ${FIELD_NAME_CHARACTERS_MAX} character(s)`;
  if (CONTROL_CHARACTER.test(name)) return 'Field name must not contain control characters';
  if (!isWellFormed(name)) return NOT_UNICODE_MESSAGE;
  return undefined;
}

/** Characters are code points, of one or two units each. */
function isTooLong(name: string): boolean {
  if (name.length <= FIELD_NAME_CHARACTERS_MAX) return false;
  return name.length > 2 * FIELD_NAME_CHARACTERS_MAX || [...name].length > FIELD_NAME_CHARACTERS_MAX;
}
