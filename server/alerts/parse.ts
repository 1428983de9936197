/** Sentences of alert rules, read. */
import type { FieldType } from '../../engine/batch.js';
import type { Condition } from './condition.js';

/**
 * @throws ConditionError
 */
export function parseCondition(text: string, fields: ReadonlyMap<string, FieldType>): Condition {
  throw new Error(`${text} ${fields.size}`);
}
