import type { PointCondition } from './condition.js';

/** Names of the fields that a condition looks at, each once. */
export function fieldsOf(condition: PointCondition): string[] {
  return 'conditions' in condition ? [...new Set(condition.conditions.flatMap(fieldsOf))] : [condition.field];
}
