/** Sentences of alert rules, read. */
import type { FieldType } from '../../engine/batch.js';
import type { Condition } from './condition.js';
import { FieldNames } from './sentence/field-names.js';
import { readSentence } from './sentence/parser.js';
import { Sentence } from './sentence/sentence.js';

/**
 * What a sentence says about a source that has these fields.
 *
 * Names of fields are found whatever their case, spaces, `_` and `-`; where two are alike but for those, the exact one.
 * In quotation marks a name may be anything.
 *
 * @throws ConditionError
 */
export function parseCondition(text: string, fields: ReadonlyMap<string, FieldType>): Condition {
  return readSentence(new Sentence(text, new FieldNames(fields)));
}
